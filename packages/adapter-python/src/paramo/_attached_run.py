"""Runs code for the trial that its program is run for."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Iterator, Optional, TypeVar

from ._attach import attach
from ._attached_holder import LAST_S, LEAVE_S, AttachedHolder
from ._attached_params import fit_params, with_fixed
from ._connection import given_or_default
from ._interrupts import leaving, terminable
from ._params import Params
from ._ranks import FollowingTrial, LeadingTrial, rank, shared, tell
from ._trial import Trial

if TYPE_CHECKING:
    from ._connection import Connection
    from ._trial_variable import AttemptOfProgram

P = TypeVar("P")


def run_attached(connection: "Optional[Connection]", name: "AttemptOfProgram") -> Any:
    """A context whose value is the trial; what its body raises ends the program."""
    attachment = attach(given_or_default(connection), name)
    study = attachment.study_with(lambda values: Params(with_fixed(values)))
    return _attached(AttachedHolder(attachment, study))


def tune_attached(connection: "Optional[Connection]", name: "AttemptOfProgram", space: Any, evaluate: Callable[[Trial[Any]], Any]) -> Any:
    """Evaluates the trial once, and returns it as it stands then; with several objectives a list of it."""
    attachment = attach(given_or_default(connection), name)
    study = attachment.study_with(lambda values: fit_params(space, with_fixed(values), name.trial))
    holder: AttachedHolder[Any] = AttachedHolder(attachment, study)
    with _attached(holder) as trial:
        holder.note(evaluate(trial))
    if rank() is not None:
        # What rank 0 has told is there now.
        shared()
        holder.stand()
    best = study._best_of(holder.message)
    return [best] if len(study.objective_names) > 1 else best


@contextmanager
def _attached(holder: AttachedHolder[P]) -> Iterator[Trial[P]]:
    with terminable(), leaving(holder.leave):
        try:
            yield _in_its_rank(holder.begin())
            if holder.pid == os.getpid():
                holder.stand()
        except BaseException as error:
            holder.deliver(LAST_S if isinstance(error, Exception) else LEAVE_S)
            raise
        finally:
            holder.put_away()
    if holder.has_failed and holder.pid == os.getpid():
        raise SystemExit(1)


def _in_its_rank(trial: Trial[P]) -> Trial[P]:
    """The trial as one of several processes has it that train together."""
    own_rank = rank()
    if own_rank is None:
        return trial
    if own_rank == 0:
        leading = LeadingTrial(trial)
        shared(tell(leading))
        return leading
    shared()
    return FollowingTrial(tell(trial), trial.params)
