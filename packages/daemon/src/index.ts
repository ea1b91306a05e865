// For programs that start a daemon.
export { startDaemon } from './daemon.js';
export type { Daemon, DaemonOptions } from './daemon.js';
export type { PluginSource } from './host/host.js';
export type { Store } from './store/store.js';
