"""The real Lightning."""

import lightning.pytorch as pl
import torch

import paramo


class Model(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def training_step(self, batch, _):
        loss = ((self.layer(batch[0]) - batch[1]) ** 2).mean()
        self.log("loss", loss, on_epoch=True, on_step=False)
        return loss

    def validation_step(self, batch, _):
        self.log("val_loss", ((self.layer(batch[0]) - batch[1]) ** 2).mean())

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.05)


def fit(trial, epochs):
    torch.manual_seed(0)
    x = torch.randn(64, 4)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, x.sum(1, keepdim=True)), batch_size=16)
    trainer = pl.Trainer(max_epochs=epochs, callbacks=[paramo.lightning.Callback(trial)], accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
    trainer.fit(Model(), loader, loader)
    return trainer.current_epoch


def test_every_epoch_is_reported_at_its_step(connection, name):
    with paramo.run(name, connection=connection) as run:
        assert fit(run, 5) == 5
    series = run.result.series("val_loss")
    assert series.steps == list(range(5)) and series.values[0] > series.values[4]
    assert "loss" in run.result.metrics


def test_the_training_ends_when_the_trial_is_stopped(connection, name):
    study = paramo.open_study(name, {"x": paramo.Float(0, 1)}, "min val_loss", connection=connection, steps=9, stopper=("median", {"startupTrials": 1}), trials=2, strategy="random")
    better = study.ask()
    for step in range(9):
        better.report(val_loss=0.0, step=step)
    better.complete()
    trial = study.ask()
    trained = fit(trial, 50)
    assert trial.stopped.cause == "stop" and trained < 9
    assert study.tell(trial, None).done == trained
