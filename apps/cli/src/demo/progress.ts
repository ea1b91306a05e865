import type { Params, StudyRecord, TrialRecord } from '@paramo/core';
import { formatDuration } from '../terminal/format.js';
import { createLive } from '../terminal/live.js';
import type { LiveStream } from '../terminal/live.js';
import { progressBar } from '../terminal/progress.js';
import { sparkline } from '../terminal/sparkline.js';

/** What the search shows while it works: a live view on a terminal, a line a trial elsewhere. */
export interface Progress {
  start(trial: number, params: Params): void;
  epoch(epoch: number, accuracy: number): void;
  end(trial: Pick<TrialRecord, 'number' | 'state' | 'value' | 'done' | 'error' | 'params'>): void;
  close(): void;
}

/** How far the search had come when it was opened. */
export interface ProgressTerms {
  readonly record: StudyRecord;
  readonly trials: number;
  readonly epochs: number;
  readonly startedMs: number;
  /** Whoever is stopped is replaced by another: only those that complete count. */
  readonly replaces: boolean;
  /** A configuration on one line. */
  describe(params: Params): string;
}

/** Progress on `stream`. */
export function createProgress(stream: LiveStream, { record, trials, epochs, startedMs, replaces, describe }: ProgressTerms): Progress {
  const live = createLive(stream);
  const { completed, stopped, failed } = record.counts;
  let ended = completed + (replaces ? 0 : stopped + failed);
  let stops = stopped;
  let best = record.bestValue;
  let current = '';
  let curve: number[] = [];

  const draw = (): void => {
    const bestText = best === undefined ? '' : `   best ${percent(best)}`;
    live.update(`${progressBar(ended, trials, 28)} ${ended}/${trials} ${replaces ? 'members' : 'trials'}, ${stops} ${replaces ? 'replaced' : 'stopped early'}${bestText}   ${formatDuration(performance.now() - startedMs)}\n${current}`);
  };
  return {
    start(trial, params) {
      curve = [];
      current = `trial ${trial}: ${describe(params)}`;
      draw();
    },
    epoch(epoch, accuracy) {
      curve.push(accuracy);
      current = `${current.replace(/ {3}epoch .*$/, '')}   epoch ${epoch + 1}/${epochs} ${percent(accuracy)} ${sparkline(curve, epochs)}`;
      draw();
    },
    end({ number, state, value, done, error, params }) {
      if (!replaces || state === 'completed') ended++;
      if (state === 'stopped') stops++;
      if (state === 'completed' && value !== undefined) best = Math.max(best ?? 0, value);
      draw();
      if (stream.isTTY) return;
      const outcome = error?.message ?? (value === undefined ? 'no value' : percent(value));
      stream.write(`trial ${number} ${state} after ${done} epochs, ${outcome}: ${describe(params)}\n`);
    },
    close: () => live.done(),
  };
}

/** An accuracy as people read it. */
export function percent(accuracy: number, digits = 1): string {
  return `${(100 * accuracy).toFixed(digits)} %`;
}
