import type { ParameterImportance, StudyTrial } from '@paramo/client';
import type { Params } from '@paramo/core';
import { lineChart } from '../terminal/chart.js';
import { formatDuration } from '../terminal/format.js';
import { formatTable } from '../terminal/table.js';
import { progressBar } from '../terminal/progress.js';
import { percent } from './progress.js';
import type { Comparison, Trainer } from './trainer.js';

/** What the demo came to. */
export interface Result {
  readonly studyName: string;
  readonly finalName: string;
  readonly trials: readonly StudyTrial<Params>[];
  readonly best: StudyTrial<Params>;
  readonly trainer: Trainer;
  readonly importance: readonly ParameterImportance[];
  readonly comparison: Comparison;
  /** Epochs after which trials were compared for the first time. */
  readonly every: number;
  readonly elapsedMs: number;
}

const shown = 5;

/** The leaderboard, the chart of the best so far, the comparison, and what to type to look again. */
export function summarize({ studyName, finalName, trials, best, trainer, importance, comparison, every, elapsedMs }: Result): string {
  const { defaults, finalImages, testImages, describe } = trainer;
  const completed = trials.filter(({ state }) => state === 'completed');
  const stopped = trials.filter(({ state }) => state === 'stopped').length;
  const leaders = completed.filter(({ value }) => value !== undefined).sort((a, b) => b.value! - a.value! || Number(b.number === best.number) - Number(a.number === best.number) || a.number - b.number);
  const leaderboard = formatTable(
    leaders.slice(0, shown).map(({ number, value, params }) => [String(number), percent(value!), describe(params)]),
    { columns: [{ title: 'trial', align: 'right' }, { title: 'val_acc', align: 'right' }, { title: 'params' }] },
  );
  const gain = 100 * (comparison.best - comparison.default);
  const compared = formatTable(
    [
      ['default', percent(comparison.default, 2), describe(defaults)],
      [`best (trial ${best.number})`, percent(comparison.best, 2), describe(best.params)],
    ],
    { columns: [{ title: `trained on ${finalImages} digits` }, { title: 'accuracy', align: 'right' }, { title: 'params' }] },
  );
  return [
    `${completed.length} trials completed, ${stopped} ${best.member === undefined ? 'stopped early' : 'replaced'}. The best of ${studyName}:`,
    '',
    leaderboard,
    '',
    lineChart(bestSoFar(trials), { width: 64, height: 7, label: 'best val_acc so far' }),
    '',
    ...whatMattered(importance, every),
    ...lineage(best, trials, describe),
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
function bestSoFar(trials: readonly StudyTrial<Params>[]): number[] {
  let best = Number.NEGATIVE_INFINITY;
  return trials.filter(({ state, value }) => state === 'completed' && value !== undefined).map(({ value }) => (best = Math.max(best, value!)));
}

/** How strongly each parameter went with the objective where all trials could still be compared: before any was stopped. */
function whatMattered(importance: readonly ParameterImportance[], every: number): string[] {
  const trials = importance[0]?.trials;
  if (trials === undefined) return [];
  const rows = importance.map(({ parameter, correlation, measure }) => [parameter, correlation.toFixed(2), progressBar(Math.abs(correlation), 1, 20), measure === 'spearman' ? '' : 'choice']);
  const table = formatTable(rows, { columns: [{ title: 'what mattered' }, { title: 'correlation', align: 'right' }, { title: `by rank with val_acc after ${every} ${every === 1 ? 'epoch' : 'epochs'}, over ${trials} trials` }, { title: '' }] });
  return [table, ''];
}

/** How a member of a population came to its params: whose checkpoint it went on from, and what it changed. */
function lineage(best: StudyTrial<Params>, trials: readonly StudyTrial<Params>[], describe: (params: Params) => string): string[] {
  if (!best.from) return [];
  const rows: string[][] = [];
  for (let trial: StudyTrial<Params> | undefined = best; trial; trial = trial.from && trials[trial.from.trial]) rows.unshift([String(trial.number), String(trial.from?.done ?? 0), describe(trial.params)]);
  return [formatTable(rows, { columns: [{ title: 'lineage', align: 'right' }, { title: 'from epoch', align: 'right' }, { title: 'params' }] }), ''];
}
