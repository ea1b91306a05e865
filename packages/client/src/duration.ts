import { ParamoError } from '@paramo/core';

/** A time span: milliseconds, or text such as `'90s'`, `'10m'`, `'1h30m'`, `'2d'`. */
export type Duration = number | string;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A time span in whole milliseconds.
 * @throws ParamoError INVALID_OPTIONS naming `option` when it is not one, or not above 0.
 */
export function parseDuration(option: string, duration: Duration): number {
  const ms = typeof duration === 'number' ? duration : parseText(duration);
  if (!Number.isFinite(ms) || ms <= 0 || ms > Number.MAX_SAFE_INTEGER) {
    throw new ParamoError({
      code: 'INVALID_OPTIONS',
      message: `${option} is ${JSON.stringify(duration)}, which is no time span above 0`,
      hint: "Give milliseconds, or text with units ms, s, m, h, d, such as '10m' or '1h30m'.",
    });
  }
  return Math.ceil(ms);
}

function parseText(text: string): number {
  if (!/^(\s*\d+(\.\d+)?\s*(ms|s|m|h|d))+\s*$/.test(text)) return Number.NaN;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g)) ms += Number(amount) * unitMs[unit!]!;
  return ms;
}
