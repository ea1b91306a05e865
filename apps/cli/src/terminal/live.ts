import { truncate } from './text.js';

/** What a live view needs of the stream it writes to; `process.stdout` and `process.stderr` have it. */
export interface LiveStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** A block of lines that is drawn again and again in the same place. */
export interface Live {
  /** Shows `text` in place of what was shown before, some moments later when it comes too often. */
  update(text: string): void;
  /** Shows the newest text for good and lets go of the terminal. */
  done(): void;
}

const throttleMs = 80;
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

/** A live view on a terminal. On anything else it prints nothing until `done`, and then nothing either: the caller writes plain lines there. */
export function createLive(stream: LiveStream): Live {
  if (!stream.isTTY) return { update: () => undefined, done: () => undefined };
  let shownLines = 0;
  let newest: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let started = false;
  const onExit = (): void => void stream.write(showCursor);

  const draw = (): void => {
    if (newest === undefined) return;
    // Some terminals do not tell their size, or say 0.
    const columns = stream.columns || 80;
    const rows = stream.rows || 24;
    // A line that wraps, or a block taller than the screen, could not be taken back.
    const lines = newest.split('\n').slice(0, Math.max(1, rows - 1)).map((line) => truncate(line, columns - 1));
    const up = shownLines > 0 ? `\u001b[${shownLines}A` : '';
    stream.write(`${started ? '' : hideCursor}${up}\r\u001b[J${lines.join('\n')}\n`);
    if (!started) process.once('exit', onExit);
    started = true;
    shownLines = lines.length;
    newest = undefined;
  };

  return {
    update(text) {
      newest = text;
      if (timer) return;
      draw();
      timer = setTimeout(() => {
        timer = undefined;
        draw();
      }, throttleMs);
      timer.unref();
    },
    done() {
      clearTimeout(timer);
      draw();
      if (started) stream.write(showCursor);
      process.off('exit', onExit);
      started = false;
      shownLines = 0;
    },
  };
}
