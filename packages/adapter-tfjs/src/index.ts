export { paramoCallback } from './paramo-callback.js';
export type { ReportingTrial } from './paramo-callback.js';
export { disposeModel, restoreModel, saveModel } from './model-checkpoint.js';
export type { ResumingTrial } from './model-checkpoint.js';
