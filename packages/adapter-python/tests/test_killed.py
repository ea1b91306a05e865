"""Processes that die: the daemon's, a worker's."""

import json
import os
import re
import signal

import pytest

# The points are counted, and those of the machine would count too.
VARIABLES = {"PARAMO_DESCRIBE": "0"}

pytestmark = pytest.mark.slow

WORKER = """
import json, time, paramo
from paramo import Float, Space
class S(Space):
    x: float = Float(-1, 1)
@paramo.tune(S, "min loss", name="durable", trials=12, seed=1, strategy="random", lease="1s", stopper=("median", {"startupTrials": 3}))
def train(trial):
    for step in trial.steps(5):
        trial.log(loss=trial.params.x ** 2 + 1 / (step + 1))
        print("trial", trial.number, "step", step)
        time.sleep(0.02)
best = train(on_trial=lambda t: print("acked", json.dumps(dict(number=t.number, state=t.state, value=t.value, params=dict(t.params), done=t.done))))
print("best", best.number)
"""


def acked(program):
    return [json.loads(found) for found in re.findall(r"^acked (.*)$", program.stdout, re.M)]


def check(sandbox, promised):
    trials = sandbox.trials("durable")
    assert [trial["number"] for trial in trials] == list(range(12))
    assert {trial["state"] for trial in trials} <= {"completed", "stopped"}
    for one in promised:
        found = trials[one["number"]]
        assert {key: found[key] for key in one} == one
    # The header, and a line a step.
    rows = sandbox.paramo("export", "durable", "--format", "csv", "--series").strip().split("\n")
    assert len(rows) == 1 + sum(trial["done"] for trial in trials)
    assert sandbox.paramo("replay", "durable").startswith("reproduced: ")


def test_a_worker_outlives_a_daemon_that_is_killed_starts_another_and_loses_nothing(sandbox):
    program = sandbox.python(WORKER)
    program.line(r'^acked .*"number": 3')
    pid = sandbox.daemon()["pid"]
    os.kill(pid, signal.SIGKILL)
    assert program.end() == 0, program.stderr
    assert sandbox.daemon()["pid"] != pid
    assert len(acked(program)) == 12 and re.search(r"^best \d+$", program.stdout, re.M)
    check(sandbox, acked(program))


def test_a_run_goes_on_while_its_daemon_is_killed_and_keeps_every_point(sandbox):
    program = sandbox.python(
        """
import time, paramo
with paramo.run("long", study=dict(lease="2s")) as run:
    for step in run.steps(60):
        run.log(loss=1 / (step + 1), other=step)
        if step == 20: print("here")
        time.sleep(0.02)
print(run.result.state, run.result.done)
"""
    )
    program.line("^here$")
    os.kill(sandbox.daemon()["pid"], signal.SIGKILL)
    assert program.end() == 0, program.stderr
    assert program.stdout.split("\n")[1] == "completed 60"
    rows = sandbox.paramo("export", "long", "--format", "csv", "--series").strip().split("\n")
    assert len(rows) == 1 + 2 * 60


def test_a_worker_that_is_killed_loses_its_attempt_and_another_takes_the_trial_up(sandbox):
    sandbox.paramo("up")
    victim = sandbox.python(WORKER)
    number = int(victim.line(r"^trial (\d+) step 1$")[1])
    victim.kill(signal.SIGKILL)
    assert victim.end() == -signal.SIGKILL
    other = sandbox.python(WORKER)
    assert other.end() == 0, other.stderr
    trial = sandbox.trials("durable")[number]
    assert (trial["attempt"], trial["lost"]) == (2, 1)
    check(sandbox, acked(other))
