"""A study, for reading and for working on it."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, Generic, Iterator, List, Mapping, Optional, Tuple, TypeVar, Union, cast, overload

from ._checks import invalid_option, positive, whole
from ._duration import Duration, duration_ms
from ._errors import ParamoError
from ._importance import ParameterImportance, parameter_importance
from ._outcome import Ending, failure, missing_objective, outcome_values
from ._parameter import Parameter, ParamValue
from ._record import TERMINAL, BestTrial, Fidelity, Outcome, Series, TrialRecord
from ._requests import as_json
from ._trial import Trial

if TYPE_CHECKING:
    import pandas

    from ._ask import AskAnswer
    from ._connection import Connection
    from ._holder import Holder
    from .v1.study_pb2 import Study as StudyMessage
    from .v1.trial_pb2 import Trial as TrialMessage

P = TypeVar("P")
"""The type of the params of its trials."""

# A page holds so many trials: below the size limit of a message even with many params.
_PAGE = 200
_STATES = ("", "open", "paused", "ended")
_END_REASONS = ("", "done", "budget", "target", "no improvement", "failures", "user")


class Study(Generic[P]):
    """A study as it stood at the last call that read it; `refresh()` reads it anew."""

    def __init__(self, connection: "Connection", message: "StudyMessage", parameters: Mapping[str, Parameter], make_params: Callable[[Dict[str, ParamValue]], P]) -> None:
        self._connection = connection
        self._message = message
        self._parameters = parameters
        self._make_params = make_params
        self._holding: Dict[int, "Holder[P]"] = {}

    @property
    def id(self) -> str:
        """A ULID; never changes."""
        return self._message.study_id

    @property
    def name(self) -> str:
        return self._message.spec.name

    @property
    def revision(self) -> int:
        """Counts from 1; grows when its plan changes."""
        return self._message.revision

    @property
    def seed(self) -> int:
        """Mixed into every random stream."""
        return self._message.spec.seed

    @property
    def state(self) -> str:
        """`open`, `paused` or `ended`."""
        return _STATES[self._message.state]

    @property
    def end_reason(self) -> str:
        """`done`, `budget`, `target`, `no improvement`, `failures` or `user`; empty while it has not ended."""
        return _END_REASONS[self._message.end_reason]

    @property
    def end_detail(self) -> str:
        """Why it ended or is paused, in words."""
        return self._message.end_detail

    @property
    def counts(self) -> Dict[str, int]:
        """Numbers of trials by state."""
        counts = self._message.counts
        return {state: getattr(counts, state) for state in ("waiting", "running", "paused", *TERMINAL)}

    @property
    def objective_names(self) -> Tuple[str, ...]:
        """The metrics of its objectives; none in a series of tracked runs."""
        return tuple(objective.metric for objective in self._message.spec.plan.objectives)

    def refresh(self) -> "Study[P]":
        """Reads the study."""
        from .v1.study_service_pb2 import GetStudyRequest
        from .v1.study_service_pb2_grpc import StudyServiceStub

        self._message = self._connection.link.unary(StudyServiceStub, "GetStudy", GetStudyRequest(study_id=self.id)).study
        return self

    def best(self) -> Optional[BestTrial[P]]:
        """The best trial as it stands now; None while there is none. With several objectives there is a `front()` instead."""
        if len(self.objective_names) > 1:
            raise invalid_option(f'study "{self.name}" has several objectives, and no best trial', "Use front().")
        message = self.refresh()._message
        return self._best_of(self._read(message.best_trial)) if message.HasField("best_trial") else None

    def front(self) -> List[BestTrial[P]]:
        """The completed trials that no other one beats in every objective, as they stand now."""
        from ._front import pareto_front

        goals = [(objective.metric, objective.goal == 1) for objective in self._message.spec.plan.objectives]
        return pareto_front([self._best_of(message) for message in self._list("state = completed", "", None)], goals)

    def importance(self, *, step: Optional[int] = None) -> List[ParameterImportance]:
        """How strongly each parameter goes with the objective, strongest first, over the completed trials as they stand now.

        With `step` over all trials that got there, by their values at that step: where many are stopped early, those that are
        left no longer show what mattered. It says what goes with what, not why: parameters are weighed one by one, and where
        a strategy searched, together with its taste. Those that fewer than three of the trials have are left out. Raises
        ParamoError INVALID_ARGUMENT when the study has not one objective.
        """
        if len(self.objective_names) != 1:
            has = f"has {len(self.objective_names)} objectives" if self.objective_names else "tracks runs and has no objective"
            raise ParamoError("INVALID_ARGUMENT", f'study "{self.name}" {has}, and importance is that for one', "Export its trials with `paramo export` and look at one metric at a time.")
        value_of: Callable[[TrialRecord[P]], Optional[float]] = lambda trial: trial.value
        if step is None:
            trials = self.trials(filter="state = completed")
        else:
            at = whole("step", step, 0)
            trials = [trial for trial in self.trials() if trial.done > at]
            value_of = lambda trial: self._value_at(trial, at)
        comparable = [trial for trial in trials if trial.fidelity.data in (None, 1)]
        valued = [(dict(cast(Any, trial.params)), value_of(trial)) for trial in comparable]
        return parameter_importance([(params, value) for params, value in valued if value is not None], self._parameters)

    def trials(self, *, filter: str = "", order: str = "", limit: Optional[int] = None) -> List[TrialRecord[P]]:
        """Trials by filter and order.

        `filter`: such as `state = completed and lr < 1e-2`; empty: all but retracted ones. `order`: `number` (the default),
        `value`, or a parameter's or metric's name; a leading `-` turns it round. `limit`: at most so many; None: all.
        """
        return [self.record_of(message) for message in self._list(filter, order, None if limit is None else whole("limit", limit, 0))]

    def rows(self, *, filter: str = "", order: str = "", limit: Optional[int] = None) -> List[Dict[str, Any]]:
        """`trials()` as dicts with the same keys: `trial`, `state`, `value`, …, `params.NAME`, `metrics.NAME`."""
        from ._table import rows_of

        return rows_of(self.trials(filter=filter, order=order, limit=limit), self.objective_names)

    def frame(self, *, filter: str = "", order: str = "", limit: Optional[int] = None) -> "pandas.DataFrame":
        """`rows()` as a frame of pandas, by number of trial; raises ParamoError PLUGIN_NOT_INSTALLED without pandas."""
        from ._table import frame_of

        return frame_of(self.rows(filter=filter, order=order, limit=limit))

    def trial(self, number: int) -> TrialRecord[P]:
        """One trial; raises ParamoError TRIAL_NOT_FOUND."""
        return self.record_of(self._read(whole("number", number, 0)))

    def description(self, trial: int) -> Optional[Dict[str, Any]]:
        """What a trial was: command line, code, packages, environment and machine of its newest attempt; None where that was not kept."""
        from ._read_description import read_description

        return read_description(self._connection.link, self.id, trial)

    def series(self, trial: int, metric: str, *, from_step: int = 0, to_step: Optional[int] = None, max_points: int = 0) -> Series:
        """The points of one metric of one trial, at most `max_points` of them (0: all), first and last and extremes kept.

        Raises ParamoError INVALID_METRIC with the near miss when the trial has no such metric.
        """
        from ._read_series import read_series

        return read_series(self._connection.link, self.id, trial, metric, from_step=from_step, to_step=to_step, max_points=max_points)

    @overload
    def ask(self) -> Trial[P]: ...

    @overload
    def ask(self, wait: Duration) -> Optional[Trial[P]]: ...

    def ask(self, wait: Optional[Duration] = None) -> Optional[Trial[P]]:
        """A trial to evaluate, told about with `tell` or ended by itself.

        Waits for one; with `wait` (seconds or `'10s'`; 0: not at all) no longer than that, and is None when there is none
        by then. Raises ParamoError STUDY_ENDED when none will come.
        """
        from ._ask import LONGEST_ASK_S, ask_once, make_worker

        # Each ask is a slot of its own: the trials of several may be evaluated at once.
        worker = make_worker(self._connection, self._connection.next_slot("ask"))
        give_up = None if wait is None else time.monotonic() + (0 if wait == 0 else duration_ms("wait", wait) / 1000)
        while True:
            left = LONGEST_ASK_S if give_up is None else max(0.0, give_up - time.monotonic())
            answer = ask_once(self._connection, self, worker, left)
            trial = self._begin(self.hold(answer)) if answer.kind == "trial" else None
            if trial:
                return trial
            if answer.kind == "ended":
                raise self._ended_error(answer.detail)
            if give_up is not None and time.monotonic() >= give_up:
                return None

    def tell(self, trial: Union[Trial[P], int, str], result: Union[Outcome, BaseException]) -> TrialRecord[P]:
        """Ends a trial that was asked for, by this process or another: with the objective's value, metrics, or an error."""
        from ._attempt import Attempt
        from ._end_attempt import end_attempt

        number = self._number_of(trial)
        holder = self._holding.get(number)
        if holder:
            return holder.fail(result) if isinstance(result, BaseException) else holder.complete(result)
        objectives = self.objective_names
        ending = failure(result) if isinstance(result, BaseException) else Ending("complete", values=outcome_values(result, objectives))
        # Asked for by another process, or by this one before it was started again.
        message = self._read(number)
        record = self.record_of(message)
        if record.state in TERMINAL:
            return record
        if record.attempt == 0:
            raise ParamoError("INVALID_ARGUMENT", f"trial {number} was never handed out", "Tell about trials that ask() gave.")
        seen = [*record.metrics, *ending.values]
        if ending.kind == "complete" and not all(name in seen for name in objectives):
            raise missing_objective(number, objectives, seen)
        lease_s = (self._message.spec.rules.lease_ms or 30_000) / 1000
        attempt = self._connection.reporter.register(Attempt(self.id, number, record.attempt, lease_s))
        return self.record_of(end_attempt(self._connection, attempt, ending, trial=message, objectives=objectives).trial)

    def each(self) -> Iterator[Trial[P]]:
        """Trials one at a time, until the study ends.

        A trial not ended in the loop's body completes with what was logged; leaving the loop gives it back.
        """
        from ._ask import LONGEST_ASK_S, ask_once, ask_request, make_worker, read_answer

        worker = make_worker(self._connection, self._connection.next_slot("each"))
        answer: Optional["AskAnswer"] = None
        while True:
            answer = answer or ask_once(self._connection, self, worker, LONGEST_ASK_S)
            if answer.kind == "ended":
                return
            if answer.kind != "trial":
                answer = None
                continue
            holder = self.hold(answer)
            answer = None
            through = False
            try:
                trial = self._begin(holder)
                if trial is None:
                    continue
                yield trial
                through = True
            finally:
                # Left by break, return or raise.
                if not through and not holder.is_over:
                    holder.end(Ending("release", message="the loop over trials was left"))
            ended = holder.end(holder.conclude(None), lambda: ask_request(self._connection, self, worker, 0))
            answer = read_answer(ended.next) if ended.next else None

    def enqueue(self, params: Union[P, Mapping[str, ParamValue]], *, fidelity: Fidelity = Fidelity(), seed: Optional[int] = None, attributes: Mapping[str, Any] = {}) -> TrialRecord[P]:
        """Adds a trial with these params, to be handed out before those of the strategy; `fidelity`: what it is asked beside them."""
        from ._messages import params_to_message
        from .v1.trial_service_pb2 import EnqueueRequest
        from .v1.trial_service_pb2_grpc import TrialServiceStub

        request = EnqueueRequest(study_id=self.id, params=params_to_message(dict(cast(Any, params))), request_id=self._connection.next_request_id())
        if fidelity.steps is not None:
            request.fidelity.steps = whole("fidelity.steps", fidelity.steps, 1)
        if fidelity.data is not None:
            request.fidelity.data = positive("fidelity.data", fidelity.data)
        if seed is not None:
            request.seed = whole("seed", seed, 0)
        if attributes:
            request.attributes_json = as_json("attributes", attributes)
        return self.record_of(self._connection.link.unary(TrialServiceStub, "Enqueue", request).trial)

    def pause(self, reason: str = "") -> "Study[P]":
        """Hands out nothing until `open()`."""
        return self._update(2, reason)

    def open(self, reason: str = "") -> "Study[P]":
        """Takes a pause back, or an end."""
        return self._update(1, reason)

    def end(self, reason: str = "") -> "Study[P]":
        """Ends the study; what runs may complete."""
        return self._update(3, reason)

    def hold(self, answer: "AskAnswer", describe: bool = True) -> "Holder[P]":
        """Takes a trial over that was handed out. `describe`: what it ran as is kept with it if it lasts."""
        from ._describer import WORTHWHILE_S
        from ._holder import Holder

        assert answer.assignment is not None
        number = answer.assignment.trial.number
        holder: "Holder[P]" = Holder(self._connection, self, answer.assignment, lambda: cast(None, self._holding.pop(number, None)))
        self._holding[number] = holder
        if describe:
            holder.describe(WORTHWHILE_S)
        return holder

    def record_of(self, message: "TrialMessage") -> TrialRecord[P]:
        """A trial as it stands."""
        from ._messages import record_from_message

        return cast(TrialRecord[P], record_from_message(message, self._parameters, self._make_params, self))

    def __repr__(self) -> str:
        return f"<study {self.name!r} {self.state}>"

    def _begin(self, holder: "Holder[P]") -> Optional[Trial[P]]:
        """The trial with what it goes on from; one that cannot be had fails it.

        None when nobody waits for it any more: this process was held up, and others have taken the trial on.
        """
        try:
            return holder.begin()
        except ParamoError as error:
            ending = failure(error)
            ended = holder.end(ending).trial
            if ended.attempt != holder.attempt.attempt or ended.reason != ending.message:
                return None
            raise

    def _best_of(self, message: "TrialMessage") -> BestTrial[P]:
        from ._messages import record_from_message

        return cast(BestTrial[P], record_from_message(message, self._parameters, self._make_params, self, BestTrial))

    def _read(self, number: int) -> "TrialMessage":
        from ._end_attempt import read_trial

        return read_trial(self._connection, self.id, number)

    def _list(self, filter: str, order: str, limit: Optional[int]) -> "List[TrialMessage]":
        from .v1.trial_service_pb2 import ListTrialsRequest
        from .v1.trial_service_pb2_grpc import TrialServiceStub

        found: "List[TrialMessage]" = []
        token = ""
        while limit is None or len(found) < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - len(found))
            page = self._connection.link.unary(TrialServiceStub, "ListTrials", ListTrialsRequest(study_id=self.id, filter=filter, order=order, page_size=size, page_token=token))
            found.extend(page.trials)
            token = page.next_page_token
            if not token:
                break
        return found

    def _value_at(self, trial: TrialRecord[P], step: int) -> Optional[float]:
        """The value that the objective had at a step; None: none, or not finite."""
        metric = self.objective_names[0]
        values = self.series(trial.number, metric, from_step=step, to_step=step).values if metric in trial.metrics else []
        return values[-1] if values and math.isfinite(values[-1]) else None

    def _update(self, state: int, reason: str) -> "Study[P]":
        from .v1.study_service_pb2 import UpdateStudyRequest
        from .v1.study_service_pb2_grpc import StudyServiceStub

        self._message = self._connection.link.unary(StudyServiceStub, "UpdateStudy", UpdateStudyRequest(study_id=self.id, state=cast(Any, state), reason=reason)).study
        return self

    def _number_of(self, which: Union[Trial[P], int, str]) -> int:
        if isinstance(which, int):
            return whole("the number of a trial", which, 0)
        trial_id = which if isinstance(which, str) else which.id
        study, _, number = trial_id.rpartition("/")
        if study == self.id and number.isdigit():
            return int(number)
        message = f"trial {trial_id} belongs to another study" if number.isdigit() and study else f"{trial_id!r} names no trial"
        raise ParamoError("INVALID_ARGUMENT", message, "Give the trial that ask() returned, its id, or its number.")

    def _ended_error(self, detail: str) -> ParamoError:
        why = detail or self.end_reason
        return ParamoError("STUDY_ENDED", f'study "{self.name}" has ended{f" ({why})" if why else ""}', "Its results stay readable; raise its budget of trials, or give fresh=True.")
