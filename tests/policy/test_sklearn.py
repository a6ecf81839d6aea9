"""Fitted estimators, scorers, and functions that use them: none is denied by the presets ml and functions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import gocloudpickle
import pytest

pytest.importorskip("sklearn")

import numpy as np
import scipy.interpolate
import scipy.optimize
import scipy.signal
import scipy.sparse
import scipy.spatial
import scipy.stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer, get_scorer_names
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.utils import all_estimators

try:
    gocloudpickle.require_engine()
except ImportError:
    pytest.skip("there is no engine to audit with on this path", allow_module_level=True)

X = np.abs(np.random.RandomState(0).rand(30, 4))
CLASSES, NUMBERS = np.array([0, 1, 2] * 10), X[:, 0] * 2


def made(kind: Callable[..., Any]) -> Any:
    for arguments in ((), (LogisticRegression(),), ([("a", LogisticRegression())],), (X,)):
        try:
            return kind(*arguments)
        except TypeError:
            continue
    return None


def fitted(estimator: Any) -> Any:
    for y in (CLASSES, NUMBERS, None):
        try:
            return estimator.fit(X, y)
        except Exception:
            continue
    return estimator  # for sparse data, text, or several targets


def not_allowed(values: Iterator[tuple[str, Any]], preset: str) -> list[Any]:
    audits = ((n, gocloudpickle.audit(gocloudpickle.dumps(v), preset)) for n, v in values)
    return [(name, str(found)) for name, found in audits if found.verdict != "allowed"]


def estimators() -> Iterator[tuple[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, kind in all_estimators():
            estimator = made(kind)
            if estimator is not None:
                yield name, fitted(estimator)
        yield "search", GridSearchCV(SVC(), {"C": [1, 2]}).fit(X, CLASSES)
        steps = FunctionTransformer(np.log1p), StandardScaler(), SVC()
        yield "pipeline", make_pipeline(*steps).fit(X, CLASSES)


def scipy_objects() -> Iterator[tuple[str, Any]]:
    yield "sparse matrix", scipy.sparse.csr_matrix(X)
    yield "sparse array", scipy.sparse.coo_array(X)
    yield "distribution", scipy.stats.norm(1, 2)
    yield "density", scipy.stats.gaussian_kde(X.T)
    yield "spline", scipy.interpolate.CubicSpline([0, 1, 2], [1, 2, 3])
    yield "tree", scipy.spatial.KDTree(X)
    yield "rotation", scipy.spatial.transform.Rotation.from_euler("x", 1)
    yield "optimum", scipy.optimize.minimize(lambda x: (x**2).sum(), [1.0, 2.0])
    yield "system", scipy.signal.lti([1], [1, 2])


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["ml", "functions"])
def test_estimators(preset: str) -> None:
    assert not_allowed(estimators(), preset) == []


@pytest.mark.parametrize("preset", ["ml", "functions"])
def test_scorers_and_scipy(preset: str) -> None:
    assert not_allowed(((n, get_scorer(n)) for n in get_scorer_names()), preset) == []
    assert not_allowed(scipy_objects(), preset) == []


def evaluate(x: Any, y: Any) -> Any:
    from sklearn import metrics
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import cross_val_score, train_test_split

    train, test, labels, truth = train_test_split(x, y)
    model = RandomForestClassifier().fit(train, labels)
    scores = cross_val_score(model, x, y)
    return scores.mean(), metrics.confusion_matrix(truth, model.predict(test))


def fit(x: Any, y: Any) -> Any:
    from scipy import fft, linalg, optimize, signal, stats

    best, _ = optimize.curve_fit(lambda x, a, b: a * x + b, x, y)
    slope = stats.linregress(x, y).slope
    return best, slope, linalg.svd(np.outer(x, y)), signal.savgol_filter(y, 5, 2), fft.rfft(y)


def test_functions_that_use_them() -> None:
    import sys

    gocloudpickle.register_pickle_by_value(sys.modules[__name__])
    try:
        model = LogisticRegression().fit(X, CLASSES)
        functions = {"evaluate": evaluate, "fit": fit, "predict": lambda x: model.predict(x)}
        assert not_allowed(iter(functions.items()), "functions") == []
    finally:
        gocloudpickle.unregister_pickle_by_value(sys.modules[__name__])
