// For programs that start a daemon.
export { startDaemon } from './daemon.js';
export type { Daemon, DaemonOptions } from './daemon.js';
export type { PluginSource } from './host/host.js';
export type { StorePorts } from './open-home-store.js';
export type { Entry, Range, Store, StoreStat, Write } from './store/store.js';

// For other parts of Paramo.
export { backUp } from './upkeep/back-up.js';
export type { BackupRequest } from './upkeep/back-up.js';
export type { BackupInfo } from './upkeep/backup-info.js';
export type { CheckNews } from './upkeep/check-news.js';
export { restore } from './upkeep/restore.js';
export type { Restored, RestoreRequest } from './upkeep/restore.js';
export { checkHome } from './upkeep/run-check.js';
export { serveGrpc } from './server/grpc-server.js';
export type { GrpcServer, GrpcServerOptions } from './server/grpc-server.js';
export { systemClock } from './system-clock.js';
export type { ServerLimits } from './limits.js';
