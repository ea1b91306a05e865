import { readFileSync } from 'node:fs';

/** What a process did to a folder, in the order in which the calls returned. */
export type DiskOperation =
  | { readonly kind: 'write'; readonly file: number; readonly at: number; readonly content: Buffer; /** Durable when it returns (O_DSYNC). */ readonly synced: boolean }
  | { readonly kind: 'truncate'; readonly file: number; readonly size: number }
  /** A file or folder appears under a path; `file` is the number later operations know it by. */
  | { readonly kind: 'create'; readonly file: number; readonly path: string; readonly folder: boolean }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'link'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  /** Everything done to the file by operation `upTo`, exclusive, is durable. */
  | { readonly kind: 'sync'; readonly file: number; readonly upTo: number };

/** An operation and when its call began, in milliseconds since 1970. */
export type TimedOperation = DiskOperation & { readonly beganMs: number };

/** The calls that can change a folder; what strace is told to write down. */
const tracedCalls = [
  'open', 'openat', 'creat', 'lseek', 'write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'ftruncate', 'truncate', 'fsync', 'fdatasync', 'sync_file_range', 'msync', 'rename', 'renameat', 'renameat2',
  'link', 'linkat', 'symlink', 'symlinkat', 'unlink', 'unlinkat', 'mkdir', 'mkdirat', 'rmdir', 'copy_file_range', 'sendfile', 'fallocate',
] as const;

/** The command that runs another one and writes its calls into a file. */
export function traceInto(path: string): string[] {
  return ['strace', '-f', '--seccomp-bpf', '-qq', '-ttt', '-y', '-xx', '-s', '33554432', '-e', 'signal=none', '-e', `trace=${tracedCalls.join(',')}`, '-o', path];
}

interface Call {
  readonly name: string;
  readonly args: string;
  readonly result: string;
  readonly beganMs: number;
  /** Operations that had returned when it began. */
  readonly before: number;
}

/**
 * Reads what strace wrote of processes that ran one after another, as far as it concerns files under `root`, which was
 * empty. Paths are relative to it. A write in flight when its process was killed counts as done, other calls do not.
 * @throws Error for a call that changes a file in a way that is not understood.
 */
export function readWriteLog(paths: readonly string[], root: string): TimedOperation[] {
  const operations: TimedOperation[] = [];
  const read = createReader(root);
  for (const path of paths) for (const call of readCalls(path, () => operations.length)) for (const operation of read(call)) operations.push({ ...operation, beganMs: call.beganMs });
  return operations;
}

function* readCalls(path: string, count: () => number): Generator<Call> {
  const unfinished = new Map<string, { readonly text: string; readonly beganMs: number; readonly before: number }>();
  for (const line of readFileSync(path, 'latin1').split('\n')) {
    const parts = /^(\d+) +(\d+\.\d+) (.*)$/.exec(line);
    if (!parts) continue;
    const [, pid, time, text] = parts as unknown as [string, string, string, string];
    const begun = { beganMs: Number(time) * 1000, before: count() };
    if (text.endsWith('<unfinished ...>')) {
      unfinished.set(pid, { text: text.slice(0, -'<unfinished ...>'.length).trimEnd(), ...begun });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text);
    const first = resumed && unfinished.get(pid);
    const whole = /^(\w+)\((.*)\) += (.*)$/.exec(first ? first.text + resumed[1]! : text);
    if (!whole) continue;
    if (first) unfinished.delete(pid);
    yield { name: whole[1]!, args: whole[2]!, result: whole[3]!, ...(first ? { beganMs: first.beganMs, before: first.before } : begun) };
  }
  for (const { text, beganMs, before } of unfinished.values()) {
    const write = /^(p?writev?(?:64)?)\((.*?)\)?$/.exec(text);
    if (write) yield { name: write[1]!, args: write[2]!, result: String(Number.MAX_SAFE_INTEGER), beganMs, before };
  }
}

function createReader(root: string): (call: Call) => DiskOperation[] {
  /** The path and number of every file that is there, and of open ones. */
  const names = new Map<string, number>([['', 0]]);
  const open = new Map<string, { readonly file: number; readonly synced: boolean; at: number }>();
  let files = 1;
  const within = (path: string): string | undefined => (path === root ? '' : path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined);
  const create = (path: string, folder: boolean): DiskOperation => {
    names.set(path, files);
    return { kind: 'create', file: files++, path, folder };
  };

  function opened({ args, result }: Call): DiskOperation[] {
    const [path] = stringsOf(args);
    const fd = Number.parseInt(result, 10);
    const own = path === undefined ? undefined : within(path);
    open.delete(String(fd));
    if (own === undefined) return [];
    const done: DiskOperation[] = [];
    const known = names.get(own);
    if (known === undefined && args.includes('O_CREAT')) done.push(create(own, false));
    else if (known !== undefined && args.includes('O_TRUNC')) done.push({ kind: 'truncate', file: known, size: 0 });
    if (args.includes('O_APPEND')) throw new Error(`${path} is appended to, which is not understood`);
    const file = names.get(own);
    if (file !== undefined) open.set(String(fd), { file, synced: /O_D?SYNC/.test(args), at: 0 });
    return done;
  }

  function moved(name: string, args: string): DiskOperation[] {
    const [from, to] = stringsOf(args).map(within);
    if (from === undefined) return [];
    if (name.startsWith('mkdir')) return [create(from, true)];
    // Sockets are bound, not created: nothing is known of them.
    const file = names.get(from);
    if (file === undefined) return [];
    if (name.startsWith('unlink') || name === 'rmdir') return names.delete(from) ? [{ kind: 'remove', path: from }] : [];
    if (to === undefined) throw new Error(`${from} leaves the folder, which is not understood`);
    if (name.startsWith('rename')) {
      for (const [path, number] of [...names].filter(([one]) => one === from || one.startsWith(`${from}/`))) {
        names.delete(path);
        names.set(to + path.slice(from.length), number);
      }
      return [{ kind: 'rename', from, to }];
    }
    names.set(to, file);
    return [{ kind: 'link', from, to }];
  }

  /** The open file that a call names first; undefined: it is none of the folder's. */
  function fileOf(args: string): { readonly file: number; readonly synced: boolean; at: number } | undefined {
    const named = /^(\d+)<([^>]*)>/.exec(args);
    if (!named) return undefined;
    const path = within(unescape(named[2]!));
    if (path === undefined) return undefined;
    const known = open.get(named[1]!);
    const file = names.get(path);
    // A child process has descriptors of its own.
    return file === undefined || known?.file === file ? known : { file, synced: false, at: 0 };
  }

  return function read(call) {
    const { name, args, result, before } = call;
    if (!/^\d/.test(result)) return [];
    if (name === 'open' || name === 'openat' || name === 'creat') return opened(call);
    if (/^(mkdir|unlink|rmdir|rename|link)/.test(name)) return moved(name, args);
    const target = fileOf(args);
    if (!target) return [];
    const { file, synced } = target;
    switch (name) {
      case 'pwrite64': case 'pwritev': {
        const content = Buffer.concat(contentsOf(args)).subarray(0, Number.parseInt(result, 10));
        return [{ kind: 'write', file, at: lastNumber(args), content, synced }];
      }
      case 'write': case 'writev': {
        const content = Buffer.concat(contentsOf(args)).subarray(0, Number.parseInt(result, 10));
        target.at += content.length;
        return [{ kind: 'write', file, at: target.at - content.length, content, synced }];
      }
      case 'lseek':
        target.at = Number(result);
        return [];
      case 'ftruncate':
        return [{ kind: 'truncate', file, size: lastNumber(args) }];
      case 'fsync': case 'fdatasync':
        return [{ kind: 'sync', file, upTo: before }];
      default:
        throw new Error(`${name}(${args.slice(0, 200)}) is not understood`);
    }
  };
}

/** The strings among the arguments that are paths; file names behind descriptors (`3<…>`) are not. */
function stringsOf(args: string): string[] {
  return [...args.matchAll(/"([^"]*)"/g)].map(([, text]) => unescape(text!));
}

function lastNumber(args: string): number {
  return Number(/, (\d+)$/.exec(args)?.[1]);
}

function contentsOf(args: string): Buffer[] {
  if (args.includes('"...')) throw new Error('a write was cut off in the log');
  return [...args.matchAll(/"([^"]*)"/g)].map(([, text]) => Buffer.from(text!.replaceAll('\\x', ''), 'hex'));
}

function unescape(text: string): string {
  return Buffer.from(text.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1').toString('utf8');
}
