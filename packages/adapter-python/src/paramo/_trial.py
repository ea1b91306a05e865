"""What code that evaluates a configuration holds in its hands."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Generic, Iterator, Mapping, NamedTuple, Optional, TypeVar, Union

from ._record import Fidelity, Outcome, TrialRecord

if TYPE_CHECKING:
    from ._holder import Holder

P = TypeVar("P")
"""The type of a trial's params."""

_DECISION_S = 2.0


class StopNotice(NamedTuple):
    """Why a trial should end before its code has come to its end."""

    cause: str
    """`stop`, `pause`: decided by the stopper, the strategy or a person; `fenced`: another worker has the trial now;
    `ended`: it is over already; `budget`: no further step is granted; `aborted`: this process gives it back."""
    reason: str
    """In words."""


class Resume(NamedTuple):
    """The checkpoint that a trial goes on from, restored and verified."""

    dir: str
    """The directory it was restored to; it goes when the trial ends."""
    step: int
    """Index of the last step done, from 0; `steps()` goes on with the one after it."""
    trial: int
    """The trial that took it: this one or another."""
    checkpoint: str
    """The hash that names its content."""


class Trial(Generic[P]):
    """One evaluation of one configuration, while it runs."""

    def __init__(self, holder: "Holder[P]") -> None:
        self._holder = holder
        self._log = holder.log
        self._loop_done = holder.resume.step + 1 if holder.resume else 0
        self._waited_done = self._loop_done
        self._last_step: Optional[int] = None
        """The step that was taken although the trial is to leave."""

    @property
    def id(self) -> str:
        """Names it among all trials: `STUDY_ID/NUMBER`."""
        return f"{self._holder.attempt.study_id}/{self.number}"

    @property
    def number(self) -> int:
        """0, 1, 2, … in its study."""
        return self._holder.record.number

    @property
    def params(self) -> P:
        """The configuration; it never changes."""
        return self._holder.record.params

    @property
    def attempt(self) -> int:
        """Which try of the trial this is, from 1."""
        return self._holder.attempt.attempt

    @property
    def seed(self) -> int:
        """For the trainer's random numbers, 0 to 2^53 - 1: the same for every attempt of this trial."""
        return self._holder.seed

    @property
    def fidelity(self) -> Fidelity:
        """What is asked beside the params: at most so many steps, such a share of the data."""
        return self._holder.record.fidelity

    @property
    def resume(self) -> Optional[Resume]:
        """The checkpoint to go on from; None: start from nothing."""
        return self._holder.resume

    @property
    def stopped(self) -> Optional[StopNotice]:
        """Why the trial should end; None while it should go on."""
        return self._holder.stopped

    @property
    def result(self) -> Optional[TrialRecord[P]]:
        """The trial as it ended; None while it runs."""
        return self._holder.result

    def steps(self, steps: Optional[int] = None) -> Iterator[int]:
        """Counts the steps of the training, from where it stands up to `steps` done in all.

        Default and upper bound are `fidelity.steps`. A trial that goes on from a checkpoint begins at `resume.step + 1`.
        Between two steps it waits for decisions and grants; it ends early when the trial should, or has. A trial that is
        paused or given back takes one more step when its code saves checkpoints and was past the last one it could save.
        """
        ends = [end for end in (steps, self.fidelity.steps) if end is not None]
        while not ends or self._loop_done < min(ends):
            if not self._may_go_on() or not self._granted(self._loop_done + 1) or not self._may_go_on():
                return
            step = self._loop_done
            self._log.enter(step)
            yield step
            self._loop_done = step + 1
            self._holder.reporter.progress(self._holder.attempt, self._loop_done)
            self._decide()

    def log(self, metrics: Mapping[str, Any] = {}, *, step: Optional[int] = None, **values: Any) -> None:
        """Notes metrics at a step (from 0; by default the step of `steps()`, else one after the other).

        Never waits, never raises: points that cannot be stored are counted, and said once on stderr. `metrics` is for
        names that are no keywords, as in `log({"val/loss": x})`.
        """
        self._log.log({**metrics, **values} if metrics else values, step)

    def report(self, metrics: Mapping[str, Any] = {}, *, step: Optional[int] = None, **values: Any) -> None:
        """`log`, and at a milestone waits for the decision: for 2 s at most, not at all while the daemon is away. Never raises."""
        self.log(metrics, step=step, **values)
        self._decide()

    def checkpoint(self, save: Callable[[str], object], *, force: bool = False) -> bool:
        """Calls `save(dir)` when a checkpoint is due, and stores what it wrote; says whether it did.

        One is due where the study needs it (a population does at every decision point), when the trial is being paused, and
        else once a minute or more rarely, so that saving costs a twentieth of the time at most; `force`: now. It belongs at
        the end of the loop's body: what it saves counts as the state after the step at hand. Returns once it is on disk
        and, where the study decides by it, the decision is known. A trial that is started again is given its newest one
        in `resume`. Raises what `save` raises, and ParamoError INVALID_ARGUMENT, LIMIT_EXCEEDED for files that no
        checkpoint can hold; whatever else keeps it from being stored is said once on stderr, and tried again the next time.
        """
        if self._holder.pid != os.getpid():
            return False
        return self._holder.saver.checkpoint(save, self._log.done, force)

    def complete(self, values: Outcome = None) -> TrialRecord[P]:
        """Ends the trial well; `values` (a number: the objective) override what was logged. The first end wins.

        Raises ParamoError OBJECTIVE_MISSING when the objective was neither logged nor given; the trial goes on then.
        """
        return self._holder.complete(values)

    def fail(self, error: Union[BaseException, str]) -> TrialRecord[P]:
        """Ends the trial with an error. The first end wins."""
        return self._holder.fail(error)

    def release(self, reason: str = "") -> TrialRecord[P]:
        """Gives the trial back, for another worker or a later time. The first end wins."""
        return self._holder.release(reason)

    def __repr__(self) -> str:
        return f"<trial {self.number} attempt {self.attempt} params={self.params!r}>"

    @property
    def _over(self) -> bool:
        return self._holder.is_over or self.stopped is not None or self._holder.pid != os.getpid()

    def _may_go_on(self) -> bool:
        """Whether the loop may take another step.

        Told to leave after it has come past `checkpoint`, the code gets one more, at the end of which it comes there again:
        else all since the last checkpoint would be done once more.
        """
        if not self._over:
            return True
        holder, saver = self._holder, self._holder.saver
        if holder.is_over or holder.pid != os.getpid() or not (saver.used and saver.is_leaving and saver.is_due(self._loop_done)):
            return False
        if self._last_step is None:
            self._last_step = self._loop_done
        return self._last_step == self._loop_done

    def _decide(self) -> None:
        holder = self._holder
        done = self._log.objective_done
        is_milestone = holder.milestones.passed(self._waited_done, done)
        self._waited_done = max(self._waited_done, done)
        if not is_milestone or self._over:
            return
        holder.reporter.flush()
        holder.reporter.wait(
            lambda: holder.attempt.decided_done >= done or self._over,
            timeout_s=None if holder.milestones.barrier else _DECISION_S,
            go_on_when_away=True,
        )

    def _granted(self, done: int) -> bool:
        """Whether the step may be taken. A grant is a hard limit, so this waits for the daemon however long that is away."""
        holder = self._holder
        attempt = holder.attempt
        while done > attempt.granted and not self._over:
            holder.reporter.flush()
            told = holder.reporter.wait(lambda: done <= attempt.granted or self._over, timeout_s=_DECISION_S, go_on_when_away=False)
            if not told and not holder.reporter.away and not attempt.has_work:
                holder.notice = StopNotice("budget", "no further steps are granted")
        return done <= attempt.granted
