import type { KnownBug, KnownBugs } from './known-bugs.js';

/** The table of known bugs as a page of the docs. */
export function knownBugsPage(groups: readonly KnownBugs[]): string {
  return [
    '# Bugs of other systems, and what stands against them here', '',
    'Every one of them cost somebody a night. Made by `npm run simulator -- --known-bugs` from `tools/simulator/src/known-bugs.ts`; a test sees to it that the tests named here are there.', '',
    ...groups.flatMap(({ name, bugs }) => [`## ${name}`, '', '| there | what happened | the scenario here | test |', '|---|---|---|---|', ...bugs.map(row), '']),
  ].join('\n');
}

function row({ ids, what, here }: KnownBug): string {
  const [scenario, test] = 'noMeaning' in here ? [`none: ${here.noMeaning}`, ''] : [here.scenario, `\`${here.file}\` "${here.title}"`];
  return `| ${ids.join(', ')} | ${what} | ${scenario} | ${test} |`;
}
