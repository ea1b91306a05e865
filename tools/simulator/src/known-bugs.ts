/** A bug that another system had, and what stands against it here. */
export interface KnownBug {
  /** The issues or pull requests, as their system numbers them. */
  readonly ids: readonly string[];
  /** What happened there. */
  readonly what: string;
  /** What happens here, and where that is tested; or why it has no meaning here. */
  readonly here: { readonly scenario: string; readonly file: string; readonly title: string } | { readonly noMeaning: string };
}

/** A group of them. */
export interface KnownBugs {
  readonly name: string;
  readonly bugs: readonly KnownBug[];
}

const cli = 'apps/cli/src/end-to-end';
const client = 'packages/client/src';
const service = 'packages/daemon/src/service';
const store = 'packages/daemon/src/store';
const tuner = 'packages/daemon/src/tuner';
const scenarios = 'tools/simulator/src/scenarios.test.ts';
const stopped = { scenario: 'a worker is stopped past its lease while another one finishes its trial', file: scenarios, title: 'a worker that was stopped for longer than its lease, and whose trial another finished, goes on without an error' };
const crowd = { scenario: 'thirty-two processes open one study in the same instant, and one reads it all the while', file: scenarios, title: 'thirty-two processes open one study at once, while others read it, and nobody sees an error' };
const unreachable = { scenario: 'nothing reaches the daemon for an hour of steps', file: scenarios, title: 'a training whose daemon cannot be reached from its second step to its last neither fails nor waits, and all of it is stored afterwards' };

/** All that the project has set out to test. */
export const knownBugs: readonly KnownBugs[] = [
  {
    name: 'Stuck trials and zombies',
    bugs: [
      { ids: ['optuna#3215', 'optuna#485', 'optuna#913', 'optuna#1038'], what: 'a trial whose process was killed stays RUNNING for ever, and must be cleaned up by hand', here: { scenario: 'a worker falls silent; its lease frees the trial', file: `${tuner}/leases.test.ts`, title: 'a silent worker loses its trial after the lease, and another takes it up under a higher attempt' } },
      { ids: ['optuna#4234', 'optuna#5470'], what: 'a live run is marked as failed, and its own result then ends the process', here: stopped },
      { ids: ['optuna#3198'], what: 'a worker dies of "cannot change attributes of a finished trial"', here: stopped },
      { ids: ['optuna#5860'], what: 'being preempted cannot be told apart from failing', here: { scenario: 'SIGTERM gives the trial back, which costs no retry', file: `${cli}/interrupt.slow.test.ts`, title: 'SIGTERM gives the running trials back and exits with 143 within its grace' } },
      { ids: ['katib#849'], what: 'a trial without its metric stays Running', here: { scenario: 'a trial ends without its objective', file: `${tuner}/endings.test.ts`, title: 'a trial that ends without its objective is told the near miss, and goes on' } },
      { ids: ['syne-tune#245'], what: 'a job that reports no metric breaks the tuner', here: { scenario: 'the code of a trial ends without a metric, and the study goes on', file: `${client}/tune.test.ts`, title: 'a trial that ends without its objective fails with what it logged and the near miss' } },
      { ids: ['katib#1494'], what: 'the experiment waits in silence when there are fewer suggestions than it asked for', here: { scenario: 'a strategy has nothing to suggest and is not done', file: `${tuner}/study-end.test.ts`, title: 'a strategy that suggests nothing and is not done ends its study with an error, never in a silent wait' } },
      { ids: ['katib#1830', 'katib PR1831'], what: 'a trial that was deleted is never created again', here: { scenario: 'a waiting trial is cancelled by a person', file: `${tuner}/study-end.test.ts`, title: 'a waiting trial that is cancelled gives its unit of the budget back' } },
      { ids: ['katib#2061'], what: 'trials run on although their experiment is over', here: { scenario: 'the target is reached while others run', file: `${tuner}/study-end.test.ts`, title: 'a study ends at its target, and stops what still runs' } },
      { ids: ['katib#1795'], what: 'an experiment that comes to no end', here: { scenario: 'deaths, duplicates and person at random; then peace, in which every study must end', file: 'tools/simulator/src/simulate.slow.test.ts', title: 'daemon and workers break no promise under faults, and come to an end without' } },
      { ids: ['ray#28197', 'ray#27907'], what: 'a trial is RUNNING for ever and makes no progress', here: { scenario: 'every four seconds no trial may be running whose worker was silent past lease and grace', file: 'tools/simulator/src/simulate.slow.test.ts', title: 'daemon and workers break no promise under faults, and come to an end without' } },
      { ids: ['nni#3250', 'nni#4398'], what: 'after a crash the experiment can be resumed, but starts no new trial', here: { scenario: 'the daemon is killed; its clients start another and finish', file: `${cli}/killed-daemon.test.ts`, title: 'clients outlive a daemon that is killed, start another and finish the study' } },
    ],
  },
  {
    name: 'Things done twice',
    bugs: [
      { ids: ['optuna#1488', 'optuna PR1490'], what: 'two trials get the same number', here: { scenario: 'many workers ask at once', file: `${tuner}/admission.test.ts`, title: 'many asks at once get numbers without gaps, each one another' } },
      { ids: ['optuna#1547'], what: 'up to eight parallel trials get the same params', here: crowd },
      { ids: ['optuna#2925', 'optuna#982', 'optuna#3616'], what: 'what every worker enqueues is run once for each of them', here: { scenario: 'an enqueue is sent again', file: `${tuner}/adding.test.ts`, title: 'an enqueue sent again adds nothing, at once and after the daemon was killed' } },
      { ids: ['optuna#4621', 'optuna#4002'], what: 'two workers run the same enqueued trial', here: { scenario: 'twenty workers ask for one enqueued trial', file: scenarios, title: 'an enqueued trial goes to one of many workers that ask at once' } },
      { ids: ['optuna#6084'], what: 'workers behind a gRPC proxy to the storage are killed by its errors', here: { scenario: 'connections break and answers are lost at random', file: 'tools/simulator/src/simulate.slow.test.ts', title: 'daemon and workers break no promise under faults, and come to an end without' } },
      { ids: ['nni#2560'], what: 'after a resume trial numbers begin at 0 again', here: { scenario: 'the daemon dies after every other trial', file: scenarios, title: 'a grid whose daemon dies after every other trial comes to each point once, and numbers them without gaps' } },
      { ids: ['ray PR5773'], what: 'a grid is run again after a restore', here: { scenario: 'the daemon dies after every other trial', file: scenarios, title: 'a grid whose daemon dies after every other trial comes to each point once, and numbers them without gaps' } },
      { ids: ['anemoi-core#190'], what: 'a metric that is sent again after a lost answer hits a UNIQUE key, and the training ends', here: { scenario: 'the same batch comes twice', file: `${tuner}/reporting.test.ts`, title: 'a batch sent twice changes nothing and is acked twice' } },
    ],
  },
  {
    name: 'Locks',
    bugs: [
      { ids: ['optuna#820', 'optuna#2462', 'optuna#4994', 'vizier#1021'], what: '"database is locked", with a few workers or with the first example', here: crowd },
      { ids: ['optuna-dashboard#545', 'trackio#133', 'trackio PR194'], what: 'looking at a study while it runs ends it with "database is locked"', here: crowd },
      { ids: ['optuna#1499'], what: 'two workers run into a deadlock of MySQL', here: { noMeaning: 'there is no SQL and no lock to wait for: one process has the store, and its commits queue' } },
    ],
  },
  {
    name: 'Loss',
    bugs: [
      { ids: ['wandb#1817'], what: 'a run that crashed cannot be synced', here: { scenario: 'a trainer is killed with -9, and the next one starts', file: 'apps/cli/src/end-to-end/spool.slow.test.ts', title: 'what a trainer had logged when it was killed is delivered by the next one, once' } },
      { ids: ['wandb#2971', 'wandb#4624', 'wandb#5865', 'wandb#2423'], what: 'to resume offline overwrites or drops earlier steps', here: { scenario: 'the daemon is away for long, and comes back', file: `${client}/spooling.test.ts`, title: 'the daemon gets what was logged in its absence, in order and once, although most of it was on disk alone' } },
      { ids: ['wandb#1297'], what: 'what was logged last sits in a buffer that a crash takes', here: { scenario: 'the spool is looked at a tenth of a second after a log', file: `${client}/spooling.test.ts`, title: 'what was logged is on disk after a tenth of a second, daemon or not' } },
      { ids: ['wandb#8114'], what: 'a crash loses the summary of a run', here: { scenario: 'a tracked run is killed; past its lease it is failed, with what it logged', file: `${cli}/tracked-run.test.ts`, title: 'one whose process is killed is never handed out again: past its lease it is failed' } },
      { ids: ['wandb#1526'], what: 'a run that loses its network is shown as crashed, and never synced by itself', here: unreachable },
      { ids: ['mlflow#3052'], what: 'a server that is interrupted while it writes leaves a malformed file, and shows no run at all', here: { scenario: 'the power is cut in the middle of commits', file: `${tuner}/reporting.test.ts`, title: 'what a crash took was never acked, and what was acked is there' } },
      { ids: ['syne-tune#252'], what: 'the metrics that came last before a crash are lost', here: { scenario: 'a process dies with points that nobody has', file: `${client}/spool/deliver-leftovers.test.ts`, title: 'what a dead process has left is delivered: points, then the end, each once; and the folder is removed' } },
      { ids: ['ray#23674', 'ray#24918'], what: 'a full disk ends an experiment, and it cannot be recovered', here: { scenario: 'the disk is nearly full for longer than a lease', file: `${tuner}/reporting.test.ts`, title: 'while the disk is nearly full points are refused for now, leases live on, and a trial ends with its last points' } },
      { ids: ['ray#7412'], what: 'to restore deletes the checkpoint that is restored from', here: { scenario: 'checkpoints are collected while others are to start from them', file: `${service}/checkpoint-service.test.ts`, title: 'keeps what another trial is to start from until that has one of its own, or is over' } },
      { ids: ['ray#16891'], what: 'a trial does not go on from its newest checkpoint', here: { scenario: 'a worker is lost after it has saved checkpoints', file: `${service}/checkpoint-service.test.ts`, title: 'goes on from its newest checkpoint when its worker is lost; steps done again are not counted twice' } },
      { ids: ['ray#30584'], what: 'after the first failure all trials count as terminated, and the experiment cannot be restored', here: { scenario: 'a study is ended, and opened again', file: `${tuner}/study-end.test.ts`, title: 'a person ends a study: what waits is cancelled, what runs is stopped, and it can be opened again' } },
    ],
  },
  {
    name: 'Trackers that end the training',
    bugs: [
      { ids: ['mlflow#1760', 'mlflow#2776', 'mlflow#4693'], what: 'a log call throws when the server is away, and the training ends', here: unreachable },
      { ids: ['Lightning#12833', 'transformers PR28779'], what: 'the logger of a training framework hands on what the server failed of', here: unreachable },
      { ids: ['miles PR2571'], what: 'fifteen hours of training are lost to a timeout of the server, and again at the relaunch, in its first call', here: { scenario: 'the daemon has too much to do and asks for a pause', file: `${client}/reporter.test.ts`, title: 'a daemon that asks for a pause gets it, is not taken for lost, and then gets everything once' } },
      { ids: ['anemoi-training PR111'], what: 'the training hangs for up to an hour at its log calls, and then crashes', here: unreachable },
    ],
  },
  {
    name: 'Populations',
    bugs: [
      { ids: ['ray PR28509'], what: "a trial takes its donor's hyperparameters and keeps its own weights", here: { scenario: 'a population trains through deaths; every member is given what its log names', file: `${cli}/population.test.ts`, title: 'a population of networks survives kill -9 of the daemon and of two workers: nothing is lost, nothing counted twice, and the log says so' } },
      { ids: ['ray#27170'], what: 'a trial without a checkpoint is exploited', here: { scenario: 'a member does well and has not saved yet', file: 'packages/strategy-pbt/src/pbt.test.ts', title: 'a donor has a checkpoint of its own: a child does not donate what it was given' } },
      { ids: ['ray#8441', 'ray#9036', 'ray PR9470'], what: 'the checkpoint is deleted before the trial that starts from it has restored it', here: { scenario: 'checkpoints are collected while others are to start from them', file: `${service}/checkpoint-service.test.ts`, title: 'keeps what another trial is to start from until that has one of its own, or is over' } },
      { ids: ['ray#12558'], what: 'an experiment with a population cannot be restored', here: { scenario: 'the daemon of a population is killed', file: `${cli}/population.test.ts`, title: 'a population of networks survives kill -9 of the daemon and of two workers: nothing is lost, nothing counted twice, and the log says so' } },
      { ids: ['ray#53831'], what: 'a population goes wrong under deaths and restores', here: { scenario: 'populations of the simulator, under all its faults', file: 'tools/simulator/src/simulate.slow.test.ts', title: 'daemon and workers break no promise under faults, and come to an end without' } },
    ],
  },
  {
    name: 'NaN',
    bugs: [
      { ids: ['ray PR57160'], what: 'NaN breaks the order of a population', here: { scenario: 'members report NaN and infinities', file: 'packages/strategy-pbt/src/pbt.test.ts', title: 'NaN and infinite values are the worst, and never donate' } },
      { ids: ['ray#11670'], what: 'a scheduler dies of NaN', here: { scenario: 'a trial reports NaN to a stopper', file: 'packages/stopper-median/src/median.test.ts', title: 'NaN is worse than every number: such a trial is stopped, and pulls the median to its side' } },
      { ids: ['optuna-examples#40'], what: 'NaN cannot be inserted', here: { scenario: 'trials end with NaN and infinities', file: `${tuner}/endings.test.ts`, title: 'NaN and infinite objectives are stored and completed, and never best' } },
      { ids: ['mlflow#26108'], what: 'a model cannot be saved at a step at which a metric is NaN', here: { scenario: 'a checkpoint at a step with NaN', file: scenarios, title: 'a checkpoint at a step with a metric that is NaN is stored, and the next attempt goes on from it' } },
    ],
  },
  {
    name: 'The libraries below',
    bugs: [
      { ids: ['lmdb-js#294', 'lmdb-js#140'], what: 'after a commit that failed the store is corrupt, or in a panic', here: { scenario: 'a sync fails', file: `${store}/lmdb-store.test.ts`, title: 'never shows a commit whose sync failed, refuses all later ones, and lives on' } },
      { ids: ['lmdb-js#283'], what: 'an assertion of the free list ends the process', here: { scenario: 'the disk fills up, whichever write it hits', file: `${store}/lmdb-store.test.ts`, title: 'names a full disk whichever write it hits, shows what was committed or refuses to read, and has it all when opened again' } },
      { ids: ['grpc-node#2975'], what: 'memory grows with health probes that keep their connections', here: { scenario: 'connections beyond the cap come', file: 'packages/daemon/src/server/limits.test.ts', title: 'one connection more takes the place of the one that was idle longest' } },
    ],
  },
];
