"""One training in several processes, as `torchrun` starts them: rank 0 holds the trial, the others follow it.

Ranks agree through `torch.distributed` once it is initialised: `steps()` and `report()` are collective calls then, and
`stopped` is what was agreed in the last of them. `log` and `checkpoint` count in rank 0 alone and may be called in any.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, TypeVar

from ._errors import ParamoError
from ._params import Params
from ._record import BestTrial, Fidelity, Outcome, TrialRecord
from ._trial import Resume, StopNotice, Trial

P = TypeVar("P")


def rank() -> Optional[int]:
    """Which of several processes this one is, from 0; None where it is the only one, as far as the environment says."""
    env = os.environ
    # Lightning starts its processes without RANK.
    own = env.get("RANK") or max(env.get("LOCAL_RANK", ""), env.get("NODE_RANK", ""))
    size = env.get("WORLD_SIZE", "")
    return int(own) if own.isdigit() and size.isdigit() and int(size) > 1 else None


def alone(trial: Trial[P]) -> Trial[P]:
    """The trial without agreements, for rank 0 of a framework that has its own."""
    return Trial(trial._holder) if isinstance(trial, LeadingTrial) else trial


def is_connected() -> bool:
    """Whether the ranks can agree."""
    torch = sys.modules.get("torch")
    distributed = getattr(torch, "distributed", None)
    return bool(distributed and distributed.is_available() and distributed.is_initialized())


def shared(value: Any = None) -> Any:
    """What rank 0 gave, in every rank; to be called by all of them."""
    if not is_connected():
        return value
    box = [value]
    sys.modules["torch"].distributed.broadcast_object_list(box, src=0)
    return box[0]


class Told(NamedTuple):
    """What rank 0 tells the others of a trial."""

    id: str
    number: int
    params: Dict[str, Any]
    attempt: int
    seed: int
    fidelity: Fidelity
    resume: Optional[Resume]


def tell(trial: Trial[Any]) -> Told:
    """A trial as the other ranks are told of it."""
    params: Any = trial.params
    return Told(trial.id, trial.number, dict(params), trial.attempt, trial.seed, trial.fidelity, trial.resume)


class LeadingTrial(Trial[P]):
    """The trial in rank 0: what it decides the others are told."""

    def __init__(self, trial: Trial[P]) -> None:
        super().__init__(trial._holder)
        self._agreed: Optional[StopNotice] = None

    @property
    def stopped(self) -> Optional[StopNotice]:
        return self._agreed if is_connected() else self._holder.stopped

    def steps(self, steps: Optional[int] = None) -> Iterator[int]:
        for step in super().steps(steps):
            shared(step)
            yield step
        self._agreed = shared(self._holder.stopped)

    def report(self, metrics: Mapping[str, Any] = {}, *, step: Optional[int] = None, **values: Any) -> None:
        super().report(metrics, step=step, **values)
        self._agreed = shared(self._holder.stopped)

    @property
    def _over(self) -> bool:
        return self._holder.is_over or self._holder.stopped is not None or self._holder.pid != os.getpid()


class FollowingTrial(Trial[P]):
    """The trial in any other rank: it reports nothing, and stops when rank 0 does."""

    def __init__(self, told: Told, params: P) -> None:
        self._told = told
        self._params = params
        self._agreed: Optional[StopNotice] = None
        self._next = told.resume.step + 1 if told.resume else 0

    @property
    def id(self) -> str:
        return self._told.id

    @property
    def number(self) -> int:
        return self._told.number

    @property
    def params(self) -> P:
        return self._params

    @property
    def attempt(self) -> int:
        return self._told.attempt

    @property
    def seed(self) -> int:
        return self._told.seed

    @property
    def fidelity(self) -> Fidelity:
        return self._told.fidelity

    @property
    def resume(self) -> Optional[Resume]:
        return self._told.resume

    @property
    def stopped(self) -> Optional[StopNotice]:
        return self._agreed

    @property
    def result(self) -> Optional[TrialRecord[P]]:
        """None: rank 0 has it."""
        return None

    def steps(self, steps: Optional[int] = None) -> Iterator[int]:
        ends = [end for end in (steps, self.fidelity.steps) if end is not None]
        while True:
            told = shared(self._next if not ends or self._next < min(ends) else None)
            if not isinstance(told, int):
                self._agreed = told
                return
            yield told
            self._next = told + 1

    def log(self, metrics: Mapping[str, Any] = {}, *, step: Optional[int] = None, **values: Any) -> None:
        """Nothing: rank 0 logs."""

    def report(self, metrics: Mapping[str, Any] = {}, *, step: Optional[int] = None, **values: Any) -> None:
        self._agreed = shared(self._agreed)

    def checkpoint(self, save: Callable[[str], object], *, force: bool = False) -> bool:
        """False: rank 0 saves."""
        return False

    def complete(self, values: Outcome = None) -> TrialRecord[P]:
        raise _belongs_to_rank_0()

    def fail(self, error: Any) -> TrialRecord[P]:
        raise _belongs_to_rank_0()

    def release(self, reason: str = "") -> TrialRecord[P]:
        raise _belongs_to_rank_0()

    def __repr__(self) -> str:
        return f"<trial {self.number} of rank 0, params={self.params!r}>"

    def _granted(self, done: int) -> bool:
        return True


def follow_run(params: Params, seed: Optional[int]) -> FollowingTrial[Params]:
    """The run that rank 0 tracks; where the ranks cannot agree yet it has the params given, and its number is not known and -1."""
    told: Optional[Told] = shared()
    if told is None:
        return FollowingTrial(Told("", -1, {}, 1, seed or 0, Fidelity(), None), params)
    # Rank 0 may go on with a run that has others.
    return FollowingTrial(told, Params(told.params))


def check_connected(workers: int) -> None:
    """Raises ParamoError INVALID_ARGUMENT where several ranks could not tune together."""
    if not is_connected():
        raise ParamoError("INVALID_ARGUMENT", f"this is rank {rank()} of {os.environ.get('WORLD_SIZE')}, and torch.distributed is not initialised", "Call torch.distributed.init_process_group() before the function that tunes.")
    if workers > 1:
        raise ParamoError("INVALID_OPTIONS", f"workers is {workers}, and several ranks train one trial at a time", "Leave it out.")


def leading(evaluate: Callable[[Trial[P]], Any]) -> Callable[[Trial[P]], Any]:
    """What evaluates a trial in rank 0, telling the others of it first."""

    def evaluate_with_all(trial: Trial[P]) -> Any:
        shared(tell(trial))
        return evaluate(LeadingTrial(trial))

    return evaluate_with_all


def follow(evaluate: Callable[[Trial[Any]], Any], make_params: Callable[[Dict[str, Any]], Any]) -> Any:
    """Evaluates with rank 0 what it evaluates, and returns what it returns; its records come without their study."""
    while True:
        told = shared()
        if isinstance(told, Told):
            try:
                evaluate(FollowingTrial(told, make_params(told.params)))
            except Exception:
                # Rank 0 fails the trial if it met the same; the study goes on.
                traceback.print_exc()
            continue
        kind, fields = told
        if kind == "error":
            raise ParamoError(*fields)
        records: List[BestTrial[Any]] = [BestTrial(**{**one, "params": make_params(one["params"])}) for one in fields]
        return records if kind == "front" else records[0] if records else None


def conclude(result: Any) -> None:
    """Tells the other ranks what tuning came to: the best trial, the front, or a ParamoError."""
    if isinstance(result, ParamoError):
        shared(("error", (result.code, result.message, result.hint)))
        return
    records: List[Any] = result if isinstance(result, list) else [result] if result else []
    shared(("front" if isinstance(result, list) else "best", [{**_fields(record), "params": dict(record.params)} for record in records]))


def _fields(record: TrialRecord[Any]) -> Dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name != "_study"}


def _belongs_to_rank_0() -> ParamoError:
    return ParamoError("ABORTED", "the trial belongs to rank 0", "End it there.")
