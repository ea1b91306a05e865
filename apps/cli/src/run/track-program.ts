import { redactArguments, track } from '@paramo/client';
import type { Connection, Trial } from '@paramo/client';
import type { Params } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { reportFailure } from '../failure.js';
import { note, printJson } from '../output.js';
import { formatNumber } from '../terminal/format.js';
import { openGpuSlots } from './gpu-slots.js';
import { programEnvironment } from './run-plan.js';
import type { RunPlan } from './run-plan.js';
import { runProgram } from './run-program.js';

/** Tracks one run of a program; answers its exit code. */
export async function trackProgram(connection: Connection, { name, program, search, study, notes, resume, gpus, describe = true, json }: RunPlan): Promise<number> {
  const gpu = (await openGpuSlots(gpus)).take();
  let code: number | undefined;
  const evaluate = async (trial: Trial): Promise<void> => {
    const end = await runProgram(connection, trial, {
      ...program,
      ...(describe && { describeAfterMs: 0 }),
      env: programEnvironment(connection, gpu.devices),
      // The program's own words go where they would go without us, unless a document is to stand there.
      onOutput: (stream, bytes) => (stream === 'stdout' && !json ? process.stdout : process.stderr).write(bytes),
    });
    code = end.code;
    if (end.failure) throw end.failure;
  };
  try {
    const trial = await track<Params>(name, {
      ...notes, attributes: { command: [...redactArguments(program.command)] }, describe: false, connection,
      // Its params are known when it goes on; those that are given must be the same.
      ...(resume === undefined ? { params: search.fixed } : { resume, ...(Object.keys(search.fixed).length > 0 && { params: search.fixed }) }),
      ...(study.seed !== undefined && { seed: study.seed }),
    }, evaluate);
    note(`${name} ${trial.number}: ${Object.entries(trial.metrics).map(([metric, value]) => `${metric} ${formatNumber(value)}`).join(', ') || trial.state}`);
    if (json) await printJson(trial);
  } catch (error) {
    // Whoever wraps a program in this wants its exit code back.
    if (!code) throw error;
    reportFailure(error);
  }
  return code ?? exitCodes.ok.code;
}
