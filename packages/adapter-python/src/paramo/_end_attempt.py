"""The end of an attempt, its last points in the same call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Iterable, NamedTuple, Optional, Sequence

from ._attempt import Attempt
from ._errors import ParamoError
from ._outcome import Ending, missing_objective
from .v1.trial_pb2 import Trial, TrialError
from .v1.trial_service_pb2 import AskRequest, AskResponse, CompleteRequest, FailRequest, GetTrialRequest, ReleaseRequest
from .v1.trial_service_pb2_grpc import TrialServiceStub
from .v1.value_pb2 import Values

if TYPE_CHECKING:
    from ._connection import Connection

# A result is worth more patience than a question.
_PATIENCE_S = 600.0
# A call that waits for a commit and perhaps a suggestion.
_CALL_S = 60.0
# The most unacked points a last call carries; what is beyond goes by the stream first.
_CARRIED_BYTES = 512 * 1024
_MAX_STACK_BYTES = 64 * 1024 - 1


class EndedAttempt(NamedTuple):
    """What came of an attempt."""

    trial: Trial
    """The trial as it stands."""
    next: Optional[AskResponse]
    """The answer to the ask that went along."""


def end_attempt(
    connection: "Connection",
    attempt: Attempt,
    ending: Ending,
    *,
    objectives: Sequence[str],
    names: Iterable[str] = (),
    ask_next: Optional[Callable[[], AskRequest]] = None,
    patience_s: float = _PATIENCE_S,
) -> EndedAttempt:
    """Ends an attempt.

    One completed without its objective fails instead, with an error that names what was logged (`names`); one that lost
    its trial to another worker ends without a word.
    """
    reporter = connection.reporter
    with reporter.news:
        attempt.cut()
    if attempt.bytes > _CARRIED_BYTES:
        reporter.flush()
        reporter.wait(lambda: attempt.bytes <= _CARRIED_BYTES, timeout_s=patience_s, go_on_when_away=False)
    with reporter.news:
        attempt.finishing = True
        attempt.cut()
        reporter.news.notify_all()
    try:
        try:
            return _send(connection, attempt, ending, ask_next, patience_s)
        except ParamoError as error:
            if ending.kind != "complete" or error.code != "OBJECTIVE_MISSING":
                raise
            why = missing_objective(attempt.trial, objectives, [*names, *ending.values])
            return _send(connection, attempt, Ending("fail", message=str(why)), ask_next, patience_s)
    except ParamoError as error:
        if error.code not in ("FENCED", "TRIAL_ENDED"):
            raise
        return EndedAttempt(read_trial(connection, attempt.study_id, attempt.trial), None)
    finally:
        reporter.forget(attempt)


def read_trial(connection: "Connection", study_id: str, number: int) -> Trial:
    """A trial as it stands; raises ParamoError TRIAL_NOT_FOUND."""
    trial: Trial = connection.link.unary(TrialServiceStub, "GetTrial", GetTrialRequest(study_id=study_id, number=number)).trial
    return trial


def _send(connection: "Connection", attempt: Attempt, ending: Ending, ask_next: Optional[Callable[[], AskRequest]], patience_s: float) -> EndedAttempt:
    with connection.reporter.news:
        batches = attempt.unacked()
    common: Any = dict(
        attempt=attempt.message(), writer_id=connection.writer_id, batches=batches, request_id=connection.next_request_id(), ask_next=ask_next() if ask_next else None
    )
    request: Any
    if ending.kind == "complete":
        method, request = "Complete", CompleteRequest(values=Values(values=ending.values), **common)
    elif ending.kind == "fail":
        stack = ending.stack.encode("utf-8", "replace")[-_MAX_STACK_BYTES:].decode("utf-8", "ignore")
        method, request = "Fail", FailRequest(error=TrialError(message=ending.message, stack=stack), **common)
    else:
        method, request = "Release", ReleaseRequest(reason=ending.message, **common)
    answer = connection.link.unary(TrialServiceStub, method, request, patience_s=patience_s, try_timeout_s=min(_CALL_S, max(1.0, patience_s)))
    return EndedAttempt(answer.trial, answer.next if answer.HasField("next") else None)
