import { StringDecoder } from 'node:string_decoder';
import { longestLine } from './metric-reader.js';

/** Cuts what a program writes into lines. */
export interface LineSplitter {
  /** Takes bytes and hands every line that is complete on. */
  push(bytes: Uint8Array): void;
  /** Hands on what is left. */
  end(): void;
}

/**
 * Lines end with a newline or a carriage return: a progress bar writes over its line again and again, and each time counts as
 * one. Of a line longer than 65 536 characters the rest is dropped.
 */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    const lines = text.split(/\r\n|\n|\r/);
    for (const [i, part] of lines.entries()) {
      if (rest.length < longestLine) rest += part.slice(0, longestLine - rest.length);
      if (i === lines.length - 1) return;
      if (rest !== '') onLine(rest);
      rest = '';
    }
  };
  return {
    push: (bytes) => take(decoder.write(Buffer.from(bytes))),
    end() {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
