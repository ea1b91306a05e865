import { ParamoError } from '@paramo/core';
import type { CallContext } from '../service-binding.js';
import type { CallOptions } from '../transport.js';

/** One call in process: who ends it, and who must hear of that. */
export interface LocalCall {
  readonly context: CallContext;
  /** True once the call is over for the handler: answered, given up or out of time. */
  readonly isOver: boolean;
  /** Calls `action` once when the call is given up from the caller's side, with the error it then ends with. */
  onCancel(action: (error: ParamoError) => void): void;
  /** Calls `action` once when the call is over for the handler, whatever the reason. */
  onOver(action: () => void): void;
  /** Gives the call up. Does nothing once it is over. */
  cancel(error: ParamoError): void;
  /** The handler has answered. */
  finish(): void;
}

/** A call under way, bound to the caller's signal and time limit. */
export function openLocalCall(options: CallOptions): LocalCall {
  const controller = new AbortController();
  const cancelActions: ((error: ParamoError) => void)[] = [];
  const overActions: (() => void)[] = [];
  let isOver = false;
  let cancelled: ParamoError | undefined;

  const over = (): void => {
    isOver = true;
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    controller.abort(cancelled);
    for (const action of overActions) action();
  };
  const cancel = (error: ParamoError): void => {
    if (isOver) return;
    cancelled = error;
    over();
    for (const action of cancelActions) action(error);
  };
  const onAbort = (): void => cancel(new ParamoError({ code: 'ABORTED', message: 'the call was given up by its caller', hint: 'Nothing to do when this was meant.', cause: options.signal?.reason }));
  const { timeoutMs } = options;
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => cancel(new ParamoError({ code: 'TIMEOUT', message: `no answer within ${timeoutMs} ms`, hint: 'Try again, or allow more time.' })), timeoutMs);
  if (options.signal?.aborted) onAbort();
  else options.signal?.addEventListener('abort', onAbort);

  return {
    context: { signal: controller.signal, peer: 'local' },
    get isOver() {
      return isOver;
    },
    onCancel(action) {
      if (cancelled) action(cancelled);
      else cancelActions.push(action);
    },
    onOver(action) {
      if (isOver) action();
      else overActions.push(action);
    },
    cancel,
    finish() {
      if (!isOver) over();
    },
  };
}
