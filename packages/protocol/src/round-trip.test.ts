import { deepStrictEqual } from 'node:assert';
import { defaultRules } from '@paramo/core';
import type { Budget, Condition, Explanation, Fidelity, Json, LogEntry, LogEvent, Objective, ParameterSpec, ParamValue, PluginReference, StudyPhase, StudyPlan, StudyRecord, StudyRules, StudySpec, TrialRecord, TrialSource, Worker } from '@paramo/core';
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLogEvent, encodeLogEvent, logEventFromMessage, logEventToMessage } from './event-mapping.js';
import { LogEvent as LogEventMessage } from './gen/paramo/v1/event.js';
import { Study as StudyMessage, StudySpec as StudySpecMessage } from './gen/paramo/v1/study.js';
import { Trial as TrialMessage } from './gen/paramo/v1/trial.js';
import { studyRecordFromMessage, studyRecordToMessage } from './study-record-mapping.js';
import { studySpecFromMessage, studySpecToMessage } from './study-mapping.js';
import { trialRecordFromMessage, trialRecordToMessage } from './trial-mapping.js';

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !value.includes('\u{fffd}'));
const someText = text.filter((value) => value !== '');
const name = fc.oneof(someText.filter((value) => !/\p{Cc}/u.test(value) && Buffer.byteLength(value) <= 128), fc.constantFrom('__proto__', 'constructor', 'toString', '0', '研究 🎛'));
const count = fc.oneof(fc.nat(), fc.constantFrom(0, 2 ** 32, Number.MAX_SAFE_INTEGER));
const positive = fc.oneof(fc.integer({ min: 1 }), fc.constant(Number.MAX_SAFE_INTEGER));
const small = fc.oneof(fc.nat(1000), fc.constant(2 ** 32 - 1));
const wallMs = fc.oneof(fc.nat(), fc.constantFrom(-1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER));
const number = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 2 ** 53 - 1, Number.MIN_VALUE));
const finite = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(-0, 0, 2 ** 53 - 1));
const notNegative = finite.map(Math.abs);
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);

function named<T>(value: Arbitrary<T>): Arbitrary<Readonly<Record<string, T>>> {
  return fc.uniqueArray(fc.tuple(name, value), { maxLength: 5, selector: ([key]) => key }).map((entries) => Object.fromEntries(entries));
}

/** Records of `required` fields, with any of the `optional` ones. */
function fields<T extends object>(required: object, optional: object = {}): Arbitrary<T> {
  return fc.record({ ...required, ...optional } as never, { requiredKeys: Object.keys(required) as never, noNullPrototype: true }) as unknown as Arbitrary<T>;
}

const values = named(number);
const labels = named(text);
const attributes = named(json);
const paramValue: Arbitrary<ParamValue> = fc.oneof(finite, text, fc.boolean(), fc.constant(null));
const params = named(paramValue);
const plugin = fields<PluginReference>({ name, options: attributes });
const fidelity = fields<Fidelity>({}, { steps: positive, data: fc.constantFrom(1, 0.5, Number.MIN_VALUE) });
const source = fields<TrialSource>({ trial: count, checkpoint: name, done: count });
const worker = fields<Worker>({ id: name, process: name, host: text, pid: small, labels });
const because: Arbitrary<Explanation> = fc.oneof(
  fields<Explanation>({ kind: fc.constant('default') }),
  fields<Explanation>({ kind: fc.constantFrom('design', 'promotion', 'user'), detail: text }),
  fields<Explanation>({ kind: fc.constant('model'), mean: number, sd: number, acquisition: text }, { detail: someText }),
  fields<Explanation>({ kind: fc.constant('exploit'), donor: count, change: text }),
);
const whole = fc.oneof(fc.integer(), fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER));
const head = { name, when: fc.array(fields<Condition>({ parameter: name, equals: paramValue }), { maxLength: 2 }) };
const scale = fc.constantFrom('linear', 'log');
const parameter: Arbitrary<ParameterSpec> = fc.oneof(
  fields<ParameterSpec>({ ...head, kind: fc.constant('float'), low: finite, high: finite, scale: fc.oneof(scale, fc.constant('reverse')) }, { step: finite, default: finite }),
  fields<ParameterSpec>({ ...head, kind: fc.constant('int'), low: whole, high: whole, scale }, { step: whole, default: whole }),
  fields<ParameterSpec>({ ...head, kind: fc.constantFrom('choice', 'ordinal'), values: fc.array(paramValue, { maxLength: 4 }) }, { default: paramValue }),
  fields<ParameterSpec>({ ...head, kind: fc.constant('bool') }, { default: fc.boolean() }),
);
const objective = fields<Objective>({ metric: name, goal: fc.constantFrom('min', 'max'), at: fc.oneof(fc.constantFrom('last', 'best'), fields({ step: count })) });
const budget = fields<Budget>({}, { trials: count, steps: count, wallMs: count, cost: notNegative, costPerTrial: notNegative });
const rules = fields<StudyRules>(
  { maxFailures: fc.integer({ min: 1, max: 1000 }), retries: small, retryOnFailure: fc.boolean(), leaseMs: fc.integer({ min: 1000, max: 86_400_000 }), keepCheckpoints: fc.integer({ min: 1, max: 100 }) },
  { target: finite },
);
const phase = fields<StudyPhase>({ name, budget, settings: attributes }, { fidelity });
const planRequired = { objectives: fc.array(objective, { maxLength: 2 }) };
const planOptional = {
  space: fields({ parameters: fc.array(parameter, { maxLength: 4 }) }), strategy: plugin, stopper: plugin, steps: positive,
  strictOrder: fc.integer({ min: 1, max: 100 }), phases: fc.array(phase, { minLength: 1, maxLength: 2 }),
};
const plan = fields<StudyPlan>(planRequired, planOptional);
const spec = fields<StudySpec>({ ...planRequired, name, budget, rules, seed: count, labels, attributes }, planOptional);
const studyState = fc.constantFrom('open', 'paused', 'ended');
const endReason = fc.constantFrom('done', 'budget', 'target', 'no improvement', 'failures', 'user');
const study = fields<StudyRecord>(
  {
    studyId: name, spec, revision: small, era: small, state: studyState, endDetail: text, errorCode: text, position: count,
    counts: fields({ waiting: count, running: count, paused: count, completed: count, stopped: count, failed: count, cancelled: count }),
    spent: fields({ trials: count, steps: count, wallMs: count, cost: number }), createdMs: wallMs, updatedMs: wallMs,
  },
  { endReason, bestTrial: count, bestValue: number },
);
const origin = fc.constantFrom('strategy', 'stopper', 'user');
const trialError = fields({ message: text, stack: text });
const trial = fields<TrialRecord>(
  {
    studyId: name, number: count, state: fc.constantFrom('waiting', 'running', 'paused', 'completed', 'stopped', 'failed', 'cancelled'), params,
    revision: small, by: origin, because, attributes, attempt: small, done: count, values, metrics: values, reason: text, lost: small,
    createdMs: wallMs, startedMs: wallMs, endedMs: wallMs, retracted: fc.boolean(),
  },
  { fidelity, from: source, seed: count, member: small, phase: someText, retryOf: count, value: number, at: count, error: trialError, worker, checkpoint: source },
);

const kinds: { readonly [Kind in Exclude<LogEntry['kind'], 'unknown'>]: readonly [required: object, optional?: object] } = {
  study_created: [{ studyId: name, spec }],
  study_updated: [{}, { name, budget, rules, labels, state: studyState, reason: someText }],
  study_revised: [{ revision: small, plan }],
  era_opened: [{ era: small, revision: small, reason: text }, { strategy: fields({ package: text, version: text }), stopper: fields({ package: text, version: text }) }],
  trial_created: [
    { trial: count, by: origin, params, revision: small, seen: count, because },
    { fidelity, from: source, seed: count, member: small, memo: json, phase: someText, retryOf: count, attributes },
  ],
  trial_started: [{ trial: count, attempt: small, done: count, worker, requestId: text, leaseMs: small }],
  trial_reported: [{ trial: count, attempt: small, done: count, values, milestone: count }],
  steps_granted: [{ trial: count, attempt: small, through: count }],
  trial_checkpointed: [{ trial: count, attempt: small, checkpoint: name, done: count, values, size: count }],
  trial_decided: [{ trial: count, action: fc.constantFrom('stop', 'pause', 'replace'), by: origin, reason: text, seen: count }, { replacement: count }],
  trial_yielded: [{ trial: count, attempt: small, to: fc.constantFrom('waiting', 'paused'), why: fc.constantFrom('paused', 'released', 'lost', 'failed'), done: count, reason: text }],
  trial_resumed: [{ trial: count, by: origin, because, seen: count }, { over: fields({ trial, from: count }) }],
  trial_ended: [
    { trial: count, attempt: small, state: fc.constantFrom('completed', 'stopped', 'failed', 'cancelled'), done: count, reason: text, values, metrics: values },
    { value: number, at: count, error: trialError, requestId: someText },
  ],
  trial_retracted: [{ trial: count, reason: text }],
  trial_updated: [{ trial: count, attributes }],
  trial_deleted: [{ trial: count }],
  phase_started: [{ phase: name, index: small }],
  study_closed: [{ reason: endReason, detail: text }],
  study_opened: [{ reason: text }],
  study_ended: [{ reason: endReason, detail: text }, { error: fields({ code: someText, message: text }) }],
};

test.each(Object.keys(kinds) as (keyof typeof kinds)[])('an event of kind %s comes back unchanged from bytes and from a message', (kind) => {
  const [required, optional] = kinds[kind];
  const event = fields<LogEvent>({ position: positive, wallMs, kind: fc.constant(kind), ...required }, optional);
  fc.assert(
    fc.property(event, (original) => {
      deepStrictEqual(decodeLogEvent(encodeLogEvent(original)), original);
      deepStrictEqual(logEventFromMessage(LogEventMessage.decode(LogEventMessage.encode(logEventToMessage(original)).finish())), original);
    }),
    { numRuns: 60 },
  );
});

test('a study comes back unchanged', () => {
  fc.assert(fc.property(study, (original) => deepStrictEqual(studyRecordFromMessage(StudyMessage.decode(StudyMessage.encode(studyRecordToMessage(original)).finish())), original)));
});

test('a trial comes back unchanged', () => {
  fc.assert(fc.property(trial, (original) => deepStrictEqual(trialRecordFromMessage(TrialMessage.decode(TrialMessage.encode(trialRecordToMessage(original)).finish())), original)));
});

test('a spec comes back unchanged, and no seed is drawn for it', () => {
  const seed = (): number => expect.fail('a seed was drawn');
  fc.assert(fc.property(spec, (original) => deepStrictEqual(studySpecFromMessage(StudySpecMessage.decode(StudySpecMessage.encode(studySpecToMessage(original)).finish()), { seed }), original)));
});

test('a request that says only its name gets every default', () => {
  expect(studySpecFromMessage(StudySpecMessage.fromPartial({ name: 'mnist' }), { seed: () => 7 })).toEqual({
    name: 'mnist', objectives: [], budget: {}, rules: defaultRules, seed: 7, labels: {}, attributes: {},
  });
});

test('an event of a later version comes back with the very same bytes, from a message too', () => {
  // Field 99 of any wire type behind position and time, as a later version would write its kind.
  const later = fc.tuple(positive, wallMs, fc.uint8Array({ maxLength: 40 })).map(([position, ms, payload]) => {
    const writer = LogEventMessage.encode({ position: BigInt(position), wallMs: BigInt(ms), kind: undefined });
    return { position, ms, bytes: Uint8Array.from(writer.uint32((99 << 3) | 2).bytes(payload).uint32((100 << 3) | 0).uint32(payload.length).finish()) };
  });
  fc.assert(
    fc.property(later, ({ position, ms, bytes }) => {
      const event = decodeLogEvent(bytes);
      deepStrictEqual(event, { position, wallMs: ms, kind: 'unknown', bytes });
      deepStrictEqual(Uint8Array.from(encodeLogEvent(event)), bytes);
      const message = LogEventMessage.decode(LogEventMessage.encode(logEventToMessage(event)).finish());
      deepStrictEqual(Uint8Array.from(encodeLogEvent(logEventFromMessage(message))), bytes);
    }),
  );
});

test('a decoded event of a later version does not change with the buffer it came from', () => {
  const buffer = Uint8Array.from(LogEventMessage.encode({ position: 1n, wallMs: 2n, kind: undefined }).uint32((99 << 3) | 0).uint32(5).finish());
  const before = Uint8Array.from(buffer);
  const event = decodeLogEvent(buffer);
  buffer.fill(0);
  expect(encodeLogEvent(event)).toEqual(before);
});
