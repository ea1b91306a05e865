import { availableParallelism, arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import { sleep } from '@paramo/core';
import type { Clock } from '@paramo/core';
import type { Environment } from '../home.js';
import { readGit } from './git-state.js';
import { readGpus, visibleGpus } from './gpus.js';
import { readPackages } from './packages.js';
import { readTree } from './process-tree.js';
import { redactArguments } from './redact.js';
import type { RunDescription } from './run-description.js';
import { trainingVariables } from './variables.js';

/** A program at work. */
export interface RunningProgram {
  /** Its process. */
  readonly pid: number;
  readonly command: readonly string[];
  readonly directory: string;
  readonly env: Environment;
  readonly runtime?: RunDescription['runtime'];
}

/** A description with the content of what it names. */
export interface DescribedProgram {
  readonly description: RunDescription;
  /** What was changed since the commit. */
  readonly changes?: Buffer;
}

/** The machine that a program runs on, as far as it can be asked. */
export interface Machine {
  /** The program of this very process. */
  readonly self: () => RunningProgram;
  /** Describes a program. Takes up to a few seconds; what cannot be found out is left out. */
  describe(program: RunningProgram): Promise<DescribedProgram>;
  /** Begins to measure what a program uses. */
  measure(program: RunningProgram): Meter;
}

/**
 * What a program uses, by name of a metric: `system/cpu` in cores (1: one is busy all the time) on average since the sample before, so absent in
 * the first; `system/memory` in bytes; both of its process with all that it has started. `system/gpu.N`: share of time in which a GPU
 * of the host that it may see was at work, 0 to 1; `system/gpu.N.memory` in bytes; whoever uses it.
 */
export type MachineSample = Readonly<Record<string, number>>;

/** Measures one program. */
export interface Meter {
  /** Without GPUs it takes a few milliseconds, with them up to some seconds. Empty: the program is gone. */
  sample(options: { readonly gpus: boolean }): Promise<MachineSample>;
}

/** Arguments of a command are cut at so many characters, and there are no more of them than that. */
const mostArgumentLength = 4096;
const mostArguments = 1000;
/** A description waits no longer for the GPUs, in milliseconds. */
const gpuMs = 2000;

/** This machine. */
export function createMachine(clock: Clock): Machine {
  return {
    self: () => ({
      pid: process.pid,
      command: [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
      directory: process.cwd(),
      env: process.env,
      runtime: { name: 'node', version: process.versions.node },
    }),
    async describe({ command, directory, env, runtime }) {
      const [git, packages, gpus] = await Promise.all([readGit(directory, clock), readPackages(directory, runtime?.name === 'node'), Promise.race([readGpus(), sleep(clock, gpuMs).then(() => [])])]);
      const description: RunDescription = {
        format: 1,
        command: redactArguments(command.slice(0, mostArguments).map((argument) => argument.slice(0, mostArgumentLength))),
        directory,
        ...(runtime && { runtime }),
        host: {
          name: hostname(),
          platform: `${platform()} ${release()} ${arch()}`,
          cpu: cpus()[0]?.model.trim() ?? '',
          cores: availableParallelism(),
          memoryBytes: totalmem(),
          gpus: gpus.map(({ index, model, memoryBytes, driver }) => ({ index, model, memoryBytes, driver })),
        },
        ...(git && { git: git.description }),
        packages,
        environment: trainingVariables(env),
      };
      return { description, ...(git?.changes && { changes: git.changes }) };
    },
    measure(program) {
      let before: { readonly cpuSeconds: number; readonly atMs: number } | undefined;
      return {
        async sample({ gpus }) {
          const [use, states] = await Promise.all([readTree(program.pid), gpus ? readGpus() : []]);
          if (!use) return {};
          const atMs = clock.monotonicMs();
          const cores = before && atMs > before.atMs ? Math.max(0, use.cpuSeconds - before.cpuSeconds) / ((atMs - before.atMs) / 1000) : undefined;
          before = { cpuSeconds: use.cpuSeconds, atMs };
          const sample: Record<string, number> = { ...(cores !== undefined && { 'system/cpu': cores }), 'system/memory': use.memoryBytes };
          for (const { index, busy, usedBytes } of visibleGpus(states, program.env['CUDA_VISIBLE_DEVICES'])) {
            if (busy !== undefined) sample[`system/gpu.${index}`] = busy;
            if (usedBytes !== undefined) sample[`system/gpu.${index}.memory`] = usedBytes;
          }
          return sample;
        },
      };
    },
  };
}
