"""Searches in the manner of scikit-learn.

    search = paramo.sklearn.SearchCV(SVC(), S, "max mean_test_score", trials=50).fit(X, y)
    search.best_params_, search.predict(X)
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple, Type, Union

from ._errors import ParamoError
from ._frameworks import missing_framework
from ._near_miss import near_miss
from ._objective import Objective, OneObjective, parse_objective
from ._open import open_study
from ._space import Space
from ._study import Study
from ._study_failure import study_failure
from ._trial import Trial

try:
    import numpy as np
    from joblib import effective_n_jobs
    from sklearn.base import is_classifier
    from sklearn.exceptions import FitFailedWarning
    from sklearn.model_selection import check_cv
    from sklearn.model_selection._search import BaseSearchCV
    from sklearn.utils import check_random_state
except ImportError as error:
    raise missing_framework("sklearn", "scikit-learn", error) from error

if TYPE_CHECKING:
    from ._connection import Connection
    from ._requests import PluginChoice

Results = Mapping[str, Any]
"""Columns by name, as `cv_results_` has them."""


class SearchCV(BaseSearchCV):
    """Searches the parameters of an estimator by cross-validation; used as `GridSearchCV` is, with its attributes and methods.

    `space`: a subclass of `Space`, or a dict such as `{"svc__C": Float(0.1, 100, log=True)}`. `objective`: `'max COLUMN'`
    or `'min COLUMN'` of `cv_results_`; it decides what is best. `trials`: how many candidates. `strategy`: what proposes
    them; `'bayes'` by default. `study`: the name of a study that several processes may work on, and a later `fit` goes on
    with; by default every `fit` has a new one, named in `study_name_`. `random_state`: the same one proposes the same
    candidates. `connection`: the default one if None. All else is as in `GridSearchCV`; where `n_jobs` is more than there
    are splits, several candidates are evaluated at once, all on the same splits.

    A candidate none of whose fits succeeds fails its trial and is not in `cv_results_`; with `error_score="raise"` it ends
    the search. `fit` raises ParamoError INVALID_OBJECTIVE when there is no such column, and scikit-learn's ValueError when no
    candidate could be fitted.
    """

    _parameter_constraints: Dict[str, Any] = {**BaseSearchCV._parameter_constraints}

    def __init__(
        self,
        estimator: Any,
        space: Union[Type[Space], Mapping[str, Any]],
        objective: OneObjective = "max mean_test_score",
        *,
        trials: int = 50,
        strategy: "Optional[PluginChoice]" = None,
        study: Optional[str] = None,
        random_state: Any = None,
        connection: "Optional[Connection]" = None,
        scoring: Any = None,
        n_jobs: Optional[int] = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: Any = "2*n_jobs",
        error_score: Any = np.nan,
        return_train_score: bool = False,
    ) -> None:
        super().__init__(estimator=estimator, scoring=scoring, n_jobs=n_jobs, refit=refit, cv=cv, verbose=verbose, pre_dispatch=pre_dispatch, error_score=error_score, return_train_score=return_train_score)
        self.space = space
        self.objective = objective
        self.trials = trials
        self.strategy = strategy
        self.study = study
        self.random_state = random_state
        self.connection = connection

    def _run_search(self, evaluate_candidates: Callable[..., Results]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        objective = _only(self.objective)
        study = self._open(objective)
        self.study_name_ = study.name
        # Before scikit-learn 1.7 it is not at hand, and made anew.
        splits = _SameSplits(getattr(self, "_checked_cv_orig", None) or self.cv, is_classifier(self.estimator))
        results: Results = {"params": []}
        failed: Optional[ValueError] = None
        jobs: int = effective_n_jobs(self.n_jobs)  # pyright: ignore[reportArgumentType]
        for trials in _batches(study, lambda: jobs // len(splits)):
            begun = len(results["params"])
            try:
                results = evaluate_candidates([dict(trial.params) for trial in trials], cv=splits)
            except ValueError as error:
                if isinstance(self.error_score, str) or "fits failed" not in str(error):
                    raise
                failed = error
                for trial in trials:
                    trial.fail(error)
                warnings.warn(f"No fit of a candidate succeeded, and its trial failed:{error}", FitFailedWarning)
                continue
            if objective.metric not in results:
                raise _no_column(objective.metric, results)
            for at, trial in enumerate(trials, begun):
                trial.complete(_row(results, at))
        problem = study_failure(study.refresh())
        if problem and (not results["params"] or problem.code != "STUDY_ENDED"):
            # Data of no use is told as scikit-learn tells it.
            raise failed or problem
        best = study.best() if self.study is not None else None
        if best and dict(best.params) not in results["params"]:
            # Another process found it, or an earlier fit.
            results = evaluate_candidates([dict(best.params)], cv=splits)

    def _open(self, objective: Objective) -> Study[Any]:
        from ._connection import given_or_default

        options: Dict[str, Any] = {"trials": self.trials}
        if self.strategy is not None:
            options["strategy"] = self.strategy
        if self.random_state is not None:
            options["seed"] = int(check_random_state(self.random_state).randint(2**31 - 1))
        connection = given_or_default(self.connection)
        name = self.study or f"{type(self.estimator).__name__}.{connection.next_request_id()}"
        study: Study[Any] = open_study(name, self.space, objective, connection=connection, **options)
        return study

    def _select_best_index(self, refit: Any, refit_metric: str, results: Results) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The best candidate by the objective; a NaN is never best."""
        if callable(refit):
            return int(BaseSearchCV._select_best_index(refit, refit_metric, results))
        objective = _only(self.objective)
        column = np.asarray(results[objective.metric], dtype=float)
        badness = -column if objective.goal == "max" else column
        return int(np.argmin(np.where(np.isnan(badness), np.inf, badness)))


class _SameSplits:
    """A cross-validator that splits once: candidates that are proposed one after the other are compared on the same splits."""

    def __init__(self, cv: Any, classifier: bool) -> None:
        self._cv = cv
        self._classifier = classifier
        self._splits: List[Tuple[Any, Any]] = []

    def split(self, X: Any, y: Any = None, *args: Any, **kwargs: Any) -> Iterator[Tuple[Any, Any]]:
        cv: Any = check_cv(self._cv, y, classifier=self._classifier)
        self._splits = self._splits or list(cv.split(X, y, *args, **kwargs))
        return iter(self._splits)

    def __len__(self) -> int:
        """How many splits there are, once there were any; 1 before."""
        return max(1, len(self._splits))


def _batches(study: Study[Any], width: Callable[[], int]) -> Iterator[List[Trial[Any]]]:
    """Trials to be evaluated at once, `width()` of them or one, until the study ends; those not ended when the loop over them is left are given back."""
    first = True
    while True:
        trials: List[Trial[Any]] = []
        try:
            try:
                trials.append(study.ask())
                # How many there is room for is known when the first was evaluated.
                while not first and len(trials) < width():
                    trial = study.ask(wait=0)
                    if trial is None:
                        break
                    trials.append(trial)
            except ParamoError as error:
                if error.code != "STUDY_ENDED":
                    raise
            if not trials:
                return
            first = False
            yield trials
        finally:
            for trial in trials:
                if trial.result is None:
                    trial.release("the search was left")


def _row(results: Results, at: int) -> Dict[str, float]:
    """The scores and times of one candidate. Its rank is left out: it changes with every further one."""
    columns = {name: column for name, column in results.items() if name != "params" and not name.startswith(("param_", "rank_"))}
    return {name: float(column[at]) for name, column in columns.items()}


def _only(objective: Any) -> Objective:
    objectives = parse_objective(objective)
    if len(objectives) > 1:
        raise ParamoError("INVALID_OBJECTIVE", f"{objective!r} are several objectives, and a search has one best candidate", "Give one; for a front use paramo.tune.")
    return objectives[0]


def _no_column(name: str, results: Results) -> ParamoError:
    scores = [column for column in results if column.startswith("mean_")]
    near = near_miss(name, results)
    return ParamoError("INVALID_OBJECTIVE", f'cv_results_ has no column "{name}"', f"Did you mean {near}?" if near else f"There are {', '.join(scores)}.")
