import type { CancelTimer } from '@paramo/core';
import type { StudyRuntime } from './runtime.js';

/** Counts the time in which at least one trial runs, the daemon's downtime left out. */
export interface WallMeter {
  /** Brings `spent.wallMs` up to date; call it before the log changes. */
  count(): void;
  /** Looks again when the budget will be used up; call it after the log has changed. */
  watch(): void;
  close(): void;
}

/** How much of a wall-time budget a crash may forget at most. */
const persistMs = 10_000;

/** Starts at what the study had spent when it was last stored. `onSpent` is called when the budget is used up. */
export function openWallMeter({ journal, clock }: Pick<StudyRuntime, 'journal' | 'clock'>, onSpent: () => void): WallMeter {
  const { state } = journal;
  let markMs = clock.monotonicMs();
  let storedMs = state.record.spent.wallMs;
  let cancel: CancelTimer = () => undefined;

  const meter: WallMeter = {
    count() {
      const { spent, counts } = state.record;
      const nowMs = clock.monotonicMs();
      if (counts.running === 0) {
        markMs = nowMs;
        return;
      }
      const passedMs = Math.floor(nowMs - markMs);
      state.record = { ...state.record, spent: { ...spent, wallMs: spent.wallMs + passedMs } };
      markMs += passedMs;
    },
    watch() {
      cancel();
      const { spec, spent, counts, state: now } = state.record;
      storedMs = spent.wallMs;
      const limitMs = spec.budget.wallMs;
      if (limitMs === undefined || counts.running === 0 || now === 'ended' || spent.wallMs >= limitMs) return;
      cancel = clock.setTimer(Math.max(1, Math.min(limitMs - spent.wallMs, persistMs)), () => {
        meter.count();
        if (state.record.spent.wallMs >= limitMs) onSpent();
        // Reports do not store the study, so a long trial would leave no trace of the time it took.
        else if (state.record.spent.wallMs > storedMs) void journal.append([]).catch(() => undefined);
        meter.watch();
      });
    },
    close() {
      cancel();
    },
  };
  return meter;
}
