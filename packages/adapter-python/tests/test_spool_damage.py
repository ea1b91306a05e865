"""Spools that are damaged, newer, or somebody else's."""

import os
import time

import pytest
from test_spool_delivery import NO_DAEMON, TRAINER, deliver, kill_daemon, series, spools

from paramo._spool_files import read_spool_file, spool_files

# The points are counted, and those of the machine would count too.
VARIABLES = {"PARAMO_DESCRIBE": "0"}

pytestmark = pytest.mark.slow


def test_a_torn_and_a_damaged_file_are_delivered_up_to_the_damage(sandbox):
    sandbox.paramo("up")
    trainer = sandbox.python(TRAINER, STEPS="60", HOLD="1", **NO_DAEMON)
    trainer.line("^trial 0$")
    kill_daemon(sandbox)
    trainer.line("^holding$")
    (sandbox.directory / "go").touch()
    assert trainer.end() == 0, trainer.stderr
    (folder,) = spools(sandbox)
    (path,) = spool_files(str(folder))
    with open(path, "r+b") as file:
        data = bytearray(file.read())
        data[len(data) * 2 // 3] ^= 0x10
        file.seek(0)
        file.write(data[:-3])
        file.truncate()
    records = read_spool_file(path).records
    steps = [step for record in records for one in record.batch.series if one.name == "loss" for step in one.steps]
    assert 0 < len(steps) < 60
    deliver(sandbox)
    found = [step for metric, step in series(sandbox) if metric == "loss"]
    assert sorted(found) == list(range(max(steps) + 1))
    (trial,) = sandbox.trials("long")
    # Its end was behind the damage.
    assert trial["state"] == "failed"


def test_what_lies_behind_a_damaged_file_is_delivered_all_the_same_and_the_damage_is_said(sandbox):
    sandbox.paramo("up")
    program = sandbox.python(
        """
import os, time, paramo
with paramo.run("much") as run:
    print("here")
    while not os.path.exists("go"): time.sleep(0.01)
    for step in range(200_000): run.log(loss=step, step=step)
""",
        **NO_DAEMON,
    )
    program.line("^here$")
    kill_daemon(sandbox)
    (sandbox.directory / "go").touch()
    assert program.end() == 0, program.stderr
    (folder,) = spools(sandbox)
    paths = spool_files(str(folder))
    assert len(paths) > 2
    with open(paths[1], "r+b") as file:
        file.seek(os.path.getsize(paths[1]) // 2)
        flipped = bytes([file.read(1)[0] ^ 4])
        file.seek(-1, os.SEEK_CUR)
        file.write(flipped)
    unread = read_spool_file(paths[1]).unread_bytes
    assert unread > 0
    readable = [step for path in paths for record in read_spool_file(path).records for one in record.batch.series for step in one.steps]
    assert f"{unread} bytes at the end of {paths[1]} are damaged and were not delivered" in deliver(sandbox)
    assert [step for _, step in series(sandbox, "much")] == readable and 100_000 < len(readable) < 200_000
    (trial,) = sandbox.trials("much")
    assert (trial["state"], trial["done"]) == ("completed", 200_000)


def test_the_spool_of_a_process_at_work_and_one_of_a_newer_format_are_left_alone(sandbox):
    from paramo._process_identity import identify_owner
    from paramo._spool import Spool, SpoolEntry
    from paramo.v1.spool_pb2 import SpoolRecord
    from paramo.v1.trial_pb2 import Batch

    sandbox.paramo("up")
    entry = SpoolEntry(("S", 0, 1), SpoolRecord(batch=Batch(study_id="S", attempt=1, sequence=1)), 1)
    ours = Spool(str(sandbox.home / "spool" / "OURS"), identify_owner("OURS"), 1 << 20)
    newer = identify_owner("NEWER")
    newer.format, newer.pid = 2, 2**22 + 1
    theirs = Spool(str(sandbox.home / "spool" / "NEWER"), newer, 1 << 20)
    assert ours.append([entry]) and theirs.append([entry])
    program = sandbox.python("import paramo, time\nwith paramo.connect() as c:\n    pass\n")
    assert program.end() == 0 and program.stderr == ""
    assert [folder.name for folder in spools(sandbox)] == ["NEWER", "OURS"]
    # Closed by its owner, who lives on, it is free; the daemon knows no such study, now or later.
    assert ours.close()
    program = sandbox.python("import paramo, time\nwith paramo.connect() as c:\n    pass\n")
    assert program.end() == 0
    assert [folder.name for folder in spools(sandbox)] == ["NEWER"]


def test_a_claim_of_a_dead_process_is_taken_over(sandbox):
    from paramo._claim import claim_spool
    from paramo._process_identity import identify_owner
    from paramo._spool import Spool, SpoolEntry
    from paramo.v1.spool_pb2 import SpoolRecord
    from paramo.v1.trial_pb2 import Batch

    dead = identify_owner("DEAD")
    dead.pid = 2**22 + 1
    directory = str(sandbox.home / "spool" / "DEAD")
    Spool(directory, dead, 1 << 20).append([SpoolEntry(("S", 0, 1), SpoolRecord(batch=Batch(study_id="S", attempt=1, sequence=1)), 1)])
    first = claim_spool(directory, dead)
    assert first and first.writer_id == "DEAD"
    second = claim_spool(directory, identify_owner("LIVING"))
    assert second and os.path.exists(os.path.join(directory, "claim.2"))
    # One at work is left alone.
    assert claim_spool(directory, identify_owner("OTHER")) is None
    second.release()
    assert claim_spool(directory, identify_owner("OTHER"))
