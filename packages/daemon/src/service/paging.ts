import { ParamoError } from '@paramo/core';

const largestPage = 1000;

/** The size of a page as asked: 100 by default, at most 1000. */
export function pageSize(asked: number): number {
  if (asked > largestPage) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `page_size is ${asked}`, hint: `Ask for at most ${largestPage} at once, and use next_page_token.` });
  return asked === 0 ? 100 : asked;
}
