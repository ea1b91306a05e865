// What runs in a process of its own to check a store: reading a damaged database may end the process that does. Its argument
// is a CheckRequest in JSON; it sends CheckNews.
import { ParamoError } from '@paramo/core';
import { storeFormat } from '../store/layout.js';
import { openSnapshot } from '../store/lmdb-snapshot.js';
import { checkStore } from './check-store.js';
import type { CheckNews } from './check-news.js';
import type { CheckRequest } from './run-check.js';
import { newsToParent } from './run-child.js';

const { data, blobs } = JSON.parse(process.argv[2]!) as CheckRequest;
const send = newsToParent<CheckNews>();
try {
  const store = openSnapshot(data);
  const { format } = store.stat();
  if (format === storeFormat) {
    for await (const news of checkStore({ store, ...(blobs !== undefined && { blobs }), hasNow: (key) => store.hasNow(key) })) await send(news);
  } else {
    // Whether it can be read to its end is all that can be said.
    for (const _entry of store.range({ from: Uint8Array.of(0), to: Uint8Array.of(255) }));
    await send({ kind: 'finding', finding: { subject: 'tables', ok: true, detail: format === 0 ? 'the store is empty' : `format ${format}: the next start brings it to format ${storeFormat}, and then it can be checked`, hint: '' } });
  }
  await store.close();
} catch (thrown) {
  const { code, summary, hint } = ParamoError.from(thrown);
  await send({ kind: 'finding', finding: { subject: 'store', ok: false, detail: `${code}: ${summary}`, hint } });
}
process.exit(0);
