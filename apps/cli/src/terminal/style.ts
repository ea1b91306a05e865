import type { LiveStream } from './live.js';

/** Ways to set text off. Each one answers its text unchanged where colour is not wanted. */
export type Style = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', (text: string) => string>>;

const codes = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const;

/** The styles for a stream: colours on a terminal, unless `NO_COLOR` is set or the terminal is dumb (no-color.org). */
export function createStyle(stream: Pick<LiveStream, 'isTTY'>, env: Readonly<Record<string, string | undefined>> = process.env): Style {
  const coloured = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const paint = ([on, off]: readonly [number, number]) => (text: string): string => (coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text);
  return Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, paint(code)])) as Style;
}
