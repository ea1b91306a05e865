import type { Condition, ParameterSpec, ParamValue, SpaceSpec } from '@paramo/core';
import { checkedName, finite, integerFromMessage, integerToMessage, invalidField, required } from './check-field.js';
import { enumMapping } from './enum-mapping.js';
import type { EnumMapping } from './enum-mapping.js';
import { Scale } from './gen/paramo/v1/space.js';
import type { Condition as ConditionMessage, Parameter as ParameterMessage, Space as SpaceMessage } from './gen/paramo/v1/space.js';
import type { ParamValue as ParamValueMessage } from './gen/paramo/v1/value.js';
import { paramValueFromMessage, paramValueToMessage } from './params-mapping.js';
import { optional, record } from './record-fields.js';

type Kind = Exclude<ParameterMessage['kind'], undefined>;
type SpecOf<Name extends ParameterSpec['kind']> = Extract<ParameterSpec, { readonly kind: Name }>;

const maxParameters = 1000;
const scales: EnumMapping<'linear' | 'log' | 'reverse', Scale> = enumMapping({ linear: Scale.SCALE_LINEAR, log: Scale.SCALE_LOG, reverse: Scale.SCALE_REVERSE });

/** A space as a message. */
export function spaceToMessage(space: SpaceSpec): SpaceMessage {
  return { parameters: space.parameters.map((parameter) => ({ name: parameter.name, when: parameter.when.map(conditionToMessage), kind: kindToMessage(parameter) })) };
}

/**
 * A space, in form: whether its ranges and conditions make sense is for core's `createSpace` to say.
 * @throws ParamoError INVALID_ARGUMENT for bad names, numbers out of range, and a parameter without a kind.
 */
export function spaceFromMessage({ parameters }: SpaceMessage, path = 'space'): SpaceSpec {
  if (parameters.length > maxParameters) throw invalidField(path, `holds ${parameters.length} parameters, but may hold ${maxParameters} at most`);
  return { parameters: parameters.map((parameter, i) => parameterFromMessage(parameter, `${path}.parameters[${i}]`)) };
}

function conditionToMessage({ parameter, equals }: Condition): ConditionMessage {
  return { parameter, equals: paramValueToMessage(equals) };
}

function conditionFromMessage({ parameter, equals }: ConditionMessage, path: string): Condition {
  return { parameter: checkedName(parameter, `${path}.parameter`), equals: paramValueFromMessage(required(equals, `${path}.equals`), `${path}.equals`) };
}

function kindToMessage(spec: ParameterSpec): Kind {
  const whole = (value: number): bigint => integerToMessage(value, spec.name);
  switch (spec.kind) {
    case 'float':
      return { $case: 'float', value: { low: spec.low, high: spec.high, scale: scales.toMessage(spec.scale), step: spec.step, defaultValue: spec.default } };
    case 'int':
      return { $case: 'int', value: { low: whole(spec.low), high: whole(spec.high), scale: scales.toMessage(spec.scale), step: optional(spec.step, whole), defaultValue: optional(spec.default, whole) } };
    case 'choice':
    case 'ordinal':
      return { $case: spec.kind, value: { values: spec.values.map((value) => paramValueToMessage(value)), defaultValue: optional(spec.default, paramValueToMessage) } };
    case 'bool':
      return { $case: 'bool', value: { defaultValue: spec.default } };
  }
}

function parameterFromMessage({ name, when, kind }: ParameterMessage, path: string): ParameterSpec {
  const head = { name: checkedName(name, `${path}.name`), when: when.map((condition, i) => conditionFromMessage(condition, `${path}.when[${i}]`)) };
  switch (kind?.$case) {
    case 'float': {
      const { low, high, scale, step, defaultValue } = kind.value;
      const at = `${path}.float`;
      const number = (field: string) => (value: number) => finite(value, `${at}.${field}`);
      return record<SpecOf<'float'>>({
        ...head, kind: 'float', low: number('low')(low), high: number('high')(high), scale: scaleFromMessage(scale, at),
        step: optional(step, number('step')), default: optional(defaultValue, number('default_value')),
      });
    }
    case 'int': {
      const { low, high, step, defaultValue } = kind.value;
      const at = `${path}.int`;
      const number = (field: string) => (value: bigint) => integerFromMessage(value, `${at}.${field}`);
      const scale = scaleFromMessage(kind.value.scale, at);
      if (scale === 'reverse') throw invalidField(`${at}.scale`, 'is reverse, which is for float parameters', 'Give linear or log.');
      return record<SpecOf<'int'>>({
        ...head, kind: 'int', low: number('low')(low), high: number('high')(high), scale,
        step: optional(step, number('step')), default: optional(defaultValue, number('default_value')),
      });
    }
    case 'choice':
    case 'ordinal': {
      const at = `${path}.${kind.$case}`;
      const value = (field: string) => (message: ParamValueMessage): ParamValue => paramValueFromMessage(message, `${at}.${field}`);
      const values = kind.value.values.map((message, i) => value(`values[${i}]`)(message));
      return record<SpecOf<'choice' | 'ordinal'>>({ ...head, kind: kind.$case, values, default: optional(kind.value.defaultValue, value('default_value')) });
    }
    case 'bool':
      return record<SpecOf<'bool'>>({ ...head, kind: 'bool', default: kind.value.defaultValue });
    case undefined:
      throw invalidField(`${path}.kind`, 'is not set', 'Give one of float, int, choice, ordinal, bool.');
  }
}

function scaleFromMessage(scale: Scale, path: string): 'linear' | 'log' | 'reverse' {
  return scale === Scale.SCALE_UNSPECIFIED ? 'linear' : scales.fromMessage(scale, `${path}.scale`);
}
