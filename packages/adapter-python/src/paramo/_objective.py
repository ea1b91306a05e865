"""Objectives as one text: `'min val_loss'`."""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple, Union

from ._errors import ParamoError
from ._system_metric import is_system_metric

_TEXT = re.compile(r"\s*(min|max)(?:imize)?\s+(\S.*?)\s*")


class Objective(NamedTuple):
    """One objective, in full."""

    metric: str
    goal: str
    """`'min'` or `'max'`."""
    best: bool = False
    """Whether the best value of a trial's series counts; else the last one."""
    step: Optional[int] = None
    """The step whose value counts; None: see `best`."""


OneObjective = Union[str, Objective]
"""`'min NAME'` or `'max NAME'`, or an `Objective`."""

SeveralObjectives = Union[List[str], List[Objective], List[OneObjective], Tuple[OneObjective, ...]]
"""A list or tuple of them: the study then has a front, and no best."""


def parse_objective(given: Union[OneObjective, SeveralObjectives]) -> List[Objective]:
    """The objectives named, at least one: several of them make a front in place of a best.

    Raises ParamoError INVALID_OBJECTIVE when a text is not `min NAME` or `max NAME`, or a metric is named twice.
    """
    several: List[OneObjective] = list(given) if isinstance(given, (list, tuple)) and not isinstance(given, Objective) else [given]
    if not several:
        raise _invalid("the objective is empty", "Give one such as 'min val_loss'.")
    objectives = [_parse_one(one) for one in several]
    for objective in objectives:
        if is_system_metric(objective.metric):
            raise _invalid(f'"{objective.metric}" tells of the machine and not of the training', "Names that begin with system/ are kept for that: choose another metric.")
    for i, objective in enumerate(objectives):
        if any(objective.metric == other.metric for other in objectives[:i]):
            raise _invalid(f'metric "{objective.metric}" is named twice', "Name each metric once.")
    return objectives


def _parse_one(one: object) -> Objective:
    if isinstance(one, Objective):
        if one.goal not in ("min", "max") or not one.metric:
            raise _invalid(f"{one!r} is not an objective", "Give a metric, and the goal 'min' or 'max'.")
        return one
    match = _TEXT.fullmatch(one) if isinstance(one, str) else None
    if not match:
        raise _invalid(f"{one!r} is not an objective", "Write 'min NAME' or 'max NAME', such as 'min val_loss'.")
    return Objective(match[2], match[1])


def _invalid(message: str, hint: str) -> ParamoError:
    return ParamoError("INVALID_OBJECTIVE", message, hint)
