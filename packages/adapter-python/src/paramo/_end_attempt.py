"""The end of an attempt, its last points in the same call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Iterable, NamedTuple, Optional, Sequence

from ._attempt import Attempt
from ._errors import ParamoError, is_unheard
from ._foreseen import foreseen
from ._outcome import Ending, missing_objective
from .v1.spool_pb2 import SpoolRecord
from .v1.trial_pb2 import Trial, TrialError
from .v1.trial_service_pb2 import AskRequest, AskResponse, CompleteRequest, FailRequest, GetTrialRequest, ReleaseRequest
from .v1.trial_service_pb2_grpc import TrialServiceStub
from .v1.value_pb2 import Values

if TYPE_CHECKING:
    from ._connection import Connection

# A result is worth more patience than a question.
_PATIENCE_S = 600.0
# One that is in the spool needs less.
_TOLD_PATIENCE_S = 5.0
# A call that waits for a commit and perhaps a suggestion.
_CALL_S = 60.0
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
    trial: Trial,
    objectives: Sequence[str],
    names: Iterable[str] = (),
    resumed_at: Optional[int] = None,
    ask_next: Optional[Callable[[], AskRequest]] = None,
    patience_s: float = _PATIENCE_S,
) -> EndedAttempt:
    """Ends an attempt at `trial`.

    One completed without its objective fails instead, with an error that names what was logged (`names`) and the checkpoint
    it went on from, if any (at step `resumed_at`); one that lost its trial to another worker ends without a word. An end in the spool counts as told: unless it asks for the next trial,
    it waits 5 s for the daemon at most, and is sent again for as long as the process lives.
    """
    is_settled = False
    is_spooled = False
    end: Optional[SpoolRecord] = None

    def send(ending: Ending) -> EndedAttempt:
        nonlocal end, is_spooled
        end = _end_record(connection, attempt, ending)
        is_spooled = connection.reporter.spool_end(attempt, end)
        waits_s = min(patience_s, _TOLD_PATIENCE_S) if is_spooled and not ask_next else patience_s
        batches = connection.reporter.finish(attempt, waits_s)
        kind = end.WhichOneof("kind") or ""
        request: Any = getattr(SpoolRecord.FromString(end.SerializeToString()), kind)
        request.batches.extend(batches)
        if ask_next:
            request.ask_next.CopyFrom(ask_next())
        answer = connection.link.unary(TrialServiceStub, kind.capitalize(), request, patience_s=waits_s, try_timeout_s=min(_CALL_S, max(1.0, waits_s)))
        return EndedAttempt(answer.trial, answer.next if answer.HasField("next") else None)

    try:
        try:
            ended = send(ending)
        except ParamoError as error:
            if ending.kind != "complete" or error.code != "OBJECTIVE_MISSING":
                raise
            ending = Ending("fail", message=str(missing_objective(attempt.trial, objectives, [*names, *ending.values], resumed_at)))
            ended = send(ending)
        is_settled = True
        return ended
    except ParamoError as error:
        # What nobody took in stays in the spool; what was refused would be refused again.
        is_settled = not is_unheard(error)
        if is_spooled and not is_settled and not ask_next:
            return EndedAttempt(foreseen(trial, ending, objectives), None)
        if error.code not in ("FENCED", "TRIAL_ENDED"):
            raise
        return EndedAttempt(read_trial(connection, attempt.study_id, attempt.trial), None)
    finally:
        connection.reporter.forget(attempt, is_settled)
        if end and not is_settled:
            connection.late_ends.add(attempt, end)


def leave_end(connection: "Connection", attempt: Attempt, ending: Ending) -> None:
    """Ends an attempt in the spool alone, for somebody to deliver it later. Asks nobody, never raises."""
    connection.reporter.leave(attempt, _end_record(connection, attempt, ending))


def read_trial(connection: "Connection", study_id: str, number: int) -> Trial:
    """A trial as it stands; raises ParamoError TRIAL_NOT_FOUND."""
    trial: Trial = connection.link.unary(TrialServiceStub, "GetTrial", GetTrialRequest(study_id=study_id, number=number)).trial
    return trial


def _end_record(connection: "Connection", attempt: Attempt, ending: Ending) -> SpoolRecord:
    common: Any = dict(attempt=attempt.message(), writer_id=connection.writer_id, request_id=connection.next_request_id())
    if ending.kind == "complete":
        return SpoolRecord(complete=CompleteRequest(values=Values(values=ending.values), **common))
    if ending.kind == "fail":
        stack = ending.stack.encode("utf-8", "replace")[-_MAX_STACK_BYTES:].decode("utf-8", "ignore")
        return SpoolRecord(fail=FailRequest(error=TrialError(message=ending.message, stack=stack), **common))
    return SpoolRecord(release=ReleaseRequest(reason=ending.message, **common))
