"""A loop with the real JAX."""

import jax.numpy as jnp
import numpy as np
import pytest

import paramo

TRAIN = """
import os, jax, jax.numpy as jnp, paramo
def train(trial, die_at):
    state = paramo.jax.restore(trial, ({"w": jnp.zeros(3)}, jax.random.key(0)))
    for step in trial.steps(6):
        params, key = state
        key, use = jax.random.split(key)
        x = jax.random.normal(use, (16, 3))
        loss, slope = jax.value_and_grad(lambda p: ((x @ p["w"] - x.sum(1)) ** 2).mean())(params)
        state = (jax.tree_util.tree_map(lambda p, g: p - 0.1 * g, params, slope), key)
        trial.log(loss=loss)
        paramo.jax.checkpoint(trial, state, force=True)
        if step == die_at:
            os._exit(9)
study = paramo.open_study("NAME", {"x": paramo.Float(0, 1)}, "min loss", trials=1, seed=5, lease="2s")
trial = study.ask()
train(trial, DIE)
print(study.tell(trial, None).series("loss").values)
"""


def test_a_loop_that_is_cut_off_goes_on_as_if_it_had_not_been(sandbox):
    whole = sandbox.python(TRAIN.replace("NAME", "whole").replace("DIE", "None"))
    assert whole.end() == 0, whole.stderr
    assert sandbox.python(TRAIN.replace("NAME", "cut").replace("DIE", "2")).end() == 9
    on = sandbox.python(TRAIN.replace("NAME", "cut").replace("DIE", "None"))
    assert on.end() == 0, on.stderr
    assert on.stdout == whole.stdout and sandbox.trials("cut")[0]["attempt"] == 2


def test_scalars_are_numbers_and_other_states_are_refused(connection, name, tmp_path):
    with paramo.run(name, connection=connection) as run:
        for _ in run.steps(2):
            run.log(loss=jnp.float32(0.5))
        state = {"w": jnp.zeros(2)}
        assert paramo.jax.restore(run, state) is state
        np.savez(tmp_path / "paramo-jax.npz", np.zeros(3))
        run._holder.resume = paramo.Resume(str(tmp_path), 0, 0, "")
        with pytest.raises(paramo.ParamoError, match="INVALID_ARGUMENT: the checkpoint of step 0"):
            paramo.jax.restore(run, state)
        run._holder.resume = None
    assert run.result.metrics == {"loss": 0.5}
