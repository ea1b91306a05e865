import { ParamoError } from '@paramo/core';
import { pageBytes } from '../limits.js';

const largestPage = 1000;

/** The size of a page as asked: 100 by default, at most 1000. */
export function pageSize(asked: number): number {
  if (asked > largestPage) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `page_size is ${asked}`, hint: `Ask for at most ${largestPage} at once, and use next_page_token.` });
  return asked === 0 ? 100 : asked;
}

/** How many of the items fit in one response: one at least, of any size. */
export function fitting<T>(items: readonly T[], bytesOf: (item: T) => number): number {
  let bytes = 0;
  for (let count = 0; count < items.length; count++) {
    bytes += bytesOf(items[count]!);
    if (bytes > pageBytes) return Math.max(1, count);
  }
  return items.length;
}
