"""The jobs that bench/frameworks.py sends to each framework: functions of one argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

# Made as in a script or a notebook, whose functions and classes go by value.
SPACE: dict[str, Any] = {"__name__": "__main__", "np": np, "pd": pd}

CLOSURES = """
def make(i):
    step, name = i * 7, f"task {i}"
    def task(x):
        return x + step + len(name)
    return task
"""

CLASSES = """
def make(i):
    class Base:
        scale = i

        def scaled(self):
            return self.scale * self.x

    class Model(Base):
        '''Stands for what a notebook defines.'''

        unit: int = 3

        def __init__(self, x):
            super().__init__()
            self.x = x

        def moved(self, by):
            return type(self)(self.x + by)

        @property
        def size(self):
            return abs(self.x) * self.unit

        @classmethod
        def zero(cls):
            return cls(0)

        @staticmethod
        def check(x):
            return x >= 0

    model = Model(i)
    return lambda x: model.moved(x).scaled() + Model.zero().size
"""

PACKAGES = """
def make(i):
    def task(x):
        if x < 0:
            return pd.DataFrame({"a": np.arange(x)}).a.sum()
        return x + i
    return task
"""

ARRAYS = """
def make(i):
    array = np.full(1_000_000, i, dtype="float64")
    return lambda x: x + float(array[0])
"""


@dataclass(frozen=True)
class Job:
    """Some functions, each different from the others."""

    name: str
    source: str
    count: int

    def functions(self, count: int) -> list[Callable[[int], Any]]:
        """Make them."""
        space = dict(SPACE)
        exec(self.source, space)
        return [space["make"](i) for i in range(count)]


JOBS = [
    Job("10,000 small closures", CLOSURES, 10_000),
    Job("500 functions with classes of their own", CLASSES, 500),
    Job("2,000 functions that name pandas and NumPy", PACKAGES, 2_000),
    Job("10 functions with an array of 8 MB", ARRAYS, 10),
]
