import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection, openStudy, tune } from '@paramo/client';
import type { Connection, SingleStudy, Trial } from '@paramo/client';
import { createRandom, isParamoError, ParamoError, sleep } from '@paramo/core';
import type { Random } from '@paramo/core';
import { createSeededEntropy } from '@paramo/core/testing';
import type { History } from './history.js';
import type { Network } from './network.js';
import { createProcess } from './process.js';
import type { SimulatedProcess } from './process.js';
import type { Schedule } from './schedule.js';
import type { Sites } from './sites.js';
import { lossOf } from './workload.js';
import type { StudyPlan, WorkerMode } from './workload.js';

/** A program that works on all studies with the SDK. When it has died it is started again, as a new process. */
export interface SimulatedWorker {
  /** The newest one; absent before the first start. */
  readonly process: SimulatedProcess | undefined;
  /** True once it has come to its end by itself. */
  readonly finished: boolean;
  start(): void;
  /** Starts it once more although it had come to its end. */
  revive(): void;
  /** Is told to end: gives back what it holds. */
  leave(): void;
}

/** What a worker runs on. */
export interface SimulatedWorkerOptions {
  readonly seed: number;
  readonly index: number;
  readonly mode: WorkerMode;
  readonly slots: number;
  readonly studies: readonly StudyPlan[];
  readonly schedule: Schedule;
  readonly sites: Sites;
  readonly history: History;
  readonly network: Network;
  /** The folder in which checkpoints are made. */
  readonly workPath: string;
  /** The folder of what is not sent yet; absent: in memory only. */
  readonly spoolPath: string | undefined;
  /** Told of every connection. */
  onStart(writerId: string, process: SimulatedProcess): void;
  /** Told what must not happen to training code. */
  broken(what: string): void;
}

/** With these a program may give up. Anything else is nothing that it should ever see. */
const passing = ['UNAVAILABLE', 'DAEMON_UNREACHABLE', 'TIMEOUT', 'ABORTED', 'OVERLOADED', 'STORE_FULL'] as const;

class TrainerError extends Error {}

/** A worker that was not started yet. */
export function createWorker(options: SimulatedWorkerOptions): SimulatedWorker {
  const { seed, index, mode, slots, studies, schedule, sites, history, network } = options;
  let process: SimulatedProcess | undefined;
  let lives = 0;
  let finished = false;
  let leaving = new AbortController();
  let unfinished: { readonly study: string; readonly trial: number } | undefined;

  const worker: SimulatedWorker = {
    get process() {
      return process;
    },
    get finished() {
      return finished;
    },
    start() {
      // Whoever was revived in the meantime lives.
      if (finished || process?.isAlive) return;
      const random = createRandom('worker', seed, index, ++lives);
      const born = createProcess(schedule, `w${index}.${lives}`, random.int(120_000) - 60_000);
      process = born;
      leaving = new AbortController();
      history.note(born.name, 'starts');
      void live(born, random).then(
        () => {
          if (!born.isAlive) return;
          history.note(born.name, 'has done its work');
          finished = true;
          born.kill();
        },
        (error: unknown) => {
          if (!born.isAlive) return;
          history.note(born.name, `ends: ${String(error)}`);
          if (!passing.some((code) => isParamoError(error, code))) options.broken(`${born.name} saw ${(error as Error).stack ?? String(error)}`);
          born.kill();
        },
      );
      born.onDeath(() => schedule.after(sites.healed ? 50 : 200 + random.int(5000), worker.start));
    },
    revive() {
      finished = false;
      worker.start();
    },
    leave() {
      history.note(process!.name, 'is told to end');
      leaving.abort();
    },
  };

  async function live(born: SimulatedProcess, random: Random): Promise<void> {
    const connection = createConnection({
      dial: () => network.dial(born), clock: born.clock, entropy: createSeededEntropy(seed * 10_000 + index * 100 + lives), workPath: options.workPath,
      ...(options.spoolPath !== undefined && { spoolPath: options.spoolPath }),
      write: (line) => history.note(born.name, `stderr: ${line.trimEnd()}`),
    });
    options.onStart(connection.writerId, born);
    const { signal } = leaving;
    const train = (plan: StudyPlan) => (trial: Trial) => trainOn(plan, trial, born, random);
    try {
      for (const plan of studies) {
        try {
          if (mode === 'tune') await tune(plan.options, train(plan), { connection, workers: slots, signals: false, signal });
          else await byHand(plan, connection, train(plan), random);
        } catch (error) {
          if (!isParamoError(error, 'STUDY_ENDED')) throw error;
        }
      }
    } finally {
      await connection.close();
    }
  }

  /** The user's own loop over trials. */
  async function byHand(plan: StudyPlan, connection: Connection, train: (trial: Trial) => Promise<void>, random: Random): Promise<void> {
    const study = (await openStudy(plan.options, { connection })) as unknown as SingleStudy;
    if (mode === 'each') {
      for await (const trial of study.each()) await train(trial as Trial).catch((error: unknown) => trial.fail(error));
      return;
    }
    // What its earlier life was at may be told by hand.
    if (unfinished?.study === plan.options.name && random.next() < 0.3) await study.tell(unfinished.trial, 3).catch(expected);
    for (;;) {
      const trial = (await study.ask()) as Trial;
      unfinished = { study: plan.options.name, trial: trial.number };
      try {
        await train(trial);
        if (trial.stopped?.cause === 'pause') await trial.release();
        else await (random.next() < 0.5 ? trial.complete() : study.tell(trial, { loss: 1 + random.next() }));
      } catch (error) {
        if (error instanceof TrainerError) await trial.fail(error);
        else if (isParamoError(error, 'OBJECTIVE_MISSING')) await trial.complete(7);
        else throw error;
      }
      unfinished = undefined;
    }
  }

  async function trainOn(plan: StudyPlan, trial: Trial, born: SimulatedProcess, random: Random): Promise<void> {
    const name = `trial ${trial.number}/${trial.attempt} of ${plan.options.name}`;
    history.note(born.name, `trains ${name} from ${trial.resume ? trial.resume.step + 1 : 0}`);
    try {
      if (trial.resume) await checkRestored(trial, name);
      for await (const step of trial.steps(plan.steps)) {
        await sleep(born.clock, plan.stepMs * (0.5 + random.next()));
        if (sites.fires('trainer throws')) throw new TrainerError('the trainer throws');
        const loss = lossOf(seed, plan.options.name, trial.number, trial.attempt, step);
        trial.log({ gauge: step }, 0);
        if (random.next() < 0.3) await trial.report({ loss });
        else trial.log({ loss });
        if (plan.saves) await trial.checkpoint((directory) => writeFile(join(directory, 'state'), `${trial.number} ${step + 1}`));
      }
    } catch (error) {
      if (!(error instanceof TrainerError) && born.isAlive) options.broken(`the training of ${name} was disturbed: ${(error as Error).stack ?? String(error)}`);
      throw error;
    }
  }

  /** The files are those of the trial and the step that the resumption names. */
  async function checkRestored({ resume }: Trial, name: string): Promise<void> {
    const { dir, trial, step } = resume!;
    const content = await readFile(join(dir, 'state'), 'utf8');
    if (content !== `${trial} ${step + 1}`) options.broken(`${name} was to go on from trial ${trial} at ${step + 1} and was given ${JSON.stringify(content)}`);
  }

  return worker;
}

/** A trial may be over, or never handed out. */
function expected(error: unknown): void {
  const { code } = ParamoError.from(error);
  if (!['INVALID_ARGUMENT', 'OBJECTIVE_MISSING', ...passing].includes(code)) throw error;
}
