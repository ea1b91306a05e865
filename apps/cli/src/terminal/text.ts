const escapeSequence = /\u001b\[[0-9;]*m/g;
const pieces = /\u001b\[[0-9;]*m|[^\u001b]+|\u001b/g;
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** How many columns `text` takes on a terminal: colours take none, East Asian wide characters and emoji two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text.replace(escapeSequence, ''))) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** `text` with control characters made visible, so that a name from elsewhere cannot move the cursor or start a line. */
export function printable(text: string): string {
  return text.replace(control, (found) => shortEscapes.get(found) ?? `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** `text` cut to `width` columns, with an ellipsis where something was cut. Colours are kept, and so is their end. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let cut = '';
  let left = width - 1;
  for (const [piece] of text.matchAll(pieces)) {
    if (piece.startsWith('\u001b')) cut += piece;
    else if (left >= 0) {
      for (const { segment } of new Intl.Segmenter().segment(piece)) {
        left -= displayWidth(segment);
        if (left >= 0) cut += segment;
        else {
          if (width > 0) cut += '…';
          break;
        }
      }
    }
  }
  return cut;
}

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);
