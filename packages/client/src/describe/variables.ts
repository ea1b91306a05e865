import type { Environment } from '../home.js';
import { redactVariable } from './redact.js';

/** How the names of variables begin that change how a training runs. */
const prefixes = ['CUDA_', 'NVIDIA_', 'OMP_', 'MKL_', 'TF_', 'XLA_', 'PYTORCH_', 'TORCH_', 'JAX_', 'NCCL_', 'SLURM_'];
const names = new Set(['NODE_OPTIONS', 'PARAMO_HOME', 'PARAMO_ADDRESS', 'PARAMO_MODE', 'RANK', 'WORLD_SIZE', 'LOCAL_RANK']);
/** Longer values are cut. */
const mostLength = 4096;

/** The variables that change how a training runs, in order of name, without their secrets. */
export function trainingVariables(env: Environment): Readonly<Record<string, string>> {
  const found = Object.keys(env).filter((name) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix)));
  return Object.fromEntries(found.sort().map((name) => [name, redactVariable(name, (env[name] ?? '').slice(0, mostLength))]));
}
