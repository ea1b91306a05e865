"""One step of a training whose loop belongs to a framework."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional

from ._trial import Trial


def end_of_step(trial: Trial[Any], metrics: Mapping[str, Any], step: int, save: Optional[Callable[[str], object]] = None) -> bool:
    """Reports `metrics` at `step` (from 0), saves a checkpoint with `save` if one is due, and says whether the training should end here.

    It ends when the trial is stopped, after `fidelity.steps` steps, or where no further step is granted.
    """
    trial.report(numbers(metrics), step=step)
    if save is not None:
        trial.checkpoint(save)
    most = trial.fidelity.steps
    if trial.stopped is not None or (most is not None and step + 1 >= most):
        return True
    return not trial._granted(step + 2)


def numbers(metrics: Mapping[str, Any]) -> Dict[str, float]:
    """What of `metrics` is a single number, of whatever library; frameworks log other things too."""
    found: Dict[str, float] = {}
    for name, value in metrics.items():
        if isinstance(value, (str, bytes, bool)) or value is None:
            continue
        try:
            found[str(name)] = float(value)
        except (TypeError, ValueError, RuntimeError):
            pass
    return found
