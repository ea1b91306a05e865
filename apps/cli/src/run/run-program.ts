import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeProgram, formatTrialVariable, parseTrialVariable, trialVariable } from '@paramo/client';
import type { AttemptName, Connection, Trial } from '@paramo/client';
import { ParamoError } from '@paramo/core';
import type { Params } from '@paramo/core';
import { listMetrics } from '../operations.js';
import { createCheckpointFolder } from './checkpoint-folder.js';
import { startChild } from './child.js';
import type { ChildEnd } from './child.js';
import { fillCommand } from './command-line.js';
import { createEventFiles } from './event-files.js';
import { createLineSplitter } from './line-splitter.js';
import { createMetricFile } from './metric-file.js';
import { createMetricReader } from './metric-reader.js';
import type { MetricReaderOptions, ReadPoint } from './metric-reader.js';
import { createOutputSender } from './output-sender.js';

/** How a trial is evaluated by a program. */
export interface ProgramOptions extends MetricReaderOptions {
  /** The command, with placeholders. */
  readonly command: readonly string[];
  /** Without one of these the trial fails. */
  readonly required: readonly string[];
  /** A directory where the program writes TensorBoard event files, with placeholders. */
  readonly tensorboard?: string;
  readonly timeoutMs?: number;
  readonly graceMs: number;
  /** Params that every trial has alike, beside its own. */
  readonly fixed: Params;
  /** What it was is kept with its trial once it has run for so long, in milliseconds; absent: not at all. */
  readonly describeAfterMs?: number;
  /** What the program finds beside the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Buffer) => void;
}

/** How often files that a program writes are looked at. */
const pollMs = 200;
/** How long the end of a trial waits for its output to be stored. */
const keepMs = 5000;
/** Lines of output that an error quotes. */
const quotedLines = 12;

/** What came of a program. */
export interface ProgramEnd extends ChildEnd {
  /** TIMEOUT, PROGRAM_FAILED, or OBJECTIVE_MISSING when it wrote no metric that is needed, with its last lines; absent: all is well. */
  readonly failure?: ParamoError;
}

/**
 * Runs the program of a trial to its end and hands its metrics on. When the trial is to end early, so is the program, with all that it started.
 * @throws ParamoError INVALID_ARGUMENT when it cannot be started.
 */
export async function runProgram(connection: Connection, trial: Trial, options: ProgramOptions): Promise<ProgramEnd> {
  const { required, graceMs, onOutput, timeoutMs } = options;
  const params = { ...options.fixed, ...trial.params };
  const name = parseTrialVariable(`${trial.id}/${trial.attempt}`);
  const folder = await mkdtemp(join(tmpdir(), 'paramo-run-'));
  try {
    const seen = new Set<string>();
    const counts = new Map<string, number>();
    const take = ({ metric, step, value }: ReadPoint): void => {
      const at = step ?? counts.get(metric) ?? 0;
      counts.set(metric, at + 1);
      seen.add(metric);
      trial.log({ [metric]: value }, at);
    };
    const lastLines: string[] = [];
    const reader = createMetricReader(options);
    const splitters = { stdout: splitter(), stderr: splitter() };
    function splitter(): ReturnType<typeof createLineSplitter> {
      return createLineSplitter((line) => {
        lastLines.push(line.slice(0, 500));
        if (lastLines.length > quotedLines) lastLines.shift();
        for (const point of reader.read(line)) take(point);
      });
    }
    const metrics = await createMetricFile(join(folder, 'metrics.jsonl'), take);
    const checkpoints = await createCheckpointFolder(join(folder, 'checkpoints'), trial);
    const [logs] = options.tensorboard === undefined ? [] : fillCommand([options.tensorboard], params);
    const events = logs === undefined ? undefined : createEventFiles(logs, take);
    const poll = async (): Promise<void> => {
      await Promise.all([metrics.poll(), events?.poll(), checkpoints.poll()]);
    };
    const output = createOutputSender(connection, { ...name, trial: BigInt(name.trial) });
    // Nothing is saved yet. But now the trial is given back only when its program has had time to save something.
    await trial.checkpoint(() => undefined);

    const command = fillCommand(options.command, params);
    const env = {
      ...process.env, ...options.env, [trialVariable]: formatTrialVariable(name), PARAMO_PARAMS: JSON.stringify(params), PARAMO_METRICS: metrics.path, PARAMO_CHECKPOINT_DIR: checkpoints.path,
      ...(trial.resume && { PARAMO_RESUME_DIR: trial.resume.dir, PARAMO_RESUME_STEP: String(trial.resume.step) }),
    };
    const child = await startChild({
      command,
      env,
      onOutput: (stream, bytes) => {
        onOutput(stream, bytes);
        splitters[stream].push(bytes);
        return output.write(stream, bytes);
      },
      graceMs,
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    if (options.describeAfterMs !== undefined) describeProgram(trial, { pid: child.pid, command, directory: process.cwd(), env }, options.describeAfterMs);
    const timer = setInterval(() => void poll(), pollMs);
    const stop = (): void => child.end();
    if (trial.signal.aborted) stop();
    trial.signal.addEventListener('abort', stop);
    const end = await child.ended.finally(() => {
      clearInterval(timer);
      trial.signal.removeEventListener('abort', stop);
    });
    splitters.stdout.end();
    splitters.stderr.end();
    await poll();
    await Promise.all([metrics.finish(), output.finish(keepMs)]);
    if (trial.stopped && !end.timedOut) return end;

    const failure = failureOf(end, options, await missingMetric(connection, name, required, seen), lastLines);
    return failure ? { ...end, failure } : end;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The first of the required metrics that neither was read nor did the program report by itself. */
async function missingMetric(connection: Connection, { studyId, trial }: AttemptName, required: readonly string[], seen: ReadonlySet<string>): Promise<string | undefined> {
  const unseen = required.filter((metric) => !seen.has(metric));
  if (unseen.length === 0) return undefined;
  // Where the daemon cannot be asked it looks for itself when it hears of the end.
  const stored = await listMetrics(connection, studyId, trial).catch(() => unseen);
  return unseen.find((metric) => !stored.includes(metric));
}

function failureOf(end: ChildEnd, { timeoutMs }: ProgramOptions, missing: string | undefined, lastLines: readonly string[]): ParamoError | undefined {
  const said = lastLines.length === 0 ? 'It wrote nothing.' : `Its last lines:\n${lastLines.map((line) => `  ${line}`).join('\n')}`;
  if (end.timedOut) return new ParamoError({ code: 'TIMEOUT', message: `the program took longer than ${timeoutMs! / 1000} s and was ended`, hint: said });
  if (end.code !== 0) return new ParamoError({ code: 'PROGRAM_FAILED', message: end.signal === undefined ? `the program ended with exit code ${end.code}` : `the program was ended by ${end.signal}`, hint: said });
  if (missing === undefined) return undefined;
  return new ParamoError({
    code: 'OBJECTIVE_MISSING', message: `the program ended well but never wrote ${missing}`,
    hint: `Print a line such as ${missing}=0.12, or append {"${missing}": 0.12} to the file $PARAMO_METRICS, or say how to find it with --pattern. ${said}`,
  });
}
