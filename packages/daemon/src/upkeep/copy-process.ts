// What runs in a process of its own to copy a store: reading a damaged database may end the process that does. Its argument is
// a CopyRequest in JSON; it sends CopyNews.
import { ParamoError } from '@paramo/core';
import { copyStore } from './copy-store.js';
import type { CopyNews, CopyRequest } from './copy-store.js';
import { newsToParent } from './run-child.js';

const send = newsToParent<CopyNews>();
try {
  for await (const news of copyStore(JSON.parse(process.argv[2]!) as CopyRequest)) await send(news);
} catch (thrown) {
  const { code, summary, hint } = ParamoError.from(thrown);
  await send({ kind: 'error', error: { code, message: summary, hint } });
}
process.exit(0);
