// Elementary and normal-distribution functions whose last bit is the same on every engine, for plugins that must replay.
// `Math.sqrt`, `abs`, `floor`, `round`, `min` and `max` are exact by the language's definition and need no replacement.
export { erf, erfc } from './error-function.js';
export { exp, expm1, ln, log1p } from './exponential.js';
export { logNormalCdf, normalCdf, normalPdf, normalQuantile } from './normal.js';
export { pow } from './power.js';
export { cos, sin } from './trigonometric.js';
