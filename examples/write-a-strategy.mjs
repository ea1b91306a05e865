// A strategy of your own: moves one parameter of the best trial a little. It is a package of one file, this one; the daemon
// loads it by its name and runs it apart. docs/WRITE-A-STRATEGY.md has the rules, and the tests that hold them.
// Run it: node write-a-strategy.mjs
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defineStrategy, isBetter } from '@paramo/core';

export default defineStrategy({
  name: 'climb', version: '1.0.0', description: 'Moves one parameter of the best trial at a time.',
  options: { reach: { type: 'number', exclusiveMinimum: 0, maximum: 1, default: 0.1, description: 'How far, as a share of its range.' } },
  create({ space, objectives, options, random }) {
    const params = new Map();
    let [own, best] = [0, undefined];
    return {
      observe(event) {
        if (event.kind === 'created') {
          params.set(event.trial, event.params);
          if (event.own) own++;
        } else if (event.kind === 'ended' && event.value !== undefined && (!best || isBetter(event.value, best.value, objectives[0].goal))) best = event;
      },
      suggest() {
        const chance = random('trial', own);
        if (!best) return { params: space.fromUnit(space.dimensions.map(() => chance.next())), because: { kind: 'design', detail: 'nothing to climb from yet' } };
        const unit = space.toUnit(params.get(best.trial));
        const moved = chance.int(unit.length);
        unit[moved] = Math.min(1, Math.max(0, unit[moved] + options.reach * (2 * chance.next() - 1)));
        return { params: space.fromUnit(unit), because: { kind: 'exploit', donor: best.trial, change: `moved ${space.dimensions[moved].name}` } };
      },
      done: () => false,
    };
  },
});

const isProgram = process.argv[1] === fileURLToPath(import.meta.url);
if (isProgram) {
  // What npm install paramo-strategy-climb would do.
  const folder = 'node_modules/paramo-strategy-climb';
  await mkdir(folder, { recursive: true });
  await copyFile(fileURLToPath(import.meta.url), `${folder}/index.mjs`);
  await writeFile(`${folder}/package.json`, JSON.stringify({ name: 'paramo-strategy-climb', version: '1.0.0', exports: './index.mjs' }));
  await mkdir('.paramo', { recursive: true });
  await writeFile('.paramo/config.json', JSON.stringify({ plugins: ['paramo-strategy-climb'] }));

  const { float, space, tune } = await import('paramo');
  const best = await tune(
    { name: 'hill', space: space({ x: float(-3, 3), y: float(-3, 3) }), objective: 'max height', strategy: 'climb', budget: { trials: 40 } },
    ({ params: { x, y } }) => Math.exp(-((x - 1) ** 2) - (y + 0.5) ** 2),
  );
  console.log(`${best.value.toFixed(3)} high, at x = ${best.params.x.toFixed(2)}, y = ${best.params.y.toFixed(2)}`);
}
