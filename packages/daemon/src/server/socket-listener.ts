import { chmodSync, lstatSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ParamoError } from '@paramo/core';
import { createListener } from './listener.js';
import type { Listener, ListenerOptions } from './listener.js';
import { socketAnswers } from './socket-answers.js';

/**
 * Listens on a Unix socket of mode 0600 at `path`, in place of a stale one. It is bound in a private directory and then
 * moved there, so that at no moment anyone else can connect.
 * @throws ParamoError ADDRESS_IN_USE when somebody answers there, or something lies there that is no socket.
 */
export async function listenOnSocket(path: string, options: ListenerOptions): Promise<Listener> {
  await assertFree(path);
  const { server, start, destroy } = createListener(options);
  const nursery = mkdtempSync(join(dirname(path), '.s'));
  try {
    const born = join(nursery, 's');
    await start({ path: born });
    chmodSync(born, 0o600);
    renameSync(born, path);
  } catch (thrown) {
    server.close();
    throw new ParamoError({ code: 'HOME_NOT_WRITABLE', message: `no socket can be made at ${path}`, hint: 'Check the directory and its file system.', cause: thrown });
  } finally {
    rmSync(nursery, { recursive: true, force: true });
  }
  const { ino } = lstatSync(path);
  const stop = (): void => {
    server.close();
    // Unless another daemon has put its own there.
    if (lstatSync(path, { throwIfNoEntry: false })?.ino === ino) rmSync(path, { force: true });
  };
  return { port: 0, stop, destroy };
}

async function assertFree(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  const hint = 'Give another home, or see what uses this path.';
  if (!found.isSocket()) throw new ParamoError({ code: 'ADDRESS_IN_USE', message: `${path} exists and is not a socket`, hint });
  if (await socketAnswers(path)) throw new ParamoError({ code: 'ADDRESS_IN_USE', message: `another program listens on ${path}`, hint });
}
