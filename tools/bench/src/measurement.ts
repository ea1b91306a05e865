/** One figure of a system, over the repetitions of one run. */
export interface Measurement {
  /** What was measured, such as `ask + tell, 16 workers`. */
  readonly work: string;
  /** Who did it. */
  readonly system: string;
  readonly unit: string;
  /** One value a repetition. */
  readonly values: readonly number[];
  /** Whether a larger value is better. */
  readonly higherIsBetter: boolean;
  /** What must be known to read it, such as how durable it is. */
  readonly note: string;
}

/** The middle value; of an even number the mean of the two. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The measurements as a Markdown table: median, range, and the ratio to ours for peers. */
export function markdownTable(measurements: readonly Measurement[]): string {
  const rows = measurements.map((one) => {
    const ours = measurements.find((other) => other.work === one.work && other.system === 'paramo');
    const factor = ours && ours !== one ? median(one.values) / median(ours.values) : undefined;
    const ratio = factor === undefined ? '' : `${(one.higherIsBetter ? 1 / factor : factor).toPrecision(2)}× for us`;
    return `| ${one.work} | ${one.system} | ${format(median(one.values))} ${one.unit} | ${format(Math.min(...one.values))} – ${format(Math.max(...one.values))} | ${ratio} | ${one.note} |`;
  });
  return ['| work | system | median | range | ratio | note |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

function format(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}
