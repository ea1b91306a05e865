import { sleep } from '@paramo/core';
import type { Clock, Entropy } from '@paramo/core';
import type { Attempt } from '../attempt.js';
import { backoffMs } from '../backoff.js';
import { isLost } from '../link.js';
import type { Link } from '../link.js';
import type { Reporter } from '../reporter.js';
import type { DescribedProgram, Machine, RunningProgram } from './machine.js';
import { putArtifact } from './put-artifact.js';
import { changesName, descriptionName } from './run-description.js';

/** An attempt that is described while it runs. */
export interface Describing {
  /** Takes the last sample, which takes a tenth of a second at most, and measures no more. What is not told 4 s later never is. Never rejects. */
  end(): Promise<void>;
}

/** How an attempt is described. */
export interface DescribeTerms {
  /** When its trial first started, by the wall clock in milliseconds. */
  readonly startedMs: number;
  /** One that lasts less than this is not described. */
  readonly afterMs: number;
  /** What evaluates it; absent: this process. */
  readonly program?: RunningProgram;
}

/** Describes what attempts run as, and measures what they use, in the background. Whatever fails is left out. */
export interface Describer {
  describe(attempt: Attempt, terms: DescribeTerms): Describing;
  /** Waits for what is under way, for `timeoutMs` at most, and begins nothing more. */
  close(timeoutMs: number): Promise<void>;
}

/** What a describer runs on. */
export interface DescriberOptions {
  readonly machine: Machine;
  readonly link: Link;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

/** A trial of a search that ends within so long, in milliseconds, is not worth a description. */
export const worthwhileMs = 1000;
const sampleMs = 15_000;
const lastSampleMs = 100;
/** How long after its end an attempt may be told of: less than the end itself waits for a daemon that is away. */
const tellMs = 4000;
/** How often a description is sent while the daemon is away; then it is given up. */
const mostTries = 20;

/** A describer that has nothing to describe. */
export function createDescriber({ machine, link, reporter, clock, entropy }: DescriberOptions): Describer {
  const underWay = new Set<Promise<void>>();
  let closed = false;
  /** The same for all attempts of this process, so that the store has it once. */
  let own: Promise<DescribedProgram> | undefined;

  const run = (work: () => Promise<void>): void => {
    if (closed) return;
    const running = work().catch(() => undefined).finally(() => underWay.delete(running));
    underWay.add(running);
  };
  const send = async (attempt: Attempt, name: string, mediaType: string, content: Buffer, signal: AbortSignal): Promise<void> => {
    for (let tries = 1; ; tries++) {
      try {
        return await putArtifact(link, { attempt: attempt.key, name, mediaType, content }, signal);
      } catch (error) {
        if (closed || !isLost(error) || tries === mostTries) throw error;
        await sleep(clock, backoffMs(tries, entropy), signal);
      }
    }
  };
  const tell = async (attempt: Attempt, program: RunningProgram | undefined, signal: AbortSignal): Promise<void> => {
    const { description, changes } = await (program ? machine.describe(program) : (own ??= machine.describe(machine.self())));
    // The document names its file, which is there first.
    if (changes) await send(attempt, changesName, 'text/x-diff', changes, signal);
    await send(attempt, descriptionName, 'application/json', Buffer.from(`${JSON.stringify(description, null, 1)}\n`), signal);
  };

  return {
    describe(attempt, { startedMs, afterMs, program }) {
      const begunMs = clock.monotonicMs();
      // Other attempts may have run on hosts with other clocks; the first one needs none of them.
      const aheadMs = attempt.attempt === 1 ? 0 : Math.max(0, clock.wallMs() - startedMs);
      let cancel = (): void => undefined;
      let over = false;
      const late = new AbortController();
      let telling = false;
      let measuring: ((gpus: boolean) => Promise<void>) | undefined;

      const begin = (): void => {
        if (closed) return;
        const meter = machine.measure(program ?? machine.self());
        measuring = async (gpus) => {
          const sample = await meter.sample({ gpus });
          const second = Math.floor((aheadMs + clock.monotonicMs() - begunMs) / 1000);
          for (const [name, value] of Object.entries(sample)) reporter.add(attempt, name, second, value);
        };
        telling = true;
        run(() => tell(attempt, program, late.signal).finally(() => (telling = false)));
        next();
      };
      const next = (): void => {
        run(() => measuring!(true).finally(() => {
          if (!over && !closed) cancel = clock.setTimer(sampleMs, next);
        }));
      };
      if (afterMs === 0) begin();
      else cancel = clock.setTimer(afterMs, begin);

      return {
        async end() {
          over = true;
          cancel();
          if (telling) clock.setTimer(tellMs, () => late.abort());
          if (measuring) await Promise.race([measuring(false).catch(() => undefined), sleep(clock, lastSampleMs)]);
        },
      };
    },
    async close(timeoutMs) {
      if (underWay.size > 0) await Promise.race([Promise.all(underWay), sleep(clock, timeoutMs)]);
      closed = true;
    },
  };
}
