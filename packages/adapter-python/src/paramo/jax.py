"""JAX: its loops are yours, so what is here saves their state.

    state = paramo.jax.restore(trial, (params, optimizer_state, key))
    for step in trial.steps(30):
        state, loss = update(state)
        trial.log(loss=loss)
        paramo.jax.checkpoint(trial, state)
"""

from __future__ import annotations

import os
from typing import Any, TypeVar

from ._errors import ParamoError
from ._frameworks import missing_framework
from ._trial import Trial

try:
    import jax
    import numpy as np
except ImportError as error:
    raise missing_framework("jax", "jax", error) from error

T = TypeVar("T")

_FILE = "paramo-jax.npz"


def checkpoint(trial: Trial[Any], state: Any, *, force: bool = False) -> bool:
    """Saves a tree of arrays when a checkpoint is due; says whether it did. Belongs at the end of the loop's body, as `trial.checkpoint` does."""

    def save(directory: str) -> None:
        leaves = [np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf) for leaf in jax.tree_util.tree_leaves(state)]
        np.savez(os.path.join(directory, _FILE), *leaves)

    return trial.checkpoint(save, force=force)


def restore(trial: Trial[Any], state: T) -> T:
    """What `checkpoint` saved, in the shape of `state`; `state` itself when there is nothing to go on from.

    Raises ParamoError INVALID_ARGUMENT when what was saved has other leaves.
    """
    resume = trial.resume
    if resume is None:
        return state
    leaves, tree = jax.tree_util.tree_flatten(state)
    with np.load(os.path.join(resume.dir, _FILE), allow_pickle=False) as file:
        saved = [file[name] for name in file.files]
    shapes = [np.shape(jax.random.key_data(leaf) if _is_key(leaf) else leaf) for leaf in leaves]
    if [leaf.shape for leaf in saved] != shapes:
        raise ParamoError("INVALID_ARGUMENT", f"the checkpoint of step {resume.step} holds {len(saved)} arrays of other shapes than the state", "Give restore() a state like that of checkpoint().")
    like = [jax.random.wrap_key_data(new) if _is_key(old) else jax.numpy.asarray(new) if isinstance(old, jax.Array) else new for old, new in zip(leaves, saved)]
    restored: T = jax.tree_util.tree_unflatten(tree, like)
    return restored


def _is_key(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array) and jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key)
