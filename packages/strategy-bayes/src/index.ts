export { bayes } from './bayes.js';
export type { BayesOptions } from './bayes.js';
export { bayesStrategy as default } from './bayes.js';
