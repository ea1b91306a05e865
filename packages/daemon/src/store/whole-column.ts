/**
 * A column of whole numbers in as few bytes as they allow: steps, which mostly go up by one, and times, which mostly lie
 * apart by nearly the same. With d the differences of neighbours, its forms are:
 *
 * | form | bytes                                                        | when it can be had                 |
 * |------|--------------------------------------------------------------|------------------------------------|
 * | 0    | first, d                                                     | all d are equal                    |
 * | 1    | first, least d, then of each d what it is above that, 1 byte | they differ by less than 2^8       |
 * | 2    | the same with 2 bytes                                        | they differ by less than 2^16      |
 * | 3    | first, then each d                                           | whole numbers, they and d below 2^52 |
 * | 4    | 8 bytes of floating point each                               | always                             |
 *
 * `first` and `d` are varints: seven bits a byte, least first, negative numbers between the positive ones. The column
 * takes the shortest form.
 */
export type ColumnForm = 0 | 1 | 2 | 3 | 4;

/** The place in some bytes where the next column begins. */
export interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

const largestDifference = 2 ** 52;

/** What a column takes, known at every length while it grows. */
export interface ColumnSurvey {
  count: number;
  first: number;
  last: number;
  /** The least and the greatest difference of neighbours. */
  least: number;
  greatest: number;
  /** Bytes as varints; infinite once a number cannot be one. */
  varints: number;
}

/** An empty column. */
export function surveyColumn(): ColumnSurvey {
  return { count: 0, first: 0, last: 0, least: Infinity, greatest: -Infinity, varints: 0 };
}

/** Takes one more value in. */
export function growColumn(column: ColumnSurvey, value: number): void {
  const difference = value - column.last;
  const fits = Number.isSafeInteger(value) && difference > -largestDifference && difference < largestDifference;
  column.varints += fits ? varintBytes(difference) : Infinity;
  if (column.count++ === 0) column.first = value;
  else {
    if (difference < column.least) column.least = difference;
    if (difference > column.greatest) column.greatest = difference;
  }
  column.last = value;
}

/** The shortest form of a column. */
export function columnForm(column: ColumnSurvey): ColumnForm {
  if (column.varints === Infinity) return 4;
  const spread = column.count > 1 ? column.greatest - column.least : Infinity;
  const packed = spread === 0 ? 0 : spread < 2 ** 8 ? 1 : 2;
  const form = spread < 2 ** 16 && bytesOf(column, packed) < column.varints ? packed : 3;
  return bytesOf(column, form) < bytesOf(column, 4) ? form : 4;
}

/** How many bytes a column takes in its shortest form. */
export function columnBytes(column: ColumnSurvey): number {
  return bytesOf(column, columnForm(column));
}

function bytesOf({ count, first, least, varints }: ColumnSurvey, form: ColumnForm): number {
  if (form === 4) return 8 * count;
  return form === 3 ? varints : varintBytes(first) + varintBytes(least) + form * (count - 1);
}

/** Writes the values from index `from` to `to` (not included) as their survey says. */
export function writeColumn(out: Cursor, values: readonly number[], from: number, to: number, column: ColumnSurvey): void {
  const { bytes } = out;
  const { least } = column;
  const form = columnForm(column);
  if (form === 4) {
    for (let i = from; i < to; i++) out.at = bytes.writeDoubleLE(values[i]!, out.at);
    return;
  }
  putVarint(out, values[from]!);
  if (form < 3) putVarint(out, least);
  if (form === 0) return;
  for (let i = from + 1; i < to; i++) {
    const difference = values[i]! - values[i - 1]!;
    if (form === 1) bytes[out.at++] = difference - least;
    else if (form === 2) out.at = bytes.writeUInt16LE(difference - least, out.at);
    else putVarint(out, difference);
  }
}

/** Reads `count` values and adds them to `values`. */
export function readColumn(source: Cursor, count: number, form: ColumnForm, values: number[]): void {
  const { bytes } = source;
  if (form === 4) {
    for (let i = 0; i < count; i++, source.at += 8) values.push(bytes.readDoubleLE(source.at));
    return;
  }
  let value = takeVarint(source);
  values.push(value);
  const least = form < 3 ? takeVarint(source) : 0;
  let { at } = source;
  if (form === 0) for (let i = 1; i < count; i++) values.push((value += least));
  else if (form === 1) for (let i = 1; i < count; i++) values.push((value += least + bytes[at++]!));
  else if (form === 2) for (let i = 1; i < count; i++, at += 2) values.push((value += least + bytes[at]! + 256 * bytes[at + 1]!));
  if (form < 3) source.at = at;
  else for (let i = 1; i < count; i++) values.push((value += takeVarint(source)));
}

/** Bytes of a varint. */
export function varintBytes(value: number): number {
  let folded = fold(value);
  let bytes = 1;
  for (; folded >= 128; folded /= 128) bytes++;
  return bytes;
}

/** Writes a whole number between −2^52 and 2^52. */
export function putVarint(out: Cursor, value: number): void {
  let folded = fold(value);
  for (; folded >= 2 ** 31; folded = Math.floor(folded / 128)) out.bytes[out.at++] = (folded % 128) | 128;
  for (; folded >= 128; folded >>>= 7) out.bytes[out.at++] = (folded & 127) | 128;
  out.bytes[out.at++] = folded;
}

/** Reads what `putVarint` wrote. */
export function takeVarint(source: { readonly bytes: Uint8Array; at: number }): number {
  let folded = 0;
  let byte = 128;
  for (let scale = 1; byte >= 128; scale *= 128) {
    byte = source.bytes[source.at++]!;
    folded += (byte & 127) * scale;
  }
  return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
}

/** Negative numbers between the positive ones: 0, −1, 1, −2, … become 0, 1, 2, 3, … */
function fold(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
