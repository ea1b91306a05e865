# LightGBM: one callback reports every iteration and ends a training that the stopper gives up on.
# Run it: python tune_lightgbm.py
import lightgbm
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

import paramo
import paramo.lightgbm
from paramo import Float, Int, Space

x, x_valid, y, y_valid = train_test_split(*load_breast_cancer(return_X_y=True), random_state=1)


class Search(Space):
    learning_rate: float = Float(1e-3, 0.5, log=True, default=0.1)
    num_leaves: int = Int(2, 64, log=True, default=31)
    feature_fraction: float = Float(0.3, 1.0, default=1.0)


@paramo.tune(Search, "min valid_0-binary_logloss", name="trees", stopper="median", trials=10)
def train(trial: paramo.Trial[Search]) -> None:
    data = lightgbm.Dataset(x, y, free_raw_data=False)
    valid = lightgbm.Dataset(x_valid, y_valid, reference=data)
    options = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1, **dict(trial.params)}
    lightgbm.train(options, data, 30, valid_sets=[valid], callbacks=[paramo.lightgbm.callback(trial)])


best = train()
print(f"log loss {best.value:.4f} with {best.params} (trial {best.number})")
