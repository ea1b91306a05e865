"""The trials of a study as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Sequence

from ._frameworks import missing_framework
from ._record import TrialRecord

if TYPE_CHECKING:
    import pandas


def rows_of(trials: Sequence[TrialRecord[Any]], objectives: Sequence[str]) -> List[Dict[str, Any]]:
    """A dict a trial, all with the same keys, named as `paramo export` names its columns; None where a trial has no such thing."""
    params = _names([dict(trial.params) for trial in trials])
    metrics = list(dict.fromkeys([*objectives, *_names([trial.metrics for trial in trials])]))
    return [
        {
            "trial": trial.number,
            "state": trial.state,
            "value": trial.value,
            "step": trial.at,
            "steps": trial.done,
            "attempt": trial.attempt,
            "lost": trial.lost,
            "reason": trial.reason or None,
            "error": trial.error.message if trial.error else None,
            **{f"params.{name}": dict(trial.params).get(name) for name in params},
            **{f"metrics.{name}": trial.metrics.get(name) for name in metrics},
        }
        for trial in trials
    ]


def frame_of(rows: Sequence[Dict[str, Any]]) -> "pandas.DataFrame":
    """The rows as a frame of pandas, with the trials' numbers as index; raises ParamoError PLUGIN_NOT_INSTALLED without pandas."""
    try:
        from pandas import DataFrame
    except ImportError as error:
        raise missing_framework("Study.frame", "pandas", error) from error
    return DataFrame.from_records(list(rows), index="trial") if rows else DataFrame()


def _names(mappings: Sequence[Any]) -> List[str]:
    return list(dict.fromkeys(name for mapping in mappings for name in mapping))
