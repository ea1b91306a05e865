export { grid } from './grid.js';
export type { GridOptions } from './grid.js';
export { gridStrategy as default } from './grid.js';
