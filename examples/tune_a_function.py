# Tunes a function whose value gets better step by step; the median stopper ends hopeless trials early.
# python tune_a_function.py
import math

import paramo
from paramo import Choice, Float, Space


class Search(Space):
    lr: float = Float(1e-5, 1, log=True, default=1e-2)
    depth: int = Choice(2, 4, 8)


@paramo.tune(Search, "min loss", name="tune-a-python-function", stopper="median", trials=20, seed=1)
def train(trial: paramo.Trial[Search]) -> None:
    floor = (math.log10(trial.params.lr) + 3) ** 2 + abs(trial.params.depth - 4) / 4
    for step in trial.steps(10):
        trial.log(loss=floor + 1 / (step + 1))


if __name__ == "__main__":
    best = train()
    print(f"best: {best.params} with loss {best.value} (trial {best.number})")
