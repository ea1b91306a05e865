import { ParamoError, type Clock } from '@paramo/core';
import { contentBytes } from '../blobs/read-blob.js';

/** A message of an upload: a header, or a piece of content. */
export interface UploadPart {
  readonly part?: { readonly $case: 'header'; readonly value: unknown } | { readonly $case: 'content'; readonly value: Buffer } | undefined;
}

/** Whoever sends nothing for so long has died or hangs, though the connection stands. */
const silenceMs = 60_000;

/** The content that follows the header of an upload. @throws ParamoError INVALID_ARGUMENT, LIMIT_EXCEEDED; TIMEOUT when no message comes for a minute. */
export async function* contentOf(parts: AsyncIterator<UploadPart>, clock: Clock): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const next = await unlessSilent(parts.next(), clock);
    if (next.done) return;
    const { part } = next.value;
    if (part?.$case !== 'content') throw new ParamoError({ code: 'INVALID_ARGUMENT', message: part ? 'a second header came' : 'a message holds neither header nor content', hint: 'Send one header, then only content.' });
    if (part.value.length > contentBytes) throw new ParamoError({ code: 'LIMIT_EXCEEDED', message: `a message holds ${part.value.length} bytes of content`, hint: `Send at most ${contentBytes} bytes (256 KiB) in each.` });
    yield part.value;
  }
}

function unlessSilent<T>(message: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(silenceMs, () => reject(new ParamoError({ code: 'TIMEOUT', message: `nothing of an upload came for ${silenceMs / 1000} s, nor its end`, hint: 'Nothing was stored. Send it again, and end the stream after the last content.' })));
    message.finally(cancel).then(resolve, reject);
  });
}
