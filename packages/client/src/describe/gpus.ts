import { askProgram } from './ask-program.js';
import type { GpuDescription } from './run-description.js';

/** One GPU as it stands. */
export interface GpuState extends GpuDescription {
  /** Share of the last moments in which it was at work, 0 to 1; absent: it does not say. */
  readonly busy?: number;
  readonly usedBytes?: number;
}

/** The first answer of a driver that was not loaded may take many seconds. */
const timeoutMs = 15_000;
/** So many failures in a row mean that there is no GPU that could be asked about, and none will come. */
const mostFailures = 3;
const mostBytes = 256 * 1024;
const mebibyte = 1024 * 1024;
const fields = 'index,name,memory.total,driver_version,utilization.gpu,memory.used';
let failures = 0;

/** The GPUs of this host, as `nvidia-smi` names them; none where there is no such program. */
export async function readGpus(): Promise<readonly GpuState[]> {
  if (failures === mostFailures) return [];
  const answer = await askProgram('nvidia-smi', [`--query-gpu=${fields}`, '--format=csv,noheader,nounits'], { timeoutMs, mostBytes });
  failures = answer ? 0 : failures + 1;
  return parseGpus(answer?.output.toString() ?? '');
}

/** GPUs that a process sees which has this in `CUDA_VISIBLE_DEVICES`; all where it names them in another way than by number. */
export function visibleGpus<Gpu extends GpuDescription>(gpus: readonly Gpu[], devices: string | undefined): readonly Gpu[] {
  if (devices === undefined || !/^(?:\d+(?:,\d+)*)?$/.test(devices)) return gpus;
  const numbers = new Set(devices.split(',').filter((number) => number !== '').map(Number));
  return gpus.filter(({ index }) => numbers.has(index));
}

/** Reads the lines of `nvidia-smi`, a GPU each; what it cannot say is `[N/A]`. */
export function parseGpus(text: string): readonly GpuState[] {
  return text.split('\n').flatMap((line) => {
    const [index = '', model = '', total = '', driver = '', busy = '', used = ''] = line.split(',').map((cell) => cell.trim());
    if (!/^\d+$/.test(index)) return [];
    return [{
      index: Number(index), model, driver, memoryBytes: isNumber(total) ? Number(total) * mebibyte : 0,
      ...(isNumber(busy) && { busy: Number(busy) / 100 }),
      ...(isNumber(used) && { usedBytes: Number(used) * mebibyte }),
    }];
  });
}

function isNumber(text: string): boolean {
  return /^\d+(?:\.\d+)?$/.test(text);
}
