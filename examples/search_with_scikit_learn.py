# scikit-learn: a search that takes the place of RandomizedSearchCV.
# Run it: python search_with_scikit_learn.py
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import paramo.sklearn
from paramo import Choice, Float

x, y = load_iris(return_X_y=True)
search = paramo.sklearn.SearchCV(
    make_pipeline(StandardScaler(), SVC()),
    {"svc__C": Float(1e-2, 1e2, log=True), "svc__gamma": Float(1e-3, 1e1, log=True), "svc__kernel": Choice("rbf", "linear")},
    trials=12,
    cv=3,
)
search.fit(x, y)
print(f"{search.best_score_:.3f} with {search.best_params_}")
print(f"the first flower is of kind {search.predict(x[:1])[0]}")
