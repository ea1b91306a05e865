"""Asking for trials."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

from ._channel import OpenCall
from ._errors import ParamoError
from .v1 import trial_service_pb2
from .v1.trial_pb2 import Assignment
from .v1.trial_service_pb2 import AskRequest, AskResponse
from .v1.trial_service_pb2_grpc import TrialServiceStub
from .v1.value_pb2 import Worker

if TYPE_CHECKING:
    from ._connection import Connection
    from ._study import Study

# The longest one Ask waits; a longer wait is made of several.
LONGEST_ASK_S = 30.0
# How long an answer may take beyond the wait that was asked for.
_GRACE_S = 15.0
# How long an interrupted ask waits for an answer that is about to come.
_LEAVE_S = 0.2


class AskAnswer(NamedTuple):
    """What a study says to a worker that asks: a trial, or why there is none."""

    kind: str
    """`trial`, `not now`, `paused`, `host held` or `ended`."""
    assignment: Optional[Assignment] = None
    detail: str = ""


def make_worker(connection: "Connection", slot: str) -> Worker:
    """A slot of this process, as the daemon knows it."""
    return Worker(id=slot, process=connection.writer_id, host=connection.host, pid=os.getpid())


def ask_request(connection: "Connection", study: "Study[Any]", worker: Worker, wait_s: float) -> AskRequest:
    """A request for the next trial, with an id of its own."""
    wait_ms = int(min(max(0.0, wait_s), LONGEST_ASK_S) * 1000)
    return AskRequest(study_id=study.id, revision=study.revision, worker=worker, request_id=connection.next_request_id(), wait_ms=wait_ms)


def ask_once(connection: "Connection", study: "Study[Any]", worker: Worker, wait_s: float) -> AskAnswer:
    """Asks once, waiting `wait_s` seconds at most in the daemon. A trial that comes while this is interrupted is given back."""
    request = ask_request(connection, study, worker, wait_s)

    def wait(call: OpenCall) -> Any:
        try:
            return call.result()
        except (KeyboardInterrupt, SystemExit):
            _leave(connection, call)
            raise

    answer = read_answer(connection.link.patient(TrialServiceStub, "Ask", request, wait, try_timeout_s=request.wait_ms / 1000 + _GRACE_S))
    # People wonder why nothing happens.
    if answer.kind in ("paused", "host held"):
        connection.warnings.once(answer.kind, f"waiting for trials: {answer.detail}")
    return answer


def read_answer(response: AskResponse) -> AskAnswer:
    """The answer in an Ask's response."""
    if response.HasField("assignment"):
        return AskAnswer("trial", response.assignment)
    if response.none == trial_service_pb2.NO_TRIAL_REASON_ENDED:
        return AskAnswer("ended", detail=response.detail)
    if response.none == trial_service_pb2.NO_TRIAL_REASON_HOST_HELD:
        return AskAnswer("host held", detail=response.detail)
    return AskAnswer("paused" if response.none == trial_service_pb2.NO_TRIAL_REASON_PAUSED else "not now", detail=response.detail)


def give_back(connection: "Connection", assignment: Assignment, reason: str) -> None:
    """Gives a trial back that nobody has begun; never raises what the daemon refuses with."""
    from ._end_attempt import end_attempt
    from ._holder import take_over
    from ._outcome import Ending

    try:
        end_attempt(connection, take_over(connection, assignment), Ending("release", message=reason), trial=assignment.trial, objectives=(), patience_s=2.0)
    except ParamoError:
        # Its lease will run out.
        pass


def _leave(connection: "Connection", call: OpenCall) -> None:
    try:
        answer = read_answer(call.result(_LEAVE_S))
    except ParamoError:
        call.cancel()
        return
    if answer.assignment:
        give_back(connection, answer.assignment, "the process was interrupted")
