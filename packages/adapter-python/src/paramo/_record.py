"""Trials as they stand, read from the daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Generic, List, Mapping, NamedTuple, Optional, TypeVar, Union

if TYPE_CHECKING:
    from ._study import Study

P = TypeVar("P")
"""The type of a trial's params."""

TERMINAL = ("completed", "stopped", "failed", "cancelled")


class Fidelity(NamedTuple):
    """What a trial is asked beside its params."""

    steps: Optional[int] = None
    """The most training steps to take; None: as many as the trainer likes."""
    data: Optional[float] = None
    """The share of the training data to use, in (0, 1]; None: all."""


class TrialFailure(NamedTuple):
    """An error of the training code."""

    message: str
    stack: str


class Series(NamedTuple):
    """The points of one metric of one trial, as columns of equal length, in order of step."""

    name: str
    steps: List[int]
    """From 0."""
    values: List[float]
    times: List[float]
    """Seconds since 1970, by the clock of the worker."""


class TrialRecord(Generic[P]):
    """A trial as it stood when it was read."""

    def __init__(self, **fields: Any) -> None:
        self.study_id: str = fields["study_id"]
        self.number: int = fields["number"]
        """0, 1, 2, … without gaps in its study."""
        self.state: str = fields["state"]
        """`waiting`, `running`, `paused`, `completed`, `stopped`, `failed` or `cancelled`."""
        self.params: P = fields["params"]
        self.value: Optional[float] = fields["value"]
        """The objective's value; partial while it runs or when it was stopped; None: none, or not finite."""
        self.at: Optional[int] = fields["at"]
        """Step index (from 0) of the value."""
        self.values: Mapping[str, float] = fields["values"]
        """All objectives' values, taken at one step."""
        self.metrics: Mapping[str, float] = fields["metrics"]
        """The last value of every metric."""
        self.done: int = fields["done"]
        """Steps done in the effective series."""
        self.attempt: int = fields["attempt"]
        """Number of the newest attempt, from 1; 0: never started."""
        self.lost: int = fields["lost"]
        """Attempts lost so far."""
        self.reason: str = fields["reason"]
        """Why it stopped, failed or was cancelled, in words."""
        self.error: Optional[TrialFailure] = fields["error"]
        self.seed: Optional[int] = fields["seed"]
        self.fidelity: Fidelity = fields["fidelity"]
        self.attributes: Mapping[str, Any] = fields["attributes"]
        self.retracted: bool = fields["retracted"]
        self._study: Optional["Study[P]"] = fields.get("study")

    def series(self, metric: str, *, from_step: int = 0, to_step: Optional[int] = None, max_points: int = 0) -> Series:
        """The points of a metric's effective series; raises ParamoError INVALID_METRIC with the near miss when it was never logged."""
        if self._study is None:
            raise RuntimeError("this record came without its study")
        return self._study.series(self.number, metric, from_step=from_step, to_step=to_step, max_points=max_points)

    def description(self) -> Optional[Dict[str, Any]]:
        """What it was: command line, code, packages, environment and machine of its newest attempt; None where that was not kept."""
        if self._study is None:
            raise RuntimeError("this record came without its study")
        return self._study.description(self.number)

    def __repr__(self) -> str:
        return f"<trial {self.number} {self.state} value={self.value!r} params={self.params!r}>"


class BestTrial(TrialRecord[P]):
    """A trial with a value that counts, and the study it was found in."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self.value: float = fields["value"]  # pyright: ignore[reportIncompatibleVariableOverride]

    @property
    def study(self) -> "Study[P]":
        """The study it was found in."""
        if self._study is None:
            raise RuntimeError("this record came without its study")
        return self._study


Outcome = Union[None, float, Mapping[str, float]]
"""What code that evaluates a trial may return: nothing, the objective's value, or metrics. They override what was logged."""
