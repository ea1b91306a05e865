import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '@paramo/core';
import type { DiskOperation } from './write-log.js';

/** A folder on a disk that forgets what was not synced. */
export interface DiskModel {
  /** Does the next operation. */
  apply(operation: DiskOperation): void;
  /**
   * Writes the folder as it may be found after a power cut: what was synced, and of the rest every sector of a write and
   * every change of a folder with the chance `keep`. `inFlight` is an operation that had begun. With `keep` 1 it is
   * what a running system shows.
   */
  materialize(into: string, keep: number, random: Random, inFlight?: DiskOperation): void;
}

type FileChange = Extract<DiskOperation, { readonly kind: 'write' | 'truncate' }>;

interface FileNode {
  readonly folder: false;
  content: Buffer;
  size: number;
  pending: { readonly order: number; readonly change: FileChange }[];
}

interface FolderNode {
  readonly folder: true;
  readonly entries: Map<string, Node>;
  /** What is there now. */
  readonly now: Map<string, Node>;
}

type Node = FileNode | FolderNode;

/** A change of one folder, or of two at once: a rename is seen as a whole or not at all. */
interface EntryChange {
  readonly order: number;
  readonly entries: readonly { readonly folder: FolderNode; readonly name: string; readonly node: Node | undefined }[];
}

const sectorBytes = 512;

/** An empty folder. Its own name is durable; those of folders made in it are not until it is synced. */
export function createDiskModel(): DiskModel {
  const root = emptyFolder();
  const nodes: Node[] = [root];
  let unsynced: EntryChange[] = [];
  let order = 0;

  function find(path: string): Node {
    let node: Node | undefined = root;
    for (const name of path.split('/').filter(Boolean)) node = node?.folder ? node.now.get(name) : undefined;
    if (!node) throw new Error(`the log speaks of ${path}, which is not there`);
    return node;
  }
  function place(path: string): { readonly folder: FolderNode; readonly name: string } {
    const folder = find(dirname(path) === '.' ? '' : dirname(path)) as FolderNode;
    return { folder, name: path.slice(path.lastIndexOf('/') + 1) };
  }
  function change(...entries: EntryChange['entries']): void {
    for (const { folder, name, node } of entries) {
      if (node) folder.now.set(name, node);
      else folder.now.delete(name);
    }
    unsynced.push({ order, entries });
  }
  function sync(node: Node, upTo: number): void {
    if (!node.folder) {
      for (const { change: done } of node.pending.filter(({ order: at }) => at < upTo)) applyTo(node, done);
      node.pending = node.pending.filter(({ order: at }) => at >= upTo);
      return;
    }
    const durable = unsynced.filter(({ order: at, entries }) => at < upTo && entries.some(({ folder }) => folder === node));
    for (const { entries } of durable) for (const { folder, name, node: entry } of entries) put(folder.entries, name, entry);
    unsynced = unsynced.filter((one) => !durable.includes(one));
  }

  return {
    apply(operation) {
      switch (operation.kind) {
        case 'create': {
          const node = operation.folder ? emptyFolder() : emptyFile();
          nodes[operation.file] = node;
          change({ ...place(operation.path), node });
          break;
        }
        case 'link':
          change({ ...place(operation.to), node: find(operation.from) });
          break;
        case 'rename':
          change({ ...place(operation.from), node: undefined }, { ...place(operation.to), node: find(operation.from) });
          break;
        case 'remove':
          change({ ...place(operation.path), node: undefined });
          break;
        case 'sync':
          sync(nodes[operation.file]!, operation.upTo);
          break;
        default: {
          const node = nodes[operation.file] as FileNode;
          if (operation.kind === 'write' && operation.synced) {
            // This write alone is durable; whatever else was written stays as it is.
            applyTo(node, operation);
            node.pending = node.pending.map((one) => ({ ...one, change: without(one.change, operation) }));
          } else node.pending.push({ order, change: operation });
        }
      }
      order++;
    },
    materialize(into, keep, random, inFlight) {
      const kept = new Set(unsynced.filter(() => random.next() < keep));
      const write = (node: Node, path: string): void => {
        if (!node.folder) {
          const copy = { ...node, content: Buffer.from(node.content) };
          const late = inFlight && 'file' in inFlight && nodes[inFlight.file] === node && (inFlight.kind === 'write' || inFlight.kind === 'truncate') ? [inFlight] : [];
          for (const done of [...node.pending.map((one) => one.change), ...late]) applyTo(copy, done, () => random.next() < keep);
          writeFileSync(path, copy.content.subarray(0, copy.size));
          return;
        }
        mkdirSync(path, { recursive: true });
        const entries = new Map(node.entries);
        for (const { entries: changed } of unsynced.filter((one) => kept.has(one))) for (const { folder, name, node: entry } of changed) if (folder === node) put(entries, name, entry);
        for (const [name, entry] of entries) write(entry, join(path, name));
      };
      write(root, into);
    },
  };
}

function emptyFile(): FileNode {
  return { folder: false, content: Buffer.alloc(0), size: 0, pending: [] };
}

function emptyFolder(): FolderNode {
  return { folder: true, entries: new Map(), now: new Map() };
}

function put(entries: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node) entries.set(name, node);
  else entries.delete(name);
}

/** Applies a change, sector by sector where some are lost. */
function applyTo(file: { content: Buffer; size: number }, done: FileChange, keeps: () => boolean = () => true): void {
  if (done.kind === 'truncate') {
    if (!keeps()) return;
    grow(file, done.size);
    if (done.size < file.size) file.content.fill(0, done.size, file.size);
    file.size = done.size;
    return;
  }
  for (let at = 0; at < done.content.length; ) {
    const end = Math.min(done.content.length, at + sectorBytes - ((done.at + at) % sectorBytes));
    if (keeps()) {
      grow(file, done.at + end);
      done.content.copy(file.content, done.at + at, at, end);
      file.size = Math.max(file.size, done.at + end);
    }
    at = end;
  }
}

/** An earlier write, less what a later one has put in its place. */
function without(earlier: FileChange, later: Extract<FileChange, { readonly kind: 'write' }>): FileChange {
  if (earlier.kind === 'truncate') return earlier;
  const from = Math.max(earlier.at, later.at);
  const to = Math.min(earlier.at + earlier.content.length, later.at + later.content.length);
  if (from >= to) return earlier;
  const content = Buffer.from(earlier.content);
  later.content.copy(content, from - earlier.at, from - later.at, to - later.at);
  return { ...earlier, content };
}

function grow(file: { content: Buffer }, size: number): void {
  if (file.content.length >= size) return;
  const larger = Buffer.alloc(Math.max(size, file.content.length * 2, 4096));
  file.content.copy(larger);
  file.content = larger;
}
