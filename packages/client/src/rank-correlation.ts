/** The rank of each number, from 1 for the least; equal numbers share the mean of theirs. No NaN. */
export function ranks(numbers: readonly number[]): readonly number[] {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [first, last] = [new Map<number, number>(), new Map<number, number>()];
  sorted.forEach((number, index) => {
    if (!first.has(number)) first.set(number, index);
    last.set(number, index);
  });
  return numbers.map((number) => (first.get(number)! + last.get(number)!) / 2 + 1);
}

/** Spearman's rank correlation ρ of pairs, with ties averaged: from −1 to 1, and 0 where one of the two never varies. */
export function spearman(x: readonly number[], y: readonly number[]): number {
  const [a, b] = [deviations(ranks(x)), deviations(ranks(y))];
  const scale = Math.sqrt(squares(a) * squares(b));
  return scale === 0 ? 0 : a.reduce((sum, u, i) => sum + u * b[i]!, 0) / scale;
}

/**
 * The correlation ratio η of numbers and the group each belongs to (Pearson 1905): the root of the part of the numbers' variance that
 * their groups' means make up. From 0 to 1, without a sign; 0 where the numbers never vary.
 */
export function correlationRatio(groups: readonly unknown[], numbers: readonly number[]): number {
  const members = new Map<unknown, number[]>();
  const d = deviations(numbers);
  groups.forEach((group, i) => members.set(group, [...(members.get(group) ?? []), d[i]!]));
  const between = [...members.values()].reduce((sum, group) => sum + total(group) ** 2 / group.length, 0);
  const all = squares(d);
  return all === 0 ? 0 : Math.sqrt(between / all);
}

function deviations(numbers: readonly number[]): readonly number[] {
  const mean = total(numbers) / numbers.length;
  return numbers.map((number) => number - mean);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function squares(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number * number, 0);
}
