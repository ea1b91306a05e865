"""PyTorch.

    paramo.torch.restore(trial, model=model, optimizer=optimizer)
    for epoch in trial.steps(30):
        trial.log(val_loss=train(model, optimizer))
        paramo.torch.checkpoint(trial, model=model, optimizer=optimizer)
"""

from __future__ import annotations

import os
import random
import sys
from typing import Any, Dict, List, Protocol

from ._errors import ParamoError
from ._frameworks import missing_framework
from ._near_miss import near_miss
from ._trial import Trial

try:
    import torch
except ImportError as error:
    raise missing_framework("torch", "torch", error) from error

_FILE = "paramo-torch.pt"
# Those before 2.4 could load tensors without running what a file says, but no learning rate.
_LOADS_SAFELY = hasattr(torch.serialization, "add_safe_globals")


class Stateful(Protocol):
    """A module, an optimizer, a scheduler, a gradient scaler, …"""

    def state_dict(self) -> Dict[str, Any]: ...

    def load_state_dict(self, state: Any) -> Any: ...


def checkpoint(trial: Trial[Any], *, force: bool = False, **parts: Stateful) -> bool:
    """Saves the states of `parts`, by name, and those of all random number generators, when a checkpoint is due; says whether it did.

    Belongs at the end of the loop's body, as `trial.checkpoint` does, whose errors it raises.
    """

    def save(directory: str) -> None:
        states = {name: part.state_dict() for name, part in parts.items()}
        torch.save({"states": states, "random": _random_states()}, os.path.join(directory, _FILE))

    return trial.checkpoint(save, force=force)


def restore(trial: Trial[Any], **parts: Stateful) -> bool:
    """Loads what `checkpoint` saved of the trial, if there is something to go on from; says whether there was.

    From a checkpoint of another trial, as in a population, the random numbers are not taken, and an optimizer keeps the
    options it was made with (its learning rate, …), since they are those of this trial. Raises ParamoError INVALID_ARGUMENT
    when there are other parts in it.
    """
    resume = trial.resume
    if resume is None:
        return False
    path = os.path.join(resume.dir, _FILE)
    if not os.path.exists(path):
        raise ParamoError("INVALID_ARGUMENT", f"the checkpoint of step {resume.step} was not saved by paramo.torch.checkpoint", "Load it from trial.resume.dir as it was saved.")
    saved = torch.load(path, map_location="cpu", weights_only=_LOADS_SAFELY)
    states: Dict[str, Any] = saved["states"]
    for name in sorted(set(parts) ^ set(states)):
        near = near_miss(name, states)
        what = "is in the checkpoint and was not given" if name in states else "is not in the checkpoint" + (f"; did you mean {near}?" if near else "")
        raise ParamoError("INVALID_ARGUMENT", f"{name} {what}", "Give restore() and checkpoint() the same names.")
    own = resume.trial == trial.number
    for name, part in parts.items():
        options = [] if own else _options(part)
        part.load_state_dict(states[name])
        for group, given in zip(getattr(part, "param_groups", []), options):
            group.update(given)
    if own:
        _restore_random(saved["random"])
    return True


def _options(part: Any) -> List[Dict[str, Any]]:
    """What the groups of an optimizer were made with."""
    return [{name: value for name, value in group.items() if name != "params"} for group in getattr(part, "param_groups", [])]


def _random_states() -> Dict[str, Any]:
    version, state, gauss = random.getstate()
    states: Dict[str, Any] = {"torch": torch.get_rng_state(), "python": [version, list(state), gauss]}
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        states["cuda"] = torch.cuda.get_rng_state_all()
    numpy = sys.modules.get("numpy")
    if numpy:
        kind, keys, position, has_gauss, cached = numpy.random.get_state()
        states["numpy"] = [str(kind), keys.tolist(), int(position), int(has_gauss), float(cached)]
    return states


def _restore_random(states: Dict[str, Any]) -> None:
    torch.set_rng_state(states["torch"])
    version, state, gauss = states["python"]
    random.setstate((version, tuple(state), gauss))
    if "cuda" in states and torch.cuda.is_available() and torch.cuda.device_count() == len(states["cuda"]):
        torch.cuda.set_rng_state_all(states["cuda"])
    if "numpy" in states:
        import numpy

        kind, keys, position, has_gauss, cached = states["numpy"]
        numpy.random.set_state((kind, numpy.array(keys, dtype=numpy.uint32), position, has_gauss, cached))
