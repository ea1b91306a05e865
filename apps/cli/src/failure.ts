import { ParamoError } from '@paramo/core';
import { exitCodeOf } from './exit-code.js';
import { createStyle } from './terminal/style.js';

/** Tells on stderr what ended a command, and answers its exit code. Of what should not happen the trace is shown too. */
export function reportFailure(thrown: unknown): number {
  const error = ParamoError.from(thrown);
  const { red } = createStyle(process.stderr);
  const [, code = '', rest = ''] = /^([A-Z_]+)(:[\s\S]*)$/.exec(error.message) ?? [];
  process.stderr.write(`${code === '' ? error.message : red(code) + rest}\n`);
  const { cause } = error;
  if (error.code === 'INTERNAL' && cause instanceof Error && cause.stack) process.stderr.write(`${cause.stack}\n`);
  return exitCodeOf(error.code);
}
