"""The points of a trial: which step they belong to, and which of them can be stored."""

from __future__ import annotations

import unicodedata
from time import time
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional, Sequence, Set

from ._system_metric import is_system_metric

if TYPE_CHECKING:
    from ._attempt import Attempt
    from ._reporter import Reporter

_MAX_STEP = 2**53 - 2
_MAX_NAME_BYTES = 256
_MAX_NAMES = 1000


class TrialLog:
    """The log of one attempt of trial `number`."""

    def __init__(self, reporter: "Reporter", attempt: "Attempt", objectives: Sequence[str], number: int, done: int) -> None:
        self.names: Set[str] = set()
        """Metrics logged so far."""
        self.objective_done = 0
        """Steps done at the newest step for which every objective was logged; 0: none yet."""
        self._reporter = reporter
        self._attempt = attempt
        self._objectives = tuple(objectives)
        self._number = number
        self._checked: Set[str] = set()
        self._objective_steps: Dict[str, int] = {}
        self.done = done
        """Steps done: one more than the highest step that was entered or noted."""
        self._counter = done
        self._loop_step: Optional[int] = None

    def enter(self, step: int) -> None:
        """The loop stands at `step`: from here on points without a step belong to it."""
        self._loop_step = step
        self.done = max(self.done, step + 1)

    def log(self, metrics: Mapping[str, Any], given: Optional[int]) -> None:
        """Hands points on. Never waits, never raises; what cannot be stored is counted, and said once on stderr."""
        try:
            self._log(metrics, given)
        except Exception as error:
            self._refuse("log", f"log was given what it cannot read ({type(error).__name__}: {error}); such points are refused")

    def _log(self, metrics: Mapping[str, Any], given: Optional[int]) -> None:
        attempt = self._attempt
        if attempt.forgotten or self._reporter.foreign:
            if self._reporter.foreign:
                self._refuse("fork", "log was called in a child process, where a trial of its parent cannot be written; such points are refused")
            return
        loop_step = self._loop_step
        if given is None:
            step = self._counter if loop_step is None else loop_step
        else:
            step = given
            if type(step) is not int:
                try:
                    step = step.__index__()
                except (AttributeError, TypeError):
                    step = -1
            if not 0 <= step <= _MAX_STEP:
                self._refuse("step", f"step {given!r} is no whole number from 0; such points are refused")
                return
        # Outside the loop every call is a step of its own; inside, and after it, the loop's last step stands.
        if loop_step is None or given is not None:
            self._counter = step + 1
        if step >= self.done:
            self.done = step + 1
        now = time()
        loose = attempt.loose
        for name, value in metrics.items():
            if name not in self._checked and not self._is_name(name):
                continue
            if type(value) is not float:
                number = _to_float(value)
                if number is None:
                    self._refuse(f"metric {name}", f"{name} was {_describe(value)} and not a number; such points are refused")
                    continue
                value = number
            if name in self._objectives and not self._follows(name, step):
                continue
            loose.append((name, step, value, now))
            if len(self.names) < _MAX_NAMES:
                self.names.add(name)
        self._reporter.added(attempt)

    def _is_name(self, name: Any) -> bool:
        text = name if isinstance(name, str) else ""
        if not text or len(text.encode("utf-8", "surrogatepass")) > _MAX_NAME_BYTES or any(unicodedata.category(c) in ("Cc", "Cs") for c in text):
            self._refuse("metric name", f"the metric name {name!r:.40} cannot be used: it must have 1 to {_MAX_NAME_BYTES} bytes and no control characters; its points are refused")
            return False
        if is_system_metric(text):
            self._refuse(f"metric {text}", f"names that begin with system/ are kept for what tells of the machine; the points of {text} are refused: log them under another name")
            return False
        if len(self._checked) < _MAX_NAMES:
            self._checked.add(text)
        return True

    def _follows(self, name: str, step: int) -> bool:
        """Notes a point of an objective; False when its step goes back."""
        last = self._objective_steps.get(name)
        if last is not None and step < last:
            self._refuse(f"order of {name}", f"{name} is the objective and was logged at step {step} after step {last}: its steps never go back within an attempt; such points are refused")
            return False
        self._objective_steps[name] = step
        if all(self._objective_steps.get(other) == step for other in self._objectives):
            self.objective_done = step + 1
        return True

    def _refuse(self, subject: str, why: str) -> None:
        self._reporter.refuse(f"{subject} of {self._attempt.study_id}/{self._number}", f"trial {self._number}: {why}")


def _to_float(value: Any) -> Optional[float]:
    """A number of any library (NumPy, PyTorch, …) as a float; None when it is none."""
    if isinstance(value, (str, bytes, bytearray)) or value is None:
        return None
    try:
        return float(value)
    except Exception:
        return None


def _describe(value: Any) -> str:
    return f"{value!r:.40}" if isinstance(value, (str, bytes, type(None))) else f"a {type(value).__name__}"
