import { createConnection, openStudy } from '@paramo/client';
import type { SingleStudy } from '@paramo/client';
import { createRandom, ParamoError } from '@paramo/core';
import { createSeededEntropy } from '@paramo/core/testing';
import { ControlAction, TrialServiceService } from '@paramo/protocol';
import type { History } from './history.js';
import type { Network } from './network.js';
import { createProcess } from './process.js';
import type { Schedule } from './schedule.js';
import type { StudyPlan } from './workload.js';

/** Somebody who looks on, and meddles. */
export interface Person {
  /** Does something to a study, on a whim. */
  meddle(): void;
  /** Whether something of that is still under way. */
  readonly isMeddling: boolean;
  /** Takes back what holds studies up: pauses of studies and of trials. */
  tidyUp(): void;
  /** Whether there is still work to do. */
  findsOpen(): Promise<boolean>;
}

/** What a person acts on. */
export interface PersonOptions {
  readonly seed: number;
  readonly studies: readonly StudyPlan[];
  readonly schedule: Schedule;
  readonly history: History;
  readonly network: Network;
}

const whims = ['stop', 'pause', 'resume', 'cancel', 'retract', 'pause the study', 'open the study', 'enqueue'] as const;
const actions = {
  stop: ControlAction.CONTROL_ACTION_STOP, pause: ControlAction.CONTROL_ACTION_PAUSE, resume: ControlAction.CONTROL_ACTION_RESUME, cancel: ControlAction.CONTROL_ACTION_CANCEL, retract: ControlAction.CONTROL_ACTION_RETRACT,
} as const;

/** A person with a connection. */
export function createPerson({ seed, studies, schedule, history, network }: PersonOptions): Person {
  const random = createRandom('person', seed);
  const process = createProcess(schedule, 'person');
  const connection = createConnection({ dial: () => network.dial(process), clock: process.clock, entropy: createSeededEntropy(seed + 77), write: () => undefined });

  async function open(plan: StudyPlan): Promise<SingleStudy> {
    return (await openStudy(plan.options, { connection })) as unknown as SingleStudy;
  }
  async function control(study: SingleStudy, trial: number, action: ControlAction): Promise<void> {
    await connection.link.unary(TrialServiceService.control, { studyId: study.id, trial: BigInt(trial), action, reason: 'a whim' });
  }
  /** Refusals are no news to a person. */
  function attempt(work: () => Promise<unknown>): Promise<void> {
    return work().then(() => undefined, (error: unknown) => history.note('person', `was refused: ${ParamoError.from(error).summary}`));
  }
  let whimsUnderWay = 0;

  return {
    get isMeddling() {
      return whimsUnderWay > 0;
    },
    meddle() {
      whimsUnderWay++;
      const plan = random.pick(studies);
      const whim = random.pick(whims);
      const dice = random.next();
      void attempt(async () => {
        const study = await open(plan);
        if (whim === 'pause the study') return study.pause('a whim');
        if (whim === 'open the study') return study.open('a whim');
        if (whim === 'enqueue') return study.enqueue(plan.distinct ? { n: 1 + Math.floor(dice * 3), opt: 'a' } : { x: dice, opt: 'a' });
        const trials = await study.trials({ filter: whim === 'retract' ? '' : 'state != completed' });
        const trial = trials[Math.floor(dice * trials.length)];
        if (trial) await control(study, trial.number, actions[whim]);
        return undefined;
      }).finally(() => whimsUnderWay--);
    },
    async findsOpen() {
      for (const plan of studies) if ((await open(plan)).record.state !== 'ended') return true;
      return false;
    },
    tidyUp() {
      for (const plan of studies) {
        void attempt(async () => {
          const study = await open(plan);
          if (study.record.state === 'paused') await study.open('tidied up');
          for (const trial of await study.trials({ filter: 'state = paused' })) await control(study, trial.number, ControlAction.CONTROL_ACTION_RESUME);
        });
      }
    },
  };
}
