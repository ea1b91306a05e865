import { findStudy } from '@paramo/client';
import { exitCodes } from '../exit-code.js';
import { bySection } from '../inspect/by-section.js';
import { factsOf } from '../inspect/facts.js';
import type { Fact } from '../inspect/facts.js';
import { readDetails } from '../inspect/trial-details.js';
import { print, printJson, printRows } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { createStyle } from '../terminal/style.js';
import { formatTable } from '../terminal/table.js';

/** Packages are many: a terminal shows so many of a section, and says how many there are. */
const mostOfSection = 24;
const valueWidth = 110;

/** `paramo show STUDY N`: all about one trial. */
export function show(name: string, number: number, options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    const details = await readDetails(connection, study, number);
    const facts = factsOf(study.record, details);
    if (options.json) await printJson({ study: { id: study.id, name: study.name }, ...details });
    else if (process.stdout.isTTY) await print(renderFacts(`${study.name} ${number}`, facts));
    else await printRows(facts, [{ title: 'section', value: ({ section }) => section }, { title: 'name', value: (fact) => fact.name }, { title: 'value', value: ({ value }) => value }]);
    return exitCodes.ok.code;
  });
}

/** Section by section, with a title above each. */
function renderFacts(title: string, facts: readonly Fact[]): string {
  const { bold, cyan, dim } = createStyle(process.stdout);
  let text = `${bold(title)}\n`;
  for (const [section, found] of bySection(facts)) {
    const shown = found.slice(0, mostOfSection);
    const rows = shown.map(({ name, human, chart = '' }) => [name, human, chart]);
    const table = formatTable(rows, { columns: [{ title: '' }, { title: '', maxWidth: valueWidth }, { title: '' }], header: false });
    text += `\n${cyan(section)}\n${table.replace(/^/gm, '  ')}\n`;
    if (shown.length < found.length) text += dim(`  and ${found.length - shown.length} more, with --json\n`);
  }
  return text;
}
