"""An attempt that another process runs and will end."""

from __future__ import annotations

from ._attempt import Attempt
from ._warnings import Warnings


class AttachedAttempt(Attempt):
    """Of one that is taken over, or over, nothing more is carried; that is said once."""

    def __init__(self, study_id: str, trial: int, attempt: int, lease_s: float, granted: float, warnings: Warnings) -> None:
        super().__init__(study_id, trial, attempt, lease_s, granted)
        self._warnings = warnings

    @property
    def is_gone(self) -> bool:
        """Whether nobody waits for its points any more."""
        return self.verdict in ("fenced", "ended")

    @property
    def has_work(self) -> bool:
        return not self.is_gone and super().has_work

    def cut(self) -> None:
        if self.is_gone:
            self.loose.clear()
        else:
            super().cut()

    def judge(self, verdict: str, reason: str) -> None:
        super().judge(verdict, reason)
        if not self.is_gone or self.forgotten:
            return
        self.forgotten = True
        self._ack(self._sequence)
        what = "was taken over by another worker" if self.verdict == "fenced" else "is over"
        why = f" ({self.reason})" if self.reason else ""
        self._warnings.once(f"attached {self.verdict}", f"trial {self.trial} {what}: nothing more of it is logged{why}")
