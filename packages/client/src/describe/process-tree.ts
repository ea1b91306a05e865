import { readdir, readFile } from 'node:fs/promises';

/** What a process and all that it has started have used. */
export interface TreeUse {
  /** Processor time so far, in seconds, that of processes which have ended included. */
  readonly cpuSeconds: number;
  /** Memory that is resident now. What processes share is counted for each of them. */
  readonly memoryBytes: number;
}

/** Linux has told user space this number ever since. */
const ticksPerSecond = 100;

/** What a process tree has used; undefined when it is gone. On other systems than Linux only this process can be asked, without its children. */
export async function readTree(pid: number): Promise<TreeUse | undefined> {
  if (process.platform === 'linux') return readLinux(pid);
  if (pid !== process.pid) return undefined;
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, memoryBytes: process.memoryUsage.rss() };
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

async function readLinux(root: number): Promise<TreeUse | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const children = new Map<number, Stat[]>();
  let tree: Stat[] = [];
  for (const stat of await Promise.all(pids.map(readStat))) {
    if (!stat) continue;
    if (stat.pid === root) tree = [stat];
    const siblings = children.get(stat.parent);
    if (siblings) siblings.push(stat);
    else children.set(stat.parent, [stat]);
  }
  if (tree.length === 0) return undefined;
  // Grows while it is gone through.
  for (const { pid } of tree) tree.push(...(children.get(pid) ?? []));
  const memory = await Promise.all(tree.map(({ pid }) => readMemory(pid)));
  return { cpuSeconds: tree.reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond, memoryBytes: memory.reduce((sum, bytes) => sum + bytes, 0) };
}

/** proc_pid_stat(5): `pid (name) state ppid …`, where the name may hold anything; fields 14 to 17 are the time of the process and of its children that have ended. */
async function readStat(pid: number): Promise<Stat | undefined> {
  const text = await readText(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 15) return undefined;
  return { pid, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]) };
}

async function readMemory(pid: number): Promise<number> {
  const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(await readText(`/proc/${pid}/status`))?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** Processes end while they are looked at. */
function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
