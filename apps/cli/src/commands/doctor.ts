import { existsSync, readdirSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { readDaemonFile } from '@paramo/client';
import { ParamoError } from '@paramo/core';
import { checkHome } from '@paramo/daemon';
import { exitCodes } from '../exit-code.js';
import { checkHealth, readDaemonInfo } from '../operations.js';
import type { Finding } from '../operations.js';
import { print, printJson } from '../output.js';
import { givenAddress, givenHome, withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { createLive } from '../terminal/live.js';
import { createStyle } from '../terminal/style.js';
import { printable } from '../terminal/text.js';
import { readVersion } from '../version.js';

/** The oldest Node that is tested. */
const oldestNode = [20, 19] as const;
/** Below this a store is about to be refused its next pages. */
const leastFreeBytes = 200e6;

/** `paramo doctor`: looks at home, daemon, versions, plugins and all that is stored, and says what to do about what is wrong. */
export async function doctor(options: GlobalOptions & { readonly json?: boolean; readonly quick?: boolean }): Promise<number> {
  const findings: Finding[] = [versions(), ...(await look(options)), ...(options.quick ? [] : await lookInside(options))];
  const ok = findings.every((finding) => finding.ok);
  if (options.json) await printJson({ ok, findings });
  else {
    const { green, red } = createStyle(process.stdout);
    for (const finding of findings) {
      const hint = finding.hint === '' ? '' : ` ${finding.hint}`;
      await print(`${finding.ok ? green('ok   ') : red('WRONG')} ${printable(finding.subject)}: ${printable(finding.detail)}${hint}\n`);
    }
  }
  return ok ? exitCodes.ok.code : exitCodes.failed.code;
}

async function look(options: GlobalOptions): Promise<readonly Finding[]> {
  const address = givenAddress(options);
  const home = givenHome(options);
  if (address === undefined && !existsSync(home)) {
    return [{ subject: 'home', ok: true, detail: `${home} is not there yet`, hint: 'The first script that tunes or tracks makes it.' }];
  }
  const before = address === undefined ? [await homeFinding(home), spoolFinding(home)] : [];
  const ran = address !== undefined || (await readDaemonFile(home)) !== undefined;
  try {
    return await withConnection(options, async (connection) => {
      const info = await readDaemonInfo(connection);
      const version = readVersion();
      const same = info.version === version;
      return [
        ...before,
        { subject: 'connection', ok: true, detail: `${ran ? 'the daemon answers' : 'the daemon was started and answers'}, protocol ${info.protocol}`, hint: '' },
        { subject: 'daemon version', ok: same, detail: same ? version : `the daemon is of version ${info.version}, this program of ${version}`, hint: same ? '' : 'End it with `paramo down`; the next call starts this version.' },
        ...(await checkHealth(connection)),
      ];
    });
  } catch (thrown) {
    const { code, summary, hint } = ParamoError.from(thrown);
    return [...before, { subject: 'connection', ok: false, detail: `${code}: ${summary}`, hint }];
  }
}

/** Reads all that is stored. The daemon may be at work, or be unable to start. */
async function lookInside(options: GlobalOptions): Promise<readonly Finding[]> {
  const address = givenAddress(options);
  if (address !== undefined) return [{ subject: 'content', ok: true, detail: 'not looked at: only the daemon at the address was asked', hint: 'Run `paramo doctor --home DIR` on its host.' }];
  const live = createLive(process.stderr);
  const findings: Finding[] = [];
  try {
    for await (const news of checkHome(givenHome(options))) {
      if (news.kind === 'finding') findings.push(news.finding);
      else live.update(`reading what is stored: ${news.done}${news.total > 0 ? ` of ${news.total}` : ''} ${news.what}`);
    }
  } finally {
    live.done();
  }
  return findings;
}

function versions(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  return { subject: 'versions', ok, detail: `paramo ${readVersion()}, Node ${process.versions.node}, ${process.platform} ${process.arch}`, hint: ok ? '' : `Install Node ${oldestNode.join('.')} or newer.` };
}

/** What processes have written and the daemon has not acked: those at work, and those that are gone. */
function spoolFinding(home: string): Finding {
  const path = join(home, 'spool');
  let bytes = 0;
  let spools = 0;
  try {
    for (const name of readdirSync(path)) {
      const sizes = readdirSync(join(path, name)).map((file) => statSync(join(path, name, file)).size);
      bytes += sizes.reduce((sum, size) => sum + size, 0);
      spools++;
    }
  } catch {
    // None was ever written, or one went while it was looked at.
  }
  const detail = spools === 0 ? 'empty' : `${spools} ${spools === 1 ? 'process has' : 'processes have'} ${(bytes / 1e6).toFixed(1)} MB there`;
  return { subject: 'spool', ok: true, detail, hint: spools === 0 ? '' : '`paramo sync` delivers what is left of those that are gone.' };
}

async function homeFinding(home: string): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(home);
    const free = bavail * bsize;
    const ok = free >= leastFreeBytes;
    return { subject: 'home', ok, detail: `${home}, ${(free / 1e9).toFixed(1)} GB free`, hint: ok ? '' : 'Make room on its disk, or give another home.' };
  } catch (error) {
    return { subject: 'home', ok: false, detail: `${home} cannot be looked at (${(error as Error).message})`, hint: 'Make it readable for you, or give another home with --home.' };
  }
}
