"""The best of several objectives."""

from __future__ import annotations

import math
from typing import List, Sequence, Tuple, TypeVar

from ._record import BestTrial

P = TypeVar("P")


def pareto_front(trials: Sequence[BestTrial[P]], goals: Sequence[Tuple[str, bool]]) -> List[BestTrial[P]]:
    """The trials that no other one beats: at least as good in every objective, and better in one. In the given order.

    `goals`: the metric of each objective, and whether smaller is better.
    """

    def costs(trial: BestTrial[P]) -> List[float]:
        return [trial.values[metric] * (1 if smaller else -1) for metric, smaller in goals]

    ranked = [trial for trial in trials if all(math.isfinite(trial.values.get(metric, math.nan)) for metric, _ in goals)]
    scored = [(costs(trial), trial) for trial in ranked]
    return [trial for cost, trial in scored if not any(other != cost and all(a <= b for a, b in zip(other, cost)) for other, _ in scored)]
