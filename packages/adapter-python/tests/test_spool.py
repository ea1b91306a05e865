"""The files of a spool: what is in them, when they go, and what is read of damaged ones."""

import os
import random

import pytest

from paramo._process_identity import identify_owner, is_gone
from paramo._spool import Spool, SpoolEntry
from paramo._spool_files import BatchFinder, read_spool_file, spool_files
from paramo._spool_frame import frame_records, read_frames
from paramo.v1.spool_pb2 import SpoolRecord
from paramo.v1.trial_pb2 import Batch, SeriesColumns
from paramo.v1.trial_service_pb2 import AttemptKey, CompleteRequest

KEY = ("S", 3, 1)


def batch(sequence, key=KEY, points=1):
    series = [SeriesColumns(name="loss", steps=range(points), values=[0.5] * points, times_ms=[1] * points)]
    return Batch(study_id=key[0], trial=key[1], attempt=key[2], sequence=sequence, series=series)


def entry(sequence, key=KEY, points=1):
    return SpoolEntry(key, SpoolRecord(batch=batch(sequence, key, points)), sequence)


def end(key=KEY):
    return SpoolEntry(key, SpoolRecord(complete=CompleteRequest(attempt=AttemptKey(study_id=key[0], trial=key[1], attempt=key[2]))))


@pytest.fixture
def directory(tmp_path):
    return str(tmp_path / "spool" / "W")


def make(directory, quota_bytes=1 << 28):
    return Spool(directory, identify_owner("W"), quota_bytes)


def kinds(directory):
    return [[record.WhichOneof("kind") for record in read_spool_file(path).records] for path in spool_files(directory)]


def test_records_are_as_the_format_says():
    assert frame_records([b"abc"]).hex() == "03000000335de166616263"
    assert read_frames(frame_records([b"abc", b"", b"x"])) == ([b"abc", b"", b"x"], 28)


@pytest.mark.parametrize("seed", range(200))
def test_of_bytes_cut_or_flipped_anywhere_exactly_the_records_before_are_read(seed):
    rng = random.Random(seed)
    payloads = [rng.randbytes(rng.randrange(200)) for _ in range(rng.randrange(1, 20))]
    data = bytearray(frame_records(payloads))
    at = rng.randrange(len(data))
    ends = [len(frame_records(payloads[: count + 1])) for count in range(len(payloads))]
    whole = sum(end <= at for end in ends)
    assert read_frames(bytes(data[:at]))[0] == payloads[:whole]
    data[at] ^= 1 << rng.randrange(8)
    assert read_frames(bytes(data))[0] == payloads[:whole]


def test_the_first_record_of_a_file_is_its_owner_and_batches_are_found_again(directory):
    spool = make(directory)
    assert spool.append([entry(1), entry(2)]) and spool.append([end()])
    assert kinds(directory) == [["owner", "batch", "batch", "complete"]]
    owner = read_spool_file(spool_files(directory)[0]).records[0].owner
    assert (owner.format, owner.writer_id, owner.pid) == (1, "W", os.getpid())
    assert is_gone(owner) is False
    assert spool.read(KEY, 2).sequence == 2
    assert spool.read(KEY, 3) is None
    assert os.stat(spool_files(directory)[0]).st_mode & 0o777 == 0o600


def test_a_file_goes_when_all_in_it_is_acked_and_the_folder_with_the_last_one(directory):
    spool = make(directory)
    for sequence in range(1, 101):
        spool.append([entry(sequence, points=4000)])
    assert len(spool_files(directory)) > 4
    sizes = [os.path.getsize(path) for path in spool_files(directory)]
    assert all(1 << 20 <= size < (1 << 20) + 100_000 for size in sizes[:-1])
    spool.ack(KEY, 50)
    left = len(spool_files(directory))
    assert left < len(sizes)
    assert min(record.batch.sequence for record in read_spool_file(spool_files(directory)[0]).records[1:]) <= 51
    spool.append([end()])
    spool.ack(KEY, 100)
    assert kinds(directory)[-1][-1] == "complete"
    spool.settle(KEY)
    spool.close()
    assert not os.path.exists(directory)


def test_what_is_settled_in_a_file_that_stays_is_marked(directory):
    spool = make(directory)
    other = ("S", 4, 1)
    spool.append([entry(1), entry(1, other)])
    spool.settle(KEY)
    assert kinds(directory) == [["owner", "batch", "batch", "settled"]]
    assert spool.close() is True
    assert sorted(os.listdir(directory)) == ["0000000001.spool", "closed"]


def test_past_the_quota_fewer_points_are_kept_the_more_the_spool_holds(directory):
    spool = make(directory, quota_bytes=1 << 19)
    kept = []
    for sequence in range(1, 30):
        kept.append(spool.keep_every)
        spool.append([entry(sequence, points=3000)])
    assert kept[0] == 1 and kept == sorted(kept) and 2 in kept and 4 in kept
    spool.ack(KEY, 29)
    assert spool.keep_every == 1


def test_a_disk_that_takes_nothing_is_said_and_used_again_when_it_does(directory):
    parent = os.path.dirname(directory)
    with open(parent, "w"):
        # A file where the folder should be: not even root can write there.
        pass
    spool = make(directory)
    assert spool.append([entry(1)]) is False and spool.trouble
    os.unlink(parent)
    assert spool.append([entry(1)]) is True and spool.trouble is None
    assert kinds(directory) == [["owner", "batch"]]


def test_a_record_that_was_written_in_part_is_taken_back(directory, monkeypatch):
    spool = make(directory)
    spool.append([entry(1)])
    real = os.write
    state = {"left": 40}

    def full(file, data):
        if state["left"] == 0:
            raise OSError(28, "No space left on device")
        taken = real(file, bytes(data[: state["left"]]))
        state["left"] -= taken
        return taken

    monkeypatch.setattr(os, "write", full)
    assert spool.append([entry(2, points=100)]) is False
    assert "No space left" in (spool.trouble or "")
    monkeypatch.setattr(os, "write", real)
    assert spool.append([entry(2, points=100)]) is True
    assert kinds(directory) == [["owner", "batch"], ["owner", "batch"]]
    assert [read_spool_file(path).unread_bytes for path in spool_files(directory)] == [0, 0]


def test_batches_are_found_in_a_file_that_grew_and_not_in_one_that_is_gone(directory):
    spool = make(directory)
    finder = BatchFinder()
    spool.append([entry(1)])
    path = spool_files(directory)[0]
    assert finder.find(path, KEY, 2) is None
    spool.append([entry(2)])
    assert finder.find(path, KEY, 2).sequence == 2
    os.unlink(path)
    assert finder.find(path, KEY, 3) is None
