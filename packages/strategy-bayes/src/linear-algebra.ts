// Dense linear algebra on row-major Float64Array matrices. Only + − × ÷ √, in a fixed order: every engine gives the same bits.

/**
 * Replaces the lower triangle of the symmetric n × n matrix `a` by L with L Lᵀ = a; the upper triangle is not read.
 * False when `a` is not positive definite in double precision; `a` is then spoilt.
 */
export function factorCholesky(a: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) a[row + j] = (a[row + j]! - dot(a, row, a, j * n, j)) / a[j * n + j]!;
    const pivot = a[row + i]! - dot(a, row, a, row, i);
    if (!(pivot > 0 && pivot < Infinity)) return false;
    a[row + i] = Math.sqrt(pivot);
  }
  return true;
}

/** Replaces b by L⁻¹ b, for the lower triangle L of an n × n matrix. */
export function solveLower(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) b[i] = (b[i]! - dot(l, i * n, b, 0, i)) / l[i * n + i]!;
}

/** Replaces b by L⁻ᵀ b, for the lower triangle L of an n × n matrix. */
export function solveLowerTransposed(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    const x = b[i]! / l[i * n + i]!;
    b[i] = x;
    for (let j = 0; j < i; j++) b[j] = b[j]! - l[i * n + j]! * x;
  }
}

/** The lower triangle of (L Lᵀ)⁻¹, as an n × n matrix whose upper triangle is 0. */
export function invertCholesky(l: Float64Array, n: number): Float64Array {
  // Row j holds column j of L⁻¹, so that every sum below runs along rows.
  const columns = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const row = j * n;
    columns[row + j] = 1 / l[row + j]!;
    for (let i = j + 1; i < n; i++) columns[row + i] = -dot(l, i * n + j, columns, row + j, i - j) / l[i * n + i]!;
  }
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) inverse[i * n + j] = dot(columns, i * n + i, columns, j * n + i, n - i);
  }
  return inverse;
}

/** Σ a[i] b[i] over `length` numbers from the two places on. Four partial sums: a fixed order, and quicker than one. */
export function dot(a: Float64Array, aStart: number, b: Float64Array, bStart: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    s0 += a[aStart + i]! * b[bStart + i]!;
    s1 += a[aStart + i + 1]! * b[bStart + i + 1]!;
    s2 += a[aStart + i + 2]! * b[bStart + i + 2]!;
    s3 += a[aStart + i + 3]! * b[bStart + i + 3]!;
  }
  for (; i < length; i++) s0 += a[aStart + i]! * b[bStart + i]!;
  return s0 + s1 + (s2 + s3);
}
