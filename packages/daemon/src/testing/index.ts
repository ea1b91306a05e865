export { openLmdbStore } from '../store/lmdb-store.js';
export { createMemoryStore } from '../store/memory-store.js';
export type { MemoryStore, MemoryStoreOptions } from '../store/memory-store.js';
export { testPlugins } from '../tuner/testing/plugins.js';
export { startTestDaemon } from '../tuner/testing/test-daemon.js';
export type { TestDaemon, TestDaemonOptions } from '../tuner/testing/test-daemon.js';
