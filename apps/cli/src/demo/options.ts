import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { exitCodes } from '../exit-code.js';
import { fullScale, quickScale } from './scale.js';
import type { Scale } from './scale.js';

/** What the demo was asked for. */
export interface DemoOptions {
  readonly strategy: string;
  /** What trains: TensorFlow.js in this process, or scikit-learn in a Python one. */
  readonly trainer: 'tfjs' | 'python';
  /** Trials of the search; of a population its members. */
  readonly trials: number;
  /** Passes over the data of a trial. */
  readonly epochs: number;
  readonly json: boolean;
  readonly scale: Scale;
  /** The study of the search, and that of the last comparison. */
  readonly studyName: string;
  readonly finalName: string;
}

/** Reads the arguments. Answers the exit code where there is nothing to run: after the help, or a mistake. */
export function parseDemoOptions(args: readonly string[]): DemoOptions | number {
  const command = new Command('npm run demo --')
    .description('Tune a network on handwritten digits. The same command goes on with a search that was interrupted.')
    .option('--strategy <name>', 'what proposes the trials: bayes, random, grid, pbt, or another installed strategy', 'bayes')
    .addOption(new Option('--trainer <name>', 'what trains: TensorFlow.js in this process, or scikit-learn in a Python one').choices(['tfjs', 'python'] as const).default('tfjs'))
    .option('--trials <count>', `trials of the search (default: ${fullScale.trials}; members of a population: ${fullScale.population})`, count)
    .option('--quick', 'little data and few epochs: a look at how it works')
    .option('--json', 'print one JSON document at the end, and all else on stderr')
    .helpOption('-h, --help', 'show this help')
    .allowExcessArguments(false)
    .exitOverride();
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage.code;
    throw error;
  }
  const { strategy, trainer, trials, quick, json } = command.opts<{ readonly strategy: string; readonly trainer: 'tfjs' | 'python'; readonly trials?: number; readonly quick?: true; readonly json?: true }>();
  const scale = quick ? quickScale : fullScale;
  const population = strategy === 'pbt';
  const suffix = `${trainer === 'python' ? '-python' : ''}${quick ? '-quick' : ''}`;
  return {
    strategy, trainer, trials: trials ?? (population ? scale.population : scale.trials), epochs: population ? scale.populationEpochs : scale.epochs, json: json ?? false, scale,
    studyName: `digits-${strategy}${suffix}`, finalName: `digits-final${suffix}`,
  };
}

function count(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number from 1.');
  return value;
}
