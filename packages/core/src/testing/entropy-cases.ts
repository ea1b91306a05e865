import type { Entropy } from '../entropy.js';
import { createUlid, drawFraction, drawSeed } from '../entropy.js';
import type { ConformanceCase } from './conformance-case.js';
import { expectThat } from './conformance-case.js';

/** What every Entropy promises. `create` gives a fresh one for each case. */
export function entropyCases(create: () => Entropy): readonly ConformanceCase[] {
  return [
    {
      name: 'as many bytes come as were asked for, in an array of their own',
      run: () => {
        const entropy = create();
        for (const count of [0, 1, 16, 1000]) {
          expectThat(entropy.bytes(count).length === count, `bytes(${count}) gave ${entropy.bytes(count).length}`);
        }
        const first = entropy.bytes(32);
        const copy = first.slice();
        entropy.bytes(32);
        expectThat(first.every((byte, i) => byte === copy[i]), 'a later call changed the bytes given before');
      },
    },
    {
      name: 'all values of a byte come, about equally often',
      run: () => {
        const counts = new Uint32Array(256);
        for (const byte of create().bytes(256 * 256)) counts[byte]!++;
        // χ² with 255 degrees of freedom is above 400 with probability 10⁻⁸.
        const chiSquare = counts.reduce((sum, count) => sum + (count - 256) ** 2 / 256, 0);
        expectThat(chiSquare < 400, `χ² against uniform is ${chiSquare.toFixed(1)} with 255 degrees of freedom`);
      },
    },
    {
      name: 'ids, seeds and fractions drawn from it do not come twice',
      run: () => {
        const entropy = create();
        const ids = new Set(Array.from({ length: 1000 }, () => createUlid(1_700_000_000_000, entropy)));
        expectThat(ids.size === 1000, `${1000 - ids.size} of 1000 ids came twice`);
        expectThat([...ids].every((id) => /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id)), 'an id is not a ULID');
        expectThat(createUlid(1, entropy) < createUlid(2, entropy), 'ids do not sort by time');
        const seeds = Array.from({ length: 100 }, () => drawSeed(entropy));
        expectThat(new Set(seeds).size > 95 && seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32), 'seeds are not 32-bit numbers that differ');
        expectThat(Array.from({ length: 100 }, () => drawFraction(entropy)).every((f) => f >= 0 && f < 1), 'a fraction lies outside [0, 1)');
      },
    },
  ];
}
