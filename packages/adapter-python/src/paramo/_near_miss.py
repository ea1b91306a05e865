"""The word that was probably meant."""

from __future__ import annotations

from typing import Iterable, List, Optional

_LONGEST_COMPARED = 128


def near_miss(word: str, candidates: Iterable[str]) -> Optional[str]:
    """The candidate that `word` was probably meant to be, or None when none is close.

    Ignores case; one slip in three letters is forgiven, three at most. A slip is a letter added, dropped, changed, or
    swapped with its neighbour (optimal string alignment, Damerau 1964).
    """
    wanted = word.lower()
    best: Optional[str] = None
    best_distance: float = float("inf")
    for candidate in candidates:
        distance = _edit_distance(wanted, candidate.lower())
        if distance < best_distance:
            best, best_distance = candidate, distance
    return best


def _edit_distance(a: str, b: str) -> float:
    """The number of slips between `a` and `b`, or infinity when there are more than are forgiven."""
    if a == b:
        return 0
    longer = max(len(a), len(b))
    limit = min(3, longer // 3)
    if longer > _LONGEST_COMPARED or abs(len(a) - len(b)) > limit:
        return float("inf")
    two_above: List[int] = []
    above = list(range(len(b) + 1))
    for i in range(1, len(a) + 1):
        row = [i]
        for j in range(1, len(b) + 1):
            changed = 0 if a[i - 1] == b[j - 1] else 1
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + changed)
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                cost = min(cost, two_above[j - 2] + 1)
            row.append(cost)
        two_above, above = above, row
    return above[-1] if above[-1] <= limit else float("inf")
