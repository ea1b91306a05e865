"""XGBoost.

    xgboost.train(params, data, 500, evals=[(valid, "valid")], callbacks=[paramo.xgboost.Callback(trial)])
"""

from __future__ import annotations

from typing import Any, Dict

from ._frameworks import missing_framework
from ._training_step import end_of_step
from ._trial import Trial

try:
    from xgboost.callback import TrainingCallback
except ImportError as error:
    raise missing_framework("xgboost", "xgboost", error) from error


class Callback(TrainingCallback):
    """For `train`, `cv` and the estimators: reports every iteration at its step and ends the training when the trial is stopped.

    Metrics are named `DATA-METRIC`, such as `valid-rmse`; those of `cv` are means.
    """

    def __init__(self, trial: Trial[Any]) -> None:
        super().__init__()
        self._trial = trial

    def after_iteration(self, model: Any, epoch: int, evals_log: Dict[str, Dict[str, Any]]) -> bool:
        """True ends the training."""
        newest = {f"{data}-{metric}": values[-1] for data, metrics in evals_log.items() for metric, values in metrics.items()}
        # Those of `cv` come with their deviation.
        return end_of_step(self._trial, {name: value[0] if isinstance(value, tuple) else value for name, value in newest.items()}, epoch)
