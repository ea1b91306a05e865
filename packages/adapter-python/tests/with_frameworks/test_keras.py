"""The real Keras 3."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

import paramo

X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")


def fit(trial, epochs):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.05), "mse")
    history = model.fit(X, X.sum(1, keepdims=True), epochs=epochs, validation_split=0.25, verbose=0, callbacks=[paramo.keras.Callback(trial)])
    return history.history


def test_every_epoch_is_reported_at_its_step(connection, name):
    with paramo.run(name, connection=connection) as run:
        history = fit(run, 5)
    assert run.result.series("val_loss").values == history["val_loss"] and len(history["val_loss"]) == 5
    assert set(run.result.metrics) == {"loss", "val_loss"}


def test_the_training_ends_when_the_trial_is_stopped(connection, name):
    study = paramo.open_study(name, {"x": paramo.Float(0, 1)}, "min val_loss", connection=connection, steps=9, stopper=("median", {"startupTrials": 1}), trials=2, strategy="random")
    better = study.ask()
    for step in range(9):
        better.report(val_loss=0.0, step=step)
    better.complete()
    trial = study.ask()
    trained = len(fit(trial, 50)["loss"])
    assert trial.stopped.cause == "stop" and trained < 9
    assert study.tell(trial, None).done == trained


def test_the_training_takes_no_more_epochs_than_the_trial_is_asked(connection, name):
    study = paramo.open_study(name, {"x": paramo.Float(0, 1)}, "min val_loss", connection=connection, trials=9)
    study.enqueue({"x": 0.5}, fidelity=paramo.Fidelity(steps=3))
    trial = study.ask()
    assert len(fit(trial, 50)["loss"]) == 3
    assert trial.complete().state == "completed"
