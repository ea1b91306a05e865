/** The median of numbers that come one by one. NaN must not be among them; ±Infinity may. */
export interface RunningMedian {
  readonly count: number;
  /** Adds a number, in O(log count). */
  add(value: number): void;
  /** Of an even count the mean of the middle two; NaN of none. */
  median(): number;
  /** An independent copy. */
  copy(): RunningMedian;
}

/** An empty one, or one that goes on from two heaps: the lower half as a max-heap of negated numbers, the upper as a min-heap. */
export function createRunningMedian(lower: number[] = [], upper: number[] = []): RunningMedian {
  return {
    get count() {
      return lower.length + upper.length;
    },
    add: (value) => {
      // Through the other half, so that the halves stay in order; the lower one holds the odd number.
      if (lower.length > upper.length) push(upper, -replaceTop(lower, -value));
      else push(lower, -replaceTop(upper, value));
    },
    median: () => {
      if (lower.length === 0) return NaN;
      const low = -lower[0]!;
      if (lower.length > upper.length || low === upper[0]) return low;
      const middle = low / 2 + upper[0]! / 2;
      // Half of all values are −Infinity and half +Infinity: nobody is strictly worse than the worse half.
      return Number.isNaN(middle) ? upper[0]! : middle;
    },
    copy: () => createRunningMedian(lower.slice(), upper.slice()),
  };
}

/** Puts `value` into a min-heap and takes the least out of it; what comes out of an empty heap is `value`. */
function replaceTop(heap: number[], value: number): number {
  const least = heap[0];
  if (least === undefined || value <= least) return value;
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= value) break;
    heap[hole] = heap[child]!;
    hole = child;
  }
  heap[hole] = value;
  return least;
}

function push(heap: number[], value: number): void {
  let hole = heap.length;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    if (heap[parent]! <= value) break;
    heap[hole] = heap[parent]!;
    hole = parent;
  }
  heap[hole] = value;
}
