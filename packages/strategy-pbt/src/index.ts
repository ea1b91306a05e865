export { pbt } from './pbt.js';
export type { PbtOptions } from './options.js';
export { pbtStrategy as default } from './pbt.js';
