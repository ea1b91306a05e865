import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ParamoError } from '@paramo/core';

/** Hands out GPUs, one to each program at work. */
export interface GpuSlots {
  /** What CUDA_VISIBLE_DEVICES is for the next program, and how to give it back; absent: the program sees what this process sees. */
  take(): { readonly devices: string | undefined; free(): void };
}

const run = promisify(execFile);

/**
 * The GPUs of a choice: `auto` (all that CUDA_VISIBLE_DEVICES or nvidia-smi names), `none`, or a list such as `0,1`. With more programs
 * than GPUs several share one, the least used first.
 * @throws ParamoError INVALID_ARGUMENT when none is found or the list cannot be read.
 */
export async function openGpuSlots(choice: string | undefined): Promise<GpuSlots> {
  const devices = choice === undefined ? undefined : choice === 'none' ? [] : choice === 'auto' ? await findGpus() : parseList(choice);
  if (devices === undefined) return { take: () => ({ devices: undefined, free: () => undefined }) };
  if (devices.length === 0) return { take: () => ({ devices: '', free: () => undefined }) };
  const users = new Map(devices.map((device) => [device, 0]));
  return {
    take() {
      const [device] = [...users].reduce((least, entry) => (entry[1] < least[1] ? entry : least));
      users.set(device, users.get(device)! + 1);
      return { devices: device, free: () => void users.set(device, users.get(device)! - 1) };
    },
  };
}

async function findGpus(): Promise<readonly string[]> {
  const visible = process.env['CUDA_VISIBLE_DEVICES'];
  if (visible !== undefined) return visible.split(',').map((device) => device.trim()).filter((device) => device !== '');
  try {
    const { stdout } = await run('nvidia-smi', ['--query-gpu=index', '--format=csv,noheader'], { timeout: 10_000 });
    return stdout.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  } catch (cause) {
    throw new ParamoError({ code: 'INVALID_ARGUMENT', message: 'no GPU was found: nvidia-smi cannot be run', hint: 'Name them, as in --gpus 0,1, or leave --gpus out.', cause });
  }
}

function parseList(text: string): readonly string[] {
  const devices = text.split(',').map((device) => device.trim());
  if (devices.every((device) => /^[\w-]+$/.test(device))) return devices;
  throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `--gpus ${text} is no list of GPUs`, hint: 'Write --gpus auto, --gpus none or --gpus 0,1.' });
}
