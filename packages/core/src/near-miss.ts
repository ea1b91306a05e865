const longestCompared = 128;

/**
 * The candidate that `word` was probably meant to be, or undefined when none is close. Ignores case; one slip in three
 * letters is forgiven, three at most. A slip is a letter added, dropped, changed, or swapped with its neighbour
 * (optimal string alignment, Damerau 1964).
 */
export function nearMiss(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The number of slips between `a` and `b`, or Infinity when there are more than are forgiven. */
function editDistance(a: string, b: string): number {
  if (a === b) return 0;
  const longer = Math.max(a.length, b.length);
  const limit = Math.min(3, Math.floor(longer / 3));
  if (longer > longestCompared || Math.abs(a.length - b.length) > limit) return Infinity;
  let twoAbove: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + changed);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, twoAbove[j - 2]! + 1);
      row.push(cost);
    }
    twoAbove = above;
    above = row;
  }
  const distance = above[b.length]!;
  return distance <= limit ? distance : Infinity;
}
