"""The callbacks of the real LightGBM and XGBoost."""

import subprocess
import sys

import lightgbm
import pytest
import xgboost
from sklearn.datasets import load_breast_cancer

import paramo

X, Y = load_breast_cancer(return_X_y=True)


def train_lightgbm(trial, rounds):
    data = lightgbm.Dataset(X[:400], Y[:400])
    params = {"objective": "binary", "verbosity": -1, "num_threads": 1, "num_leaves": 4}
    return lightgbm.train(params, data, rounds, valid_sets=[data.create_valid(X[400:], Y[400:])], callbacks=[paramo.lightgbm.callback(trial)]).current_iteration()


def train_xgboost(trial, rounds):
    params = {"objective": "binary:logistic", "nthread": 1, "max_depth": 2}
    valid = xgboost.DMatrix(X[400:], Y[400:])
    booster = xgboost.train(params, xgboost.DMatrix(X[:400], Y[:400]), rounds, evals=[(valid, "valid_0")], verbose_eval=False, callbacks=[paramo.xgboost.Callback(trial)])
    return booster.num_boosted_rounds()


TRAINERS = {"binary_logloss": train_lightgbm, "logloss": train_xgboost}


@pytest.fixture(params=TRAINERS)
def booster(request):
    return f"valid_0-{request.param}", TRAINERS[request.param]


def test_every_iteration_is_reported_at_its_step(connection, name, booster):
    metric, train = booster
    with paramo.run(name, connection=connection) as run:
        assert train(run, 12) == 12
    series = run.result.series(metric)
    assert series.steps == list(range(12)) and series.values[0] > series.values[5] > 0


def test_the_training_ends_when_the_trial_is_stopped_and_returns_what_it_has(connection, name, booster):
    metric, train = booster
    study = paramo.open_study(name, {"x": paramo.Float(0, 1)}, f"min {metric}", connection=connection, steps=9, stopper=("median", {"startupTrials": 1}), trials=2, strategy="random")
    better = study.ask()
    for step in range(9):
        better.report({metric: 0.0}, step=step)
    better.complete()
    trial = study.ask()
    trained = train(trial, 100)
    assert trial.stopped.cause == "stop" and trained < 9
    assert study.tell(trial, None).done == trained


def test_the_training_takes_no_more_steps_than_the_trial_is_asked(connection, name, booster):
    metric, train = booster
    study = paramo.open_study(name, {"x": paramo.Float(0, 1)}, f"min {metric}", connection=connection, trials=9)
    study.enqueue({"x": 0.5}, fidelity=paramo.Fidelity(steps=5))
    trial = study.ask()
    assert train(trial, 100) == 5
    assert trial.complete().state == "completed"


def test_cross_validations_report_means(connection, name):
    with paramo.run(name, connection=connection) as run:
        result = lightgbm.cv({"objective": "binary", "verbosity": -1, "num_threads": 1}, lightgbm.Dataset(X, Y), 4, nfold=3, callbacks=[paramo.lightgbm.callback(run)])
    assert run.result.series("valid-binary_logloss").values == result["valid binary_logloss-mean"]
    with paramo.run(name, connection=connection) as run:
        frame = xgboost.cv({"objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(X, Y), 4, nfold=3, callbacks=[paramo.xgboost.Callback(run)])
    assert run.result.series("test-logloss").values == list(frame["test-logloss-mean"])


@pytest.mark.filterwarnings("ignore:The argument 'eval_set'")
def test_the_estimators_take_them_too(connection, name):
    with paramo.run(name, connection=connection) as run:
        lightgbm.LGBMClassifier(n_estimators=5, verbosity=-1, n_jobs=1).fit(X, Y, eval_set=[(X, Y)], callbacks=[paramo.lightgbm.callback(run)])
    with paramo.run(name, connection=connection) as other:
        xgboost.XGBClassifier(n_estimators=5, n_jobs=1, callbacks=[paramo.xgboost.Callback(other)]).fit(X, Y, eval_set=[(X, Y)], verbose=False)
    assert (run.result.done, other.result.done) == (5, 5)
    assert list(other.result.metrics) == ["validation_0-logloss"]


@pytest.mark.parametrize("module", ["lightgbm", "xgboost"])
def test_without_the_framework_the_error_says_what_to_install(module):
    code = f"import sys; sys.modules[{module!r}] = None; import paramo\ntry: paramo.{module}\nexcept ImportError as error: print(error)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"PLUGIN_NOT_INSTALLED: paramo.{module} needs") and f"`pip install {module}`" in said
