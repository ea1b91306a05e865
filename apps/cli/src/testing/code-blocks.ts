import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageDirectory } from '../version.js';

/** A block of code in a page of Markdown. */
export interface CodeBlock {
  /** As the fence names it; empty: not said. */
  readonly language: string;
  readonly code: string;
  /** The line its fence is on, from 1. */
  readonly line: number;
}

/** The blocks of code in a page, named by its path in the repository, in order. */
export function codeBlocks(page: string): CodeBlock[] {
  const text = readFileSync(join(packageDirectory, '..', '..', page), 'utf8');
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => ({ language: match[1]!, code: match[2]!, line: text.slice(0, match.index).split('\n').length }));
}
