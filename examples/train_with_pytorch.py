# PyTorch: your own loop, with checkpoints of model and optimizer that a killed trial goes on from.
# Run it: python train_with_pytorch.py
import torch

import paramo
import paramo.torch
from paramo import Choice, Float, Space

torch.manual_seed(1)
x = torch.rand(256, 2) * 2 - 1
y = ((x**2).sum(1) < 0.5).float()


class Search(Space):
    lr: float = Float(1e-3, 1e-1, log=True, default=1e-2)
    units: int = Choice(4, 16, 64)


@paramo.tune(Search, "min val_loss", name="circle", stopper="median", trials=6)
def train(trial: paramo.Trial[Search]) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, trial.params.units), torch.nn.Tanh(), torch.nn.Linear(trial.params.units, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=trial.params.lr)
    loss_of = torch.nn.BCEWithLogitsLoss()
    paramo.torch.restore(trial, model=model, optimizer=optimizer)
    for _ in trial.steps(20):
        optimizer.zero_grad()
        loss_of(model(x[:192])[:, 0], y[:192]).backward()
        optimizer.step()
        with torch.no_grad():
            trial.log(val_loss=loss_of(model(x[192:])[:, 0], y[192:]))
        paramo.torch.checkpoint(trial, model=model, optimizer=optimizer)


best = train()
print(f"val_loss {best.value:.3f} with {best.params} (trial {best.number})")
