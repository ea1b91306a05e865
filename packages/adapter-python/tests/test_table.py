"""The trials of a study as rows and as a frame of pandas."""

import math
import subprocess
import sys

import pytest

import paramo


@pytest.fixture
def study(connection, name):
    space = {"opt": paramo.Choice("adam", "sgd"), "momentum": paramo.Float(0, 1, when={"opt": "sgd"})}
    made = paramo.open_study(name, space, "min loss", connection=connection, trials=9, strategy="random")
    made.enqueue({"opt": "adam"})
    made.enqueue({"opt": "sgd", "momentum": 0.5})
    made.tell(made.ask(), {"loss": 2.0, "accuracy": 0.5})
    made.tell(made.ask(), ValueError("no"))
    return made


ENDED = "state = completed or state = failed"


def test_rows_have_the_same_keys_and_none_where_a_trial_has_nothing(study):
    rows = study.rows(filter=ENDED)
    keys = ["trial", "state", "value", "step", "steps", "attempt", "lost", "reason", "error", "params.opt", "params.momentum", "metrics.loss", "metrics.accuracy"]
    assert [list(row) for row in rows] == [keys, keys]
    assert [(row["trial"] - rows[0]["trial"], row["state"], row["value"], row["params.momentum"], row["metrics.accuracy"]) for row in rows] == [(0, "completed", 2.0, None, 0.5), (1, "failed", None, 0.5, None)]
    assert rows[1]["error"] == "ValueError: no"
    assert study.rows(order="-number", filter=ENDED, limit=1)[0]["trial"] == rows[1]["trial"]
    assert study.rows(filter="loss > 5") == []


def test_a_frame_has_them_by_number(study):
    frame = study.frame(filter=ENDED)
    assert list(frame.index) == [row["trial"] for row in study.rows(filter=ENDED)] and frame.index.name == "trial"
    assert frame["value"].dtype == float and frame["value"].iloc[0] == 2 and math.isnan(frame["value"].iloc[1])
    assert list(frame["params.opt"]) == ["adam", "sgd"]
    assert study.frame(filter="loss > 5").empty


def test_pandas_is_loaded_only_there_and_its_lack_says_what_to_install():
    code = """
import sys
sys.modules["pandas"] = None
from paramo._table import frame_of
try: frame_of([])
except ImportError as error: print(error)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith("PLUGIN_NOT_INSTALLED: paramo.Study.frame needs the package pandas") and "`pip install pandas`" in said
