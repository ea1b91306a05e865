"""Programs that `paramo run` runs: the same script as alone."""

import json
import signal
import sys
import time

import pytest
from sandbox import Sandbox

pytestmark = pytest.mark.slow

TRACKED = """
import paramo
with paramo.run("own", params=dict(lr=0.25)) as run:
    for step in run.steps(4):
        run.log(loss=run.params.lr / (step + 1))
    run.complete({"accuracy": 0.5})
assert run.stopped is None and run.result.metrics == {"loss": run.params.lr / 4, "accuracy": 0.5}, run.result.metrics
"""

TUNED = """
import paramo
class S(paramo.Space):
    lr: float = paramo.Float(0, 1)
@paramo.tune(S, "min val_loss", name="own", trials=2, strategy="random")
def train(trial):
    assert type(trial.params) is S and type(trial.params.lr) is float
    if trial.params.lr > 0.75:
        raise ValueError("too large")
    for step in trial.steps(3):
        trial.log(val_loss=trial.params.lr + 1 / (step + 1))
    return trial.params.lr
best = train()
assert best.value == best.params.lr and best.study.objective_names == ("val_loss",)
"""


def runner(sandbox: Sandbox, name, source, *options):
    """`paramo run` of a program, at work."""
    (sandbox.directory / f"{name}.py").write_text(source)
    return sandbox.run("node", sandbox.environment()["PARAMO_BIN"], "run", "--name", name, *options, "--", sys.executable, f"{name}.py")


def studies(sandbox: Sandbox):
    return {study["spec"]["name"] for study in json.loads(sandbox.paramo("studies", "--json"))}


def test_a_tracked_run_is_the_trial_it_is_run_for_and_alone_one_of_its_own(sandbox):
    ended = runner(sandbox, "tracked", TRACKED, "-p", "lr=0.5", "--metric", "loss")
    assert ended.end() == 0, ended.stderr
    assert studies(sandbox) == {"tracked"}
    [trial] = sandbox.trials("tracked")
    assert (trial["state"], trial["done"], trial["metrics"]) == ("completed", 4, {"loss": 0.125, "accuracy": 0.5})
    alone = sandbox.python(TRACKED)
    assert alone.end() == 0, alone.stderr
    [trial] = sandbox.trials("own")
    assert (trial["state"], trial["done"], trial["metrics"]) == ("completed", 4, {"loss": 0.0625, "accuracy": 0.5})


def test_a_function_that_tunes_evaluates_the_trial_it_is_run_for_and_alone_as_many_as_it_says(sandbox):
    ended = runner(sandbox, "tuned", TUNED, "-p", "lr=0.25,0.5,1", "-n", "3", "-j", "2", "--strategy", "grid", "--minimize", "val_loss")
    ended.end()
    trials = {trial["params"]["lr"]: trial for trial in sandbox.trials("tuned")}
    assert sorted(trials) == [0.25, 0.5, 1], ended.stderr
    assert [(trials[lr]["state"], trials[lr]["value"], trials[lr]["done"]) for lr in (0.25, 0.5)] == [("completed", 0.25, 3), ("completed", 0.5, 3)]
    # The runner alone ends it, by the exit code of the program.
    assert trials[1]["state"] == "failed" and "exit code 1" in trials[1]["error"]["message"] and "too large" in trials[1]["error"]["message"]
    assert studies(sandbox) == {"tuned"}
    alone = sandbox.python(TUNED.replace("> 0.75", "> 1"))
    assert alone.end() == 0, alone.stderr
    assert [trial["state"] for trial in sandbox.trials("own")] == ["completed"] * 2


def test_a_space_that_does_not_fit_is_told_with_what_to_do(common):
    ended = runner(common, "other", TUNED, "-p", "rate=0.5", "--metric", "val_loss")
    assert ended.end() != 0
    assert "trial 0, for which this program is run, has no lr" in ended.stderr and "such as -p lr=" in ended.stderr


STOPPED = """
import time, paramo
class S(paramo.Space):
    lr: float = paramo.Choice(1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
@paramo.tune(S, "min val_loss")
def train(trial):
    for step in trial.steps(60):
        trial.report(val_loss=trial.params.lr)
        if trial.params.lr > 3:
            time.sleep(0.02)
    if trial.stopped:
        with open("stopped", "a") as file:
            file.write(f"{trial.number} {trial.stopped.cause}\\n")
train()
"""


def test_a_stop_reaches_the_program(common):
    ended = runner(common, "halted", STOPPED, "-p", "lr=1,2,3,4,5,6", "-n", "6", "--strategy", "grid", "--stopper", "median", "--minimize", "val_loss")
    assert ended.end(90) == 0, ended.stderr
    trials = common.trials("halted")
    stopped = [trial for trial in trials if trial["state"] == "stopped"]
    assert stopped and all(trial["done"] < 60 for trial in stopped)
    assert all(trial["done"] == 60 for trial in trials if trial["state"] == "completed")
    told = [line.split() for line in (common.directory / "stopped").read_text().splitlines()]
    assert {int(number) for number, _ in told} == {trial["number"] for trial in stopped}
    assert {cause for _, cause in told} <= {"stop", "aborted"}


SAVING = """
import os, time, paramo
with paramo.run("own") as run:
    if run.resume:
        with open("resumed", "w") as file:
            file.write(f"{run.attempt} {run.resume.step} {open(os.path.join(run.resume.dir, 'step')).read()}")
    for step in run.steps(run.resume.step + 3 if run.resume else 1000):
        run.log(loss=1)
        time.sleep(0.02)
        if step == 3:
            open("started", "w").close()
        def save(directory):
            with open(os.path.join(directory, "step"), "w") as file:
                file.write(str(step))
        run.checkpoint(save)
"""


def test_one_that_is_told_to_end_saves_its_state_and_goes_on_from_there(common):
    options = ("-p", "lr=0..1", "-n", "1", "--minimize", "loss")
    first = runner(common, "saving", SAVING, *options)
    until = time.monotonic() + 20
    while not (common.directory / "started").exists():
        assert first.process.poll() is None and time.monotonic() < until, first.stderr
        time.sleep(0.02)
    first.kill(signal.SIGINT)
    assert first.end() == 130, first.stderr
    [waiting] = common.trials("saving")
    assert (waiting["state"], waiting["attempt"]) == ("waiting", 1)
    later = runner(common, "saving", SAVING, *options)
    assert later.end() == 0, later.stderr
    done = waiting["checkpoint"]["done"]
    assert (common.directory / "resumed").read_text() == f"2 {done - 1} {done - 1}"
    [trial] = common.trials("saving")
    assert (trial["state"], trial["done"]) == ("completed", done + 2)


RANKS = """
import os, subprocess, sys, paramo
if "OWN" not in os.environ:
    started = [subprocess.Popen([sys.executable, __file__], env={**os.environ, "OWN": "1", "RANK": rank, "WORLD_SIZE": "3"}) for rank in ("1", "0", "2")]
    sys.exit(max(abs(one.wait()) for one in started))
with paramo.run("own") as run:
    run.log({"loss of " + os.environ["RANK"]: run.params.lr})
    assert run.number == 0
    if os.environ["RANK"] != "0":
        assert run.checkpoint(lambda directory: 1 / 0, force=True) is False
"""


def test_of_the_ranks_of_one_training_the_first_reports(common):
    ended = runner(common, "ranks", RANKS, "-p", "lr=0.5", "--metric", "loss of 0")
    assert ended.end() == 0, ended.stderr
    assert [(trial["state"], trial["metrics"]) for trial in common.trials("ranks")] == [("completed", {"loss of 0": 0.5})]


ENDS = """
import sys, paramo
def refused():
    try:
        run.release()
    except paramo.ParamoError as error:
        return error.code
with paramo.run("own") as run:
    with paramo.run("inner") as inner:
        assert inner.id == run.id
        inner.log(loss=1)
    run.log(loss=2, step=5)
    assert refused() == "NOT_SUPPORTED"
    run.fail("no such data set")
print("not reached")
"""


def test_one_that_says_it_failed_ends_with_exit_code_1_and_the_reason(common):
    ended = runner(common, "ends", ENDS, "-p", "lr=0.5", "--metric", "loss")
    assert ended.end() != 0 and "not reached" not in ended.stdout
    [trial] = common.trials("ends")
    assert trial["state"] == "failed" and "no such data set" in trial["error"]["message"] and trial["metrics"] == {"loss": 2} and trial["done"] == 6


def test_a_variable_that_names_no_trial_ends_the_program_with_what_to_do(common):
    script = common.python(TRACKED, PARAMO_TRIAL="nonsense")
    assert script.end() == 1
    assert 'PARAMO_TRIAL is "nonsense", which names no trial' in script.stderr
