"""Trainers and daemons that end at bad moments: what was logged arrives, once."""

import json
import os
import random
import re
import signal
import time

import pytest

import paramo
from paramo._spool_files import read_spool_file, spool_files

# The points are counted, and those of the machine would count too.
VARIABLES = {"PARAMO_DESCRIBE": "0"}

pytestmark = pytest.mark.slow

# Logs its steps for ever, or so many, and says which one it has come to.
TRAINER = """
import itertools, os, time, paramo
from paramo import connect
steps = int(os.environ.get("STEPS", "0")) or 10**9
with paramo.connect() as connection:
    with paramo.run("long", study=dict(lease="30s"), connection=connection) as run:
        print("trial", run.number)
        for step in run.steps(steps):
            run.log(loss=1 / (step + 1), other=step)
            print("step", step)
            time.sleep(0.005)
            if step == 20 and "HOLD" in os.environ:
                print("holding")
                while not os.path.exists("go"): time.sleep(0.01)
        print("done")
    print("ended", run.result and run.result.state)
"""

# Starts on the home, and stays until nothing is left to deliver.
NEXT = """
import glob, time, paramo
with paramo.connect() as connection:
    until = time.monotonic() + 30
    while glob.glob(".paramo/spool/*") and time.monotonic() < until: time.sleep(0.02)
    print("left", len(glob.glob(".paramo/spool/*")))
"""

NO_DAEMON = {"PARAMO_BIN": "/nowhere/paramo", "PATH": "/nowhere"}


def kill_daemon(sandbox):
    os.kill(sandbox.daemon()["pid"], signal.SIGKILL)


def deliver(sandbox):
    program = sandbox.python(NEXT)
    assert program.end() == 0, program.stderr
    assert program.stdout == "left 0\n", program.stderr
    return program.stderr


def series(sandbox, study="long"):
    """Of the first trial, all points as (metric, step)."""
    rows = [row.split(",") for row in sandbox.paramo("export", study, "--format", "csv", "--series").strip().split("\n")]
    metric, step = rows[0].index("metric"), rows[0].index("step")
    return [(row[metric], int(row[step])) for row in rows[1:]]


def spools(sandbox):
    root = sandbox.home / "spool"
    return sorted(root.iterdir()) if root.exists() else []


def expected(steps):
    return sorted((metric, step) for step in range(steps) for metric in ("loss", "other"))


def test_a_trainer_that_is_killed_without_its_daemon_loses_at_most_the_last_tenth_of_a_second(sandbox):
    sandbox.paramo("up")
    trainer = sandbox.python(TRAINER, HOLD="1", **NO_DAEMON)
    trainer.line("^step 10$")
    kill_daemon(sandbox)
    trainer.line("^holding$")
    # What was logged longer ago than the flush takes is on disk.
    until = time.monotonic() + 20
    while time.monotonic() < until and max(written(sandbox), default=-1) < 20:
        time.sleep(0.01)
    trainer.kill(signal.SIGKILL)
    trainer.end()
    assert max(written(sandbox)) == 20
    said = deliver(sandbox)
    assert re.search(r"delivered what an earlier process had left: \d+ points$", said, re.M)
    assert sorted(series(sandbox)) == expected(21)
    (trial,) = sandbox.trials("long")
    # Its goodbye was said for it: nothing waits for the lease.
    assert (trial["state"], trial["reason"]) == ("failed", "lost: its process ended")


def written(sandbox):
    steps = []
    for folder in spools(sandbox):
        for path in spool_files(str(folder)):
            for record in read_spool_file(path).records:
                steps.extend(step for one in record.batch.series if one.name == "loss" for step in one.steps)
    return steps


def test_a_trial_whose_daemon_was_away_for_all_of_it_is_delivered_by_the_next_start(sandbox):
    sandbox.paramo("up")
    trainer = sandbox.python(TRAINER, STEPS="60", HOLD="1", **NO_DAEMON)
    trainer.line("^trial 0$")
    kill_daemon(sandbox)
    trainer.line("^holding$")
    (sandbox.directory / "go").touch()
    begun = time.monotonic()
    assert trainer.end() == 0, trainer.stderr
    assert time.monotonic() - begun < 15
    # As it is told to stand.
    assert re.search(r"^ended completed$", trainer.stdout, re.M)
    assert re.search(r"the daemon is away: \d+ points and the end of a trial stay in .*/spool/\w+; the next start", trainer.stderr)
    deliver(sandbox)
    assert sorted(series(sandbox)) == expected(60)
    (trial,) = sandbox.trials("long")
    assert (trial["state"], trial["done"], trial["lost"]) == ("completed", 60, 0)


def test_what_was_delivered_once_is_delivered_again_without_a_change(sandbox, tmp_path):
    import shutil

    sandbox.paramo("up")
    trainer = sandbox.python(TRAINER, STEPS="40", HOLD="1", **NO_DAEMON)
    trainer.line("^trial 0$")
    kill_daemon(sandbox)
    (sandbox.directory / "go").touch()
    assert trainer.end() == 0, trainer.stderr
    (folder,) = spools(sandbox)
    shutil.copytree(folder, tmp_path / "copy")
    deliver(sandbox)
    before = sandbox.paramo("export", "long", "--format", "csv", "--series")
    trials = sandbox.trials("long")
    shutil.copytree(tmp_path / "copy", folder)
    said = deliver(sandbox)
    # The daemon answers the end that it knows as it did before.
    assert "points" not in said
    assert sandbox.paramo("export", "long", "--format", "csv", "--series") == before
    assert sandbox.trials("long") == trials


def test_trainers_killed_again_and_again_lose_no_flushed_point_and_double_none(sandbox):
    rng = random.Random(4)
    sandbox.paramo("up")
    promised = {}
    for number in range(4):
        trainer = sandbox.python(TRAINER)
        trial = int(trainer.line(r"^trial (\d+)$")[1])
        assert trial == number
        seen = int(trainer.line(f"^step ({rng.randrange(30, 60)})$")[1])
        time.sleep(0.12 + rng.random() / 10)
        trainer.kill(signal.SIGKILL)
        trainer.end()
        promised[number] = seen
    deliver(sandbox)
    rows = [row.split(",") for row in sandbox.paramo("export", "long", "--format", "csv", "--series").strip().split("\n")]
    columns = {name: rows[0].index(name) for name in ("trial", "metric", "step")}
    found = [(int(row[columns["trial"]]), row[columns["metric"]], int(row[columns["step"]])) for row in rows[1:]]
    assert len(found) == len(set(found))
    for number, seen in promised.items():
        assert {(number, metric, step) for metric in ("loss", "other") for step in range(seen + 1)} <= set(found)


def test_a_trial_ended_by_a_signal_while_the_daemon_was_away_is_ended_in_the_spool(sandbox):
    sandbox.paramo("up")
    trainer = sandbox.python(TRAINER, HOLD="1", **NO_DAEMON)
    trainer.line("^step 10$")
    kill_daemon(sandbox)
    trainer.line("^holding$")
    time.sleep(0.5)
    trainer.kill(signal.SIGTERM)
    assert trainer.end(15) == 143, trainer.stderr
    deliver(sandbox)
    (trial,) = sandbox.trials("long")
    assert trial["state"] == "failed" and "SIGTERM" in json.dumps(trial)
    assert sorted(series(sandbox)) == expected(21)


def test_past_its_quota_the_spool_keeps_the_last_point_of_each_metric_counts_what_it_drops_and_says_so_once(sandbox):
    sandbox.paramo("up")
    trainer = sandbox.python(
        """
import os, time, paramo
with paramo.connect(spool_quota_bytes=200_000) as connection:
    with paramo.run("much", connection=connection) as run:
        run.log(first=1)
        time.sleep(0.3)
        print("here")
        while not os.path.exists("go"): time.sleep(0.01)
        for step in range(150_000):
            run.log(loss=step, step=step)
            if step % 20_000 == 0: time.sleep(0.15)
        run.log(step=150_000, last=7)
    print("dropped", connection.reporter.dropped)
""",
        **NO_DAEMON,
    )
    trainer.line("^here$")
    kill_daemon(sandbox)
    (sandbox.directory / "go").touch()
    assert trainer.end() == 0, trainer.stderr
    dropped = int(trainer.line(r"^dropped (\d+)$")[1])
    assert dropped > 0 and trainer.stderr.count("past its quota") == 1
    (folder,) = spools(sandbox)
    assert sum(os.path.getsize(path) for path in spool_files(str(folder))) < 2_000_000
    records = [record for path in spool_files(str(folder)) for record in read_spool_file(path).records]
    assert max(record.dropped for record in records) == dropped
    sequences = [record.batch.sequence for record in records if record.WhichOneof("kind") == "batch"]
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
    deliver(sandbox)
    found = series(sandbox, "much")
    assert len(found) == 150_002 - dropped
    assert {("first", 0), ("loss", 149_999), ("last", 150_000)} <= set(found)
    (trial,) = sandbox.trials("much")
    assert trial["state"] == "completed" and trial["metrics"]["loss"] == 149_999


def test_where_the_spool_cannot_be_written_training_goes_on_in_memory_with_one_warning(sandbox):
    sandbox.paramo("up")
    (sandbox.home / "spool").write_text("in the way")
    trainer = sandbox.python(TRAINER, STEPS="60")
    trainer.line("^step 10$")
    kill_daemon(sandbox)
    assert trainer.end() == 0, trainer.stderr
    assert re.search("^ended completed$", trainer.stdout, re.M)
    assert trainer.stderr.count("cannot be written") == 1
    assert sorted(series(sandbox)) == expected(60)


@pytest.mark.parametrize("way", ["close", "exit"])
def test_an_end_without_the_daemon_takes_little_more_than_five_seconds_and_says_what_stays(sandbox, way):
    sandbox.paramo("up")
    source = """
import os, sys, time, paramo
connection = paramo.connect()
study = paramo.open_study("asked", {"x": paramo.Float(0, 1)}, "min y", connection=connection)
trial = study.ask()
trial.log(y=1)
time.sleep(0.3)
print("here")
while not os.path.exists("go"): time.sleep(0.01)
trial.log(y=2)
print("leaving")
"""
    program = sandbox.python(source + ("connection.close()\n" if way == "close" else ""), **NO_DAEMON)
    program.line("^here$")
    kill_daemon(sandbox)
    (sandbox.directory / "go").touch()
    program.line("^leaving$")
    begun = time.monotonic()
    assert program.end() == 0, program.stderr
    assert time.monotonic() - begun < 8
    assert re.search(r"the daemon is away: 1 point stays? in", program.stderr)


def test_an_end_that_nobody_took_in_arrives_while_its_process_lives_on(sandbox):
    sandbox.paramo("up")
    program = sandbox.python(
        """
import os, time, paramo
with paramo.connect() as connection:
    with paramo.run("early", connection=connection) as run:
        run.log(loss=1)
        print("here")
        while not os.path.exists("go"): time.sleep(0.01)
        # More than the end could carry along.
        for step in range(40_000): run.log(many=step, step=step)
        run.log(loss=2)
    print("ended", run.result.state)
    while not os.path.exists("stop"): time.sleep(0.01)
""",
        **NO_DAEMON,
    )
    program.line("^here$")
    kill_daemon(sandbox)
    (sandbox.directory / "go").touch()
    program.line("^ended completed$")
    sandbox.paramo("up")
    until = time.monotonic() + 30
    while time.monotonic() < until and sandbox.trials("early")[0]["state"] != "completed":
        time.sleep(0.1)
    (trial,) = sandbox.trials("early")
    assert (trial["state"], trial["metrics"]) == ("completed", {"loss": 2, "many": 39_999})
    assert sorted(step for metric, step in series(sandbox, "early") if metric == "many") == list(range(40_000))
    (sandbox.directory / "stop").touch()
    assert program.end() == 0
    assert "stay" not in program.stderr and spools(sandbox) == []


def test_a_worker_that_waits_for_a_trial_takes_none_away_whose_end_is_being_delivered(sandbox):
    sandbox.paramo("up")
    program = sandbox.python(
        """
import os, time, paramo
study = paramo.open_study("last", {"x": paramo.Float(0, 1)}, "min y", trials=1, strategy="random")
trial = study.ask()
print("here")
while not os.path.exists("go"): time.sleep(0.01)
# More than one message.
for step in range(60_000): trial.log(y=1.0, step=step)
print(study.tell(trial, 0.25).state)
""",
        **NO_DAEMON,
    )
    program.line("^here$")
    kill_daemon(sandbox)
    (sandbox.directory / "go").touch()
    assert program.end() == 0, program.stderr
    assert program.stdout == "here\ncompleted\n"
    sandbox.paramo("up")
    # By an address, so that it delivers nothing itself.
    waiting = sandbox.python(
        """
import paramo
study = paramo.find_study("last")
print("waiting")
try: print("got", study.ask(wait=30))
except paramo.ParamoError as error: print(error.code)
""",
        PARAMO_ADDRESS=f"unix:{sandbox.daemon()['socket']}",
    )
    waiting.line("^waiting$")
    time.sleep(0.3)
    deliver(sandbox)
    assert waiting.end() == 0, waiting.stderr
    assert waiting.stdout == "waiting\nSTUDY_ENDED\n"
    (trial,) = sandbox.trials("last")
    assert (trial["state"], trial["attempt"], trial["value"], trial["done"]) == ("completed", 1, 0.25, 60_000)
