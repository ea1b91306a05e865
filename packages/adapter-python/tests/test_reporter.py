import threading
import time

import pytest

from paramo import ParamoError
from paramo._attempt import Attempt
from paramo._connection import Connection
from paramo._decision_points import DecisionPoints
from paramo._point_block import PointBlock
from paramo._trial_log import TrialLog
from paramo.v1 import trial_pb2
from paramo.v1.trial_pb2 import AttemptUpdate, Milestones


def away():
    raise ParamoError("DAEMON_UNREACHABLE", "nobody is there")


@pytest.fixture
def lonely():
    """A connection whose daemon stays away."""
    connection = Connection(away)
    yield connection
    connection.reporter._ended = True


def register(connection, **terms):
    return connection.reporter.register(Attempt("study", 0, 1, 30.0, **terms))


def test_memory_is_bounded_while_the_daemon_is_away_and_what_is_dropped_is_counted_and_said_once(lonely, capsys):
    lonely.reporter._outbox.max_points = 20_000
    attempt = register(lonely)
    log = TrialLog(lonely.reporter, attempt, (), 0, 0)
    for _ in range(100_000):
        log.log({"a": 1.0}, None)
    assert attempt.points <= 20_000 + 4096
    assert lonely.reporter.dropped >= 75_000
    assert lonely.reporter.dropped + attempt.points == 100_000
    assert capsys.readouterr().err.count("are being dropped") == 1


def test_log_does_not_wait_for_a_daemon_that_is_away_or_being_dialled(capsys):
    entered = threading.Event()

    def slow():
        entered.set()
        time.sleep(1)
        away()

    connection = Connection(slow)
    attempt = register(connection)
    assert entered.wait(5)
    log = TrialLog(connection.reporter, attempt, ("loss",), 0, 0)
    begun = time.monotonic()
    for _ in range(1000):
        log.log({"loss": 1.0}, None)
    assert time.monotonic() - begun < 0.5
    connection.reporter._ended = True


def test_closing_ends_after_its_limit(lonely):
    attempt = register(lonely)
    TrialLog(lonely.reporter, attempt, (), 0, 0).log({"a": 1.0}, None)
    begun = time.monotonic()
    lonely.reporter.close(0.3)
    assert 0.2 < time.monotonic() - begun < 2


def test_a_closed_connection_takes_no_trial(lonely):
    lonely.close()
    with pytest.raises(ParamoError, match="ABORTED"):
        register(lonely)


def update(**fields):
    return AttemptUpdate(study_id="study", trial=0, attempt=1, **fields)


def test_what_is_unacked_goes_out_again_on_the_next_stream():
    attempt = Attempt("study", 0, 1, 30.0)
    for step in range(3):
        attempt.loose.append(("a", step, 1.0, 0.0))
        attempt.cut()
    assert [attempt.next_unsent(1).sequence for _ in range(3)] == [1, 2, 3] and attempt.next_unsent(1) is None
    attempt.apply(update(acked_sequence=1))
    assert [attempt.next_unsent(2).sequence for _ in range(2)] == [2, 3] and attempt.next_unsent(2) is None
    assert [batch.sequence for batch in attempt.unacked()] == [2, 3]
    attempt.apply(update(acked_sequence=3))
    assert not attempt.has_work


def test_a_refused_batch_goes_out_again_without_its_points_and_then_ends_the_attempt():
    attempt = Attempt("study", 0, 1, 30.0)
    attempt.loose.append(("a", 0, 1.0, 0.0))
    attempt.cut()
    assert len(attempt.next_unsent(1).series) == 1
    attempt.refuse(1, "bad")
    assert len(attempt.next_unsent(1).series) == 0 and attempt.verdict == "continue"
    attempt.refuse(1, "gone")
    assert (attempt.verdict, attempt.reason, attempt.has_work) == ("ended", "gone", False)


def test_a_verdict_is_never_taken_back():
    attempt = Attempt("study", 0, 1, 30.0)
    for verdict, expected in (
        (trial_pb2.VERDICT_PAUSE, "pause"),
        (trial_pb2.VERDICT_STOP, "stop"),
        (trial_pb2.VERDICT_CONTINUE, "stop"),
        (trial_pb2.VERDICT_PAUSE, "stop"),
        (trial_pb2.VERDICT_FENCED, "fenced"),
        (trial_pb2.VERDICT_ENDED, "fenced"),
    ):
        attempt.apply(update(verdict=verdict))
        assert attempt.verdict == expected


def test_grants_only_grow():
    attempt = Attempt("study", 0, 1, 30.0, granted=5)
    attempt.apply(update(granted_through=8))
    attempt.apply(update(granted_through=6))
    assert attempt.granted == 8


def test_points_become_columns_and_neighbours_at_one_step_become_one():
    block = PointBlock([("a", 0, 1.0, 1.5), ("b", 0, 2.0, 1.5), ("a", 0, 3.0, 2.0), ("a", 1, 4.0, 2.5)])
    a, b = block.messages()
    assert block.points == 3
    assert (a.name, list(a.steps), list(a.values), list(a.times_ms)) == ("a", [0, 1], [3.0, 4.0], [2000, 2500])
    assert (b.name, list(b.steps), list(b.values)) == ("b", [0], [2.0])


@pytest.mark.parametrize(
    ("message", "before", "done", "passed"),
    [
        (None, 0, 5, False),
        (Milestones(every=True), 4, 5, True),
        (Milestones(every=True), 5, 5, False),
        (Milestones(steps=[3, 9]), 0, 2, False),
        (Milestones(steps=[3, 9]), 0, 3, True),
        (Milestones(steps=[3, 9]), 3, 8, False),
        (Milestones(steps=[3, 9]), 3, 20, True),
        (Milestones(intervals=[5]), 5, 9, False),
        (Milestones(intervals=[5]), 9, 10, True),
        (Milestones(intervals=[7, 5]), 10, 14, True),
    ],
)
def test_points_of_decision_are_passed(message, before, done, passed):
    assert DecisionPoints(message).passed(before, done) is passed


def test_what_is_on_disk_is_let_go_of_in_memory_and_goes_out_from_there_on_every_stream():
    attempt = Attempt("study", 0, 1, 30.0)
    for step in range(6):
        attempt.loose.append(("a", step, 1.0, 0.0))
        attempt.cut()
    assert [batch.sequence for batch in attempt.unspooled()] == [1, 2, 3, 4, 5, 6]
    assert attempt.next_unsent(1, spooled_only=True) is None
    attempt.spooled = 4
    assert [attempt.next_unsent(1, spooled_only=True).sequence for _ in range(4)] == [1, 2, 3, 4]
    assert attempt.next_unsent(1, spooled_only=True) is None
    attempt.demote(3)
    assert (attempt.held_points, attempt.points) == (3, 6)
    assert [found if isinstance(found, int) else found.sequence for found in attempt.unacked()] == [1, 2, 3, 4, 5, 6]
    assert [isinstance(found, int) for found in attempt.unacked()] == [True] * 3 + [False] * 3
    assert [attempt.next_unsent(2) for _ in range(3)] == [1, 2, 3]
    # One on disk that is refused goes out again without its points, like any other.
    attempt.refuse(2, "bad")
    again = attempt.next_unsent(2)
    assert (again.sequence, len(again.series)) == (2, 0)
    assert attempt.next_unsent(2).sequence == 4
    attempt.apply(update(acked_sequence=2))
    assert attempt.unacked()[0] == 3
    attempt.apply(update(acked_sequence=5))
    assert ([batch.sequence for batch in attempt.unacked()], attempt.points, attempt.bytes > 0) == ([6], 1, True)
    attempt.apply(update(acked_sequence=6))
    assert (attempt.unacked(), attempt.points, attempt.bytes, attempt.has_work) == ([], 0, 0, False)


def test_thinning_keeps_the_last_point_of_each_metric_and_the_order():
    attempt = Attempt("study", 0, 1, 30.0)
    for step in range(10):
        attempt.loose.append(("a", step, 1.0, 0.0))
    attempt.loose.append(("b", 3, 1.0, 0.0))
    assert attempt.thin(4) == 7
    assert [(name, step) for name, step, _, _ in attempt.loose] == [("a", 1), ("a", 5), ("a", 9), ("b", 3)]
    attempt.cut()
    assert attempt.unspooled()[0].thinned == 7


def test_with_a_spool_memory_stays_small_while_the_daemon_is_away_and_nothing_is_dropped(tmp_path):
    connection = Connection(away, spools=str(tmp_path))
    reporter = connection.reporter
    attempt = register(connection)
    log = TrialLog(reporter, attempt, (), 0, 0)
    for _ in range(600_000):
        log.log({"a": 1.0}, None)
    reporter.flush()
    assert reporter.wait(lambda: not attempt.loose and not attempt.unspooled(), timeout_s=30, go_on_when_away=False)
    assert attempt.held_points <= 64 * 2 * 4096 and reporter.dropped == 0
    steps = [step for batch in attempt.unacked() for series in reporter.read(attempt, batch).series for step in series.steps]
    assert steps == list(range(600_000))
    reporter._ended = True
    reporter._outbox.close()


def test_log_does_not_wait_for_a_disk_that_hangs(tmp_path):
    connection = Connection(away, spools=str(tmp_path))
    attempt = register(connection)
    log = TrialLog(connection.reporter, attempt, (), 0, 0)
    hanging, go_on, gave_up = threading.Event(), threading.Event(), threading.Event()
    write = connection.spool.append

    def hang(entries):
        hanging.set()
        if not go_on.wait(60):
            gave_up.set()
        return write(entries)

    connection.spool.append = hang
    log.log({"a": 1.0}, None)
    assert hanging.wait(10)
    for _ in range(20_000):
        log.log({"a": 1.0}, None)
    assert not gave_up.is_set() and attempt.points == 20_001
    go_on.set()
    connection.reporter._ended = True
    connection.reporter._outbox.close()


def test_tries_to_find_the_daemon_are_no_further_apart_than_half_a_lease():
    tries = []

    def note():
        tries.append(time.monotonic())
        away()

    connection = Connection(note)
    connection.reporter.register(Attempt("study", 0, 1, 0.4))
    until = time.monotonic() + 20
    while len(tries) < 12 and time.monotonic() < until:
        time.sleep(0.01)
    connection.reporter._ended = True
    # Without that the twelfth would be two minutes away.
    assert len(tries) == 12
