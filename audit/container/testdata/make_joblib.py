"""Writes the joblib files of the tests: `python make_joblib.py`, with joblib and numpy."""

import collections
from pathlib import Path

import joblib
import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper

here = Path(__file__).parent
value = {
    "floats": np.arange(5.0),
    "text": np.array(["one", "three"]),
    "records": np.zeros(2, dtype=[("a", "i4"), ("b", "f8")]),
    "fortran": np.asfortranarray(np.ones((2, 3), dtype="i2")),
    "objects": np.array([collections.OrderedDict(a=1), None], dtype=object),
    "empty": np.zeros((0, 3)),
    "after": collections.Counter("abc"),
}
for protocol in (2, 5):
    joblib.dump(value, here / f"arrays-{protocol}.joblib", protocol=protocol)
joblib.dump(value, here / "arrays-gzip.joblib", compress=("gzip", 3))

# What pickle.load takes for opcodes where joblib.load has an array. Before 1.2 joblib wrote
# no padding, which would end the reading.
NumpyArrayWrapper.__init__.__defaults__ = (False, None)
hidden = np.frombuffer(b"cos\nsystem\n(S'true'\ntR.", dtype="u1")
joblib.dump([hidden], here / "hidden.joblib")
