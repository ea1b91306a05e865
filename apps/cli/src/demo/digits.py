"""The trainer of `npm run demo -- --trainer python`: scikit-learn networks on its handwritten digits.

Reads one JSON document from its argument, works on the study that it names, and says what happens as lines of JSON on
stdout. Everything that is to be kept goes over gRPC to the same daemon that the rest of the demo uses.
"""

import json
import os
import sys
import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

import paramo
from paramo import Choice, Float, Int, Ordinal, Space

warnings.filterwarnings("ignore", category=ConvergenceWarning)
task = json.loads(sys.argv[1])


class Network(Space):
    """The defaults are those of MLPClassifier."""

    lr: float = Float(1e-4, 1e-1, log=True, default=1e-3)
    solver: str = Choice("adam", "sgd", default="adam")
    units: int = Int(16, 256, log=True, default=100)
    alpha: float = Float(1e-6, 1.0, log=True, default=1e-4)
    batch: int = Ordinal(16, 32, 64, 128, 200, default=200)


def say(**message):
    print(json.dumps(message), flush=True)


def load():
    """1797 digits of 8 x 8 pixels, dealt out the same way each time: for the search, its validation, and the last test."""
    digits = load_digits()
    order = np.random.RandomState(1).permutation(len(digits.target))
    x, y = digits.data[order] / 16.0, digits.target[order]
    return {"search": (x[:500], y[:500]), "validation": (x[1000:1400], y[1000:1400]), "final": (x[:1000], y[:1000]), "test": (x[1400:], y[1400:])}


def build(params, x, y, seed):
    model = MLPClassifier((params.units,), learning_rate_init=params.lr, solver=params.solver, alpha=params.alpha, batch_size=params.batch, random_state=seed % 2**32)
    # Makes the weights, which a checkpoint then replaces.
    model.partial_fit(x[: params.batch], y[: params.batch], classes=np.arange(10))
    return model


def train(trial, params, seed, epochs, train_on, judge_by, on_epoch):
    (x, y), (x_judge, y_judge) = train_on, judge_by
    model = build(params, x, y, seed)
    weights = model.coefs_ + model.intercepts_
    if trial.resume:
        saved = np.load(os.path.join(trial.resume.dir, "weights.npz"))
        for i, weight in enumerate(weights):
            weight[...] = saved[f"arr_{i}"]
    for epoch in trial.steps(epochs):
        model.partial_fit(x, y)
        accuracy = float(model.score(x_judge, y_judge))
        trial.log(val_acc=accuracy)
        on_epoch(epoch, accuracy)
        trial.checkpoint(lambda directory: np.savez(os.path.join(directory, "weights.npz"), *(model.coefs_ + model.intercepts_)))


def study_options():
    stopper = task["stopper"]
    return dict(
        strategy=(task["strategy"]["name"], task["strategy"]["options"]),
        stopper="none" if stopper == "none" else (stopper["name"], stopper["options"]),
        steps=task["epochs"],
        trials=task["trials"],
        lease="10s",
    )


def open_study():
    study = paramo.open_study(task["name"], Network, "max val_acc", fresh=task["fresh"], **study_options())
    if task["enqueue"] and len(study.trials(limit=1)) == 0:
        study.enqueue(task["defaults"])
    say(kind="study", id=study.id)


def search():
    data = load()

    @paramo.tune(Network, "max val_acc", name=task["name"], **study_options())
    def objective(trial: paramo.Trial[Network]):
        say(kind="start", trial=trial.number, params=dict(trial.params))
        train(trial, trial.params, trial.seed, task["epochs"], data["search"], data["validation"], lambda epoch, accuracy: say(kind="epoch", epoch=epoch, accuracy=accuracy))

    objective(on_trial=lambda trial: say(kind="end", number=trial.number))


def compare():
    data = load()
    for role, params in task["roles"].items():
        with paramo.run(task["final"], params=params, seed=1, attributes={"study": task["study"], "role": role}) as run:
            train(run, run.params, 1, task["epochs"], data["final"], data["test"], lambda epoch, accuracy: say(kind="final", role=role, epoch=epoch, accuracy=accuracy))


{"open": open_study, "search": search, "compare": compare}[task["do"]]()
