"""A trial that another process ends."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Callable, TypeVar, Union

from ._checkpoint_saver import CheckpointSaver
from ._decision_points import DecisionPoints
from ._end_attempt import read_trial
from ._errors import ParamoError, is_lost
from ._holder import Holder
from ._interrupts import BY_SIGTERM, SAVE_S
from ._outcome import failure, outcome_values
from ._record import Outcome, TrialRecord

if TYPE_CHECKING:
    from ._attach import Attachment
    from ._study import Study

P = TypeVar("P")

# How long the last points of a run are waited for.
LAST_S = 5.0
# How long code that is told to end and saves no checkpoints has, and what it logged last.
LEAVE_S = 0.2


class AttachedHolder(Holder[P]):
    """Carries the points of a trial that this program is run for. Only who runs the program ends the trial."""

    def __init__(self, attachment: "Attachment", study: "Study[P]") -> None:
        super().__init__(study._connection, study, attachment.assignment, attempt=attachment.attempt)
        self.is_silent = attachment.is_silent
        self.has_failed = False
        """Whether the code said that it failed."""
        self.message = attachment.assignment.trial
        """The trial as it was last seen."""
        self._attached = attachment.attempt
        self._is_over = False
        if self.is_silent:
            self.milestones = DecisionPoints()
            self.saver = _NoSaver(self.connection, self.attempt, DecisionPoints(), 0, False, lambda: "")

    @property
    def is_over(self) -> bool:
        """True once the code said what the trial came to."""
        return self._is_over

    def leave(self) -> float:
        if not self.is_over and self.stopped is None:
            self.abort(BY_SIGTERM)
        return SAVE_S if self.saver.used else LEAVE_S

    def complete(self, outcome: Outcome) -> TrialRecord[P]:
        self.note(outcome)
        self._is_over = True
        return self.stand()

    def fail(self, error: Union[BaseException, str]) -> TrialRecord[P]:
        if not self.is_over:
            # Whoever runs the trial sees it by the exit code, and quotes what was said last.
            print(error if isinstance(error, str) else failure(error).message, file=sys.stderr, flush=True)
            self._is_over = self.has_failed = True
        return self.stand()

    def release(self, reason: str) -> TrialRecord[P]:
        raise ParamoError("NOT_SUPPORTED", f"trial {self.record.number} is given back only by the process that runs this program", "Raise an error, or end with an exit code.")

    def note(self, outcome: Any) -> None:
        """Logs at the last step what the code came to, unless it said so before; raises ParamoError INVALID_METRIC."""
        values = outcome_values(outcome, self.study.objective_names)
        if not self.is_over and not (self.notice and self.notice.cause == "aborted"):
            self.log.log(values, max(0, self.log.done - 1))

    def stand(self) -> TrialRecord[P]:
        """The trial as it stands once all that was logged is on the daemon's disk; while that is away, as it was last seen."""
        self.deliver(LAST_S)
        if not self.reporter.away:
            try:
                self.message = read_trial(self.connection, self.attempt.study_id, self.attempt.trial)
            except ParamoError as error:
                if not is_lost(error):
                    raise
        self.result = self.study.record_of(self.message)
        return self.result

    def deliver(self, timeout_s: float) -> None:
        """Waits until all that was logged is on the daemon's disk, or the trial is gone."""
        if self.is_silent or self.pid != os.getpid():
            return
        self.reporter.flush()
        self.reporter.wait(lambda: not self._attached.has_work, timeout_s=timeout_s, go_on_when_away=False)

    def put_away(self) -> None:
        """Removes what it went on from."""
        if self.resume and self.pid == os.getpid():
            self.connection.work_folder.remove(self.resume.dir)


class _NoSaver(CheckpointSaver):
    """Another process saves."""

    def checkpoint(self, save: Callable[[str], object], done: int, force: bool) -> bool:
        return False
