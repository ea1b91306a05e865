export { kolmogorovSmirnov } from './kolmogorov-smirnov.js';
export type { KolmogorovSmirnov } from './kolmogorov-smirnov.js';
export { movingOptimumObjective, movingOptimumOptions, movingOptimumSpace, trainMovingOptimum, trainOneStep } from './moving-optimum.js';
export { simulateReference } from './reference-pbt.js';
export type { ReferenceSetup } from './reference-pbt.js';
export { trainTwoQuadratics, twoQuadraticsObjective, twoQuadraticsOptions, twoQuadraticsSpace, twoQuadraticsSteps } from './two-quadratics.js';
