"""A stranger: the published .proto files and stock gRPC packages, nothing of Paramo imported."""

import sys
import time

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from paramo.v1 import metric_service_pb2, metric_service_pb2_grpc, space_pb2, study_pb2, study_service_pb2, study_service_pb2_grpc, trial_pb2, trial_service_pb2, trial_service_pb2_grpc, value_pb2

address, socket, token = sys.argv[1:]
bearer = (("authorization", "Bearer " + token),)

# Who is there? Over the Unix socket no token is needed.
with grpc.insecure_channel("unix:" + socket) as local:
    health = health_pb2_grpc.HealthStub(local)
    for service in ("", "paramo.v1.TrialService"):
        assert health.Check(health_pb2.HealthCheckRequest(service=service)).status == health_pb2.HealthCheckResponse.SERVING
    services = set(ProtoReflectionDescriptorDatabase(local).get_services())
    print("services", *sorted(services))

channel = grpc.insecure_channel(address)
studies = study_service_pb2_grpc.StudyServiceStub(channel)
trials = trial_service_pb2_grpc.TrialServiceStub(channel)
metrics = metric_service_pb2_grpc.MetricServiceStub(channel)

# Without the token there is nothing to see.
try:
    studies.ListStudies(study_service_pb2.ListStudiesRequest())
    raise AssertionError("a call without a token was answered")
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.UNAUTHENTICATED, error

study = studies.OpenStudy(
    study_service_pb2.OpenStudyRequest(
        request_id="open-1",
        mode=study_service_pb2.OPEN_MODE_JOIN,
        spec=study_pb2.StudySpec(
            name="stranger",
            seed=7,
            budget=study_pb2.Budget(trials=3),
            plan=study_pb2.StudyPlan(
                space=space_pb2.Space(
                    parameters=[
                        space_pb2.Parameter(name="lr", float=space_pb2.FloatParameter(low=1e-4, high=1, scale=space_pb2.SCALE_LOG)),
                        space_pb2.Parameter(name="layers", int=space_pb2.IntParameter(low=1, high=4)),
                    ]
                ),
                objectives=[study_pb2.Objective(metric="loss", goal=study_pb2.GOAL_MIN)],
                strategy=value_pb2.PluginReference(name="random"),
            ),
        ),
    ),
    metadata=bearer,
).study

worker = value_pb2.Worker(id="python-0", process="python", host="elsewhere")


def ask(request_id):
    return trial_service_pb2.AskRequest(study_id=study.study_id, revision=study.revision, worker=worker, request_id=request_id, wait_ms=5000)


def batch(assignment, sequence, step, loss):
    column = trial_pb2.SeriesColumns(name="loss", steps=[step], values=[loss], times_ms=[int(time.time() * 1000)])
    return trial_pb2.Batch(study_id=study.study_id, trial=assignment.trial.number, attempt=assignment.attempt, sequence=sequence, series=[column], done=step + 1)


def key(assignment):
    return trial_service_pb2.AttemptKey(study_id=study.study_id, trial=assignment.trial.number, attempt=assignment.attempt)


# Trial 0 by unary calls alone; each one made twice, as one does after a lost answer.
first = trials.Ask(ask("ask-0"), metadata=bearer).assignment
assert trials.Ask(ask("ask-0"), metadata=bearer).assignment.trial.number == first.trial.number == 0
lr = first.trial.params.values["lr"].number
assert 1e-4 <= lr <= 1 and first.trial.params.values["layers"].number in (1, 2, 3, 4)
for sequence, step in enumerate(range(3), start=1):
    for _ in range(2):
        update = trials.ReportOnce(trial_service_pb2.ReportOnceRequest(writer_id="python", batch=batch(first, sequence, step, 1.0 / (step + 1))), metadata=bearer).update
    assert update.acked_sequence == sequence and update.verdict == trial_pb2.VERDICT_CONTINUE, update
complete = trial_service_pb2.CompleteRequest(attempt=key(first), writer_id="python", request_id="complete-0", ask_next=ask("ask-1"))
answer = trials.Complete(complete, metadata=bearer)
assert answer.trial.state == trial_pb2.TRIAL_STATE_COMPLETED and abs(answer.trial.value - 1 / 3) < 1e-12, answer.trial
second = answer.next.assignment
assert second.trial.number == 1
assert trials.Complete(complete, metadata=bearer).next.assignment.trial.number == 1

# Trial 1 over the stream.
sent = [trial_service_pb2.ReportRequest(writer_id="python", batches=[batch(second, sequence, sequence - 1, 0.5 / sequence)]) for sequence in (1, 2)]


def requests():
    yield from sent
    while not finished:
        time.sleep(0.01)


finished = False
acked = 0
stream = trials.Report(requests(), metadata=bearer, timeout=10)
for response in stream:
    assert not response.refusals, response
    for update in response.updates:
        acked = max(acked, update.acked_sequence)
    if acked == 2:
        finished = True
        break
stream.cancel()
assert acked == 2
answer = trials.Complete(trial_service_pb2.CompleteRequest(attempt=key(second), writer_id="python", request_id="complete-1", values=value_pb2.Values(values={"loss": 0.125})), metadata=bearer)
assert answer.trial.value == 0.125, answer.trial

# Trial 2 fails; then the study is over.
third = trials.Ask(ask("ask-2"), metadata=bearer).assignment
trials.Fail(trial_service_pb2.FailRequest(attempt=key(third), writer_id="python", request_id="fail-2", error=trial_pb2.TrialError(message="out of memory")), metadata=bearer)
over = trials.Ask(ask("ask-3"), metadata=bearer)
assert over.none == trial_service_pb2.NO_TRIAL_REASON_ENDED, over

points = [point for part in metrics.StreamSeries(metric_service_pb2.StreamSeriesRequest(study_id=study.study_id, trial=0, names=["loss"]), metadata=bearer) for point in part.series.values]
assert points == [1.0, 0.5, 1 / 3], points
events = [event for part in studies.Watch(study_service_pb2.WatchRequest(study_id=study.study_id, until_head=True), metadata=bearer) for event in part.events]
assert [event.position for event in events] == list(range(1, len(events) + 1))

# An error says its code and what to do.
try:
    studies.GetStudy(study_service_pb2.GetStudyRequest(name="strangr"), metadata=bearer)
    raise AssertionError("a study that is not there was found")
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.NOT_FOUND and 'Did you mean "stranger"?' in error.details(), error.details()
print("done", study.study_id)
