/** Work that no promise waits for without it being listed here: turns of the event loop, and files. */
const busy = /^(?:Immediate|FSReqCallback|FSReqPromise|CloseReq)$/;

/**
 * Resolves when nothing is left to do but to wait for an event of the schedule: no promise can go on, no turn of the event
 * loop was asked for, no file operation is under way. Timers of the operating system have no part in it: what is simulated sets none.
 */
export function comeToRest(): Promise<void> {
  return new Promise((resolve) => {
    // When it is called, promises have gone as far as they can.
    const look = (): void => {
      if (process.getActiveResourcesInfo().some((name) => busy.test(name))) setImmediate(look);
      else resolve();
    };
    setImmediate(look);
  });
}
