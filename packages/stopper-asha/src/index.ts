export { asha } from './asha.js';
export type { AshaOptions } from './options.js';
export { ashaStopper as default } from './asha.js';
