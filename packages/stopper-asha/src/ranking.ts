import type { TrialId } from '@paramo/core';

/** What a trial got to at a rung. */
export interface Result {
  readonly trial: TrialId;
  /** Less is better; NaN is worse than every number. */
  readonly cost: number;
}

/** Results in order, the best first; equal costs go by the trial's number. */
export interface Ranking {
  readonly size: number;
  /** The first of all. */
  readonly best: Result | undefined;
  /** Puts a result in its place. Must not be in already. */
  add(result: Result): void;
  /** Takes a result out. False if it was not in. */
  remove(result: Result): boolean;
  /** How many results come before this one. */
  placeOf(result: Result): number;
}

/** Long enough to keep the number of blocks small, short enough to be shifted at no cost. */
const longestBlock = 512;

/** An empty one: a list of sorted blocks, so that each call costs a few hundred moves at 100 000 results. */
export function createRanking(): Ranking {
  const blocks: Result[][] = [];
  let size = 0;

  /** The first block whose last result does not come before this one; the count of blocks when all do. */
  function blockOf(result: Result): number {
    return firstIndex(blocks.length, (i) => !before(blocks[i]!.at(-1)!, result));
  }

  return {
    get size() {
      return size;
    },
    get best() {
      return blocks[0]?.[0];
    },
    add: (result) => {
      size++;
      if (blocks.length === 0) return void blocks.push([result]);
      const index = Math.min(blockOf(result), blocks.length - 1);
      const block = blocks[index]!;
      block.splice(indexIn(block, result), 0, result);
      if (block.length > longestBlock) blocks.splice(index + 1, 0, block.splice(longestBlock / 2));
    },
    remove: (result) => {
      const index = blockOf(result);
      const block = blocks[index];
      const place = block ? indexIn(block, result) : 0;
      if (block?.[place]?.trial !== result.trial) return false;
      size--;
      block.splice(place, 1);
      if (block.length === 0) blocks.splice(index, 1);
      return true;
    },
    placeOf: (result) => {
      const index = blockOf(result);
      let place = 0;
      for (let i = 0; i < index; i++) place += blocks[i]!.length;
      return place + (index < blocks.length ? indexIn(blocks[index]!, result) : 0);
    },
  };
}

function indexIn(block: readonly Result[], result: Result): number {
  return firstIndex(block.length, (i) => !before(block[i]!, result));
}

/** The least index below `count` at which `holds` is true, if it stays true from there on; else `count`. */
function firstIndex(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function before(a: Result, b: Result): boolean {
  if (a.cost < b.cost) return true;
  if (a.cost > b.cost) return false;
  const [aIsNaN, bIsNaN] = [Number.isNaN(a.cost), Number.isNaN(b.cost)];
  return aIsNaN === bIsNaN ? a.trial < b.trial : bIsNaN;
}
