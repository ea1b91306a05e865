import type { StudyRecord, TrialRecord } from '@paramo/core';
import { describeState } from '../study-outcome.js';
import { lineChart } from '../terminal/chart.js';
import { formatDuration, formatNumber } from '../terminal/format.js';
import { progressBar } from '../terminal/progress.js';
import { sparkline } from '../terminal/sparkline.js';
import type { Style } from '../terminal/style.js';
import { formatTable } from '../terminal/table.js';
import { printable } from '../terminal/text.js';
import { describeEvent, listParams } from './describe-event.js';
import type { StudyHistory } from './study-history.js';

/** A study at one moment. */
export interface StudySnapshot {
  readonly record: StudyRecord;
  readonly running: readonly TrialRecord[];
  /** The best completed trials, best first. */
  readonly leaders: readonly TrialRecord[];
}

/** The terminal it is drawn on. */
export interface RenderOptions {
  readonly width: number;
  readonly height: number;
  readonly style: Style;
  readonly nowMs: number;
}

const chartHeight = 6;
const chartWidth = 72;
const barWidth = 30;
/** A chart is drawn where at least so many rows are left for it. */
const rowsBesideChart = 22;

/** The study as a block of lines: progress, best so far, running trials, leaders, the newest event. */
export function renderStudy({ record, running, leaders }: StudySnapshot, history: StudyHistory, { width, height, style, nowMs }: RenderOptions): string {
  const { spec, counts, spent, bestValue, bestTrial } = record;
  const { bestSoFar, startedMs, newest } = history;
  const metric = spec.objectives[0]?.metric ?? '';
  const blocks: string[] = [`${style.bold(printable(spec.name))}  ${describeState(record)}`, progressLine(record, startedMs === undefined ? undefined : (record.state === 'ended' ? record.updatedMs : nowMs) - startedMs)];
  blocks.push(style.dim([`${counts.running} running`, `${counts.waiting} waiting`, `${counts.paused} paused`, `${counts.completed} completed`, `${counts.stopped} stopped`, `${counts.failed} failed`].join(', ') + (spent.steps > 0 ? `; ${spent.steps} steps` : '')));
  if (bestValue !== undefined) blocks.push(`best ${metric} ${style.green(formatNumber(bestValue))} (trial ${bestTrial})  ${sparkline(bestSoFar, Math.max(8, Math.min(40, width - 40)))}`);
  if (bestSoFar.length > 1 && height >= rowsBesideChart + chartHeight) blocks.push('', lineChart(bestSoFar, { width: Math.min(width - 1, chartWidth), height: chartHeight, label: style.dim(`best ${metric} after each completed trial`) }));
  if (running.length > 0) blocks.push('', trialTable('running', running, metric));
  if (leaders.length > 0) blocks.push('', trialTable('leaders', leaders, metric));
  if (newest) blocks.push('', style.dim(describeEvent(newest)));
  if (record.state !== 'ended') blocks.push(style.dim('q leaves; the study goes on'));
  return blocks.join('\n');
}

function progressLine({ spec, spent, counts }: StudyRecord, elapsedMs: number | undefined): string {
  const over = counts.completed + counts.stopped + counts.failed;
  const elapsed = elapsedMs === undefined ? '' : `  ${formatDuration(elapsedMs)}`;
  const { trials, steps, wallMs } = spec.budget;
  if (trials !== undefined) return `${progressBar(over, trials, barWidth)} ${over} of ${trials} trials${elapsed}`;
  if (steps !== undefined) return `${progressBar(spent.steps, steps, barWidth)} ${spent.steps} of ${steps} steps, ${over} trials${elapsed}`;
  if (wallMs !== undefined) return `${progressBar(spent.wallMs, wallMs, barWidth)} ${formatDuration(spent.wallMs)} of ${formatDuration(wallMs)}, ${over} trials`;
  return `${over} trials over${elapsed}`;
}

function trialTable(title: string, trials: readonly TrialRecord[], metric: string): string {
  const value = (trial: TrialRecord): number | undefined => trial.value ?? trial.metrics[metric];
  return formatTable(
    trials.map((trial) => [String(trial.number), String(trial.done), value(trial) === undefined ? '' : formatNumber(value(trial)!), listParams(trial.params)]),
    { columns: [{ title, align: 'right' }, { title: 'steps', align: 'right' }, { title: metric, align: 'right' }, { title: 'params' }] },
  );
}
