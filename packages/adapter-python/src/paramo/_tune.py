"""Tuning: a decorator for the function that trains."""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING, Any, Callable, Generic, List, Mapping, Optional, Type, TypeVar, Union, overload

from ._checks import whole
from ._errors import ParamoError
from ._objective import Objective, SeveralObjectives, parse_objective
from ._open import open_study, read_space
from ._params import Params
from ._record import BestTrial, Outcome, TrialRecord
from ._requests import StudyOptions, check_search_options
from ._space import Space
from ._study import Study
from ._trial import Trial
from ._trial_variable import trial_of_program

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._connection import Connection

S = TypeVar("S", bound=Space)
P = TypeVar("P")
R = TypeVar("R", covariant=True)


class Tuner(Generic[P, R]):
    """A decorated function. Calling it tunes, and returns the best trial (with several objectives: the front)."""

    def __init__(self, evaluate: Callable[[Trial[P]], Outcome], space: Any, objective: Any, name: Optional[str], connection: "Optional[Connection]", options: Mapping[str, Any]) -> None:
        functools.update_wrapper(self, evaluate)
        self._evaluate = evaluate
        self._space = space
        self._objective = objective
        self._connection = connection
        self._options = dict(options)
        self.name = name or default_name(evaluate)
        """The name of the study: by default that of the script and the function, so that the same script joins it."""

    def study(self) -> Study[P]:
        """The study, created or joined."""
        study: Study[P] = open_study(self.name, self._space, self._objective, connection=self._connection, **self._options)
        return study

    def __call__(self, *, workers: int = 1, on_trial: Optional[Callable[[TrialRecord[P]], object]] = None, describe: bool = True) -> R:
        """Evaluates trials until the study ends, and returns the best one.

        `workers`: threads that evaluate at once, for code that lets go of the interpreter's lock; other processes join the
        study by its name, which for the rest is the better way. `on_trial` is called after every trial that ended here. `describe`:
        command line, code, environment and machine are kept with trials that last longer than a second, unless PARAMO_DESCRIBE is 0. A
        function that raises fails its trial and the study goes on, up to `max_failures` in a row. SIGINT and SIGTERM give
        the running trials back, SIGTERM after their next checkpoint where they save any and it comes within 4 s; run it again to
        go on. Raises ParamoError STUDY_ENDED when the study ended without a
        result, and the code of a plugin or a call that failed. Under `torchrun` all ranks train one trial at a time, which
        rank 0 asks for and reports from; raises ParamoError INVALID_ARGUMENT where torch.distributed is not initialised. In a program
        under `paramo run` it evaluates the trial that this is run for, once, and returns that one.
        """
        from ._interrupts import terminable
        from ._ranks import check_connected, conclude, follow, leading, rank
        from ._study_failure import study_failure
        from ._trial_pool import TrialPool

        count = whole("workers", workers, 1)
        own_rank = rank()
        if own_rank is not None:
            check_connected(count)
        attempt = trial_of_program()
        if attempt:
            from ._attached_run import tune_attached

            attached: Any = tune_attached(self._connection, attempt, self._space, self._evaluate)
            return attached  # type: ignore[no-any-return]
        if own_rank:
            followed: Any = follow(self._evaluate, read_space(self._space)[1])
            return followed  # type: ignore[no-any-return]
        evaluate = self._evaluate if own_rank is None else leading(self._evaluate)
        try:
            with terminable():
                study = self.study()
                if study.state == "ended":
                    used = "has used up its budget" if study.end_reason == "budget" else f"has ended ({study.end_detail or study.end_reason})"
                    print(f'paramo: study "{study.name}" {used}; raise its budget of trials, or give fresh=True', file=sys.stderr)
                TrialPool(study._connection, study, evaluate, on_trial, describe).run(count)
                failed = study_failure(study.refresh())
            if failed:
                raise failed
            result: Any = study.front() if len(study.objective_names) > 1 else study.best()
            if result is None:
                # The last one that had a value was retracted since the study was looked at.
                failed = study_failure(study.refresh())
                if failed:
                    raise failed
        except ParamoError as error:
            if own_rank is not None:
                conclude(error)
            raise
        if own_rank is not None:
            conclude(result)
        return result  # type: ignore[no-any-return]


class Tune(Generic[P, R]):
    """What `tune` returns: it makes a `Tuner` of a function."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self._make = make

    def __call__(self, evaluate: Callable[[Trial[P]], Outcome]) -> Tuner[P, R]:
        made: Tuner[P, R] = self._make(evaluate)
        return made


@overload
def tune(space: Type[S], objective: Union[str, Objective], *, name: Optional[str] = None, connection: "Optional[Connection]" = None, **options: "Unpack[StudyOptions]") -> Tune[S, BestTrial[S]]: ...  # pyright: ignore[reportOverlappingOverload]


@overload
def tune(
    space: Type[S], objective: SeveralObjectives, *, name: Optional[str] = None, connection: "Optional[Connection]" = None, **options: "Unpack[StudyOptions]"
) -> Tune[S, List[BestTrial[S]]]: ...


@overload
def tune(  # pyright: ignore[reportOverlappingOverload]
    space: Mapping[str, Any], objective: Union[str, Objective], *, name: Optional[str] = None, connection: "Optional[Connection]" = None, **options: "Unpack[StudyOptions]"
) -> Tune[Params, BestTrial[Params]]: ...


@overload
def tune(
    space: Mapping[str, Any], objective: SeveralObjectives, *, name: Optional[str] = None, connection: "Optional[Connection]" = None, **options: "Unpack[StudyOptions]"
) -> Tune[Params, List[BestTrial[Params]]]: ...


def tune(space: Any, objective: Any, *, name: Optional[str] = None, connection: "Optional[Connection]" = None, **options: Any) -> Any:
    """Makes a function of a trial into one that tunes: calling it evaluates trials and returns the best one.

        @paramo.tune(S, "min val_loss", trials=50, stopper="median")
        def train(trial: paramo.Trial[S]):
            for epoch in trial.steps(30):
                trial.log(val_loss=...)

        best = train()

    `space`, `objective` and the options are those of `open_study`. Options are checked at once, so that a slip is told
    where it was made: raises ParamoError INVALID_OPTIONS, INVALID_OBJECTIVE, INVALID_SPACE.
    """
    read_space(space)
    parse_objective(objective)
    check_search_options(options, ("name", "connection"))
    return Tune(lambda evaluate: Tuner(_checked(evaluate), space, objective, name, connection, options))


def default_name(evaluate: Callable[..., Any]) -> str:
    """The name of the study of a function: `SCRIPT.FUNCTION`."""
    function = getattr(evaluate, "__name__", "tune")
    module = getattr(evaluate, "__module__", None) or "__main__"
    if module == "__main__":
        path = getattr(sys.modules.get("__main__"), "__file__", None)
        module = os.path.splitext(os.path.basename(path))[0] if path else ""
    return f"{module}.{function}" if module else function


def _checked(evaluate: Any) -> Any:
    if not callable(evaluate):
        raise ParamoError("INVALID_OPTIONS", f"{evaluate!r} is not a function", "Put @paramo.tune(…) above a function of a trial.")
    return evaluate
