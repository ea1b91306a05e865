import type { SeriesOfDoubles } from '@paramo/protocol';

/** Points that go out together. */
export interface PointBlock {
  readonly series: readonly SeriesOfDoubles[];
  readonly points: number;
  /** About what it takes on the wire. */
  readonly bytes: number;
}

/** The points of one attempt that are not yet part of a batch. */
export interface PointBuffer {
  readonly points: number;
  /** About what it takes on the wire. */
  readonly bytes: number;
  /** True when there is nothing to take, nor anything kept aside. */
  readonly isEmpty: boolean;
  /** Points left out so far. */
  readonly dropped: number;
  /** Keeps every `keepEvery`th point of each metric from now on, and the newest one aside; 1, the default, keeps all. */
  keepEvery: number;
  /** Adds a point; a point of the same metric at the step just logged is overwritten. Says whether the buffer grew. */
  add(name: string, step: number, value: number, timeMs: number): boolean;
  /** Adds the newest points that were kept aside. */
  addNewest(): void;
  /** Takes everything out; undefined when there is nothing. */
  take(): PointBlock | undefined;
}

interface Point {
  readonly step: number;
  readonly value: number;
  readonly timeMs: number;
}

interface Growing {
  readonly name: string;
  steps: Float64Array;
  values: Float64Array;
  timesMs: Float64Array;
  length: number;
}

/** Step varint, double and time of a point, at most about so many bytes. */
const bytesPerPoint = 22;
const firstCapacity = 16;

/** An empty buffer. */
export function createPointBuffer(): PointBuffer {
  let series = new Map<string, Growing>();
  let points = 0;
  let bytes = 0;
  let dropped = 0;
  let every = 1;
  /** While points are left out: of each metric how many came since, and the newest if it was one of those. */
  const thinned = new Map<string, { count: number; newest: Point | undefined; keptStep: number }>();

  const push = (name: string, step: number, value: number, timeMs: number): boolean => {
    let columns = series.get(name);
    if (!columns) {
      columns = { name, steps: new Float64Array(firstCapacity), values: new Float64Array(firstCapacity), timesMs: new Float64Array(firstCapacity), length: 0 };
      series.set(name, columns);
      bytes += name.length * 3 + 16;
    }
    const last = columns.length - 1;
    const replaces = last >= 0 && columns.steps[last] === step;
    if (!replaces && columns.length === columns.steps.length) grow(columns);
    const at = replaces ? last : columns.length++;
    columns.steps[at] = step;
    columns.values[at] = value;
    columns.timesMs[at] = timeMs;
    if (replaces) return false;
    points++;
    bytes += bytesPerPoint;
    return true;
  };
  /** Keeps a point, or keeps it aside until a newer one comes. */
  const thin = (name: string, step: number, value: number, timeMs: number): boolean => {
    const metric = thinned.get(name) ?? { count: 0, newest: undefined, keptStep: -1 };
    thinned.set(name, metric);
    // Of one step the last value counts.
    const isCorrection = step === (metric.newest?.step ?? metric.keptStep);
    if (metric.newest && !isCorrection) dropped++;
    if (isCorrection ? !metric.newest : metric.count++ % every === 0) {
      metric.newest = undefined;
      metric.keptStep = step;
      return push(name, step, value, timeMs);
    }
    metric.newest = { step, value, timeMs };
    return false;
  };
  const addNewest = (): void => {
    for (const [name, metric] of thinned) {
      if (!metric.newest) continue;
      push(name, metric.newest.step, metric.newest.value, metric.newest.timeMs);
      metric.keptStep = metric.newest.step;
      metric.newest = undefined;
    }
  };

  return {
    get points() {
      return points;
    },
    get bytes() {
      return bytes;
    },
    get isEmpty() {
      if (points > 0) return false;
      for (const { newest } of thinned.values()) if (newest) return false;
      return true;
    },
    get dropped() {
      return dropped;
    },
    get keepEvery() {
      return every;
    },
    set keepEvery(next) {
      if (next === 1 && every > 1) {
        addNewest();
        thinned.clear();
      }
      every = next;
    },
    add: (name, step, value, timeMs) => (every === 1 ? push(name, step, value, timeMs) : thin(name, step, value, timeMs)),
    addNewest,
    take() {
      if (points === 0) return undefined;
      const block: PointBlock = { series: [...series.values()], points, bytes };
      series = new Map();
      points = 0;
      bytes = 0;
      return block;
    },
  };
}

function grow(columns: Growing): void {
  columns.steps = doubled(columns.steps);
  columns.values = doubled(columns.values);
  columns.timesMs = doubled(columns.timesMs);
}

function doubled(column: Float64Array): Float64Array {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}
