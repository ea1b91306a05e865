"""The trial that this process is run for.

Another process runs it, renews its lease and ends it; this one reports: its points, and its checkpoints. Of several processes of a
program one reports, the others' points go nowhere.
"""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any, Callable, Dict, NamedTuple

from ._attached_attempt import AttachedAttempt
from ._open import find_study
from ._params import Params
from ._ranks import rank
from ._study import Study
from ._trial_variable import AttemptOfProgram
from .v1.trial_pb2 import Assignment
from .v1.trial_service_pb2 import AttachRequest, AttemptKey
from .v1.trial_service_pb2_grpc import TrialServiceStub

if TYPE_CHECKING:
    from ._connection import Connection
    from ._parameter import ParamValue


class Attachment(NamedTuple):
    """What a process needs to report for an attempt that another one runs."""

    study: Study[Params]
    """The study of the runner."""
    assignment: Assignment
    attempt: AttachedAttempt
    is_silent: bool
    """It reports nothing: another process does."""

    def study_with(self, make_params: Callable[[Dict[str, ParamValue]], Any]) -> Study[Any]:
        """The study of the runner, its params as the program has them."""
        return Study(self.study._connection, self.study._message, self.study._parameters, make_params)


def attach(connection: "Connection", name: AttemptOfProgram) -> Attachment:
    """Attaches to the trial, once a connection: all that it logs has one count.

    Raises ParamoError STUDY_NOT_FOUND, TRIAL_NOT_FOUND, FENCED, TRIAL_ENDED.
    """
    with connection.attaching:
        if connection.attachment is None:
            connection.attachment = _attach(connection, name)
        return connection.attachment


def _attach(connection: "Connection", name: AttemptOfProgram) -> Attachment:
    key = AttemptKey(study_id=name.study_id, trial=name.trial, attempt=name.attempt)
    answer = connection.link.unary(TrialServiceStub, "Attach", AttachRequest(attempt=key, writer_id=connection.writer_id if _is_first_rank() else ""))
    assignment = answer.assignment
    study = find_study(name.study_id, connection=connection)
    # One whose reports go nowhere waits for no decision.
    granted = assignment.granted_through if assignment.HasField("granted_through") and not answer.taken else math.inf
    attempt = AttachedAttempt(name.study_id, name.trial, name.attempt, assignment.lease_ms / 1000, granted, connection.warnings)
    if answer.taken:
        attempt.forgotten = True
    else:
        connection.reporter.register(attempt)
    return Attachment(study, assignment, attempt, answer.taken)


def _is_first_rank() -> bool:
    """Of the processes that a launcher such as torchrun starts for one training, only the first reports."""
    return not rank() and os.environ.get("RANK", "") in ("", "0")
