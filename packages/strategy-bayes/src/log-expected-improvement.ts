import { exp, ln, log1p, logNormalCdf, normalCdf, normalPdf } from '@paramo/core';

const halfLn2Pi = 0.9189385332046727;

/** The logarithm of the expected improvement, and how it changes with the prediction. */
export interface LogImprovement {
  readonly value: number;
  readonly byMean: number;
  readonly bySd: number;
}

/**
 * ln E[max(0, best − f)] for f normal with this mean and sd, also where the expectation underflows (Ament et al. 2023):
 * ln sd + ln h(z), z = (best − mean) / sd, h = φ + z Φ, whose derivative is Φ.
 */
export function logExpectedImprovement(mean: number, sd: number, best: number): LogImprovement {
  const z = (best - mean) / sd;
  const { logH, cdfShare, pdfShare } = z < farTail ? tail(z) : body(z);
  return { value: ln(sd) + logH, byMean: -cdfShare / sd, bySd: pdfShare / sd };
}

/** Below it 1 + z Φ/φ, a difference of numbers near 1, is less exact than its asymptotic series. */
const farTail = -25;

interface Improvement {
  readonly logH: number;
  /** Φ / h. */
  readonly cdfShare: number;
  /** φ / h. */
  readonly pdfShare: number;
}

function body(z: number): Improvement {
  const logPdf = -(z * z) / 2 - halfLn2Pi;
  const logCdf = logNormalCdf(z);
  const logH = z > -1 ? ln(normalPdf(z) + z * normalCdf(z)) : logPdf + ln(1 + z * exp(logCdf - logPdf));
  return { logH, cdfShare: exp(logCdf - logH), pdfShare: exp(logPdf - logH) };
}

/** h = φ / z² (1 − 3/z² + 15/z⁴ − …); the shares without a difference of large logarithms. */
function tail(z: number): Improvement {
  const q = 1 / (z * z);
  const rest = q * (-3 + q * (15 + q * (-105 + q * 945)));
  const pdfShare = 1 / (q * (1 + rest));
  return { logH: ln(q) + log1p(rest) - (z * z) / 2 - halfLn2Pi, cdfShare: (1 - pdfShare) / z, pdfShare };
}
