import { createHash } from 'node:crypto';
import { createRandom, isParamoError } from '@paramo/core';
import type { Random, StudySpec, TrialSource } from '@paramo/core';
import { createSimulatedClock } from '@paramo/core/testing';
import { checkpointName } from '@paramo/protocol';
import { createMemoryStore } from '../../store/memory-store.js';
import { startTestDaemon, testPlan } from './test-daemon.js';
import type { TestDaemon } from './test-daemon.js';

/** A batch that was acked: it must be in the store, whatever happens. */
export interface AckedBatch {
  readonly trial: number;
  readonly attempt: number;
  readonly step: number;
  readonly value: number;
}

/** What came of a simulation. */
export interface SimulationResult {
  readonly daemon: TestDaemon;
  readonly studyId: string;
  readonly acked: readonly AckedBatch[];
  /** Checkpoints that were acked. */
  readonly checkpointed: readonly TrialSource[];
  /** The request to which each attempt was handed out, by `trial/attempt`. */
  readonly handedOut: ReadonlyMap<string, ReadonlySet<string>>;
  readonly crashes: number;
}

/** A worker of the simulation: an attempt at most, and batches it may send again. */
interface SimulatedWorker {
  readonly id: string;
  process: string;
  held: { readonly trial: number; readonly attempt: number; readonly base: number; step: number; saved: number; sequence: number; sent: { sequence: number; step: number; value: number }[] } | undefined;
  busy: boolean;
  request: string | undefined;
}

const leaseMs = 10_000;
const failing = new Set(['FENCED', 'TRIAL_NOT_FOUND', 'TRIAL_ENDED', 'ABORTED', 'UNAVAILABLE', 'OBJECTIVE_MISSING', 'REVISION_UNKNOWN']);

/**
 * Lets workers, a person and death work on one study: first with every fault, then without any until the study is over.
 * Everything follows from the seed but for the order in which promises settle.
 */
export async function simulate(seed: number): Promise<SimulationResult> {
  const random = createRandom('tuner simulation', seed);
  const clock = createSimulatedClock();
  const delayMs = random.pick([0, 0, 3, 40]);
  let daemon = await startTestDaemon({ seed, clock, dropChance: random.pick([0, 0.3]), store: createMemoryStore({ clock, delayMs, random: () => random.next() }) });
  const spec = drawSpec(random);
  const opening = daemon.open(spec);
  await until(daemon, opening);
  const { studyId } = await opening;
  let study = daemon.services.tuner.study(studyId);

  const acked: AckedBatch[] = [];
  const checkpointed: TrialSource[] = [];
  const saves = spec.strategy!.name === 'copying';
  const last = saves ? 5 : 3;
  const handedOut = new Map<string, Set<string>>();
  const workers = Array.from({ length: 1 + random.int(5) }, (_, i): SimulatedWorker => ({ id: `w${i}`, process: `p${i}`, held: undefined, busy: false, request: undefined }));
  const ghosts: SimulatedWorker[] = [];
  let requests = 0;
  let crashes = 0;
  let generation = 0;

  /** Calls the daemon; what a dead daemon would have answered is never heard. */
  function call<T>(worker: SimulatedWorker, work: () => Promise<T>, heard: (answer: T) => void, refused: (code: string) => void = () => undefined): void {
    const born = generation;
    worker.busy = true;
    const over = (then: () => void): void => {
      if (born !== generation) return;
      worker.busy = false;
      then();
    };
    // As in a service: what is thrown at once is a refusal too.
    void Promise.resolve().then(work).then((answer) => over(() => heard(answer)), (error: unknown) => {
      if (!isParamoError(error) || !failing.has(error.code)) throw error;
      over(() => refused(error.code));
    });
  }

  function ask(worker: SimulatedWorker): void {
    worker.request ??= `${worker.process}-${++requests}`;
    const requestId = worker.request;
    const who = { id: worker.id, process: worker.process, host: 'here', pid: 1, labels: {} };
    call(worker, () => study.ask({ revision: 99, worker: who, requestId, waitMs: 2000 }), (answer) => {
      worker.request = undefined;
      if (answer.kind === 'none') return;
      const { trial: { number: trial, checkpoint, from }, attempt } = answer;
      const base = checkpoint?.done ?? from?.done ?? 0;
      handedOut.set(`${trial}/${attempt}`, (handedOut.get(`${trial}/${attempt}`) ?? new Set()).add(requestId));
      worker.held = { trial, attempt, base, step: base, saved: base, sequence: 0, sent: [] };
    });
  }

  function report(worker: SimulatedWorker, again: boolean): void {
    const held = worker.held!;
    if (!again || held.sent.length === 0) {
      const value = lossOf(seed, held.trial, held.attempt, held.step);
      held.sent.push({ sequence: ++held.sequence, step: held.step++, value });
    }
    const batch = again ? random.pick(held.sent) : held.sent.at(-1)!;
    const columns = [{ name: 'loss', steps: [BigInt(batch.step)], values: [batch.value], timesMs: [] }];
    const { trial, attempt } = held;
    call(worker, () => study.report({ trial, attempt, writer: worker.process, sequence: batch.sequence, series: columns, mayWait: random.next() < 0.5 }), (update) => {
      for (const sent of held.sent) if (sent.sequence <= update.ackedSequence) acked.push({ trial, attempt, step: sent.step, value: sent.value });
      if (worker.held !== held) return;
      if (update.verdict === 'fenced' || update.verdict === 'ended') worker.held = undefined;
      else if (update.verdict === 'pause') end(worker, 'release');
      else if (update.verdict === 'stop') end(worker, 'complete');
    }, (code) => {
      // A gap after a crash: the worker goes back to what was not acked.
      if (code !== 'ABORTED' && worker.held === held) worker.held = undefined;
    });
  }

  function save(worker: SimulatedWorker): void {
    const held = worker.held!;
    const { trial, attempt, step: done } = held;
    const hash = createHash('sha256').update(`${trial} ${attempt} ${done}`).digest();
    const manifest = { chunkBytes: 65_536, files: [{ path: 'state', size: 1n, chunks: [hash] }] };
    call(worker, async () => study.checkpoint({ trial, attempt, done, checkpoint: checkpointName(manifest), size: 1, manifest }), (update) => {
      checkpointed.push({ trial, checkpoint: checkpointName(manifest), done });
      held.saved = done;
      if (worker.held !== held) return;
      if (update.verdict === 'fenced' || update.verdict === 'ended') worker.held = undefined;
      else if (update.verdict === 'stop') end(worker, 'complete');
    }, () => {
      if (worker.held === held) worker.held = undefined;
    });
  }

  function end(worker: SimulatedWorker, how: 'complete' | 'fail' | 'release'): void {
    const held = worker.held!;
    const ending = { trial: held.trial, attempt: held.attempt, batches: [], requestId: random.pick([`e${held.trial}.${held.attempt}`, '']) };
    const values = held.step === held.base ? { loss: lossOf(seed, held.trial, held.attempt, 0) } : {};
    call<unknown>(worker, async () => (how === 'complete' ? study.complete(ending, values) : how === 'fail' ? study.fail(ending, { message: 'broke', stack: '' }) : study.release(ending, 'gave up')), () => {
      if (worker.held === held) worker.held = undefined;
    }, (code) => {
      if (code === 'OBJECTIVE_MISSING') end(worker, 'fail');
      else if (worker.held === held) worker.held = undefined;
    });
  }

  function act(worker: SimulatedWorker, faults: boolean): void {
    if (worker.busy) return;
    if (!worker.held) return ask(worker);
    const dice = random.next();
    if (faults && dice < 0.06) {
      // It dies and comes back under another name; its ghost may still speak.
      ghosts.push({ ...worker, held: { ...worker.held }, busy: false });
      Object.assign(worker, { held: undefined, process: `${worker.id}-${++requests}`, request: undefined });
    } else if (faults && dice < 0.1) end(worker, 'release');
    else if (faults && dice < 0.16) end(worker, 'fail');
    else if (faults && dice < 0.26) report(worker, true);
    else if (worker.held.step > worker.held.saved && (saves ? worker.held.step % 2 === 0 || dice > 0.8 : dice > 0.95)) save(worker);
    else if (worker.held.step < last) report(worker, false);
    else end(worker, 'complete');
  }

  function interfere(): void {
    const trials = [...study.journal.state.live.keys()];
    if (trials.length === 0) return;
    const trial = random.pick(trials);
    const action = random.pick(['stop', 'pause', 'resume', 'cancel', 'retract'] as const);
    study.control(trial, action, 'a whim').catch((error: unknown) => {
      if (!isParamoError(error)) throw error;
    });
  }

  async function crash(): Promise<void> {
    crashes++;
    generation++;
    daemon = await daemon.crash();
    study = daemon.services.tuner.study(studyId);
    for (const worker of [...workers, ...ghosts]) {
      worker.busy = false;
      const { held, process } = worker;
      if (!held) continue;
      // What is not on disk is made anew: a worker sends again from the first gap.
      const { trial, attempt } = held;
      held.sequence = daemon.services.tuner.studies.sequence({ studyId, trial, attempt, writer: process });
      held.sent = held.sent.filter(({ sequence }) => sequence <= held.sequence);
      held.step = held.base + held.sent.length;
    }
  }

  for (let turn = 0; turn < 120; turn++) {
    const dice = random.next();
    if (dice < 0.02) await crash();
    else if (dice < 0.04) interfere();
    else if (dice < 0.16) clock.advance(random.int(leaseMs));
    else if (dice < 0.2 && ghosts.length > 0) {
      const ghost = random.pick(ghosts);
      if (ghost.busy || !ghost.held) continue;
      if (random.next() < 0.5) report(ghost, random.next() < 0.5);
      else end(ghost, random.pick(['complete', 'fail', 'release']));
    } else act(random.pick(workers), true);
    for (let i = random.int(6); i > 0; i--) await new Promise(setImmediate);
    clock.advance(random.int(20));
  }

  for (let turn = 0; turn < 3000 && study.journal.state.record.state !== 'ended'; turn++) {
    // Nobody holds the study any more.
    if (turn % 50 === 0) for (const [trial, { record }] of study.journal.state.live) if (record.state === 'paused') void study.control(trial, 'resume', 'on').catch(() => undefined);
    for (const worker of workers) act(worker, false);
    for (let i = 0; i < 4; i++) await new Promise(setImmediate);
    clock.advance(turn % 10 === 0 ? 500 : 50);
  }
  for (let i = 0; i < 40; i++) {
    await new Promise(setImmediate);
    clock.advance(50);
  }
  return { daemon, studyId, acked, checkpointed, handedOut, crashes };
}

function drawSpec(random: Random): Partial<StudySpec> {
  const stopper = random.pick([undefined, 'cutting', 'halving'] as const);
  // A population that waits for whom a stopper never promotes would rightly be called stalled.
  const strategy = stopper === 'halving' ? 'drawing' : random.pick(['drawing', 'replacing', 'copying'] as const);
  return {
    ...testPlan, strategy: { name: strategy, options: {} }, ...(stopper && { stopper: { name: stopper, options: {} } }), budget: { trials: 2 + random.int(8) },
    rules: { maxFailures: 1000, retries: random.int(4), retryOnFailure: random.next() < 0.5, leaseMs, keepCheckpoints: 1 + random.int(3) },
  };
}

/** What a trial reports; the same for whoever evaluates it again, but for a shift that tells attempts apart. */
function lossOf(seed: number, trial: number, attempt: number, step: number): number {
  return createRandom('loss', seed, trial, attempt, step).next() * 12;
}

async function until(daemon: TestDaemon, work: Promise<unknown>): Promise<void> {
  let over = false;
  void work.finally(() => (over = true)).catch(() => undefined);
  while (!over) await daemon.pass(10);
}
