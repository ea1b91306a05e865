import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, type Connection } from '@paramo/client';
import { ServerServiceService } from '@paramo/protocol';

/** The `paramo` command as built here. */
export const paramoBin: string = fileURLToPath(new URL('../../../apps/cli/dist/bin.js', import.meta.url));

/** Runs `work` against a daemon of its own: a real process on a home of its own, gone afterwards. */
export async function withDaemon<T>(work: (connection: Connection, home: string) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'paramo-bench-'));
  process.env['PARAMO_BIN'] = paramoBin;
  const connection = await connect({ home });
  try {
    return await work(connection, home);
  } finally {
    await connection.link.unary(ServerServiceService.shutdown, {});
    await connection.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}
