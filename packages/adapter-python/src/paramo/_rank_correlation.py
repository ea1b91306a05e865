"""Correlations of ranks."""

from __future__ import annotations

import math
from typing import Dict, Hashable, List, Sequence


def ranks(numbers: Sequence[float]) -> List[float]:
    """The rank of each number, from 1 for the least; equal numbers share the mean of theirs. No NaN."""
    first: Dict[float, int] = {}
    last: Dict[float, int] = {}
    for index, number in enumerate(sorted(numbers)):
        first.setdefault(number, index)
        last[number] = index
    return [(first[number] + last[number]) / 2 + 1 for number in numbers]


def spearman(x: Sequence[float], y: Sequence[float]) -> float:
    """Spearman's rank correlation of pairs, with ties averaged: from -1 to 1, and 0 where one of the two never varies."""
    a, b = _deviations(ranks(x)), _deviations(ranks(y))
    scale = math.sqrt(_squares(a) * _squares(b))
    return 0.0 if scale == 0 else sum(u * v for u, v in zip(a, b)) / scale


def correlation_ratio(groups: Sequence[Hashable], numbers: Sequence[float]) -> float:
    """The correlation ratio of numbers and the group each belongs to (Pearson 1905).

    It is the root of the part of the numbers' variance that their groups' means make up. From 0 to 1, without a sign; 0 where
    the numbers never vary.
    """
    deviations = _deviations(numbers)
    members: Dict[Hashable, List[float]] = {}
    for group, deviation in zip(groups, deviations):
        members.setdefault(group, []).append(deviation)
    between = sum(sum(group) ** 2 / len(group) for group in members.values())
    everything = _squares(deviations)
    return 0.0 if everything == 0 else math.sqrt(between / everything)


def _deviations(numbers: Sequence[float]) -> List[float]:
    mean = sum(numbers) / len(numbers)
    return [number - mean for number in numbers]


def _squares(numbers: Sequence[float]) -> float:
    return sum(number * number for number in numbers)
