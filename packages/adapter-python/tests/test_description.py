import hashlib
import json
import os
import platform
import subprocess
import sys
import time

import pytest

import paramo
from paramo import ParamoError
from paramo._description import installed_versions, read_git, training_variables
from paramo._gpus import parse_gpus, visible_gpus
from paramo._process_tree import read_tree


def shown(common, name, number=0):
    return json.loads(common.paramo("show", name, str(number), "--json"))


def git(directory, *arguments):
    return subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", *arguments], cwd=directory, check=True, capture_output=True, text=True).stdout.strip()


def test_what_a_run_was_is_kept_with_it(sandbox):
    sandbox.paramo("up")
    source = "import paramo, sys\nimport time\nwith paramo.run('described') as run:\n    run.log(loss=1)\n    time.sleep(1)\n"
    (sandbox.directory / "train.py").write_text(source)
    running = sandbox.run(sys.executable, "train.py", "--token", "hunter2", OMP_NUM_THREADS="3")
    assert (running.end(), running.stderr) == (0, "")
    details = shown(sandbox, "described")
    description = details["description"]
    assert description["format"] == 1 and description["directory"] == str(sandbox.directory)
    assert description["command"][-3:] == ["train.py", "--token", "[redacted]"]
    assert description["runtime"] == {"name": "python", "version": platform.python_version()}
    assert description["environment"] == {**description["environment"], "OMP_NUM_THREADS": "3"}
    assert "protobuf" in description["packages"]["versions"] and description["host"]["cores"] > 0
    assert details["trial"]["metrics"] == {"loss": 1}
    assert [artifact["name"] for artifact in details["artifacts"]] == ["paramo.run.json"]
    assert "system/memory" in [series["name"] for series in details["series"]]

    assert sandbox.run(sys.executable, "train.py", PARAMO_DESCRIBE="0").end() == 0
    assert shown(sandbox, "described", 1)["artifacts"] == []


def test_a_trial_of_a_search_is_described_when_it_lasts(common, name):
    with paramo.connect(home=str(common.home), start=False) as own:
        study = paramo.open_study(name, {"x": paramo.Float(0, 1)}, "min loss", strategy="random", trials=2, connection=own)
        for seconds in (0, 1.6):
            trial = study.ask()
            time.sleep(seconds)
            trial.complete(1.0)
        with paramo.run(name + "-off", describe=False, connection=own):
            pass
    short, long = (shown(common, name, number) for number in (0, 1))
    assert short["artifacts"] == [] and "description" not in short
    assert long["description"]["runtime"]["name"] == "python"
    with paramo.connect(home=str(common.home), start=False) as reader:
        found = paramo.find_study(name, connection=reader)
        assert found.trial(0).description() is None and found.trial(1).description() == long["description"]
    assert [series for series in long["series"] if series["name"] == "system/memory"][0]["values"][0] > 1e6
    assert shown(common, name + "-off")["artifacts"] == []


def test_a_run_goes_on_with_its_notes(common, connection, name):
    with pytest.raises(ZeroDivisionError):
        with paramo.run(name, dict(lr=0.1), tags=["long", "long"], note="a try", group="g", connection=connection) as run:
            for step in run.steps(4):
                run.log(loss=step)
                if step == 1:
                    run.checkpoint(lambda directory: open(os.path.join(directory, "state"), "w").close(), force=True)
                if step == 3:
                    1 / 0
    with pytest.raises(ParamoError, match="run 0 has lr 0.1, and this one asks for 0.2") as caught:
        paramo.run(name, dict(lr=0.2), resume=0, connection=connection).__enter__()
    assert caught.value.code == "INVALID_PARAMS"
    with paramo.run(name, resume=run.id, note="went on", connection=connection) as again:
        assert (again.number, again.attempt, again.params.lr, again.resume.step) == (0, 2, 0.1, 1)
        with pytest.raises(ParamoError) as caught:
            paramo.run(name, resume=0, connection=connection).__enter__()
        assert caught.value.code == "TRIAL_RUNNING" and str(os.getpid()) in caught.value.message
        for step in again.steps(4):
            again.log(loss=10 * step)
    study = paramo.find_study(name, connection=connection)
    assert study.series(0, "loss").values == [0, 1, 20, 30]
    assert study.trial(0).attributes == {"tags": ["long"], "note": "went on", "group": "g"}
    assert [trial.number for trial in study.trials(filter="tags = long and group = g")] == [0]
    for wrong in ("1/2/x", True, "01X/0"):
        with pytest.raises(ParamoError):
            paramo.run(name, resume=wrong, connection=connection).__enter__()
    with pytest.raises(ParamoError, match="tags is 'long'"):
        paramo.run(name, tags="long")


def test_names_that_tell_of_the_machine_are_refused(connection, name):
    with pytest.raises(ParamoError, match="tells of the machine"):
        paramo.open_study(name, {"x": paramo.Float(0, 1)}, "min system/memory", connection=connection)
    before = connection.reporter.refused
    with paramo.run(name, connection=connection) as run:
        run.log({"system/cpu": 1.0, "loss": 2.0})
        with pytest.raises(ParamoError, match="tells of the machine"):
            run.complete({"system/cpu": 1.0})
    assert connection.reporter.refused == before + 1
    assert paramo.find_study(name, connection=connection).trial(0).metrics == {"loss": 2.0}


def test_of_a_repository_the_commit_is_told_and_what_differs_from_it(tmp_path):
    assert read_git(str(tmp_path)) is None
    git(tmp_path, "init", "-q", "-b", "work")
    # A program that the repository names must not run.
    git(tmp_path, "config", "diff.external", "touch external-ran;false")
    git(tmp_path, "remote", "add", "origin", "https://me:hunter2@example.org/repo.git")
    (tmp_path / "train.py").write_text("one\n")
    git(tmp_path, "add", "train.py")
    git(tmp_path, "commit", "-q", "-m", "one")
    clean = {"commit": git(tmp_path, "rev-parse", "HEAD"), "branch": "work", "remote": "https://[redacted]@example.org/repo.git"}
    assert read_git(str(tmp_path)) == ({**clean, "dirty": False}, None)
    (tmp_path / "train.py").write_text("two\n")
    description, changes = read_git(str(tmp_path))
    assert b"-one\n+two\n" in changes
    assert description == {**clean, "dirty": True, "changes": {"sha256": hashlib.sha256(changes).hexdigest(), "bytes": len(changes), "cut": False}}
    (tmp_path / "train.py").write_text(("x" * 99 + "\n") * 20_000)
    description, changes = read_git(str(tmp_path))
    assert len(changes) == 1024 * 1024 and description["changes"]["cut"]
    assert not (tmp_path / "external-ran").exists()


def test_versions_are_read_from_the_names_of_what_is_installed(tmp_path):
    for folder in ("a_b-1.2.dist-info", "C-3.egg-info", "old-0.1-py3.9.egg-info", "no_version.dist-info", "a_b"):
        (tmp_path / folder).mkdir()
    assert installed_versions([str(tmp_path), "/no/such/folder"]) == {"a-b": "1.2", "c": "3", "old": "0.1"}


def test_only_variables_that_change_a_training_are_kept():
    env = {"HOME": "/root", "CUDA_VISIBLE_DEVICES": "0", "PARAMO_TOKEN": "hunter2", "TF_SECRET": "hunter2", "RANK": "1"}
    assert training_variables(env) == {"CUDA_VISIBLE_DEVICES": "0", "RANK": "1", "TF_SECRET": "[redacted]"}


def test_gpus_are_told_apart_by_number_and_only_those_that_may_be_seen():
    gpus = parse_gpus("0, NVIDIA H100, 81559, 550.54, 37, 1024\n1, Tesla, old, 1, [N/A], [Not Supported]\nNo devices were found\n")
    assert gpus == [(0, "NVIDIA H100", 81559 * 2**20, "550.54", 0.37, 2**30), (1, "Tesla", 0, "1", None, None)]
    assert visible_gpus(gpus, "1") == gpus[1:] and visible_gpus(gpus, "") == [] and visible_gpus(gpus, "GPU-89") == gpus == visible_gpus(gpus, None)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems tell of this process alone")
def test_a_process_is_measured_with_what_it_has_started():
    inner = "kept = bytearray(200_000_000); kept[::4096] = b'x' * len(kept[::4096]); print(1, flush=True); input()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    with subprocess.Popen([sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"1\n"
        use = read_tree(process.pid)
        assert use.memory_bytes > 2e8 and use.cpu_s > 0
        process.communicate(b"\n")
    assert read_tree(process.pid) is None
