let holders = 0;
let handle: NodeJS.Timeout | undefined;

/** Far beyond any wait; the handle exists, it never has to fire. */
const longMs = 2 ** 30;

/**
 * Keeps this process alive while a control call waits, since the clock's timers do not. The returned function lets go;
 * calling it again does nothing.
 */
export function holdProcess(): () => void {
  if (holders++ === 0) handle = setInterval(() => undefined, longMs);
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    if (--holders === 0) clearInterval(handle);
  };
}
