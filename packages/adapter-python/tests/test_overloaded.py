import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from paramo._attempt import Attempt
from paramo._channel import Channel
from paramo._connection import Connection
from paramo._trial_log import TrialLog
from paramo.v1.trial_pb2 import AttemptUpdate
from paramo.v1.trial_service_pb2 import ReportResponse
from paramo.v1.trial_service_pb2_grpc import TrialServiceServicer, add_TrialServiceServicer_to_server
from paramo.v1.value_pb2 import ErrorDetail


class Busy(TrialServiceServicer):
    """Asks for a pause after the first points, twice; then takes everything."""

    def __init__(self):
        self.refusals = 2
        self.opened = []
        self.points = []

    def Report(self, requests, context):
        self.opened.append(time.monotonic())
        for request in requests:
            if request.batches and self.refusals > 0:
                self.refusals -= 1
                detail = ErrorDetail(code="OVERLOADED", message="too many points", retry_after_ms=700)
                context.set_trailing_metadata((("paramo-error-bin", detail.SerializeToString()),))
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many points")
            for batch in request.batches:
                self.points.extend(step for series in batch.series for step in series.steps)
                yield ReportResponse(updates=[AttemptUpdate(study_id="study", trial=0, attempt=1, acked_sequence=batch.sequence)])


@pytest.fixture
def busy():
    server = grpc.server(ThreadPoolExecutor(4))
    servicer = Busy()
    add_TrialServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    connection = Connection(lambda: Channel(f"127.0.0.1:{port}"))
    yield servicer, connection
    connection.close()
    server.stop(0)


def test_a_daemon_that_asks_for_a_pause_gets_it_and_then_everything_once(busy, capsys):
    servicer, connection = busy
    attempt = connection.reporter.register(Attempt("study", 0, 1, 30.0))
    log = TrialLog(connection.reporter, attempt, ("loss",), 0, 0)
    for step in range(50):
        log.log({"loss": 1.0}, step)
        assert not connection.reporter.away
    assert connection.reporter.wait(lambda: not attempt.has_work, timeout_s=20, go_on_when_away=False)
    assert servicer.points == list(range(50))
    first, second, third = servicer.opened
    assert second - first >= 0.7 and third - second >= 0.7
    assert capsys.readouterr().err.count("too many points") == 1
