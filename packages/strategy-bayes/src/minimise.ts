import { dot } from './linear-algebra.js';

/** A function of x that writes its gradient there to the second array; Infinity where it has no value. */
export type Differentiable = (x: Float64Array, gradient: Float64Array) => number;

/** Where to look, and for how long. */
export interface MinimiseLimits {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly iterations: number;
  /** Stop when a step gains no more than this part of the value (or of 1, if that is more). */
  readonly tolerance: number;
}

/** The best point found. */
export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
}

const memory = 8;
const sufficientDecrease = 1e-4;
const mostBacktracks = 12;
const gradientTolerance = 1e-5;

interface Step {
  /** How x changed, and how the gradient did. */
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly sy: number;
}

/**
 * A local minimum of `f` in a box by L-BFGS (Nocedal & Wright 2006, algorithm 7.4), coordinates that the gradient pushes
 * out of the box held at its wall, and a backtracking search along the projected path (Bertsekas 1982).
 */
export function minimise(f: Differentiable, start: Float64Array, { lower, upper, iterations, tolerance }: MinimiseLimits): Minimum {
  const size = start.length;
  const inBox = (u: number, i: number): number => Math.max(lower[i]!, Math.min(upper[i]!, u));
  let x: Float64Array = start.map(inBox);
  let gradient: Float64Array = new Float64Array(size);
  let value = f(x, gradient);
  if (value === Infinity) return { x, value };
  const steps: Step[] = [];

  for (let iteration = 0; iteration < iterations; iteration++) {
    const free = gradient.map((g, i) => ((x[i]! <= lower[i]! && g > 0) || (x[i]! >= upper[i]! && g < 0) ? 0 : 1));
    const steepest = gradient.map((g, i) => -g * free[i]!);
    const length = Math.sqrt(dot(steepest, 0, steepest, 0, size));
    if (!(length > gradientTolerance)) break;

    let direction: Float64Array = quasiNewton(steepest, steps).map((p, i) => p * free[i]!);
    if (!(dot(direction, 0, steepest, 0, size) > 0)) {
      steps.length = 0;
      direction = steepest;
    }
    // Without curvature the length of the gradient says nothing about the way to go.
    let t = steps.length === 0 ? Math.min(1, 0.3 / length) : 1;

    let moved: Minimum | undefined;
    const nextGradient = new Float64Array(size);
    for (let backtrack = 0; backtrack < mostBacktracks && !moved; backtrack++) {
      const next = x.map((u, i) => inBox(u + t * direction[i]!, i));
      const nextValue = f(next, nextGradient);
      const slope = next.reduce((sum, u, i) => sum + gradient[i]! * (u - x[i]!), 0);
      if (nextValue <= value + sufficientDecrease * slope) moved = { x: next, value: nextValue };
      else t *= nextValue < Infinity ? Math.max(0.1, Math.min(0.5, -slope / (2 * (nextValue - value - slope)))) : 0.25;
    }
    if (!moved) break;

    const { x: nextX, value: nextValue } = moved;
    const s = nextX.map((u, i) => u - x[i]!);
    const y = nextGradient.map((g, i) => g - gradient[i]!);
    const sy = dot(s, 0, y, 0, size);
    if (sy > 1e-10 * dot(y, 0, y, 0, size)) steps.push({ s, y, sy });
    if (steps.length > memory) steps.shift();
    const gain = value - nextValue;
    x = nextX;
    value = nextValue;
    gradient = nextGradient;
    if (gain <= tolerance * Math.max(1, Math.abs(value))) break;
  }
  return { x, value };
}

/** The inverse Hessian's estimate times `direction`: the two loops of algorithm 7.4. */
function quasiNewton(direction: Float64Array, steps: readonly Step[]): Float64Array {
  const size = direction.length;
  const result = direction.slice();
  const factors = steps.map(() => 0);
  for (let k = steps.length - 1; k >= 0; k--) {
    const { s, y, sy } = steps[k]!;
    const factor = dot(s, 0, result, 0, size) / sy;
    factors[k] = factor;
    for (let i = 0; i < size; i++) result[i] = result[i]! - factor * y[i]!;
  }
  const last = steps.at(-1);
  if (last) {
    const scale = last.sy / dot(last.y, 0, last.y, 0, size);
    for (let i = 0; i < size; i++) result[i] = result[i]! * scale;
  }
  steps.forEach(({ s, y, sy }, k) => {
    const factor = factors[k]! - dot(y, 0, result, 0, size) / sy;
    for (let i = 0; i < size; i++) result[i] = result[i]! + factor * s[i]!;
  });
  return result;
}
