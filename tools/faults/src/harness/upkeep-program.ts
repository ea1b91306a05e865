// Backs a home up or brings a backup back, in a process that can be killed; its first argument is an `UpkeepProgramOptions` as JSON.
import { backUp, restore } from '@paramo/daemon';

/** What the process is told. */
export interface UpkeepProgramOptions {
  readonly task: 'backup' | 'restore';
  readonly home: string;
  /** Of the backup. */
  readonly directory: string;
}

const { task, home, directory } = JSON.parse(process.argv[2] ?? '{}') as UpkeepProgramOptions;
try {
  if (task === 'backup') await backUp({ home, directory, version: '0.0.0', nowMs: Date.now(), onProgress: () => undefined });
  else await restore({ home, directory, onProgress: () => undefined });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(3);
}
