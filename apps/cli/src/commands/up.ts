import { givenHome } from '../session.js';
import type { GlobalOptions } from '../session.js';
import type { ServeOptions } from './serve.js';
import { startDetached } from './start-detached.js';

/** Options of `paramo up`. */
export interface UpOptions extends GlobalOptions, ServeOptions {
  /** Serve in this process. */
  readonly foreground?: boolean;
}

/** `paramo up`: a daemon on the home, in this process or detached. */
export async function up(options: UpOptions): Promise<number> {
  const home = givenHome(options);
  if (!options.foreground) return startDetached(home, options);
  const { serve } = await import('./serve.js');
  return serve(home, options);
}
