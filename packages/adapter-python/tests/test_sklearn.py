"""scikit-learn's own protocol, with a real daemon."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import estimator_checks_generator

import paramo
from paramo import Bool, Choice, Float, ParamoError, Space
from paramo.sklearn import SearchCV

X, Y = load_iris(return_X_y=True)


class S(Space):
    C: float = Float(1e-2, 1e2, log=True)
    kernel: str = Choice("rbf", "linear")


@pytest.fixture(autouse=True)
def by_default(common, connection, monkeypatch):
    """The daemon of these tests is the one that is used where none is named, by this process and by those it starts."""
    monkeypatch.setattr("paramo._connection._default", connection)
    monkeypatch.setenv("PARAMO_HOME", str(common.home))


def search(**options):
    return SearchCV(SVC(), S, **{"trials": 6, "cv": 3, "random_state": 1, **options})


def test_it_has_the_attributes_of_a_search_of_scikit_learn():
    made = search(return_train_score=True)
    assert made.fit(X, Y) is made
    results = made.cv_results_
    assert len(results["params"]) == 6 and results["mean_test_score"].shape == (6,) and results["mean_test_score"].dtype == float
    assert {"mean_fit_time", "std_test_score", "rank_test_score", "split2_test_score", "param_C", "param_kernel", "mean_train_score"} <= set(results)
    assert isinstance(results["param_C"], np.ma.MaskedArray)
    assert made.best_index_ == results["mean_test_score"].argmax() and results["rank_test_score"][made.best_index_] == 1
    assert (made.best_score_, made.best_params_) == (results["mean_test_score"].max(), results["params"][made.best_index_])
    assert (made.n_splits_, list(made.classes_), made.n_features_in_, made.refit_time_ > 0) == (3, [0, 1, 2], 4, True)
    assert isinstance(made.best_estimator_, SVC) and made.best_estimator_.C == made.best_params_["C"]
    assert made.score(X, Y) == (made.predict(X) == Y).mean() > 0.9
    assert made.decision_function(X).shape == (150, 3)


def test_its_trials_are_in_a_study_of_their_own_with_every_score(connection):
    made = search().fit(X, Y)
    study = paramo.find_study(made.study_name_, connection=connection)
    best = study.best()
    assert study.counts["completed"] == 6 and dict(best.params) == made.best_params_
    row = {name: column[best.number] for name, column in made.cv_results_.items() if name[:5] in ("mean_", "split", "std_t")}
    assert {name: best.metrics[name] for name in row} == row
    assert made.fit(X, Y).study_name_ != study.name


def test_a_random_state_makes_it_repeatable_and_candidates_are_compared_on_the_same_splits():
    cv = KFold(3, shuffle=True, random_state=0)
    made = search(cv=cv, random_state=7).fit(X, Y)
    again = search(cv=cv, random_state=7).fit(X, Y)
    assert made.cv_results_["params"] == again.cv_results_["params"]
    same = SearchCV(SVC(), {"C": Choice(1.0), "shrinking": Bool()}, trials=2, cv=KFold(5, shuffle=True), strategy="grid").fit(X, Y)
    [first, second] = same.cv_results_["mean_test_score"]
    assert first == second


def test_the_objective_decides_what_is_best():
    made = search(objective="min mean_test_score").fit(X, Y)
    assert made.best_score_ == made.cv_results_["mean_test_score"].min()
    several = search(objective="max mean_test_f1_macro", scoring=["accuracy", "f1_macro"], refit="f1_macro").fit(X, Y)
    assert several.best_score_ == several.cv_results_["mean_test_f1_macro"].max() and several.multimetric_
    with pytest.raises(ParamoError, match='INVALID_OBJECTIVE: cv_results_ has no column "mean_test_scor".* Did you mean mean_test_score?'):
        search(objective="max mean_test_scor").fit(X, Y)
    with pytest.raises(ParamoError, match="INVALID_OBJECTIVE: .* several objectives"):
        search(objective=["max mean_test_score", "min mean_fit_time"]).fit(X, Y)


def test_what_cannot_be_evaluated_is_given_back(connection):
    made = search(objective="max mean_test_scor")
    with pytest.raises(ParamoError):
        made.fit(X, Y)
    counts = paramo.find_study(made.study_name_, connection=connection).counts
    assert (counts["waiting"] > 0, counts["running"], counts["completed"], counts["failed"]) == (True, 0, 0, 0)


def test_pipelines_and_conditional_parameters():
    class P(Space):
        svc__C: float = Float(1e-2, 1e2, log=True)
        svc__kernel: str = Choice("rbf", "poly")
        svc__degree: int = paramo.Int(2, 4, when={"svc__kernel": "poly"})

    made = SearchCV(make_pipeline(StandardScaler(), SVC()), P, trials=8, cv=3, random_state=2).fit(X, Y)
    assert made.best_estimator_.named_steps["svc"].C == made.best_params_["svc__C"]
    degrees = made.cv_results_["param_svc__degree"]
    assert list(degrees.mask) == [kernel != "poly" for kernel in made.cv_results_["param_svc__kernel"]]
    assert make_pipeline(StandardScaler(), clone(made)).fit(X, Y).predict(X).shape == (150,)


def test_parameters_are_those_given_and_clones_have_them_too(connection):
    space = {"C": Float(0.1, 10, log=True)}
    made = SearchCV(SVC(), space, "max mean_test_score", trials=3, connection=connection)
    assert made.get_params(deep=False)["space"] is space and made.get_params()["estimator__kernel"] == "rbf"
    copy = clone(made.set_params(trials=2, estimator__kernel="linear"))
    assert (copy.trials, copy.estimator.kernel, copy.connection) == (2, "linear", connection)
    assert len(copy.fit(X, Y).cv_results_["params"]) == 2 and copy.best_estimator_.kernel == "linear"
    assert not hasattr(made, "best_params_") and "SearchCV(" in repr(made)


@pytest.mark.slow
def test_it_runs_inside_a_cross_validation_in_other_processes_and_with_jobs_of_its_own(connection):
    assert cross_val_score(search(trials=3), X, Y, cv=2, n_jobs=2).min() > 0.8
    made = search(cv=2, n_jobs=4).fit(X, Y)
    assert len(made.cv_results_["params"]) == 6
    assert paramo.find_study(made.study_name_, connection=connection).counts["completed"] == 6


def test_a_candidate_that_cannot_be_fitted_fails_its_trial_and_the_search_goes_on(connection):
    with pytest.warns(Warning, match="its trial failed"):
        made = SearchCV(SVC(), {"kernel": Choice("rbf", "linear", "none")}, trials=3, cv=3, strategy="grid").fit(X, Y)
    assert sorted(params["kernel"] for params in made.cv_results_["params"]) == ["linear", "rbf"]
    assert paramo.find_study(made.study_name_, connection=connection).counts["failed"] == 1
    with pytest.warns(Warning), pytest.raises(ValueError, match="All the 3 fits failed"):
        SearchCV(SVC(), {"kernel": Choice("none")}, trials=1, cv=3).fit(X, Y)
    with pytest.raises(ValueError, match="kernel"):
        SearchCV(SVC(), {"kernel": Choice("none")}, trials=1, cv=3, error_score="raise").fit(X, Y)


def test_a_study_by_name_is_shared_and_gone_on_with(name):
    made = search(study=name).fit(X, Y)
    later = search(study=name).fit(X, Y)
    assert made.study_name_ == name and len(made.cv_results_["params"]) == 6
    assert later.cv_results_["params"] == [made.best_params_] and later.best_params_ == made.best_params_
    with pytest.raises(ParamoError, match="STUDY_MISMATCH"):
        SearchCV(SVC(), {"C": Float(0.1, 1)}, study=name, trials=1).fit(X, Y)


def test_without_scikit_learn_the_error_says_what_to_install():
    code = """
import sys
sys.modules["sklearn"] = None
import paramo
try: paramo.sklearn.SearchCV
except ImportError as error: print(isinstance(error, paramo.ParamoError), error)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith("True PLUGIN_NOT_INSTALLED: paramo.sklearn needs the package scikit-learn") and "`pip install scikit-learn`" in said


NOT_APPLICABLE = {
    "check_array_api_input": "needs array libraries that these tests do not install",
    "check_array_api_mixed_inputs": "needs array libraries that these tests do not install",
    "check_array_api_same_namespace": "needs array libraries that these tests do not install",
    "check_supervised_y_2d": "wants one warning a fit, and every split of a search has its own; GridSearchCV fails it too",
}
ESTIMATORS = [
    SearchCV(LogisticRegression(), {"C": Float(0.1, 10, log=True)}, trials=2, cv=2, random_state=0, strategy="random"),
    SearchCV(Ridge(), {"alpha": Float(0.1, 10, log=True)}, trials=2, cv=2, random_state=0, strategy="random"),
]


def check_name(check):
    return getattr(check, "func", check).__name__


CHECKS = [(estimator, check) for estimator in ESTIMATORS for _, check in estimator_checks_generator(estimator)]
APPLICABLE = [(estimator, check) for estimator, check in CHECKS if check_name(check) not in NOT_APPLICABLE]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("estimator", "check"), APPLICABLE, ids=[f"{type(estimator.estimator).__name__}-{check_name(check)}-{at}" for at, (estimator, check) in enumerate(APPLICABLE)])
def test_the_checks_that_scikit_learn_has_for_every_estimator(estimator, check):
    check(clone(estimator))


def test_the_checks_that_do_not_apply_are_still_there():
    assert set(NOT_APPLICABLE) <= {check_name(check) for _, check in CHECKS}


def test_data_of_no_use_is_refused_before_a_study_is_opened():
    made = search()
    with pytest.raises(ValueError):
        made.fit(X, Y[:10])
    assert not hasattr(made, "study_name_")
