import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { exitCodes } from './exit-code.js';
import { readVersion } from './version.js';

// Only what parsing and help need is imported above: a command's own code is loaded when it runs.

/** Runs `paramo ARGS` and answers its exit code. Data goes to stdout, everything else to stderr. */
export async function runProgram(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage.code;
    return (await import('./failure.js')).reportFailure(error);
  }
}

type Run<A extends readonly unknown[]> = (...args: [...A, options: never]) => Promise<number>;

function createProgram(exit: (code: number) => void): Command {
  const program = new Command('paramo')
    .description('Track and tune the training of models.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .option('--home <dir>', 'the home (default: PARAMO_HOME, else .paramo upward from here)')
    .option('--address <address>', 'a daemon, 127.0.0.1:PORT or unix:PATH (default: PARAMO_ADDRESS, else the one of the home)')
    .option('--token <token>', 'the token that goes with --address (default: PARAMO_TOKEN)');
  withExamples(program, ['paramo studies', 'paramo watch mnist', "paramo trials mnist --filter 'state = completed and lr < 1e-2' --order value", 'paramo export mnist --format csv > mnist.csv']);
  program.addHelpText('after', `\nExit codes:\n${Object.values(exitCodes).map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`).join('\n')}`);

  const define = (usage: string, description: string, examples: readonly string[]): Command => withExamples(program.command(usage).description(description), examples);
  /** Loads the command's code, runs it with its arguments and all options, and keeps its exit code. */
  const action = <A extends readonly unknown[]>(load: () => Promise<Run<A>>) => async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const run = await load();
    exit(await run(...(given.slice(0, -2) as unknown as A), command.optsWithGlobals() as never));
  };
  const trialNumber = wholeNumber(0, Number.MAX_SAFE_INTEGER);
  const json = (): Option => new Option('--json', 'print one JSON document');

  define('up', 'start the daemon of the home, unless it runs', ['paramo up', 'paramo up --home /var/lib/paramo --idle-minutes 0', 'paramo up --foreground'])
    .option('--port <port>', 'the port on 127.0.0.1 (default: any free one)', wholeNumber(0, 65535))
    .option('--foreground', 'serve in this process until Ctrl-C')
    .option('--idle-minutes <minutes>', 'end after so long without a call or a running trial; 0: never', minutes, 10)
    .action(action(async () => (await import('./commands/up.js')).up));
  define('down', 'end the daemon of the home', ['paramo down'])
    .action(action(async () => (await import('./commands/down.js')).down));
  define('run <command...>', 'track a program, or tune it: run it again and again with other params', [
    'paramo run --metric val_loss -- python train.py --lr 0.001',
    'paramo run -p lr=1e-5..1e-1:log -p opt=adam,sgd -n 50 -j 4 --minimize val_loss -- python train.py --lr {lr} --opt {opt}',
    'paramo run --join mnist -j 2 -- python train.py --lr {lr} --opt {opt}',
    'paramo run -p lr=1e-5..1e-1:log --minimize val_loss --dry-run -- python train.py --lr {lr} < sample.log',
  ])
    .option('-p, --param <name=values>', 'what varies: lr=1e-5..1e-1:log, layers=1..8, drop=0..0.5:step=0.05, opt=adam,sgd, flag=true,false; or a fixed value: seed=42', repeated)
    .option('--minimize <metric>', 'go by this metric, smaller is better', repeated)
    .option('--maximize <metric>', 'go by this metric, larger is better', repeated)
    .option('--metric <metric>', 'also read this metric; a run without it fails', repeated)
    .option('--pattern <metric=regex>', 'find a metric by a regular expression whose first group is the value', repeated)
    .option('--step <name>', 'the name under which a line says its step (default: the values of a metric are counted)')
    .option('--tensorboard <dir>', 'read the scalars of the event files below this directory too; may hold placeholders')
    .option('--name <study>', "the study's name (default: the script's)")
    .option('--join <study>', 'work on this study as it is, whoever opened it: its space and objective need not be said again')
    .option('-n, --trials <count>', 'at most so many trials', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--wall <duration>', 'start nothing after so much time, such as 2h')
    .option('-j, --jobs <count>', 'so many programs at once (default: 1)', wholeNumber(1, 1024))
    .option('--strategy <name>', 'what proposes params (default: bayes)')
    .option('--stopper <name>', 'what stops trials early (default: none)')
    .option('--steps <count>', 'the most steps a trial takes; stoppers with rungs need it', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--seed <seed>', "the study's seed", wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--timeout <duration>', 'end a program that takes longer, such as 30m; its trial fails')
    .option('--grace <duration>', 'how long a program has to end when asked to (default: 10s)')
    .option('--resume <trial>', 'go on with this tracked run, as its next attempt', trialNumber)
    .option('--tag <tag>', 'a tag of the tracked run, to find it by', repeated)
    .option('--note <text>', 'a note about the tracked run')
    .option('--group <group>', 'the runs that the tracked run belongs with')
    .option('--gpus <gpus>', 'auto, none, or a list such as 0,1: each program gets one in CUDA_VISIBLE_DEVICES')
    .option('--fresh', 'give the name to a new study; the old one is kept under another')
    .option('--no-describe', 'keep nothing about command line, code, environment and machine with the trials')
    .option('--dry-run', 'show the space and a command, and what output given on stdin would yield')
    .addOption(json())
    .action(action<[readonly string[]]>(async () => (await import('./commands/run.js')).run));
  define('sweep <file>', 'tune the program that a YAML file describes', ['paramo sweep sweep.yaml', 'paramo sweep sweep.yaml --dry-run'])
    .option('--fresh', 'give the name to a new study; the old one is kept under another')
    .option('--no-describe', 'keep nothing about command line, code, environment and machine with the trials')
    .option('--dry-run', 'show the space and a command, and what output given on stdin would yield')
    .addOption(json())
    .action(action<[string]>(async () => (await import('./commands/sweep.js')).sweep));
  define('studies', 'list the studies, newest first', ['paramo studies', 'paramo studies --json'])
    .addOption(json())
    .action(action(async () => (await import('./commands/studies.js')).studies));
  define('trials <study>', 'list the trials of a study', ['paramo trials mnist --order value --limit 10', "paramo trials mnist --filter 'state = failed'"])
    .option('--filter <filter>', "such as 'state = completed and lr < 1e-2' (default: all but retracted ones)")
    .option('--order <field>', 'number, value (best first), or a parameter or metric; a leading - turns it round')
    .option('--limit <count>', 'at most so many', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .addOption(json())
    .action(action<[string]>(async () => (await import('./commands/trials.js')).trials));
  define('logs <study> <trial>', 'print what the program of a trial wrote, under `paramo run`', ['paramo logs train 3', 'paramo logs train 3 --follow', 'paramo logs train 3 --attempt 1 --stderr'])
    .option('--attempt <attempt>', 'of this attempt (default: the newest)', wholeNumber(1, 999_999_999))
    .option('-f, --follow', 'go on until the attempt is over')
    .option('--stdout', 'only what went to stdout')
    .option('--stderr', 'only what went to stderr')
    .action(action<[string, string]>(async () => (await import('./commands/logs.js')).logs));
  define('best <study>', 'show the best trial, or the front of several objectives', ['paramo best mnist', "paramo best mnist --json | jq .params"])
    .addOption(json())
    .action(action<[string]>(async () => (await import('./commands/best.js')).best));
  define('show <study>', 'show all about one trial: params, metrics, attempts, code, machine, files', ['paramo show mnist 3', "paramo show mnist 3 --json | jq .description.git"])
    .argument('<trial>', 'its number', trialNumber)
    .addOption(json())
    .action(action<[string, number]>(async () => (await import('./commands/show.js')).show));
  define('compare <study>', 'show how two trials differ: params, metrics, environment, packages, code', ['paramo compare mnist 3 7', 'paramo compare mnist 3 7 --all'])
    .argument('<trial>', 'the number of one', trialNumber)
    .argument('<other>', 'the number of the other', trialNumber)
    .option('--all', 'also what is the same')
    .addOption(json())
    .action(action<[string, number, number]>(async () => (await import('./commands/compare.js')).compare));
  define('note <study>', 'note something about a trial, to find it by', ["paramo note mnist 3 'the learning rate was too high'", 'paramo note mnist 3 --tag baseline --group ablation', "paramo trials mnist --filter 'tags = baseline'"])
    .argument('<trial>', 'its number', trialNumber)
    .argument('[text]', "the note, in place of the one before; '' removes it")
    .option('--tag <tag>', 'add a tag', repeated)
    .option('--untag <tag>', 'remove a tag', repeated)
    .option('--group <group>', "the trials it belongs with; '' removes it")
    .addOption(json())
    .action(action<[string, number, string | undefined]>(async () => (await import('./commands/note.js')).note));
  define('importance <study>', 'show which hyperparameters the objective goes with, strongest first', ['paramo importance mnist', 'paramo importance mnist --step 4', "paramo importance mnist --json | jq '.[0].parameter'"])
    .option('--step <step>', 'compare all trials by their values at this step (default: completed trials by their final values)', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .addOption(json())
    .action(action<[string]>(async () => (await import('./commands/importance.js')).importance));
  define('watch <study>', 'follow a study until it ends; q leaves it untouched', ['paramo watch mnist', 'paramo watch mnist --jsonl | grep trial_ended'])
    .option('--jsonl', 'print the events of its log, a JSON document a line')
    .action(action<[string]>(async () => (await import('./commands/watch.js')).watch));
  define('pause <study>', 'start no further trial of a study; what runs goes on', ['paramo pause mnist', "paramo pause mnist --reason 'the cluster is needed'"])
    .option('--reason <text>', 'what workers that wait are told')
    .action(action<[string]>(async () => (await import('./commands/pause.js')).pause));
  define('resume <study>', 'let a paused study go on, and hosts that were held back work again', ['paramo resume mnist'])
    .action(action<[string]>(async () => (await import('./commands/resume.js')).resume));
  define('export <study>', 'write out all trials of a study', ['paramo export mnist --format csv --output mnist.csv', 'paramo export mnist --format json --series > mnist.json'])
    .addOption(new Option('--format <format>', 'json: one document; csv: a line a trial').choices(['json', 'csv']).default('json'))
    .option('--output <file>', 'write to this file (default: stdout)')
    .option('--series', 'with the points of every metric; csv: a line a point, in place of the trials')
    .action(action<[string]>(async () => (await import('./commands/export.js')).exportStudy));
  define('sync', 'deliver what processes that are gone have left in the spool of the home', ['paramo sync', "paramo sync --json | jq '.studies[] | {study, points, ends}'"])
    .addOption(json())
    .action(action(async () => (await import('./commands/sync.js')).sync));
  define('replay <study>', 'recompute every suggestion and decision of a study and compare (0: reproduced, 1: differs, 5: cannot be checked here)', ['paramo replay mnist'])
    .addOption(json())
    .action(action<[string]>(async () => (await import('./commands/replay.js')).replay));
  define('plugins [name]', 'list strategies and stoppers, or the options of one', ['paramo plugins', 'paramo plugins random'])
    .addOption(json())
    .action(action<[string | undefined]>(async () => (await import('./commands/plugins.js')).plugins));
  define('backup <directory>', 'copy all that is stored into a new directory, while the daemon works, and check the copy', ['paramo backup /backups/mnist-2026-07-01', 'paramo backup /backups/mnist-$(date +%F) --json'])
    .addOption(json())
    .action(action<[string]>(async () => (await import('./commands/backup.js')).backup));
  define('restore <directory>', "put a backup in the place of the home's store, which is kept beside it; end the daemon first", ['paramo down && paramo restore /backups/mnist-2026-07-01', 'paramo restore /backups/mnist-2026-07-01 --home /var/tmp/other-home'])
    .addOption(json())
    .action(action<[string]>(async () => (await import('./commands/restore.js')).restore));
  define('delete <study>', 'delete a study with all its trials, metrics, checkpoints and files; on a terminal it asks first', ['paramo delete mnist'])
    .action(action<[string]>(async () => (await import('./commands/delete.js')).deleteCommand));
  define('compact', 'give the room that deletions have left in the store back to the disk', ['paramo compact', 'paramo compact --json'])
    .addOption(json())
    .action(action(async () => (await import('./commands/compact.js')).compact));
  define('doctor', 'check home, daemon, versions, plugins and all that is stored; what is damaged is named', ['paramo doctor', 'paramo doctor --quick', "paramo doctor --json | jq '.findings[] | select(.ok | not)'"])
    .option('--quick', 'do not read what is stored')
    .addOption(json())
    .action(action(async () => (await import('./commands/doctor.js')).doctor));
  return program;
}

function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText('before', `Examples:\n${examples.map((example) => `  $ ${example}`).join('\n')}\n`);
}

function repeated(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < from || value > to) throw new InvalidArgumentError(`Give a whole number from ${from}${to === Number.MAX_SAFE_INTEGER ? '' : ` to ${to}`}.`);
    return value;
  };
}

function minutes(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0 || value > 35_000) throw new InvalidArgumentError('Give minutes, such as 30 or 0.5; 0 means never.');
  return value;
}
