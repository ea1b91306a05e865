"""Trainers that let nothing else run keep their leases."""

import pytest

import paramo

# The points are counted, and those of the machine would count too.
VARIABLES = {"PARAMO_DESCRIBE": "0"}

pytestmark = pytest.mark.slow


def test_a_call_that_computes_in_c_and_lets_no_thread_run_for_several_leases_keeps_its_trial(sandbox):
    sandbox.paramo("up")
    program = sandbox.python(
        """
import time, paramo
study = paramo.open_study("deaf", {"x": paramo.Float(0, 1)}, "min y", trials=1, lease="1s", strategy="random")
begun = time.monotonic()
sum(range(10**7))
many = round(6 / (time.monotonic() - begun)) * 10**7
trial = study.ask()
trial.log(y=1)
print("busy")
begun = time.monotonic()
sum(range(many))
assert time.monotonic() - begun > 2
print("stopped", trial.stopped)
print(study.tell(trial, 0.5).state)
"""
    )
    program.line("^busy$")
    with paramo.connect(home=str(sandbox.home), start=False) as connection:
        study = paramo.open_study("deaf", {"x": paramo.Float(0, 1)}, "min y", trials=1, lease="1s", strategy="random", connection=connection)
        # Nobody else is ever given it.
        with pytest.raises(paramo.ParamoError, match="STUDY_ENDED"):
            study.ask()
    assert program.end() == 0, program.stderr
    assert "stopped None\ncompleted\n" in program.stdout
    assert (sandbox.trials("deaf")[0]["attempt"], sandbox.trials("deaf")[0]["lost"]) == (1, 0)


def test_a_loop_in_python_that_never_sleeps_keeps_its_lease(sandbox):
    sandbox.paramo("up")
    program = sandbox.python(
        """
import time, paramo
study = paramo.open_study("busy", {"x": paramo.Float(0, 1)}, "min y", trials=1, lease="1s", strategy="random")
trial = study.ask()
trial.log(y=1)
print("busy")
until = time.monotonic() + 5
x = 0
while time.monotonic() < until:
    x += 1
print("stopped", trial.stopped)
print(study.tell(trial, 0.5).state)
"""
    )
    program.line("^busy$")
    other = sandbox.python(
        """
import paramo
study = paramo.open_study("busy", {"x": paramo.Float(0, 1)}, "min y", trials=1, lease="1s", strategy="random")
print("got", study.ask(wait=3.5))
"""
    )
    assert other.end() == 0, other.stderr
    assert program.end() == 0, program.stderr
    assert other.stdout == "got None\n"
    assert program.stdout == "busy\nstopped None\ncompleted\n"
    (trial,) = sandbox.trials("busy")
    assert (trial["attempt"], trial["lost"]) == (1, 0)
