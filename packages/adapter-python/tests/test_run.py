import math
import os
import subprocess
import sys
import time

import pytest

import paramo
from paramo import ParamoError, Params
from sandbox import PARAMO


def test_a_run_is_tracked_with_its_params_and_series(common, connection, name):
    with paramo.run(name, params=dict(lr=1e-3, batch=64, opt="adam", flag=True, none=None), connection=connection) as run:
        assert run.params == Params(dict(lr=1e-3, batch=64, opt="adam", flag=True, none=None))
        assert (run.params.lr, run.params["batch"], run.number, run.attempt, run.resume, run.stopped) == (1e-3, 64, 0, 1, None, None)
        for epoch in run.steps(20):
            run.log(loss=math.exp(-epoch))
    assert run.result.state == "completed" and run.result.done == 20
    [trial] = common.trials(name)
    assert trial["params"] == dict(lr=1e-3, batch=64, opt="adam", flag=True, none=None)
    series = paramo.find_study(name, connection=connection).series(0, "loss")
    assert series.steps == list(range(20)) and series.values == [math.exp(-epoch) for epoch in range(20)]
    assert series.times == sorted(series.times) and series.times[0] > 1e9


def test_what_the_body_raises_fails_the_run_and_is_raised_on(connection, name):
    with pytest.raises(ZeroDivisionError):
        with paramo.run(name, connection=connection) as run:
            run.log(loss=1)
            1 / 0
    record = paramo.find_study(name, connection=connection).trial(0)
    assert record.state == "failed" and record.metrics == {"loss": 1}
    assert record.error.message == "ZeroDivisionError: division by zero" and "test_run.py" in record.error.stack


def test_a_run_may_end_itself_in_its_body(connection, name):
    with paramo.run(name, connection=connection) as run:
        for _ in run.steps(5):
            if run.complete({"accuracy": 0.9}):
                break
        assert run.result.state == "completed"
    assert paramo.find_study(name, connection=connection).trial(0).metrics == {"accuracy": 0.9}


def test_runs_of_one_name_are_numbered(connection, name):
    for number in range(3):
        with paramo.run(name, seed=5, attributes={"tag": number}, study=dict(labels={"team": "a"}), connection=connection) as run:
            assert run.number == number and run.seed == 5
    assert [trial.attributes for trial in paramo.find_study(name, connection=connection).trials()] == [{"tag": 0}, {"tag": 1}, {"tag": 2}]


def test_a_run_cannot_be_tracked_in_a_search(connection, name):
    paramo.open_study(name, {"x": paramo.Float(0, 1)}, "min loss", connection=connection)
    with pytest.raises(ParamoError) as caught:
        with paramo.run(name, connection=connection):
            pass
    assert caught.value.code == "STUDY_MISMATCH" and caught.value.hint


def test_the_first_call_starts_the_daemon_of_the_home(sandbox):
    program = sandbox.python(
        """
import paramo
with paramo.run("first", params={"lr": 0.1}) as run:
    run.log(loss=1)
print(run.result.state)
"""
    )
    assert program.end() == 0, program.stderr
    assert program.stdout == "completed\n" and program.stderr == ""
    assert [trial["state"] for trial in sandbox.trials("first")] == ["completed"]


def test_without_a_daemon_and_the_program_that_starts_one_a_sentence_says_what_to_do(tmp_path):
    code = "import paramo\nwith paramo.run('x'): pass"
    env = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert ended.returncode == 1
    last = ended.stderr.strip().split("\n")[-1]
    assert "DAEMON_UNREACHABLE: no daemon runs on the home" in last and last.endswith("Install it with `npm install paramo`, or set PARAMO_BIN to it.")


def test_a_daemon_is_started_by_the_command_on_the_path(sandbox):
    programs = sandbox.directory / "programs"
    programs.mkdir()
    (programs / "paramo").symlink_to(PARAMO)
    code = "import os, paramo\nos.environ.pop('PARAMO_BIN')\nwith paramo.run('found') as run: run.log(a=1)\nprint(run.result.state)"
    program = sandbox.python(code, PATH=f"{programs}{os.pathsep}{os.environ['PATH']}")
    assert program.end() == 0, program.stderr
    assert program.stdout == "completed\n"
    os.kill(sandbox.daemon()["pid"], 0)


def test_it_works_in_a_running_event_loop_as_in_a_notebook(sandbox):
    program = sandbox.python(
        """
import asyncio, paramo
async def cell():
    with paramo.run("cell") as run:
        for step in run.steps(3):
            run.log(loss=step)
            await asyncio.sleep(0)
    @paramo.tune({"x": paramo.Float(0, 1)}, "min y", name="tuned", trials=3)
    def train(trial):
        return trial.params.x
    here = train()
    there = await asyncio.to_thread(paramo.find_study("tuned").best)
    return run.result.state, here.value == there.value
print(asyncio.run(cell()))
"""
    )
    assert program.end() == 0, program.stderr
    assert program.stdout == "('completed', True)\n"


def test_a_run_that_is_open_when_the_interpreter_ends_is_given_back_at_once(sandbox):
    program = sandbox.python("import paramo\nrun = paramo.run('open').__enter__()\nrun.log(loss=1)\nprint('last', flush=True)")
    program.line("^last$")
    begun = time.monotonic()
    assert program.end() == 0, program.stderr
    assert time.monotonic() - begun < 5
    assert sandbox.trials("open")[0]["state"] != "running"


def test_without_node_a_sentence_says_so(tmp_path):
    code = "import paramo\nwith paramo.run('x'): pass"
    env = {"PATH": str(tmp_path), "HOME": str(tmp_path), "PARAMO_BIN": str(PARAMO)}
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert "needs Node.js" in ended.stderr.strip().split("\n")[-1]


def test_an_address_and_its_token_are_taken_from_the_environment(common):
    daemon = common.daemon()
    code = "import paramo\nwith paramo.run('by-address') as run: run.log(a=1)\nprint(run.result.state)"
    assert common.python(code, PARAMO_ADDRESS=daemon["address"], PARAMO_TOKEN=daemon["token"]).end() == 0
    wrong = common.python(code, PARAMO_ADDRESS=daemon["address"], PARAMO_TOKEN="wrong")
    assert wrong.end() == 1 and "UNAUTHENTICATED" in wrong.stderr
    nobody = common.python(code, PARAMO_ADDRESS="127.0.0.1:1")
    assert nobody.end() == 1 and "DAEMON_UNREACHABLE: no daemon answers at 127.0.0.1:1" in nobody.stderr
