import { createRandom } from '@paramo/core';
import { describe, expect, test } from 'vitest';
import { dot, factorCholesky, invertCholesky, solveLower, solveLowerTransposed } from './linear-algebra.js';

/** The matrix with min(i, j) + 1 at (i, j): its Cholesky factor is all ones, its inverse tridiagonal (2, −1; 1 at the end). */
const minMatrix = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, at) => Math.min(Math.floor(at / n), at % n) + 1);

describe('linear algebra', () => {
  test.each([1, 2, 7, 30])('the factor of min(i, j) of size %i is all ones', (n) => {
    const a = minMatrix(n);
    expect(factorCholesky(a, n)).toBe(true);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) expect(a[i * n + j]).toBe(1);
  });

  test.each([1, 2, 7, 30])('the inverse of min(i, j) of size %i is tridiagonal', (n) => {
    const a = minMatrix(n);
    factorCholesky(a, n);
    const inverse = invertCholesky(a, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) expect(inverse[i * n + j]).toBe(i === j ? (i === n - 1 ? 1 : 2) : j === i - 1 ? -1 : 0);
    }
  });

  test('the two solves undo a product with a random positive definite matrix', () => {
    const n = 23;
    const random = createRandom('matrix');
    const b = Float64Array.from({ length: n * n }, () => random.normal());
    const a = Float64Array.from({ length: n * n }, (_, at) => dot(b, Math.floor(at / n) * n, b, (at % n) * n, n) + (Math.floor(at / n) === at % n ? 1 : 0));
    const x = Float64Array.from({ length: n }, () => random.normal());
    const solved = Float64Array.from({ length: n }, (_, i) => dot(a, i * n, x, 0, n));
    expect(factorCholesky(a, n)).toBe(true);
    solveLower(a, n, solved);
    solveLowerTransposed(a, n, solved);
    x.forEach((value, i) => expect(solved[i]).toBeCloseTo(value, 10));
  });

  test('a matrix that is not positive definite is refused', () => {
    expect(factorCholesky(Float64Array.of(1, 2, 2, 1), 2)).toBe(false);
    expect(factorCholesky(Float64Array.of(NaN), 1)).toBe(false);
  });
});
