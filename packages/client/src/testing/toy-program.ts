import { appendFileSync, closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bindService, ServerServiceService } from '@paramo/protocol';
import { serveBindings } from './serve-bindings.js';
import { createToyDaemon } from './toy-daemon.js';

// The program `paramo`, as far as connect() knows it: `up --foreground --home HOME`. TOY_MODE makes it misbehave.
const home = process.argv[process.argv.indexOf('--home') + 1]!;
const mode = process.env['TOY_MODE'] ?? '';
mkdirSync(home, { recursive: true });
appendFileSync(join(home, 'starts'), `${process.argv.slice(2).join(' ')}\n`);

if (mode === 'broken') {
  console.error('STORE_CORRUPT: the store cannot be read. Restore a backup.');
  process.exit(1);
}
if (mode === 'crash') throw new Error('a bug');

const lock = join(home, 'lock');
try {
  closeSync(openSync(lock, 'wx'));
} catch {
  console.error(`HOME_LOCKED: another daemon owns ${home}. Use that one.`);
  process.exit(1);
}
process.on('exit', () => rmSync(lock, { force: true }));

const toy = createToyDaemon({ params: Array.from({ length: Number(process.env['TOY_TRIALS'] ?? 0) }, (_, i) => ({ lr: (i + 1) / 10 })) });
const instanceId = `toy-${process.pid}`;
const info = { version: '9.9.9', protocol: mode === 'other version' ? 2 : 1, storeFormat: 1, instanceId, pid: process.pid, startedMs: 0n, features: [], maxMessageBytes: 1 };
const server = bindService(ServerServiceService, { getServerInfo: async () => info });
const { address } = await serveBindings([server, ...toy.bindings.slice(1)]);
if (mode === 'slow') await new Promise((resolve) => setTimeout(resolve, 500));
const draft = join(home, 'daemon.json.new');
writeFileSync(draft, JSON.stringify({ version: '9.9.9', protocol: info.protocol, pid: process.pid, instanceId, address, token: 't' }));
renameSync(draft, join(home, 'daemon.json'));
// Whatever happens to the test: this ends.
setTimeout(() => process.exit(), 30_000);
