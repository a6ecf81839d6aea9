"""Writes real.golden: pickles of NumPy, pandas and cloudpickle, which the tests must decode without them.

Run it with a Python that has the three, from this directory: python real.py
"""

import datetime
import json
import pickle
import sys
import types

import cloudpickle
import numpy as np
import pandas as pd
import zoneinfo


def closure(n):
    def add(x):
        return x + n

    return add


def anonymous(f):
    """The function without the place of its source file, which is another on each machine."""
    f.__globals__.pop("__file__", None)
    f.__code__ = f.__code__.replace(co_filename="real.py")
    return f


class Model:
    def __init__(self):
        self.weights = np.arange(6, dtype="<f4").reshape(2, 3)
        self.classes_ = np.array(["a", "b"])
        self.params = {"alpha": 0.5, "layers": (3, 2)}
        self.trained = datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=datetime.timezone.utc)


Model.__module__ = "shop.models"


def shape():
    """A class as cloudpickle ships it when its module is not to be imported, with a fixed tracker id."""

    class Shape:
        sides = 4

        def __init__(self, width):
            self.width = width

        def area(self):
            return self.width * self.width

    Shape.__module__, Shape.__qualname__ = "__main__", "Shape"
    for f in (Shape.__init__, Shape.area):
        anonymous(f)
        f.__module__ = "__main__"
    tracker = cloudpickle.cloudpickle
    tracker._DYNAMIC_CLASS_TRACKER_BY_CLASS[Shape] = "0" * 32
    return Shape


Shape = shape()

VALUES = {
    "int64": np.arange(5, dtype="<i8"),
    "float64 2d": np.arange(6, dtype="<f8").reshape(2, 3),
    "float64 fortran": np.asfortranarray(np.arange(6, dtype="<f8").reshape(2, 3)),
    "float32 big endian": np.arange(3, dtype=">f4"),
    "float16": np.array([0.5, -2, 65504], dtype="<f2"),
    "uint8": np.array([1, 2, 255], dtype="u1"),
    "bool": np.array([True, False]),
    "complex": np.array([1 + 2j]),
    "str": np.array(["ab", "c"]),
    "bytes": np.array([b"ab", b"c"]),
    "object": np.array([1, "x", None], dtype=object),
    "datetime64": np.array(["2024-01-02"], dtype="datetime64[ns]"),
    "empty": np.array([], dtype="<f8"),
    "zero dimensional": np.array(7.5),
    "record": np.array([(1, 2.5)], dtype=[("a", "<i4"), ("b", "<f8")]),
    "scalar float": np.float64(1.25),
    "scalar int": np.int32(-7),
    "scalar bool": np.bool_(True),
    "frame": pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
    "timestamp": pd.Timestamp("2024-05-06 07:08:09", tz="UTC"),
    "lambda": anonymous(lambda x: x * 2),
    "closure": anonymous(closure(3)),
    "class": Shape,
    "instance of a class by value": Shape(3),
    "zoneinfo": datetime.datetime(2024, 7, 1, 12, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
    "series": pd.Series([1.5, 2.5], index=["a", "b"], name="s"),
    "index": pd.date_range("2024-01-01", periods=2),
    "model": Model(),
}

with open("real.golden", "w") as f:
    for name, value in VALUES.items():
        for proto in (2, 3, 4, 5):
            if name in ("lambda", "closure", "class", "instance of a class by value"):
                data = cloudpickle.dumps(value, proto)
            elif name == "model":
                mod = types.ModuleType("shop.models")
                mod.Model = Model
                sys.modules["shop"], sys.modules["shop.models"] = types.ModuleType("shop"), mod
                data = pickle.dumps(value, proto)
            else:
                data = pickle.dumps(value, proto)
            print(json.dumps([name, proto, data.decode("latin-1")]), file=f)
