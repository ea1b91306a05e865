/** Draws the request ids of this process, in increasing order. */
export type RequestIds = () => string;

/** Digits of the counter: as text and as numbers ids sort alike. */
const width = 10;

/** Ids unique to `process`, which sort in the order they were drawn. */
export function createRequestIds(process: string): RequestIds {
  let count = 0;
  return () => `${process}-${String(++count).padStart(width, '0')}`;
}
