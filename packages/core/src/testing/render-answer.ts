/**
 * The value as text in which any two different values differ: keys sorted, and NaN, ±Infinity, −0 and undefined told
 * apart, which JSON does not.
 */
export function renderAnswer(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return value === undefined ? 'undefined' : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(renderAnswer).join(', ')}]`;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{ ${entries.map(([key, entry]) => `${key}: ${renderAnswer(entry)}`).join(', ')} }`;
}
