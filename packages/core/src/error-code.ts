/** What a caller should do about an error: change something, try the same again, or neither. */
export type ErrorAdvice = 'fix' | 'retry' | 'give up';

/** What the table says of one error code. */
export interface ErrorCodeEntry {
  /** Name of the gRPC status it travels as. */
  readonly status: string;
  readonly advice: ErrorAdvice;
  /** One sentence. */
  readonly meaning: string;
}

/** Every error code there is: its gRPC status, what the caller should do, and what it means. */
export const errorCodes = {
  INVALID_ARGUMENT: { status: 'INVALID_ARGUMENT', advice: 'fix', meaning: 'A call was given something it cannot use.' },
  INVALID_SPACE: { status: 'INVALID_ARGUMENT', advice: 'fix', meaning: 'A space or one of its parameters is not well formed.' },
  INVALID_PARAMS: { status: 'INVALID_ARGUMENT', advice: 'fix', meaning: 'Params do not lie in the space.' },
  INVALID_OBJECTIVE: { status: 'INVALID_ARGUMENT', advice: 'fix', meaning: 'An objective is not well formed.' },
  INVALID_OPTIONS: { status: 'INVALID_ARGUMENT', advice: 'fix', meaning: 'An option of a plugin, study or command is unknown or out of range.' },
  INVALID_METRIC: { status: 'INVALID_ARGUMENT', advice: 'fix', meaning: 'A metric has a bad name, value or step.' },
  UNKNOWN_PLUGIN: { status: 'NOT_FOUND', advice: 'fix', meaning: 'No strategy or stopper has this name.' },
  PLUGIN_NOT_INSTALLED: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'The plugin exists but its package is not installed.' },
  PLUGIN_MISMATCH: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'The plugin lacks a capability the study needs, or its contract version is another.' },
  PLUGIN_FAILED: { status: 'INTERNAL', advice: 'fix', meaning: 'A plugin threw or answered nonsense.' },
  PLUGIN_TIMEOUT: { status: 'INTERNAL', advice: 'fix', meaning: 'A plugin did not answer in time.' },
  PLUGIN_MEMORY: { status: 'RESOURCE_EXHAUSTED', advice: 'fix', meaning: 'A plugin used more memory than it may.' },
  STRATEGY_STALLED: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'The strategy is not done, yet proposes nothing while nothing runs.' },
  STUDY_NOT_FOUND: { status: 'NOT_FOUND', advice: 'fix', meaning: 'No study has this name or id.' },
  TRIAL_NOT_FOUND: { status: 'NOT_FOUND', advice: 'fix', meaning: 'The study has no trial of this number.' },
  CHECKPOINT_NOT_FOUND: { status: 'NOT_FOUND', advice: 'fix', meaning: 'The trial has no such checkpoint, or it is not kept any more.' },
  STUDY_MISMATCH: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'A study of this name exists and is another one.' },
  STUDY_ENDED: { status: 'FAILED_PRECONDITION', advice: 'give up', meaning: 'The study has ended and starts no trials.' },
  STUDY_PAUSED: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'The study is paused and starts no trials until it is resumed.' },
  REVISION_UNKNOWN: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'The worker does not know the revision of the space that the study has now.' },
  REVISION_CONFLICT: { status: 'ABORTED', advice: 'retry', meaning: 'Someone else revised the study in the meantime.' },
  OBJECTIVE_MISSING: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'A trial was completed without a value of its objective.' },
  PROGRAM_FAILED: { status: 'ABORTED', advice: 'fix', meaning: 'The program that was run for a trial failed.' },
  FENCED: { status: 'ABORTED', advice: 'give up', meaning: 'The attempt was replaced by a later one and may no longer write.' },
  TRIAL_ENDED: { status: 'FAILED_PRECONDITION', advice: 'give up', meaning: 'The trial is over; the first terminal message won.' },
  TRIAL_RUNNING: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'The trial runs already, in another process.' },
  BUDGET_EXHAUSTED: { status: 'RESOURCE_EXHAUSTED', advice: 'fix', meaning: 'The budget of the study is used up.' },
  NOT_SUPPORTED: { status: 'UNIMPLEMENTED', advice: 'give up', meaning: 'A later version will do this; this one does not.' },
  LIMIT_EXCEEDED: { status: 'RESOURCE_EXHAUSTED', advice: 'fix', meaning: 'A size, count or rate is above its limit.' },
  OVERLOADED: { status: 'RESOURCE_EXHAUSTED', advice: 'retry', meaning: 'The daemon has too much to do at the moment.' },
  UNAUTHENTICATED: { status: 'UNAUTHENTICATED', advice: 'fix', meaning: 'The token is missing or wrong.' },
  UNAVAILABLE: { status: 'UNAVAILABLE', advice: 'retry', meaning: 'The daemon cannot serve right now.' },
  DAEMON_UNREACHABLE: { status: 'UNAVAILABLE', advice: 'retry', meaning: 'No daemon answers at the address, and none could be started.' },
  DAEMON_VERSION: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'The daemon and the client are of versions that do not fit.' },
  HOME_LOCKED: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'Another daemon owns this home.' },
  HOME_NOT_WRITABLE: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'The home cannot be written.' },
  HOME_ON_NETWORK: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'The home lies on a network file system, where a store is not safe.' },
  ADDRESS_IN_USE: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'Another program listens on this address.' },
  STORE_FORMAT: { status: 'FAILED_PRECONDITION', advice: 'fix', meaning: 'The store was written by a version that this one cannot open.' },
  STORE_CORRUPT: { status: 'DATA_LOSS', advice: 'fix', meaning: 'The store holds something that cannot be read.' },
  STORE_FULL: { status: 'RESOURCE_EXHAUSTED', advice: 'fix', meaning: 'The disk or the store has no room left.' },
  DATA_LOSS: { status: 'DATA_LOSS', advice: 'give up', meaning: 'Data that was sent or stored is gone or does not match its hash.' },
  ABORTED: { status: 'CANCELLED', advice: 'give up', meaning: 'The caller aborted.' },
  TIMEOUT: { status: 'DEADLINE_EXCEEDED', advice: 'retry', meaning: 'No answer came in time.' },
  INTERNAL: { status: 'INTERNAL', advice: 'give up', meaning: 'Something failed that should not have: a bug, here or in a plugin.' },
} as const;

/** The code of a ParamoError; `errorCodes` says what each one means. */
export type ErrorCode = keyof typeof errorCodes;
