"""Children of a fork."""

import os
import time

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

CHILD = """
import os, sys, paramo
def in_child(work):
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException as error:
            print("child:", type(error).__name__, error, file=sys.stderr)
            os._exit(1)
        finally:
            sys.stdout.flush()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""


def test_a_child_writes_nothing_into_the_run_of_its_parent_which_goes_on(sandbox):
    program = sandbox.python(
        CHILD
        + """
with paramo.run("forked") as run:
    for step in run.steps(4):
        run.log(loss=step)
        if step == 1:
            def work():
                run.log(loss=100)
                assert list(run.steps(9)) == []
                with_error = None
                try: run.complete()
                except paramo.ParamoError as error: with_error = error
                assert with_error.code == "ABORTED", with_error
            assert in_child(work) == 0
print(run.result.state, run.result.metrics)
"""
    )
    assert program.end() == 0, program.stderr
    assert program.stdout == "completed {'loss': 3.0}\n"
    assert program.stderr.count("log was called in a child process") == 1


def test_children_have_connections_of_their_own_when_the_parent_has_opened_none(sandbox):
    program = sandbox.python(
        CHILD
        + """
@paramo.tune({"x": paramo.Float(0, 1)}, "min y", name="each", trials=6)
def train(trial):
    return trial.params.x
pids = []
for _ in range(2):
    assert in_child(lambda: print(train().value)) == 0
print("grpc" in sys.modules)
"""
    )
    assert program.end() == 0, program.stderr
    assert program.stdout.split("\n")[-2] == "False"
    assert len({trial["worker"]["pid"] for trial in sandbox.trials("each")}) >= 1
    assert [trial["state"] for trial in sandbox.trials("each")] == ["completed"] * 6


def test_a_child_of_a_parent_with_a_connection_is_told_to_fork_before_and_hangs_nowhere(sandbox):
    program = sandbox.python(
        CHILD
        + """
study = paramo.open_study("parent", {"x": paramo.Float(0, 1)}, "min y")
trial = study.ask()
def refused(code, work):
    try: work()
    except paramo.ParamoError as error: assert error.code == code, error
    else: raise AssertionError(code)
def work():
    refused("ABORTED", study.ask)
    refused("NOT_SUPPORTED", lambda: paramo.open_study("child", {"x": paramo.Float(0, 1)}, "min y"))
    assert trial.checkpoint(lambda directory: None, force=True) is False
assert in_child(work) == 0
print(study.tell(trial, 1).state)
"""
    )
    begun = time.monotonic()
    assert program.end() == 0, program.stderr
    assert time.monotonic() - begun < 10
    assert program.stdout == "completed\n"


def test_forks_during_a_run_break_no_child_and_say_nothing(sandbox):
    program = sandbox.python(
        CHILD
        + """
import subprocess
with paramo.run("loaders") as run:
    for step in run.steps(60):
        run.log(loss=step)
        assert in_child(lambda: sum(range(1000))) == 0
        if step % 10 == 0:
            assert subprocess.run(["true"], preexec_fn=lambda: None).returncode == 0
print(run.result.state)
"""
    )
    assert program.end() == 0, program.stderr
    assert (program.stdout, [line for line in program.stderr.split("\n") if line and "DeprecationWarning" not in line and "os.fork()" not in line]) == ("completed\n", [])


def test_a_child_that_leaves_the_code_of_its_parent_ends_nothing_of_it(sandbox):
    program = sandbox.python(
        CHILD
        + """
with paramo.run("left") as run:
    for step in run.steps(40):
        run.log(loss=step)
        if step == 10:
            child = os.fork()
            if child == 0:
                # Through the end of the block, and of the interpreter with all that is to be done there.
                sys.exit(0)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    print(run.result, run.stopped)
print(run.result.state, run.result.series("loss").values == list(range(40)))
"""
    )
    assert program.end() == 0, program.stderr
    assert program.stdout == "None None\ncompleted True\n"
    assert [(trial["state"], trial["attempt"]) for trial in sandbox.trials("left")] == [("completed", 1)]


def test_workers_of_multiprocessing_come_and_go_while_the_parent_logs(sandbox):
    program = sandbox.python(
        """
import multiprocessing, paramo
def square(x): return x * x
with paramo.run("pool") as run:
    for step in run.steps(5):
        with multiprocessing.get_context("fork").Pool(2) as pool:
            for value in pool.imap(square, range(20)):
                run.log({"value": value})
        run.log(total=step)
print(run.result.state, run.result.metrics)
"""
    )
    assert program.end() == 0, program.stderr
    assert program.stdout == "completed {'value': 361.0, 'total': 4.0}\n"
