import { comeToRest } from './rest.js';

/** Everything that is to happen, in order of virtual time, and of two at the same instant in the order in which they were planned. */
export interface Schedule {
  /** Virtual milliseconds since the run began. */
  readonly nowMs: number;
  /** How many events have happened. */
  readonly events: number;
  /** Plans `action` for `delayMs` from now; the returned function calls it off. */
  after(delayMs: number, action: () => void): () => void;
  /** Lets the next event happen, and all that follows from it without waiting; false when there is none up to `untilMs`. */
  step(untilMs: number): Promise<boolean>;
}

interface Planned {
  readonly atMs: number;
  readonly order: number;
  action: (() => void) | undefined;
}

/** An empty schedule at time 0. */
export function createSchedule(): Schedule {
  const heap: Planned[] = [];
  let nowMs = 0;
  let planned = 0;
  let events = 0;

  const isBefore = (a: Planned, b: Planned): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  const swap = (i: number, j: number): void => void ([heap[i], heap[j]] = [heap[j]!, heap[i]!]);
  function push(entry: Planned): void {
    heap.push(entry);
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!isBefore(heap[i]!, heap[parent]!)) return;
      swap(i, parent);
      i = parent;
    }
  }
  function pop(): void {
    const last = heap.pop()!;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child;
      if (least === i) return;
      swap(i, least);
      i = least;
    }
  }

  return {
    get nowMs() {
      return nowMs;
    },
    get events() {
      return events;
    },
    after(delayMs, action) {
      const entry: Planned = { atMs: nowMs + Math.max(0, delayMs), order: planned++, action };
      push(entry);
      return () => void (entry.action = undefined);
    },
    async step(untilMs) {
      for (;;) {
        const next = heap[0];
        if (!next || next.atMs > untilMs) {
          nowMs = Math.max(nowMs, untilMs);
          return false;
        }
        pop();
        const { action } = next;
        if (!action) continue;
        nowMs = next.atMs;
        events++;
        action();
        await comeToRest();
        return true;
      }
    },
  };
}
