import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactArguments, redactText, redactVariable } from './redact.js';

const cases = JSON.parse(readFileSync(new URL('./redaction-cases.json', import.meta.url), 'utf8')) as {
  readonly arguments: readonly { readonly given: readonly string[]; readonly kept: readonly string[] }[];
  readonly variables: readonly { readonly name: string; readonly given: string; readonly kept: string }[];
};

const word = fc.stringMatching(/^[a-z]{1,6}$/);
const name = fc.tuple(word, fc.constantFrom('token', 'SECRET', 'password', 'Passwd', 'api_key', 'API-KEY', 'apikey', 'credential', 'auth', 'private'), fc.constantFrom('', '_', '-', '.'), word)
  .map(([before, what, between, after]) => `${before}_${what}${between}${between && after}`);
/** Neither digits nor letters of a name, so that it is found wherever it is left. */
const secret = fc.stringMatching(/^[0-9A-Z]{8,20}$/).filter((text) => /[A-Z]/.test(text)).map((text) => `Q7${text}`);
const plain = fc.constantFrom('python', 'train.py', '--lr', '0.1', '-v', '--opt=adam', 'a b', 'https://example.org/x?part=1', '');

describe('redaction', () => {
  it.each(cases.arguments)('of the command line $given', ({ given, kept }) => expect(redactArguments(given)).toEqual(kept));
  it.each(cases.variables)('of the variable $name=$given', ({ name: variable, given, kept }) => expect(redactVariable(variable, given)).toBe(kept));

  it('leaves no secret that is given by name or in a URL, and nothing else out', () => {
    const hidden = fc.tuple(name, secret, fc.nat(8)).map(([key, value, form]): readonly [string[], string] => {
      const forms = [
        [`--${key}=${value}`], [`--${key}`, value], [`-${key}`, value], [`${key}=${value}`], [`${key}: ${value}`], [`https://me:${value}@host/x`], [`https://host/x?a=1&${key}=${value}`],
        [`sh -c "--${key} ${value} --lr 1"`], [`{"${key}":"${value}"}`],
      ];
      return [forms[form]!, value];
    });
    fc.assert(
      fc.property(fc.array(plain), hidden, fc.array(plain), (before, [form, value], after) => {
        const kept = redactArguments([...before, ...form, ...after]);
        expect(kept.join('\n')).not.toContain(value);
        expect(kept).toHaveLength(before.length + form.length + after.length);
        expect(kept.slice(0, before.length)).toEqual(before);
        expect(kept.slice(before.length + form.length)).toEqual(after);
        expect(redactArguments(kept)).toEqual(kept);
      }),
      { numRuns: 500 },
    );
  });

  it('takes time that grows with the text alone', () => {
    for (const text of ['a'.repeat(100_000), 'token'.repeat(20_000), '-'.repeat(100_000), 'token='.repeat(20_000), '"'.repeat(100_000)]) expect(redactText(text).length).toBeGreaterThan(0);
  });
});
