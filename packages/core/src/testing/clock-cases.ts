import type { Clock } from '../clock.js';
import { sleep } from '../clock.js';
import type { AsyncConformanceCase } from './conformance-case.js';
import { expectThat } from './conformance-case.js';

/** A clock, and how to let its time pass: `advance` of a simulated one, waiting for a real one. */
export interface ClockUnderTest {
  readonly clock: Clock;
  /** Resolves when at least `ms` of the clock have passed and what was due has been called. */
  pass(ms: number): void | Promise<void>;
}

// Real timers may be late but hardly ever by this much; no case depends on a timer being punctual.
const shortMs = 10;
const longMs = 60;

/** What every Clock promises. `create` gives a fresh one for each case. */
export function clockCases(create: () => ClockUnderTest): readonly AsyncConformanceCase[] {
  return [
    {
      name: 'a timer is called once, after its delay, and never from within setTimer',
      run: async () => {
        const { clock, pass } = create();
        const startMs = clock.monotonicMs();
        const calledMs: number[] = [];
        clock.setTimer(shortMs, () => calledMs.push(clock.monotonicMs()));
        clock.setTimer(0, () => calledMs.push(-1));
        const calls = (): number => calledMs.length;
        expectThat(calls() === 0, 'a timer was called from within setTimer');
        await pass(longMs);
        await pass(longMs);
        expectThat(calls() === 2 && calledMs[0] === -1, `two timers were called ${calls()} times, or in the wrong order`);
        // Node's timers round to whole milliseconds and may be up to one early.
        expectThat(calledMs[1]! - startMs >= shortMs - 1, `a timer of ${shortMs} ms was called after ${calledMs[1]! - startMs}`);
      },
    },
    {
      name: 'timers are called in the order in which they are due',
      run: async () => {
        const { clock, pass } = create();
        const called: string[] = [];
        clock.setTimer(3 * shortMs, () => called.push('late'));
        clock.setTimer(shortMs, () => called.push('early'));
        await pass(longMs);
        expectThat(called.join() === 'early,late', `they were called in the order ${called.join()}`);
      },
    },
    {
      name: 'a cancelled timer is never called, and cancelling again does nothing',
      run: async () => {
        const { clock, pass } = create();
        let calls = 0;
        const cancel = clock.setTimer(shortMs, () => calls++);
        const cancelLate = clock.setTimer(0, () => calls++);
        cancel();
        cancel();
        await pass(longMs);
        cancelLate();
        expectThat(calls === 1, `${calls - 1} calls came from a cancelled timer`);
      },
    },
    {
      name: 'a timer set by a timer is called too',
      run: async () => {
        const { clock, pass } = create();
        let inner = false;
        clock.setTimer(shortMs, () => clock.setTimer(0, () => (inner = true)));
        await pass(longMs);
        expectThat(inner, 'it was not');
      },
    },
    {
      name: 'monotonic time never goes back, and passes with wall time',
      run: async () => {
        const { clock, pass } = create();
        let lastMs = clock.monotonicMs();
        const startMs = lastMs;
        for (let i = 0; i < 3; i++) {
          await pass(shortMs);
          expectThat(clock.monotonicMs() >= lastMs, 'monotonicMs went back');
          lastMs = clock.monotonicMs();
        }
        expectThat(lastMs - startMs >= 3 * shortMs - 3, `${lastMs - startMs} ms passed in ${3 * shortMs}`);
        expectThat(Number.isFinite(clock.wallMs()) && clock.wallMs() > Date.UTC(2020), `wallMs is ${clock.wallMs()}, which is no time of ours`);
      },
    },
    {
      name: 'sleep ends after its delay, or at once when aborted, and leaves no timer behind',
      run: async () => {
        const { clock, pass } = create();
        let slept = false;
        const sleeping = sleep(clock, shortMs).then(() => (slept = true));
        await pass(longMs);
        await sleeping;
        expectThat(slept, 'sleep did not end');
        const abort = new AbortController();
        const aborted = sleep(clock, 1e9, abort.signal);
        abort.abort();
        await aborted;
        await sleep(clock, 1e9, AbortSignal.abort());
      },
    },
  ];
}
