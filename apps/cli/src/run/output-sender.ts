import type { Connection } from '@paramo/client';
import { ParamoError } from '@paramo/core';
import type { ErrorCode } from '@paramo/core';
import { OutputServiceService, OutputStream } from '@paramo/protocol';
import type { AttemptKey, OutputChunk } from '@paramo/protocol';
import { note } from '../output.js';

/** Sends what a program writes to the daemon, where it is kept. */
export interface OutputSender {
  /** Takes what was written. A promise: there is enough for now; it resolves when more may come, at once while the daemon is away. */
  write(stream: 'stdout' | 'stderr', bytes: Buffer): Promise<void> | undefined;
  /** Sends the rest, for so long at most, and says what is not kept. */
  finish(withinMs: number): Promise<void>;
}

/** Bytes that wait to be sent. */
interface Part {
  readonly stream: OutputStream;
  readonly offset: number;
  leftOut: number;
  readonly timeMs: number;
  readonly pieces: Buffer[];
  length: number;
}

/** The longest that bytes wait for company. */
const companyMs = 200;
/** The largest chunk there is; so much is sent at once when it is there. */
const chunkBytes = 65_536;
/** What one message holds. */
const batchBytes = 512 * 1024;
const batchParts = 2000;
/** What is kept while it cannot be sent; from half of it on the program waits, unless the daemon is away. */
const bufferBytes = 1024 * 1024;
/** A daemon that answers later than this is away. */
const tryMs = 3000;
/** How long after a failure the same is sent again. */
const retryMs = 1000;
/** What may be better the next time. */
const passing: readonly ErrorCode[] = ['UNAVAILABLE', 'DAEMON_UNREACHABLE', 'TIMEOUT', 'OVERLOADED', 'STORE_FULL'];

const streams = { stdout: OutputStream.OUTPUT_STREAM_STDOUT, stderr: OutputStream.OUTPUT_STREAM_STDERR } as const;

/** A sender of the output of an attempt that has none yet. */
export function createOutputSender({ link }: Connection, attempt: AttemptKey): OutputSender {
  /** Oldest first; the first `sending` of them are on their way. */
  const parts: Part[] = [];
  let sending = 0;
  let waiting = 0;
  let end = 0;
  /** Given up since the last part that is left. */
  let leftOut = 0;
  let lost = 0;
  let failed: ParamoError | undefined;
  let timer: { readonly atMs: number; readonly handle: NodeJS.Timeout } | undefined;
  /** Told when there is room. */
  const roomy: (() => void)[] = [];
  let work: Promise<void> | undefined;
  let finishing = false;
  let onIdle = (): void => undefined;

  const later = (ms: number): void => {
    const atMs = performance.now() + ms;
    if (timer && timer.atMs <= atMs) return;
    clearTimeout(timer?.handle);
    const handle = setTimeout(() => {
      timer = undefined;
      work ??= send().finally(() => (work = undefined)).then(next);
    }, ms);
    timer = { atMs, handle };
  };
  const hasRoom = (): boolean => waiting < bufferBytes / 2 || failed !== undefined;
  /** What to do after a message: the next one, or a rest. */
  const next = (): void => {
    if (hasRoom()) for (const go of roomy.splice(0)) go();
    if (parts.length === 0) onIdle();
    else if (failed === undefined) later(finishing || waiting >= chunkBytes ? 0 : companyMs);
    else if (passing.includes(failed.code)) later(retryMs);
    else drop(0);
  };

  async function send(): Promise<void> {
    let bytes = 0;
    for (sending = 0; sending < Math.min(parts.length, batchParts) && bytes + parts[sending]!.length <= batchBytes; sending++) bytes += parts[sending]!.length;
    const batch = parts.slice(0, sending);
    try {
      await link.unary(OutputServiceService.appendOutput, { attempt, chunks: batch.map(chunkOf) }, { patienceMs: 0, tryTimeoutMs: tryMs });
      failed = undefined;
      parts.splice(0, sending);
      waiting -= bytes;
    } catch (error) {
      failed = ParamoError.from(error);
    } finally {
      sending = 0;
    }
  }

  /** Gives the oldest up until no more than so many bytes wait. */
  function drop(bytes: number): void {
    while (waiting > bytes && parts.length > sending) {
      const [oldest] = parts.splice(sending, 1);
      waiting -= oldest!.length;
      lost += oldest!.length;
      const heir = parts[sending];
      if (heir) heir.leftOut += oldest!.leftOut + oldest!.length;
      else leftOut += oldest!.leftOut + oldest!.length;
    }
    if (parts.length === 0) onIdle();
  }

  function add(stream: OutputStream, bytes: Buffer): void {
    const last = parts.at(-1);
    if (last && parts.length > sending && last.stream === stream && last.length + bytes.length <= chunkBytes) {
      last.pieces.push(bytes);
      last.length += bytes.length;
    } else {
      parts.push({ stream, offset: end, leftOut, timeMs: Date.now(), pieces: [bytes], length: bytes.length });
      leftOut = 0;
    }
    end += bytes.length;
    waiting += bytes.length;
  }

  return {
    write(stream, bytes) {
      for (let at = 0; at < bytes.length; at += chunkBytes) add(streams[stream], bytes.subarray(at, at + chunkBytes));
      drop(failed && !passing.includes(failed.code) ? 0 : bufferBytes);
      if (!work && parts.length > 0) next();
      return hasRoom() ? undefined : new Promise((resolve) => roomy.push(resolve));
    },
    async finish(withinMs) {
      finishing = true;
      if (parts.length > 0) {
        let giveUp: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          onIdle = resolve;
          giveUp = setTimeout(resolve, withinMs);
          if (failed === undefined && !work) later(0);
        });
        clearTimeout(giveUp);
      }
      clearTimeout(timer?.handle);
      lost += waiting;
      if (lost > 0) note(`${lost} bytes of the output of trial ${attempt.trial} are not kept${failed ? `: ${failed.summary}` : ', since they came faster than they could be stored'}`);
    },
  };
}

function chunkOf({ stream, offset, leftOut, timeMs, pieces }: Part): OutputChunk {
  return { stream, offset: BigInt(offset), leftOut: BigInt(leftOut), timeMs: BigInt(timeMs), content: Buffer.concat(pieces) };
}
