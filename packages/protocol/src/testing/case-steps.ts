import { isParamoError } from '@paramo/core';
import type { ErrorCode, ParamoError } from '@paramo/core';

/** How long a case waits for what must happen. */
const patienceMs = 5000;

/** A message large enough that a few hundred of them fill no buffer unnoticed. */
export const bulkyText: string = 'x'.repeat(32 * 1024);

/** How many bulky messages may lie between producer and consumer: 8 MiB. */
export const mostInFlight: number = 256;

/** An async iterable fed from outside; `onReturn` is called when its consumer leaves. */
export function mailbox<T>(onReturn: () => void = () => undefined): { readonly messages: AsyncIterable<T>; post(message: T): void; end(): void } {
  const results: IteratorResult<T>[] = [];
  let wake: ((result: IteratorResult<T>) => void) | undefined;
  const deliver = (result: IteratorResult<T>): void => {
    if (wake) wake(result);
    else results.push(result);
    wake = undefined;
  };
  const end = (): void => deliver({ done: true, value: undefined });
  const iterator: AsyncIterator<T> = {
    next: async () => results.shift() ?? new Promise((resolve) => (wake = resolve)),
    async return() {
      onReturn();
      end();
      return { done: true, value: undefined };
    },
  };
  return { messages: { [Symbol.asyncIterator]: () => iterator }, post: (value) => deliver({ done: false, value }), end };
}

/** A promise that is resolved from outside. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Resolves after `ms`. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until `count` stands still for a while. */
export async function settled(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); ) {
    before = count();
    await pause(250);
  }
}

/** The promise, or an error when it takes too long. */
export async function eventually<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${patienceMs} ms for ${what}`)), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The ParamoError a promise is rejected with, of `code` if given. Throws when it is not. */
export async function failure(promise: Promise<unknown>, code?: ErrorCode): Promise<ParamoError> {
  const error: unknown = await eventually(
    promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    ),
    'a call to fail',
  );
  if (!isParamoError(error)) throw new Error(error === undefined ? 'the call should have failed' : `the call failed with ${String(error)}, which is no ParamoError`);
  if (code !== undefined) ensure(error.code === code, `the call failed with ${error.message}, but ${code} was expected`);
  return error;
}

/** Throws unless both are equal as JSON. */
export function equal(actual: unknown, expected: unknown): void {
  const show = (value: unknown): string => JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each)) ?? 'undefined';
  ensure(show(actual) === show(expected), `${show(actual)} should be ${show(expected)}`);
}

/** Throws `otherwise` unless `holds`. */
export function ensure(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
