import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, onTestFinished } from 'vitest';
import { cutDirectory } from './cut-directory.js';

test('more files than one message can list are refused with what to do', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'paramo-cut-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const write = (count: number): Promise<unknown> => Promise.all(Array.from({ length: count }, (_, i) => writeFile(join(directory, `${i}`.padStart(250, '0')), 'x')));
  await write(3000);
  expect((await cutDirectory(directory)).manifest.files).toHaveLength(3000);
  await write(4000);
  await expect(cutDirectory(directory)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining('4000 files') as unknown, hint: 'Put several files into one archive.' });
});
