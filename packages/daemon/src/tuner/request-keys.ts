import type { Worker } from '@paramo/core';
import type { RequestRecord } from '../store/layout.js';
import type { AttemptName } from './leases.js';
import type { StudyRuntime } from './runtime.js';

/** The key of an ask: its id counts within the worker's process. Undefined: the call may not be repeated. */
export function askKey(worker: Worker, requestId: string): string | undefined {
  return requestId === '' ? undefined : `ask ${worker.process} ${requestId}`;
}

/** The key of an added trial. */
export function enqueueKey(requestId: string): string | undefined {
  return requestId === '' ? undefined : `add ${requestId}`;
}

/** The key of a message that ends an attempt. */
export function endingKey({ trial, attempt, requestId }: AttemptName & { readonly requestId: string }): string {
  return `end ${trial} ${attempt} ${requestId}`;
}

/** What a request was answered, durable or not. */
export function findRequest({ requests, studies, studyId }: StudyRuntime, key: string): RequestRecord | undefined {
  return requests.get(key) ?? studies.request(studyId, key);
}
