import { givenHome } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { serve } from './serve.js';
import { startDetached } from './start-detached.js';

/** Options of `paramo up`. */
export interface UpOptions extends GlobalOptions {
  readonly port?: number;
  readonly foreground?: boolean;
  /** 0: never. */
  readonly idleMinutes: number;
}

/** `paramo up`: a daemon on the home, in this process or detached. */
export function up(options: UpOptions): Promise<number> {
  const home = givenHome(options);
  return options.foreground ? serve(home, options) : startDetached(home, options);
}
