"""Lightning.

    Trainer(callbacks=[paramo.lightning.Callback(trial)])
"""

from __future__ import annotations

from typing import Any

from ._frameworks import missing_framework
from ._ranks import alone
from ._training_step import end_of_step
from ._trial import Trial

try:
    from lightning.pytorch.callbacks import Callback as LightningCallback
except ImportError as error:
    raise missing_framework("lightning", "lightning", error) from error


class Callback(LightningCallback):
    """Reports what was logged in every epoch at its step, and ends the training in all ranks when the trial is stopped.

    The metrics are those of `trainer.callback_metrics`, once the epoch's validation is through.
    """

    def __init__(self, trial: Trial[Any]) -> None:
        super().__init__()
        self._trial = trial

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        ends = trainer.is_global_zero and end_of_step(alone(self._trial), trainer.callback_metrics, trainer.current_epoch)
        if trainer.strategy.broadcast(ends):
            trainer.should_stop = True
