import { ParamoError } from '@paramo/core';
import { contentBytes } from '../blobs/read-blob.js';

/** A message of an upload: a header, or a piece of content. */
export interface UploadPart {
  readonly part?: { readonly $case: 'header'; readonly value: unknown } | { readonly $case: 'content'; readonly value: Buffer } | undefined;
}

/** The content that follows the header of an upload. @throws ParamoError INVALID_ARGUMENT, LIMIT_EXCEEDED. */
export async function* contentOf(parts: AsyncIterator<UploadPart>): AsyncGenerator<Buffer, void, undefined> {
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    const { part } = next.value;
    if (part?.$case !== 'content') throw new ParamoError({ code: 'INVALID_ARGUMENT', message: part ? 'a second header came' : 'a message holds neither header nor content', hint: 'Send one header, then only content.' });
    if (part.value.length > contentBytes) throw new ParamoError({ code: 'LIMIT_EXCEEDED', message: `a message holds ${part.value.length} bytes of content`, hint: `Send at most ${contentBytes} bytes (256 KiB) in each.` });
    yield part.value;
  }
}
