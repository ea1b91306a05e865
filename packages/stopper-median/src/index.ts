export { median } from './median.js';
export type { MedianOptions } from './median.js';
export { medianStopper as default } from './median.js';
