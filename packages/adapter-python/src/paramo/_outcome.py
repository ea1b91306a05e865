"""What a trial comes to."""

from __future__ import annotations

import traceback
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence

from ._errors import ParamoError
from ._near_miss import near_miss
from ._system_metric import is_system_metric


class Ending(NamedTuple):
    """How an attempt ends."""

    kind: str
    """`complete`, `fail` or `release`."""
    values: Mapping[str, float] = {}
    message: str = ""
    """The error's, or why it is given back."""
    stack: str = ""


def outcome_values(outcome: Any, objectives: Sequence[str]) -> Dict[str, float]:
    """An outcome as metrics by name.

    Raises ParamoError INVALID_METRIC when it is something else, or one number stands for several objectives.
    """
    if outcome is None:
        return {}
    hint = "Return a number, a dict of numbers, or nothing."
    if isinstance(outcome, Mapping):
        values: Dict[str, float] = {}
        for name, value in outcome.items():
            if is_system_metric(str(name)):
                raise _invalid(f"the result holds {name}, which tells of the machine and not of the training", "Names that begin with system/ are kept for that: choose another.")
            if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
                raise _invalid(f"the result holds {name!r}, which is {_kind(value)} and not a number", hint)
            values[str(name)] = float(value)
        return values
    if isinstance(outcome, (str, bytes, list, tuple, set)) or not hasattr(outcome, "__float__"):
        raise _invalid(f"the result is {_kind(outcome)}", hint)
    number = float(outcome)
    if len(objectives) == 1:
        return {objectives[0]: number}
    why = f"the study has {len(objectives)} objectives" if objectives else "the study has no objective it could be"
    name = objectives[0] if objectives else "loss"
    raise _invalid(f"the result is the number {number}, but {why}", f'Return a dict such as {{"{name}": {number}}}.')


def failure(error: BaseException) -> Ending:
    """Anything raised, as the end of a trial."""
    text = str(error) if isinstance(error, ParamoError) else f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return Ending("fail", message=text, stack="".join(traceback.format_exception(type(error), error, error.__traceback__)))


def missing_objective(trial: int, objectives: Sequence[str], seen: Iterable[str], resumed_at: Optional[int] = None) -> ParamoError:
    """Says which objective is missing, what there was, and the near miss. `resumed_at`: the step of the checkpoint it went on from."""
    names: List[str] = sorted(set(seen))
    missing = [name for name in objectives if name not in names] or list(objectives)
    near = [found for found in (near_miss(name, names) for name in missing) if found and found not in objectives]
    is_idle = not names and resumed_at is not None
    nothing = f"it went on from a checkpoint at step {resumed_at} and logged nothing, as if nothing was left to train" if is_idle else "it logged nothing"
    logged = f"it logged {', '.join(names[:20])}" if names else nothing
    slip = "Let the loop take further steps than the checkpoint has done, or return the objective." if is_idle else "Log it, or return it."
    wanted = " and ".join(f'"{name}"' for name in missing)
    return ParamoError("OBJECTIVE_MISSING", f"trial {trial} ended without its objective {wanted}; {logged}", f"Did you mean {', '.join(near)}?" if near else slip)


def _kind(value: Any) -> str:
    return f"a {type(value).__name__}"


def _invalid(message: str, hint: str) -> ParamoError:
    return ParamoError("INVALID_METRIC", message, hint)
