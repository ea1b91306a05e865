import hashlib
import os
import re
import signal
import threading
import time
from pathlib import Path

import pytest

from sandbox import REPOSITORY

import paramo
from paramo import Float, ParamoError
from paramo._checkpoint_saver import CheckpointSaver
from paramo._cut_directory import cut_directory
from paramo._decision_points import DecisionPoints
from paramo._manifest import check_manifest, checkpoint_name
from paramo._restore_checkpoint import restore_checkpoint
from paramo.v1.checkpoint_service_pb2 import CheckpointFile, CheckpointManifest
from paramo.v1.trial_pb2 import Milestones
from paramo.v1.value_pb2 import TrialSource

SPACE = {"x": Float(0, 1)}
CHUNK = 4 * 2**20


@pytest.fixture
def study(connection, name):
    return paramo.open_study(name, SPACE, "min loss", trials=5, connection=connection)


def write(directory, files):
    for path, content in files.items():
        target = Path(directory, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def read(directory):
    return {str(path.relative_to(directory)): path.read_bytes() for path in Path(directory).rglob("*") if path.is_file()}


FILES = {"model/weights.bin": os.urandom(2 * CHUNK + 12345), "model/two.bin": b"x" * CHUNK, "step.txt": b"3", "empty": b""}


def test_a_checkpoint_comes_back_byte_for_byte_in_the_next_attempt(study):
    trial = study.ask()
    assert trial.resume is None
    for step in trial.steps(10):
        trial.log(loss=step)
        if step == 3:
            assert trial.checkpoint(lambda directory: write(directory, FILES), force=True) is True
            break
    trial.release()
    again = study.ask()
    assert (again.number, again.attempt, again.resume.step, again.resume.trial) == (trial.number, 2, 3, trial.number)
    assert read(again.resume.dir) == FILES
    assert list(again.steps(6)) == [4, 5]
    again.log(loss=1)
    directory = again.resume.dir
    again.complete()
    assert not os.path.exists(directory)
    series = study.series(0, "loss")
    assert series.steps == [0, 1, 2, 3, 5]


def test_one_that_went_on_with_nothing_left_to_train_completes_with_what_was_logged_before_the_checkpoint(study):
    trial = study.ask()
    for step in trial.steps(3):
        trial.log(loss=step)
        trial.checkpoint(lambda directory: write(directory, {"state": b""}), force=True)
    trial.release()
    again = study.ask()
    assert list(again.steps(3)) == []
    assert again.complete().value == 2


def test_one_that_went_on_with_nothing_left_to_train_and_has_no_objective_says_so(study):
    trial = study.ask()
    for _ in trial.steps(3):
        trial.checkpoint(lambda directory: write(directory, {"state": b""}), force=True)
    trial.release()
    again = study.ask()
    assert (again.number, list(again.steps(3))) == (trial.number, [])
    error = again.complete().error
    assert 'ended without its objective "loss"; it went on from a checkpoint at step 2 and logged nothing, as if nothing was left to train' in error.message


def test_what_is_restored_is_the_same_when_the_store_cannot_be_read_and_is_not_linked_to_it(study, connection, tmp_path, monkeypatch):
    trial = study.ask()
    for _ in trial.steps(1):
        trial.checkpoint(lambda directory: write(directory, FILES), force=True)
    trial.release()
    again = study.ask()
    source = TrialSource(trial=0, checkpoint=again.resume.checkpoint, done=1)
    # A file that is written to is no file of the store.
    for path in Path(again.resume.dir).rglob("*"):
        assert not path.is_file() or path.stat().st_nlink == 1
    monkeypatch.setattr("paramo._restore_checkpoint._restore_from_disk", lambda listing, into: False)
    restore_checkpoint(connection, study.id, source, str(tmp_path / "there"))
    assert read(tmp_path / "there") == FILES
    with pytest.raises(ParamoError, match="CHECKPOINT_NOT_FOUND"):
        restore_checkpoint(connection, study.id, TrialSource(trial=0, checkpoint="0" * 64, done=1), str(tmp_path / "nowhere"))
    again.complete(1)


def test_only_the_chunks_the_daemon_lacks_are_sent_and_the_same_again_changes_nothing(study):
    trial = study.ask()
    for step in trial.steps(3):
        trial.log(loss=step)
        assert trial.checkpoint(lambda directory: write(directory, {**FILES, "step.txt": str(step).encode()}), force=True)
        assert trial.checkpoint(lambda directory: write(directory, {**FILES, "step.txt": str(step).encode()}), force=True)
    trial.complete()


def test_none_is_saved_before_it_is_due_and_none_once_the_trial_is_over(study):
    trial = study.ask()
    for step in trial.steps(3):
        trial.log(loss=step)
        assert trial.checkpoint(lambda directory: pytest.fail("saved too early")) is False
    trial.complete()
    assert trial.checkpoint(lambda directory: pytest.fail("saved after the end"), force=True) is False


def test_one_is_due_where_the_study_asks_for_it_after_a_while_and_when_the_trial_is_paused(connection, monkeypatch):
    from paramo._attempt import Attempt

    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    attempt = Attempt("study", 0, 1, 30.0)
    asked = CheckpointSaver(connection, attempt, DecisionPoints(Milestones(intervals=[5])), 5, False, lambda: "")
    assert [asked.is_due(done) for done in (5, 6, 9, 10, 12)] == [False, False, False, True, True]
    cause = ""
    saver = CheckpointSaver(connection, attempt, DecisionPoints(), 0, False, lambda: cause)
    now[0] += 59.9
    assert not saver.is_due(1)
    now[0] += 0.1
    assert saver.is_due(1) and not saver.is_due(0)
    # One that took 10 s: the next is worth it after 190 s.
    monkeypatch.setattr(saver, "_save", lambda save, done: now.__setitem__(0, now[0] + 10) or True)
    assert saver.checkpoint(lambda directory: None, 1, force=False)
    now[0] += 189.9
    assert not saver.is_due(2)
    now[0] += 0.1
    assert saver.is_due(2)
    saver._not_before = now[0] + 1000
    for cause, due in (("pause", True), ("aborted", True), ("stop", False), ("budget", False)):
        assert saver.is_due(2) is due
    now[0] += 2000
    assert not saver.is_due(2), "one that is stopped saves none although it would be time"


@pytest.mark.parametrize(
    ("verdict", "saving", "steps", "saved"),
    [
        ("pause", "when due", [0, 1, 2, 3, 4], [4]),
        ("pause", "never", [0, 1, 2, 3], []),
        ("pause", "always", [0, 1, 2, 3], [0, 1, 2, 3]),
        ("stop", "when due", [0, 1, 2, 3], []),
    ],
)
def test_a_pause_that_comes_after_checkpoint_leaves_one_more_step_to_save_at(study, verdict, saving, steps, saved):
    trial = study.ask()
    taken, kept = [], []
    for step in trial.steps(10):
        taken.append(step)
        trial.log(loss=step)
        if saving != "never" and trial.checkpoint(lambda directory: write(directory, FILES), force=saving == "always"):
            kept.append(step)
        if step == 3:
            trial._holder.attempt.verdict = verdict
    assert (taken, kept) == (steps, saved)
    trial.release()


def test_what_save_raises_is_raised_and_an_empty_directory_is_refused(study):
    trial = study.ask()
    for _ in trial.steps(1):
        with pytest.raises(ZeroDivisionError):
            trial.checkpoint(lambda directory: 1 / 0, force=True)
        with pytest.raises(ParamoError, match="the checkpoint has no file"):
            trial.checkpoint(lambda directory: None, force=True)
        with pytest.raises(ParamoError, match="is not a function"):
            trial.checkpoint("model.pt")
    trial.complete(1)


def test_the_end_of_a_trial_waits_for_a_checkpoint_that_another_thread_saves(study):
    trial = study.ask()
    trial.log(loss=1)
    begun, written = threading.Event(), threading.Event()
    saved = []

    def save(directory):
        begun.set()
        written.wait(10)
        write(directory, FILES)

    saving = threading.Thread(target=lambda: saved.append(trial.checkpoint(save, force=True)))
    ending = threading.Thread(target=trial.complete)
    saving.start()
    begun.wait(10)
    ending.start()
    ending.join(0.3)
    assert ending.is_alive()
    written.set()
    saving.join(10)
    ending.join(10)
    assert saved == [True]
    assert study.trial(0).state == "completed"


def test_the_code_that_saves_a_checkpoint_may_end_the_trial(study):
    trial = study.ask()
    trial.log(loss=1)
    assert trial.checkpoint(lambda directory: (write(directory, FILES), trial.fail("not finite")), force=True) is False
    assert study.trial(0).state == "failed"


def test_a_checkpoint_is_named_as_the_wire_lays_down(tmp_path):
    write(tmp_path, {"b": b"hello", "a/z": b"", "a.txt": b"x" * (CHUNK + 1)})
    cut = cut_directory(str(tmp_path))
    assert [file.path for file in cut.manifest.files] == ["a.txt", "a/z", "b"]
    hashes = [hashlib.sha256(content).hexdigest() for content in (b"x" * CHUNK, b"x", b"hello")]
    text = f"paramo checkpoint 1\n4194304\na.txt\n{CHUNK + 1}\n{hashes[0]}\n{hashes[1]}\na/z\n0\nb\n5\n{hashes[2]}\n"
    assert checkpoint_name(cut.manifest) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("path", ["../x", "/x", "a//b", "a/./b", "", "a\\b"])
def test_nothing_is_written_outside_the_directory(path):
    with pytest.raises(ParamoError, match="DATA_LOSS"):
        check_manifest(CheckpointManifest(files=[CheckpointFile(path=path)], chunk_bytes=CHUNK))


TRAIN = """
import json, os, time, paramo
@paramo.tune({"x": paramo.Float(0, 1)}, "min loss", name="long", trials=1, lease="1s")
def train(trial):
    total = 0
    if trial.resume:
        total = json.load(open(os.path.join(trial.resume.dir, "state.json")))
        print("resumed", trial.resume.step, total, flush=True)
    def save(directory):
        with open(os.path.join(directory, "state.json"), "w") as file:
            json.dump(total, file)
    for step in trial.steps(30):
        total += step
        trial.log(loss=total)
        trial.checkpoint(save, force=step % 5 == 4)
        print("step", step, flush=True)
        time.sleep(0.03)
print("total", train().value)
"""


def test_a_worker_that_is_killed_is_followed_by_one_that_goes_on_from_the_checkpoint(sandbox):
    sandbox.paramo("up")
    victim = sandbox.python(TRAIN)
    victim.line("^step 12$")
    victim.kill(signal.SIGKILL)
    victim.end()
    other = sandbox.python(TRAIN)
    assert other.end() == 0, other.stderr
    assert other.stdout.split("\n")[0] == "resumed 9 45"
    assert re.findall(r"^step (\d+)$", other.stdout, re.M)[0] == "10"
    assert "total 435.0" in other.stdout
    assert os.listdir(sandbox.home / "work") == [], "a work folder was left behind"
    assert sandbox.paramo("replay", "long").startswith("reproduced: ")


# Stops before it fetches the checkpoint of its trial.
HELD_UP = """
import os, signal, paramo, paramo._holder as holder
restore = holder.restore_checkpoint
def stop_and_restore(*args):
    print("stopped", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
    restore(*args)
holder.restore_checkpoint = stop_and_restore
study = paramo.open_study("taken", {"x": paramo.Float(0, 1)}, "min loss", trials=2, lease="1s", keep_checkpoints=1)
trial = WAY
print("got", trial.number, trial.attempt, flush=True)
trial.complete(1)
"""


@pytest.mark.parametrize("way", ["study.ask()", "next(study.each())"])
def test_a_worker_that_was_held_up_before_it_had_its_checkpoint_while_others_finished_its_trial_is_given_another_one(sandbox, way):
    sandbox.paramo("up")

    def train(trial, steps):
        for step in trial.steps(steps):
            # The best one is kept too.
            trial.log(loss=-step)
            trial.checkpoint(lambda directory: write(directory, {"state": b"%d" % step}), force=True)

    with paramo.connect(home=str(sandbox.home), start=False) as connection:
        study = paramo.open_study("taken", SPACE, "min loss", trials=2, lease="1s", keep_checkpoints=1, connection=connection)
        first = study.ask()
        train(first, 1)
        first.release()
        held = sandbox.python(HELD_UP.replace("WAY", way))
        held.line("^stopped$")
        until = time.monotonic() + 20
        while study.trial(0).state != "waiting" and time.monotonic() < until:
            time.sleep(0.05)
        again = study.ask()
        assert (again.number, again.attempt) == (0, 3)
        train(again, 3)
        again.complete()
        held.kill(signal.SIGCONT)
        held.line("^got 1 1$")


def test_a_checkpoint_survives_a_daemon_that_is_killed_meanwhile(sandbox):
    program = sandbox.python(TRAIN)
    program.line("^step 7$")
    os.kill(sandbox.daemon()["pid"], signal.SIGKILL)
    assert program.end() == 0, program.stderr
    assert "total 435.0" in program.stdout
    assert sandbox.trials("long")[0]["attempt"] == 1


POPULATION = """
import json, os, paramo
class S(paramo.Space):
    lr: float = paramo.Float(1e-4, 1, log=True)
@paramo.tune(S, "min loss", name="population", steps=20, strategy=("pbt", {"population": 4, "every": 5}), seed=1)
def train(trial: paramo.Trial[S]):
    weight = 1.0
    if trial.resume:
        with open(os.path.join(trial.resume.dir, "weight.json")) as file:
            weight = json.load(file)
        print("resumed", trial.resume.trial, trial.resume.step)
    def save(directory):
        with open(os.path.join(directory, "weight.json"), "w") as file:
            json.dump(weight, file)
    for step in trial.steps(20):
        weight *= 1 - min(trial.params.lr, 0.5) / 2
        trial.log(loss=weight)
        trial.checkpoint(save)
print("best", train(workers=4).value)
"""


def test_the_worse_of_a_population_go_on_from_the_checkpoints_of_the_better(sandbox):
    # Plugins that are no part of the command are those of the project's package.json.
    modules = sandbox.directory / "node_modules" / "@paramo"
    modules.mkdir(parents=True)
    (modules / "strategy-pbt").symlink_to(REPOSITORY / "packages" / "strategy-pbt")
    (sandbox.directory / "package.json").write_text('{ "dependencies": { "@paramo/strategy-pbt": "*" } }')
    endless = sandbox.python(POPULATION.replace("steps=20, ", ""))
    assert endless.end() == 1 and re.search(r"INVALID_OPTIONS: pbt: the study does not say how many steps a trial takes.* \(steps=100 in Python\)", endless.stderr), endless.stderr
    program = sandbox.python(POPULATION)
    assert program.end() == 0, program.stderr
    assert re.search(r"^resumed \d+ \d+$", program.stdout, re.M) and "best" in program.stdout
    assert sandbox.paramo("replay", "population").startswith("reproduced: ")
