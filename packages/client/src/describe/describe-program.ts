import type { Trial } from '../trial.js';
import type { RunningProgram } from './machine.js';

/** Begins to describe a trial that is held, once `afterMs` have passed; without a program, as evaluated by this process. */
type Describe = (afterMs: number, program?: RunningProgram) => void;

const held = new WeakMap<object, Describe>();

/** Lets a trial be described by those who hold nothing of it but itself. */
export function describable(trial: object, describe: Describe): void {
  held.set(trial, describe);
}

/**
 * Keeps with a trial what the program was that evaluates it, and what that uses while it runs, once that has run for `afterMs`. For runners:
 * their `track` and `tune` are given `describe: false`. Does nothing where descriptions are switched off.
 */
export function describeProgram(trial: Trial, program: RunningProgram, afterMs = 0): void {
  held.get(trial)?.(afterMs, program);
}
