import { connect } from './connect.js';
import type { Connection } from './connect.js';

let shared: Promise<Connection> | undefined;

/** The connection of this process, opened by the first call that needs one. One that failed is tried again. */
export function defaultConnection(): Promise<Connection> {
  shared ??= connect().catch((error: unknown) => {
    shared = undefined;
    throw error;
  });
  return shared;
}
