"""Measures Optuna on the work that Paramo is measured on. Prints one JSON list of measurements."""
import json
import os
import sys
import tempfile
import threading
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
import optuna  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.ERROR)
REPETITIONS = int(sys.argv[1])
TRIALS = 300


def storage(kind, folder):
    if kind == "memory":
        return optuna.storages.InMemoryStorage()
    if kind == "journal":
        backend = optuna.storages.journal.JournalFileBackend(os.path.join(folder, "journal.log"))
        return optuna.storages.JournalStorage(backend)
    return optuna.storages.RDBStorage("sqlite:///" + os.path.join(folder, "study.db"))


def ask_tell(kind, workers):
    with tempfile.TemporaryDirectory() as folder:
        study = optuna.create_study(storage=storage(kind, folder), sampler=optuna.samplers.RandomSampler(seed=0))

        def work(count):
            for _ in range(count):
                trial = study.ask()
                x = trial.suggest_float("x", 0, 1)
                y = trial.suggest_float("y", 0, 1)
                study.tell(trial, (x - 0.3) ** 2 + y)

        begun = time.perf_counter()
        threads = [threading.Thread(target=work, args=(TRIALS // workers,)) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return TRIALS / (time.perf_counter() - begun)


def report(kind, count):
    with tempfile.TemporaryDirectory() as folder:
        study = optuna.create_study(storage=storage(kind, folder))
        trial = study.ask()
        begun = time.perf_counter()
        for step in range(count):
            trial.report(float(step), step)
        return (time.perf_counter() - begun) / count * 1e9


def measurement(work, system, unit, values, higher, note):
    return {"work": work, "system": system, "unit": unit, "values": values, "higherIsBetter": higher, "note": note}


found = []
for workers in (1, 16):
    name = f"ask + tell, {workers} " + ("worker" if workers == 1 else "workers")
    for kind, note in (("journal", "in process, file without fsync"), ("sqlite", "in process, SQLite")):
        values = [ask_tell(kind, workers) for _ in range(REPETITIONS)]
        found.append(measurement(name, f"Optuna {optuna.__version__} {kind}", "trials/s", values, True, note))
for kind, count in (("memory", 2000), ("journal", 1000), ("sqlite", 100)):
    values = [report(kind, count) for _ in range(REPETITIONS)]
    found.append(measurement("one log() in the training loop", f"Optuna {optuna.__version__} {kind}", "ns", values, False, "trial.report, in process"))
json.dump(found, sys.stdout)
