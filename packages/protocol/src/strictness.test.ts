import { isParamoError } from '@paramo/core';
import { expect, test } from 'vitest';
import { decodeLogEvent, logEventFromMessage } from './event-mapping.js';
import { Space } from './gen/paramo/v1/space.js';
import { StudySpec, type StudyRules } from './gen/paramo/v1/study.js';
import { Trial } from './gen/paramo/v1/trial.js';
import { Params, Values, Worker } from './gen/paramo/v1/value.js';
import { budgetFromMessage, budgetToMessage, studyRulesFromMessage, studySpecFromMessage } from './study-mapping.js';
import { explanationFromMessage, fidelityFromMessage, paramsFromMessage, paramsToMessage, pluginReferenceFromMessage, valuesFromMessage, workerFromMessage } from './params-mapping.js';
import { spaceFromMessage } from './space-mapping.js';
import { trialRecordFromMessage } from './trial-mapping.js';

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isParamoError(error, 'INVALID_ARGUMENT')) return error.message;
    throw error;
  }
  return expect.fail('it was accepted');
}

const seed = (): number => 0;

test.each([
  ['an empty name', ''],
  ['half a surrogate pair', 'a\ud800'],
  ['what a decoder made of invalid UTF-8', 'a\u{fffd}'],
  ['a control character', 'a\nb'],
  ['more than 256 bytes', 'é'.repeat(129)],
])('a name with %s is refused', (_, name) => {
  expect(refusal(() => valuesFromMessage({ values: new Map([[name, 1]]) }))).toMatch(/^INVALID_ARGUMENT: values \(a name\)/);
  expect(refusal(() => paramsFromMessage({ values: new Map([[name, { kind: undefined }]]) }))).toMatch(/params \(a name\)/);
  expect(refusal(() => studySpecFromMessage(StudySpec.fromPartial({ name }), { seed }))).toMatch(/spec\.name/);
});

test('a name of invalid UTF-8 on the wire is refused', () => {
  const bytes = Values.encode({ values: new Map([['ab', 1]]) }).finish();
  bytes[bytes.indexOf(0x61)] = 0xff;
  expect(refusal(() => valuesFromMessage(Values.decode(bytes)))).toContain('not valid UTF-8');
});

test('a name of 256 bytes is accepted', () => {
  expect(Object.keys(valuesFromMessage({ values: new Map([['é'.repeat(128), 1]]) }))).toHaveLength(1);
});

test('the name __proto__ crosses the wire as any other and touches no prototype', () => {
  const params = Object.fromEntries([['__proto__', 5], ['constructor', 'x']]);
  const back = paramsFromMessage(Params.decode(Params.encode(paramsToMessage(params)).finish()));
  expect(Object.entries(back)).toEqual(Object.entries(params));
  expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
});

test('integers beyond 2^53 - 1 are refused, in both directions', () => {
  expect(refusal(() => budgetFromMessage({ trials: 2n ** 53n, steps: undefined, wallMs: undefined, cost: undefined, costPerTrial: undefined }))).toMatch(/budget\.trials is 9007199254740992/);
  expect(refusal(() => budgetToMessage({ steps: 2 ** 53 }))).toContain('budget.steps');
  expect(refusal(() => budgetToMessage({ steps: 1.5 }))).toContain('budget.steps');
  expect(refusal(() => budgetToMessage({ trials: -1 }))).toContain('budget.trials');
  expect(refusal(() => budgetToMessage({ trials: NaN }))).toContain('budget.trials');
});

test('numbers that cannot be are refused', () => {
  expect(refusal(() => fidelityFromMessage({ steps: undefined, data: NaN }))).toContain('fidelity.data');
  expect(refusal(() => fidelityFromMessage({ steps: 0n, data: undefined }))).toContain('fidelity.steps');
  expect(refusal(() => paramsFromMessage({ values: new Map([['lr', { kind: { $case: 'number', value: NaN } }]]) }))).toContain('params.lr');
  expect(refusal(() => budgetFromMessage({ trials: undefined, steps: undefined, wallMs: undefined, cost: -1, costPerTrial: undefined }))).toContain('budget.cost');
  const rules: StudyRules = { target: undefined, maxFailures: undefined, retries: undefined, retryOnFailure: false, leaseMs: undefined, keepCheckpoints: undefined };
  expect(refusal(() => studyRulesFromMessage({ ...rules, target: NaN }))).toContain('rules.target');
  expect(refusal(() => studyRulesFromMessage({ ...rules, leaseMs: 1 }))).toContain('rules.lease_ms');
  expect(refusal(() => spaceFromMessage(Space.fromPartial({ parameters: [{ name: 'lr', kind: { $case: 'float', value: { low: 0, high: Infinity } } }] })))).toContain('space.parameters[0].float.high');
});

test('params that hold no values are refused with their name', () => {
  for (const [params, message] of [
    [{ act: () => 1 }, 'params.act is a function, but must be a number, a text, true, false or null'],
    [{ size: [1] }, 'params.size is an array'],
    [{ size: undefined }, 'params.size is undefined'],
    [undefined, 'params is undefined, but must be an object of values by name'],
  ] as const) {
    expect(() => paramsToMessage(params as never)).toThrow(message);
  }
});

test('what must be set and is not is named', () => {
  expect(refusal(() => spaceFromMessage(Space.fromPartial({ parameters: [{ name: 'lr' }] })))).toContain('space.parameters[0].kind');
  expect(refusal(() => explanationFromMessage({ kind: undefined }))).toContain('because.kind');
  expect(refusal(() => trialRecordFromMessage(Trial.fromPartial({ studyId: 's', state: 1 })))).toContain('trial.params');
  expect(refusal(() => studySpecFromMessage(StudySpec.fromPartial({ name: 'a', plan: { objectives: [{ metric: 'loss' }] } }), { seed }))).toContain('spec.plan.objectives[0].goal is not set');
  expect(refusal(() => workerFromMessage(Worker.fromPartial({ id: 'w' })))).toContain('worker.process');
  expect(refusal(() => logEventFromMessage({ position: 1n, wallMs: 0n, kind: undefined }))).toContain('kind is not set');
  expect(refusal(() => logEventFromMessage({ position: 0n, wallMs: 0n, kind: { $case: 'trialDeleted', value: { trial: 0n } } }))).toContain('position');
});

test('an enum number of a later version is refused with those that are known', () => {
  expect(refusal(() => trialRecordFromMessage(Trial.fromPartial({ studyId: 's', state: 99 as never })))).toMatch(/trial\.state has the unknown value 99\. Give one of 1 \(waiting\)/);
});

test('a parameter value of a later kind is refused, and not taken for null', () => {
  const bytes = Params.encode({ values: new Map([['a', { kind: undefined, _unknownFields: { [(9 << 3) | 0]: [Uint8Array.of(1)] } }]]) }).finish();
  expect(refusal(() => paramsFromMessage(Params.decode(bytes)))).toContain('params.a');
});

test('options that are no JSON object are refused', () => {
  expect(refusal(() => pluginReferenceFromMessage({ name: 'grid', optionsJson: '[1]' }))).toContain('plugin.options_json is not a JSON object');
  expect(refusal(() => pluginReferenceFromMessage({ name: 'grid', optionsJson: '{' }))).toContain('plugin.options_json is not JSON');
});

test('bytes that are no message are DATA_LOSS', () => {
  expect(() => decodeLogEvent(Uint8Array.of(0xff, 0xff))).toThrow(/^DATA_LOSS/);
});
