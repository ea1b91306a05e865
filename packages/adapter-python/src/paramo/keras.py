"""Keras 3, with any of its backends.

    model.fit(x, y, epochs=30, validation_data=valid, callbacks=[paramo.keras.Callback(trial)])
"""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ._frameworks import missing_framework
from ._training_step import end_of_step
from ._trial import Trial

try:
    from keras.callbacks import Callback as KerasCallback
except ImportError as error:
    raise missing_framework("keras", "keras", error) from error


class Callback(KerasCallback):
    """Reports the logs of every epoch at its step, and ends the training when the trial is stopped: between two batches if that comes from outside.

    An epoch that is cut short is not reported.
    """

    def __init__(self, trial: Trial[Any]) -> None:
        super().__init__()
        self._trial = trial

    def on_train_batch_end(self, batch: int, logs: Optional[Mapping[str, Any]] = None) -> None:
        if self._trial.stopped:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Optional[Mapping[str, Any]] = None) -> None:
        if self._trial.stopped or end_of_step(self._trial, logs or {}, epoch):
            self.model.stop_training = True
