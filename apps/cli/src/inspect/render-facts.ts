import type { Style } from '../terminal/style.js';
import { formatTable } from '../terminal/table.js';
import { bySection } from './by-section.js';
import type { Comparison } from './compare-trials.js';
import type { Fact } from './facts.js';

/** Packages are many: a terminal shows so many of a section, and says how many there are. */
const mostOfSection = 24;
const valueWidth = 110;
const comparedWidth = 60;

/** What is known of a trial, for people: section by section, with a title above each. */
export function renderFacts(title: string, facts: readonly Fact[], { bold, cyan, dim }: Style): string {
  let text = `${bold(title)}\n`;
  for (const [section, found] of bySection(facts)) {
    const shown = found.slice(0, mostOfSection);
    const table = formatTable(shown.map(({ name, human, chart = '' }) => [name, human, chart]), { columns: [{ title: '' }, { title: '', maxWidth: valueWidth }, { title: '' }], header: false });
    text += `\n${cyan(section)}\n${indented(table)}\n`;
    if (shown.length < found.length) text += dim(`  and ${found.length - shown.length} more, with --json\n`);
  }
  return text;
}

/** Two trials side by side, for people. */
export function renderComparison(left: number, right: number, rows: readonly Comparison[], { cyan }: Style): string {
  const columns = [{ title: '' }, { title: `trial ${left}`, maxWidth: comparedWidth }, { title: `trial ${right}`, maxWidth: comparedWidth }];
  return [...bySection(rows)]
    .map(([section, found]) => `${cyan(section)}\n${indented(formatTable(found.map((row) => [row.name, row.left?.human ?? '', row.right?.human ?? '']), { columns }))}\n`)
    .join('\n');
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
