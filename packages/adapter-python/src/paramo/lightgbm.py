"""LightGBM.

    lightgbm.train(params, data, 500, valid_sets=[valid], callbacks=[paramo.lightgbm.callback(trial)])
"""

from __future__ import annotations

from typing import Any, Callable

from ._frameworks import missing_framework
from ._training_step import end_of_step
from ._trial import Trial

try:
    from lightgbm.callback import CallbackEnv, EarlyStopException
except ImportError as error:
    raise missing_framework("lightgbm", "lightgbm", error) from error


def callback(trial: Trial[Any]) -> Callable[[CallbackEnv], None]:
    """A callback for `train`, `cv` and the estimators' `fit` that reports every iteration at its step and ends the training when the trial is stopped.

    Metrics are named `DATA-METRIC`, such as `valid_0-l2`; those of `cv` are means. What was trained until the stop is returned,
    with `best_iteration` being the last one.
    """

    def report(env: CallbackEnv) -> None:
        results = env.evaluation_result_list or []
        if end_of_step(trial, {f"{data}-{metric}": value for data, metric, value, *_ in results}, env.iteration):
            raise EarlyStopException(env.iteration, results)

    # Behind those that record what was evaluated.
    report.order = 40  # type: ignore[attr-defined]
    return report
