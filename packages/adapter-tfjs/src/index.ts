export { paramoCallback } from './paramo-callback.js';
export type { ReportingTrial } from './paramo-callback.js';
