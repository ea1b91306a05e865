export { movingOptimumObjective, movingOptimumOptions, movingOptimumSpace, trainMovingOptimum, trainOneStep } from './moving-optimum.js';
export { simulateReference } from './reference-pbt.js';
export type { ReferenceSetup } from './reference-pbt.js';
export { trainTwoQuadratics, twoQuadraticsObjective, twoQuadraticsOptions, twoQuadraticsSpace, twoQuadraticsSteps } from './two-quadratics.js';
