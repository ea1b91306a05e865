import type { ConnectOptions } from './connect.js';

/** What a worker process is told. */
export type ToWorker =
  /** First: what to evaluate, and for which study. */
  | { readonly kind: 'start'; readonly target: ConnectOptions; readonly studyId: string; readonly module: string; readonly describe: boolean }
  /** Give the trial back and end. */
  | { readonly kind: 'abort'; readonly reason: string };

/** What a worker process tells. */
export type FromWorker =
  /** A trial ended for good. */
  | { readonly kind: 'trial'; readonly number: number }
  /** The last message: the study has ended, or an error ended the work. */
  | { readonly kind: 'end'; readonly error?: { readonly code: string; readonly message: string; readonly hint: string } };
