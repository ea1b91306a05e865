export { random } from './random.js';
export type { RandomOptions } from './random.js';
export { randomStrategy as default } from './random.js';
