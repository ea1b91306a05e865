import { ParamoError } from '@paramo/core';
import type { Objective, TrialRecord } from '@paramo/core';
import type { PageCursor } from './page-token.js';
import { findField } from './trial-field.js';
import type { FieldNames, FieldReader, FieldValue, ListValue } from './trial-field.js';

/** The order of a listing. */
export interface TrialOrder {
  /** What is ordered by. */
  readonly field: string;
  /** The order is turned round. */
  readonly reverse: boolean;
  /** A trial's place in the order. */
  cursor(trial: TrialRecord): PageCursor;
  /** Below zero when `a` comes first. Places without a value come last, whichever way round, by number. */
  compare(a: PageCursor, b: PageCursor): number;
}

/**
 * Parses `number`, `value` (best first under the objective's goal), or another field as in a filter, ascending; a leading
 * `-` turns it round, ties too. The empty order is `number`.
 * @throws ParamoError INVALID_ARGUMENT that names the near miss.
 */
export function parseOrder(text: string, objectives: readonly Objective[], names?: FieldNames): TrialOrder {
  const trimmed = text.trim();
  // A name may begin with a minus itself.
  const reverse = trimmed.startsWith('-') && !names?.params.includes(trimmed) && !names?.metrics.includes(trimmed);
  const field = (reverse ? trimmed.slice(1) : trimmed) || 'number';
  const reader = field === 'value' ? valueReader(objectives) : findField(field, names);
  if (typeof reader !== 'function') throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `cannot order by "${text}": ${reader.unknown}`, hint: reader.hint });
  const sign = reverse ? -1 : 1;
  return {
    field,
    reverse,
    cursor: (trial) => ({ value: placed(reader(trial)), number: trial.number }),
    compare(a, b) {
      if (a.value === undefined || b.value === undefined) {
        return a.value === b.value ? a.number - b.number : a.value === undefined ? 1 : -1;
      }
      return sign * (compareValues(a.value, b.value) || a.number - b.number);
    },
  };
}

function valueReader(objectives: readonly Objective[]): FieldReader {
  const sign = objectives[0]?.goal === 'max' ? -1 : 1;
  return ({ value }) => (value === undefined || !Number.isFinite(value) ? undefined : sign * value);
}

function placed(value: FieldValue | ListValue): FieldValue {
  return typeof value === 'object' || Number.isNaN(value) ? undefined : value;
}

/** Numbers before text before flags. */
function compareValues(a: Exclude<FieldValue, undefined>, b: Exclude<FieldValue, undefined>): number {
  const kinds = ['number', 'string', 'boolean'];
  if (typeof a !== typeof b) return kinds.indexOf(typeof a) - kinds.indexOf(typeof b);
  return a < b ? -1 : a > b ? 1 : 0;
}
