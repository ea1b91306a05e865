export { startTestDaemon } from '../tuner/testing/test-daemon.js';
export type { TestDaemon, TestDaemonOptions } from '../tuner/testing/test-daemon.js';
