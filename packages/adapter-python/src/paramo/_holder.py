"""A trial together with the way to end it."""

from __future__ import annotations

import math
import os
import threading
from typing import TYPE_CHECKING, Any, Callable, Generic, Optional, TypeVar, Union

from ._attempt import Attempt
from ._checkpoint_saver import CheckpointSaver
from ._decision_points import DecisionPoints
from ._end_attempt import EndedAttempt, end_attempt, leave_end
from ._errors import ParamoError
from ._interrupts import BY_SIGTERM, GRACE_S, SAVE_S
from ._outcome import Ending, failure, missing_objective, outcome_values
from ._record import Outcome, TrialRecord
from ._restore_checkpoint import restore_checkpoint
from ._seed import trial_seed
from ._trial import Resume, StopNotice, Trial
from ._trial_log import TrialLog
from .v1.trial_pb2 import Assignment
from .v1.trial_service_pb2 import AskRequest

if TYPE_CHECKING:
    from ._connection import Connection
    from ._describer import Describing
    from ._study import Study

P = TypeVar("P")


class Holder(Generic[P]):
    """Takes over a trial that was handed out, renews its lease and carries its points until it ends."""

    def __init__(self, connection: "Connection", study: "Study[P]", assignment: Assignment, on_end: Optional[Callable[[], None]] = None, attempt: Optional[Attempt] = None) -> None:
        self.pid = os.getpid()
        self.connection = connection
        self.reporter = connection.reporter
        self.study = study
        self.record: TrialRecord[P] = study.record_of(assignment.trial)
        self._message = assignment.trial
        self.attempt = attempt or take_over(connection, assignment)
        self.seed = self.record.seed if self.record.seed is not None else trial_seed(study.seed, self.record.number)
        self.milestones = DecisionPoints(assignment.milestones if assignment.HasField("milestones") else None)
        self.notice: Optional[StopNotice] = None
        """Why this process ends the trial; None: it does not."""
        self.resume: Optional[Resume] = None
        self.result: Optional[TrialRecord[P]] = None
        self._source = assignment.resume if assignment.HasField("resume") else None
        done = self._source.done if self._source else 0
        self._resumed_at = self._source.done - 1 if self._source else None
        self.log = TrialLog(self.reporter, self.attempt, study.objective_names, self.record.number, done)
        self.saver = CheckpointSaver(connection, self.attempt, DecisionPoints(assignment.checkpoints if assignment.HasField("checkpoints") else None), done, self.milestones.barrier, lambda: self.stopped.cause if self.stopped else "")
        self._on_end = on_end
        self._describing: "Optional[Describing]" = None
        self.ended = threading.Event()
        self._ending = threading.RLock()
        self._ended: Optional[EndedAttempt] = None
        self._failed: Optional[BaseException] = None

    def begin(self) -> Trial[P]:
        """The trial, once what it goes on from is there; raises ParamoError CHECKPOINT_NOT_FOUND or DATA_LOSS."""
        if self._source:
            directory = self.connection.work_folder.open()
            self.resume = Resume(directory, self._source.done - 1, self._source.trial, self._source.checkpoint)
            restore_checkpoint(self.connection, self.attempt.study_id, self._source, directory)
        return Trial(self)

    def describe(self, after_s: float) -> None:
        """Keeps with the trial what this process is, and what it uses, once it has lasted for `after_s`."""
        if self.connection.describer:
            self._describing = self.connection.describer.describe(self.attempt, self._message.started_ms, after_s)

    @property
    def stopped(self) -> Optional[StopNotice]:
        """Why the trial should end; None while it should go on."""
        if self.notice is not None:
            return self.notice
        return None if self.attempt.verdict == "continue" else StopNotice(self.attempt.verdict, self.attempt.reason)

    @property
    def is_over(self) -> bool:
        """True once it was ended here."""
        return self.attempt.finishing

    def abort(self, reason: str) -> None:
        """Tells the code to end: this process gives the trial back."""
        with self.reporter.news:
            if self.notice is None:
                self.notice = StopNotice("aborted", reason)
            self.reporter.news.notify_all()

    def leave(self) -> float:
        """Tells the code to end after its next checkpoint, and says how many seconds it has for that; 0 when it saves none."""
        if not self.saver.used:
            return 0
        if not self.is_over:
            self.abort(BY_SIGTERM)
        return SAVE_S

    def end(self, ending: Ending, ask_next: Optional[Callable[[], AskRequest]] = None, patience_s: Optional[float] = None) -> EndedAttempt:
        """Ends the trial, if it was not before: the first end wins. `ask_next` goes along only with that one."""
        if self.pid != os.getpid():
            raise ParamoError("ABORTED", "the trial belongs to the parent of this process", "End it there.")
        if self.notice is None:
            # A checkpoint that is under way would be refused once the trial has ended.
            self.saver.wait()
        with self._ending:
            if self._failed:
                raise self._failed
            if self._ended is None:
                patience: Any = {} if patience_s is None else {"patience_s": patience_s}
                if self._describing:
                    self._describing.end()
                try:
                    self._ended = end_attempt(self.connection, self.attempt, ending, trial=self._message, objectives=self.study.objective_names, names=self.log.names, resumed_at=self._resumed_at, ask_next=ask_next, **patience)
                    self.result = self.study.record_of(self._ended.trial)
                except ParamoError as error:
                    self._failed = error
                    raise
                finally:
                    self.ended.set()
                    if self.resume:
                        self.connection.work_folder.remove(self.resume.dir)
                    if self._on_end:
                        self._on_end()
            return self._ended

    def let_go(self, ending: Ending) -> None:
        """Ends the trial of a process that was told to end, which takes 5 s at most. Never raises: else its lease runs out."""
        self.abort(ending.message)
        try:
            if self.reporter.away:
                self._leave(ending)
                return
            self.end(ending, patience_s=GRACE_S)
        except ParamoError:
            pass

    def _leave(self, ending: Ending) -> None:
        """Ends the trial without the daemon: the end stays in the spool."""
        with self._ending:
            if self._ended is None and self._failed is None:
                self._failed = ParamoError("UNAVAILABLE", "the daemon was away when the trial ended", "What is in the spool is delivered later: see `paramo sync`.")
                leave_end(self.connection, self.attempt, ending)

    def complete(self, outcome: Outcome) -> TrialRecord[P]:
        """Ends it well. A slip of the pen is told while the trial can still be ended well."""
        objectives = self.study.objective_names
        values = outcome_values(outcome, objectives)
        is_own = self._source is not None and self._source.trial == self.record.number
        if not self.is_over and self.stopped is None and not is_own:
            # One that was to be stopped needs no objective; what earlier attempts logged up to the checkpoint is known to the daemon alone.
            seen = [*self.log.names, *values]
            if not all(name in seen for name in objectives):
                raise missing_objective(self.record.number, objectives, seen, self._resumed_at)
        return self.study.record_of(self.end(Ending("complete", values=values)).trial)

    def fail(self, error: Union[BaseException, str]) -> TrialRecord[P]:
        """Ends it with an error."""
        return self.study.record_of(self.end(Ending("fail", message=error) if isinstance(error, str) else failure(error)).trial)

    def release(self, reason: str) -> TrialRecord[P]:
        """Gives it back."""
        return self.study.record_of(self.end(Ending("release", message=reason)).trial)

    def conclude(self, outcome: Any) -> Ending:
        """How the trial ends now that its code has come to its end, having returned `outcome`: as was decided about it, else well."""
        if self.stopped and self.stopped.cause in ("pause", "aborted"):
            return Ending("release", message=self.stopped.reason)
        try:
            return Ending("complete", values=outcome_values(outcome, self.study.objective_names))
        except ParamoError as error:
            return Ending("fail", message=str(error))


def take_over(connection: "Connection", assignment: Assignment) -> Attempt:
    """Takes an assignment over: from here on its lease is renewed."""
    granted = assignment.granted_through if assignment.HasField("granted_through") else math.inf
    return connection.reporter.register(Attempt(assignment.trial.study_id, assignment.trial.number, assignment.attempt, assignment.lease_ms / 1000, granted))
