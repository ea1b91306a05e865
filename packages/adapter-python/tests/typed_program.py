"""Checked by mypy, never run: what the annotations promise to users."""

from __future__ import annotations

import sys
from typing import List, Optional

import paramo
from paramo import Bool, Choice, Float, Int, Ordinal, Space

if sys.version_info >= (3, 11):
    from typing import assert_type
else:
    from typing_extensions import assert_type


class S(Space):
    lr: float = Float(1e-5, 1e-1, log=True)
    layers: int = Int(1, 8)
    opt: str = Choice("adam", "sgd")
    batch: int = Ordinal(16, 32, 64, default=32)
    nesterov: bool = Bool()
    momentum: Optional[float] = Float(0, 1, when={"opt": "sgd"})


@paramo.tune(S, "min val_loss", trials=50, stopper="asha", strategy=("random", {"seed": 1}), lease="30s", budget={"wall": "1h"})
def train(trial: paramo.Trial[S]) -> None:
    assert_type(trial.params, S)
    assert_type(trial.params.lr, float)
    assert_type(trial.params.layers, int)
    assert_type(trial.params.opt, str)
    assert_type(trial.params.momentum, Optional[float])
    trial.params.lrr  # error: attr-defined
    for epoch in trial.steps(30):
        assert_type(epoch, int)
        trial.log(val_loss=1.0)
        trial.checkpoint(lambda directory: open(directory + "/x", "w").close())
    if trial.resume:
        assert_type(trial.resume.dir, str)


best = train(workers=2)
assert_type(best.value, float)
assert_type(best.params.opt, str)
assert_type(best.metrics["val_loss"], float)


@paramo.tune(S, ["min a", "max b"])
def several(trial: paramo.Trial[S]) -> "dict[str, float]":
    return {"a": 1.0, "b": trial.params.lr}


assert_type(several(), List[paramo.BestTrial[S]])

study = paramo.open_study("s", S, "min y", trials=3)
trial = study.ask()
assert_type(trial, paramo.Trial[S])
assert_type(study.ask(wait=1), Optional[paramo.Trial[S]])
study.tell(trial, {"y": trial.params.lr})
found = study.best()
if found:
    assert_type(found.params.lr, float)

with paramo.run("r", params={"lr": 0.1}) as run:
    run.log(loss=1)
    run.log({"val/loss": 1}, step=3)



class Bare(Space):
    lr = Float(1e-5, 1e-1, log=True)
    layers = Int(1, 8)
    opt = Choice("adam", "sgd")


@paramo.tune(Bare, "min y")
def bare(trial: paramo.Trial[Bare]) -> float:
    assert_type(trial.params.lr, float)
    assert_type(trial.params.layers, int)
    assert_type(trial.params.opt, str)
    return trial.params.lr


paramo.sklearn.SearchCV(None, S, trials=3)
paramo.open_study("s", S, "min y", trails=3)  # error: call-overload
paramo.tune(S, "min y", stopper=3)  # error: call-overload


@paramo.tune(S, "min y")  # error: arg-type
def wrong(trial: paramo.Trial[paramo.Params]) -> None:
    pass
