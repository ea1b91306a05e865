import type { ErrorCode } from '@paramo/core';

/** Every exit code of `paramo` and what it means; the help shows this table. */
export const exitCodes = {
  ok: { code: 0, meaning: 'ok' },
  failed: { code: 1, meaning: 'failed; doctor: something is wrong; replay: it came out differently; sync: some was refused or lost' },
  usage: { code: 2, meaning: 'usage: an argument cannot be used' },
  notFound: { code: 3, meaning: 'not found: study, trial, plugin or home' },
  unreachable: { code: 4, meaning: 'no daemon answers, or one of another version' },
  conflict: { code: 5, meaning: 'conflict: home or port taken, another study; replay: cannot be checked here' },
  allFailed: { code: 6, meaning: 'every trial failed' },
  notAllowed: { code: 7, meaning: 'not allowed: token, permissions, file system' },
  interrupted: { code: 130, meaning: 'interrupted' },
} as const;

type Outcome = keyof typeof exitCodes;

/** What each error code comes to. */
const outcomes: Readonly<Record<ErrorCode, Outcome>> = {
  INVALID_ARGUMENT: 'usage',
  INVALID_SPACE: 'usage',
  INVALID_PARAMS: 'usage',
  INVALID_OBJECTIVE: 'usage',
  INVALID_OPTIONS: 'usage',
  INVALID_METRIC: 'usage',
  UNKNOWN_PLUGIN: 'notFound',
  PLUGIN_NOT_INSTALLED: 'notFound',
  PLUGIN_MISMATCH: 'conflict',
  PLUGIN_FAILED: 'failed',
  PLUGIN_TIMEOUT: 'failed',
  PLUGIN_MEMORY: 'failed',
  STRATEGY_STALLED: 'failed',
  STUDY_NOT_FOUND: 'notFound',
  TRIAL_NOT_FOUND: 'notFound',
  CHECKPOINT_NOT_FOUND: 'notFound',
  STUDY_MISMATCH: 'conflict',
  STUDY_ENDED: 'conflict',
  STUDY_PAUSED: 'conflict',
  TRIAL_RUNNING: 'conflict',
  REVISION_UNKNOWN: 'conflict',
  REVISION_CONFLICT: 'conflict',
  OBJECTIVE_MISSING: 'failed',
  PROGRAM_FAILED: 'failed',
  FENCED: 'conflict',
  TRIAL_ENDED: 'conflict',
  BUDGET_EXHAUSTED: 'conflict',
  NOT_SUPPORTED: 'failed',
  LIMIT_EXCEEDED: 'failed',
  OVERLOADED: 'unreachable',
  UNAUTHENTICATED: 'notAllowed',
  UNAVAILABLE: 'unreachable',
  DAEMON_UNREACHABLE: 'unreachable',
  DAEMON_VERSION: 'unreachable',
  HOME_LOCKED: 'conflict',
  HOME_NOT_WRITABLE: 'notAllowed',
  HOME_ON_NETWORK: 'notAllowed',
  ADDRESS_IN_USE: 'conflict',
  STORE_FORMAT: 'failed',
  STORE_CORRUPT: 'failed',
  STORE_FULL: 'failed',
  DATA_LOSS: 'failed',
  ABORTED: 'interrupted',
  TIMEOUT: 'unreachable',
  INTERNAL: 'failed',
};

/** The exit code of a command that an error of this code ended. */
export function exitCodeOf(code: ErrorCode): number {
  return exitCodes[outcomes[code] ?? 'failed'].code;
}
