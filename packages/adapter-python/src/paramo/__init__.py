"""Paramo tracks and tunes the training of models.

    import paramo
    from paramo import Choice, Float, Space

    with paramo.run("mnist", params=dict(lr=1e-3)) as run:
        for epoch in run.steps(20):
            run.log(loss=...)

    class S(Space):
        lr: float = Float(1e-5, 1e-1, log=True)
        opt: str = Choice("adam", "sgd")

    @paramo.tune(S, "min val_loss", trials=50, stopper="median")
    def train(trial: paramo.Trial[S]):
        for epoch in trial.steps(30):
            trial.log(val_loss=...)

    best = train()

The first call finds the daemon of the directory's home (`.paramo/`), or starts one. Importing this opens nothing: gRPC is
loaded and the channel opened with the first call that needs them, in each process by itself. So are the frameworks, each
with the first use of its module: `paramo.sklearn`, `paramo.torch`, `paramo.lightning`, `paramo.keras`,
`paramo.huggingface`, `paramo.lightgbm`, `paramo.xgboost`, `paramo.jax`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from ._errors import ParamoError
from ._importance import ParameterImportance
from ._objective import Objective
from ._open import find_study, open_study
from ._parameter import Bool, Choice, Float, Int, Ordinal
from ._params import Params
from ._record import BestTrial, Fidelity, Series, TrialRecord
from ._run import run
from ._space import Space
from ._study import Study
from ._trial import Resume, StopNotice, Trial
from ._tune import Tuner, tune

if TYPE_CHECKING:
    from . import huggingface as huggingface, jax as jax, keras as keras, lightgbm as lightgbm, lightning as lightning, sklearn as sklearn, torch as torch, xgboost as xgboost
    from ._connection import Connection

__version__ = "0.0.0"

__all__ = [
    "BestTrial",
    "Bool",
    "Choice",
    "Fidelity",
    "Float",
    "Int",
    "Objective",
    "Ordinal",
    "ParamoError",
    "ParameterImportance",
    "Params",
    "Resume",
    "Series",
    "Space",
    "StopNotice",
    "Study",
    "Trial",
    "TrialRecord",
    "Tuner",
    "connect",
    "find_study",
    "open_study",
    "run",
    "tune",
]


def __getattr__(name: str) -> Any:
    from ._frameworks import FRAMEWORKS

    if name in FRAMEWORKS:
        from importlib import import_module

        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def connect(*, home: Optional[str] = None, address: Optional[str] = None, token: Optional[str] = None, start: bool = True, patience: Optional[float] = None, spool_quota_bytes: int = 256 * 1024 * 1024) -> "Connection":
    """Connects to the daemon, started first if it is a home's and none runs; for `connection=`, where the default will not do.

    `home`: else `PARAMO_HOME`, else `.paramo` upward from the working directory, else created there. `address`:
    `127.0.0.1:PORT` or `unix:PATH`, else `PARAMO_ADDRESS`, with `token` or `PARAMO_TOKEN`; no daemon is ever started then.
    `start`: whether to start the home's daemon. `patience`: how long calls are tried again while the daemon is away, in
    seconds; 60 by default. `spool_quota_bytes`: of what lies in the home's spool while the daemon is away; past it metrics
    are thinned, ends of trials never. Raises ParamoError DAEMON_UNREACHABLE, DAEMON_VERSION or UNAUTHENTICATED with what to do.
    """
    from ._checks import whole
    from ._connection import open_connection

    connection = open_connection(home=home, address=address, token=token, start=start, patience_s=patience, spool_quota_bytes=whole("spool_quota_bytes", spool_quota_bytes, 1))
    connection.link.ready()
    return connection
