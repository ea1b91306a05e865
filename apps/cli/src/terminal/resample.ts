/** The values stretched or thinned to `width`: of each stretch its last one, so that the newest value is always there. */
export function resample(values: readonly number[], width: number): readonly number[] {
  if (values.length === 0 || width <= 0) return [];
  if (width === 1) return [values[values.length - 1]!];
  return Array.from({ length: width }, (_, column) => {
    const index = values.length > width ? Math.ceil(((column + 1) * values.length) / width) - 1 : Math.round((column * (values.length - 1)) / (width - 1));
    return values[index]!;
  });
}
