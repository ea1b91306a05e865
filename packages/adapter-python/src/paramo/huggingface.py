"""The Trainer of Hugging Face's transformers.

    Trainer(model, args, callbacks=[paramo.huggingface.Callback(trial)], …)
"""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ._frameworks import missing_framework
from ._ranks import alone, shared
from ._training_step import end_of_step
from ._trial import Trial

try:
    from transformers import TrainerCallback
except ImportError as error:
    raise missing_framework("huggingface", "transformers", error) from error


class Callback(TrainerCallback):
    """Reports whatever the trainer logs (`loss`, `eval_loss`, …) at the last optimizer step done, and ends the training in all ranks when the trial is stopped."""

    def __init__(self, trial: Trial[Any]) -> None:
        self._trial = trial

    def on_log(self, args: Any, state: Any, control: Any, logs: Optional[Mapping[str, Any]] = None, **_: Any) -> None:
        step = max(0, state.global_step - 1)
        ends = state.is_world_process_zero and end_of_step(alone(self._trial), logs or {}, step)
        if shared(ends):
            control.should_training_stop = True
