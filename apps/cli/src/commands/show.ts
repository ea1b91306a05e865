import { findStudy } from '@paramo/client';
import { exitCodes } from '../exit-code.js';
import { factsOf } from '../inspect/facts.js';
import { renderFacts } from '../inspect/render-facts.js';
import { readDetails } from '../inspect/trial-details.js';
import { print, printJson, printRows } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { createStyle } from '../terminal/style.js';

/** `paramo show STUDY N`: all about one trial. */
export function show(name: string, number: number, options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    const details = await readDetails(connection, study, number);
    const facts = factsOf(study.record, details);
    if (options.json) await printJson({ study: { id: study.id, name: study.name }, ...details });
    else if (process.stdout.isTTY) await print(renderFacts(`${study.name} ${number}`, facts, createStyle(process.stdout)));
    else await printRows(facts, [{ title: 'section', value: ({ section }) => section }, { title: 'name', value: (fact) => fact.name }, { title: 'value', value: ({ value }) => value }]);
    return exitCodes.ok.code;
  });
}
