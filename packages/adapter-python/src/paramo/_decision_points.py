"""Steps at which something is due: a decision to wait for, or a checkpoint."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, Optional, Sequence


class DecisionPoints:
    """The points that a `Milestones` message names; without one there are none."""

    __slots__ = ("barrier", "_every", "_steps", "_intervals")

    def __init__(self, message: Optional[Any] = None) -> None:
        self.barrier: bool = message is not None and message.barrier
        """Workers wait there as long as the daemon is connected."""
        self._every: bool = message is not None and message.every
        self._steps: Sequence[int] = tuple(message.steps) if message is not None else ()
        self._intervals: Sequence[int] = tuple(message.intervals) if message is not None else ()

    def passed(self, before: int, done: int) -> bool:
        """Whether one lies in (`before`, `done`], both in steps done."""
        if done <= before:
            return False
        if self._every or any(done - done % interval > before for interval in self._intervals if interval > 0):
            return True
        last = bisect_right(self._steps, done)
        return last > 0 and self._steps[last - 1] > before
