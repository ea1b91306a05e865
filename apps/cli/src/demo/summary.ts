import type { StudyTrial } from '@paramo/client';
import { lineChart } from '../terminal/chart.js';
import { formatDuration } from '../terminal/format.js';
import { formatTable } from '../terminal/table.js';
import type { Comparison } from './final.js';
import type { NetworkParams } from './network.js';
import { describeParams, percent } from './progress.js';

/** What the demo came to. */
export interface Result {
  readonly studyName: string;
  readonly finalName: string;
  readonly trials: readonly StudyTrial<NetworkParams>[];
  readonly best: StudyTrial<NetworkParams>;
  readonly defaults: NetworkParams;
  readonly comparison: Comparison;
  readonly finalImages: number;
  readonly testImages: number;
  readonly elapsedMs: number;
}

const shown = 5;

/** The leaderboard, the chart of the best so far, the comparison, and what to type to look again. */
export function summarize({ studyName, finalName, trials, best, defaults, comparison, finalImages, testImages, elapsedMs }: Result): string {
  const completed = trials.filter(({ state }) => state === 'completed');
  const stopped = trials.filter(({ state }) => state === 'stopped').length;
  const leaders = completed.filter(({ value }) => value !== undefined).sort((a, b) => b.value! - a.value! || a.number - b.number);
  const leaderboard = formatTable(
    leaders.slice(0, shown).map(({ number, value, params }) => [String(number), percent(value!), describeParams(params)]),
    { columns: [{ title: 'trial', align: 'right' }, { title: 'val_acc', align: 'right' }, { title: 'params' }] },
  );
  const gain = 100 * (comparison.best - comparison.default);
  const compared = formatTable(
    [
      ['default', percent(comparison.default, 2), describeParams(defaults)],
      [`best (trial ${best.number})`, percent(comparison.best, 2), describeParams(best.params)],
    ],
    { columns: [{ title: `trained on ${finalImages} digits` }, { title: 'accuracy', align: 'right' }, { title: 'params' }] },
  );
  return [
    `${completed.length} trials completed, ${stopped} stopped early. The best of ${studyName}:`,
    '',
    leaderboard,
    '',
    lineChart(bestSoFar(trials), { width: 64, height: 7, label: 'best val_acc so far' }),
    '',
    compared,
    '',
    `On ${testImages} digits never seen before, the tuned network is ${Math.abs(gain).toFixed(2)} points ${gain >= 0 ? 'better' : 'worse'} than the default one. ${formatDuration(elapsedMs)} in all.`,
    '',
    'Look again:',
    `  npx paramo watch ${studyName}`,
    `  npx paramo trials ${studyName} --order value --limit 10`,
    `  npx paramo trials ${finalName}`,
    '',
  ].join('\n');
}

/** The best value after each trial that completed, in the order of numbers. */
function bestSoFar(trials: readonly StudyTrial<NetworkParams>[]): number[] {
  let best = Number.NEGATIVE_INFINITY;
  return trials.filter(({ state, value }) => state === 'completed' && value !== undefined).map(({ value }) => (best = Math.max(best, value!)));
}
