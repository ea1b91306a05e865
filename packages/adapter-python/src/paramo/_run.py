"""Tracked runs: the params are yours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence, TypeVar, Union

from ._checks import whole
from ._errors import ParamoError
from ._notes import notes
from ._params import Params
from ._requests import CommonOptions, as_json, tracking_request
from ._trial import Trial
from ._trial_variable import trial_of_program

if TYPE_CHECKING:
    from ._connection import Connection
    from ._holder import Holder

P = TypeVar("P")


class TrackedRun:
    """A run to be entered with `with`. What its body raises fails the run and is raised on."""

    def __init__(
        self, name: str, params: Optional[Mapping[str, Any]], seed: Optional[int], attributes: Mapping[str, Any], connection: "Optional[Connection]", options: Mapping[str, Any],
        resume: Union[None, int, str], describe: bool
    ) -> None:
        self._name = name
        self._params = params
        self._seed = seed
        self._attributes = attributes
        self._connection = connection
        self._options = options
        self._resume = resume
        self._describe = describe
        self._holder: "Optional[Holder[Params]]" = None
        self._terminable: Any = None
        self._attached: Any = None
        """The context of a trial that this program is run for."""

    def __enter__(self) -> Trial[Params]:
        from ._connection import given_or_default
        from ._holder import Holder
        from ._interrupts import terminable
        from ._messages import params_to_message
        from ._ranks import LeadingTrial, follow_run, rank, shared, tell
        from ._resume import find_run
        from ._study import Study
        from .v1.study_service_pb2_grpc import StudyServiceStub
        from .v1.trial_service_pb2 import EnqueueRequest, UpdateTrialRequest
        from .v1.trial_service_pb2_grpc import TrialServiceStub
        from ._ask import make_worker

        attempt = trial_of_program()
        if attempt:
            from ._attached_run import run_attached

            self._attached = run_attached(self._connection, attempt)
            attached: Trial[Params] = self._attached.__enter__()
            return attached
        params = Params(self._params or {})
        if rank():
            return follow_run(params, self._seed)
        message = params_to_message(params)
        tracking_request(self._name, self._options, "check")
        connection = given_or_default(self._connection)
        opened = connection.link.unary(StudyServiceStub, "OpenStudy", tracking_request(self._name, self._options, connection.next_request_id()))
        # The params are those that were given, as they were given.
        study: Study[Params] = Study(connection, opened.study, {}, Params)
        resumed = None if self._resume is None else find_run(study, self._resume, self._params)
        request = EnqueueRequest(study_id=study.id, params=message if resumed is None else None, request_id=connection.next_request_id(), start_for=make_worker(connection, connection.next_slot("run")))
        if self._seed is not None:
            request.seed = whole("seed", self._seed, 0)
        attributes = as_json("attributes", self._attributes) if self._attributes else ""
        if resumed is None:
            request.attributes_json = attributes
        else:
            request.resume = resumed.number
        answer = connection.link.unary(TrialServiceStub, "Enqueue", request)
        if not answer.HasField("assignment"):
            raise ParamoError("STUDY_MISMATCH", f'study "{self._name}" does not start tracked runs', "It is a search: give the run another name.")
        if resumed and attributes:
            connection.link.unary(TrialServiceStub, "UpdateTrial", UpdateTrialRequest(study_id=study.id, trial=resumed.number, attributes_json=attributes))
        holder: "Holder[Params]" = Holder(connection, study, answer.assignment)
        holder.record.params = params if resumed is None else resumed.params
        if self._describe:
            holder.describe(0)
        trial = holder.begin()
        if rank() is not None:
            trial = LeadingTrial(trial)
            shared(tell(trial))
        self._holder = holder
        self._terminable = terminable()
        self._terminable.__enter__()
        return trial

    def __exit__(self, kind: Any, error: Optional[BaseException], traceback: Any) -> None:
        import os

        from ._interrupts import told
        from ._outcome import Ending, failure

        if self._attached:
            self._attached.__exit__(kind, error, traceback)
            return
        holder = self._holder
        if holder is None or holder.pid != os.getpid():
            # A child of a fork came to the end of a block that its parent had entered.
            return
        try:
            if error is None:
                if not holder.is_over:
                    holder.end(holder.conclude(None))
            elif isinstance(error, Exception):
                holder.end(failure(error))
            else:
                # Nobody would take a tracked run up again, so it is not given back.
                holder.let_go(Ending("fail", message=told(error)))
        except ParamoError as refused:
            if error is None:
                raise
            holder.connection.warnings.once("end", f"the run could not be ended: {refused}")
        finally:
            self._terminable.__exit__(None, None, None)


def run(
    name: str,
    params: Optional[Mapping[str, Any]] = None,
    *,
    seed: Optional[int] = None,
    attributes: Mapping[str, Any] = {},
    tags: Sequence[str] = (),
    note: Optional[str] = None,
    group: Optional[str] = None,
    resume: Union[None, int, str] = None,
    describe: bool = True,
    study: CommonOptions = {},
    connection: "Optional[Connection]" = None,
) -> TrackedRun:
    """Tracks one run in the study `name`, created when it is missing: the study has no strategy, the params are yours.

        with paramo.run("mnist", params=dict(lr=1e-3)) as run:
            for epoch in run.steps(20):
                run.log(loss=...)

    The run completes with the block; what the block raises fails it and is raised on. In a program under `paramo run` it is the
    trial that this is run for, with its params, and only who runs that ends it. `study` is what the study of this
    name is given when the run creates it.

    `tags`, `note` and `group` are for people, who find the run by them (`paramo trials mnist --filter 'tags = baseline'`).
    `describe`: command line, code, environment and machine are kept with the run, unless PARAMO_DESCRIBE is 0. `resume`
    goes on with a run of the study, by its number or id, in place of a new one: as its next attempt, from its newest
    checkpoint in `run.resume`, or from step 0 where it saved none. Entering it then raises ParamoError TRIAL_RUNNING when it still
    runs, naming who runs it; TRIAL_NOT_FOUND; INVALID_PARAMS when params are given that are not its own.
    """
    return TrackedRun(name, params, seed, {**attributes, **notes(tags, note, group)}, connection, study, resume, describe)
