"""Measures every case once, and writes JSON: python speed.py FILE [--only TEXT] [--quick].

A script, so that what it defines is in __main__, as what users pickle by value mostly is.
"""

from __future__ import annotations

import abc
import argparse
import dataclasses
import enum
import functools
import importlib.util
import io
import json
import pickle
import sys
from contextlib import nullcontext
from typing import Any

import cloudpickle
import data
import gocloudpickle
import modules
from measure import Case, Clock

STEP = 3


def make_closure(low: int, high: int) -> Any:
    def inside(value: int) -> bool:
        return low <= value <= high

    return inside


def make_inner() -> Any:
    def double(value: int) -> int:
        return value * 2

    return double


def generate(count: int) -> Any:
    while count:
        yield count
        count -= 1


class Account:
    """A class of five methods."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.lines: list[int] = []

    def add(self, amount: int) -> None:
        self.lines.append(amount)

    def total(self) -> int:
        return sum(self.lines)

    def largest(self) -> int:
        return max(self.lines, default=0)

    def clear(self) -> None:
        self.lines.clear()


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
    tags: list[str] = dataclasses.field(default_factory=list)


class Color(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self) -> float: ...

    def doubled(self) -> float:
        return self.area() * 2


FUNCTIONS = [
    ("lambda", lambda value: value + STEP),
    ("closure", make_closure(1, 9)),
    ("inner function", make_inner()),
    ("generator function", generate),
    ("partial of a lambda", functools.partial(lambda base, exponent: base**exponent, exponent=2)),
]
CLASSES = [
    ("class of five methods", Account),
    ("dataclass", Point),
    ("Enum", Color),
    ("ABC", Shape),
]
DATA = [
    ("1,000 small records", data.records, 3),
    ("1,000 records with lists", data.records_with_lists, None),
    ("100,000 ints", data.ints, 2.5),
    ("100,000 long ints", data.long_ints, None),
    ("100,000 distinct strings", data.strings, 8),
    ("nested tuples", data.nested_tuples, 3),
]
LARGE = [
    ("100 MB of bytes, in band", data.large_bytes),
    ("100 MB of NumPy, in band", data.large_array),
]


def cases() -> list[Case]:
    """All of them, in the order in which they are measured."""
    ours, theirs = gocloudpickle.dumps, cloudpickle.dumps
    every = [
        Case(name, "cloudpickle", target, lambda value=value: value, ours, theirs)
        for target, group in ((10, FUNCTIONS), (8, CLASSES))
        for name, value in group
    ]
    # The engine is there by now: gocloudpickle.loads is its own.
    gocloudpickle.engine_info()
    every += [
        Case(
            f"loads: {name}",
            "cloudpickle",
            2,
            lambda value=value: theirs(value),
            gocloudpickle.loads,
            pickle.loads,
        )
        for name, value in [*FUNCTIONS[:3], *CLASSES[:3]]
    ]
    instance = Account("someone")
    every.append(Case("instance of a class", "cloudpickle", 6, lambda: instance, ours, theirs))
    own, stock, untouched = (
        gocloudpickle.Pickler,
        cloudpickle.Pickler,
        cloudpickle_that_stays().Pickler,
    )
    every.append(by_pickler("a Pickler of its own", 8, own, stock))
    for hook, derive in HOOKS:
        every.append(by_pickler(f"a Pickler with {hook}", None, derive(own), derive(stock)))
    for rest, target, derive in INSTALLED:
        every.append(
            by_pickler(
                f"an installed Pickler{rest}",
                target,
                derive(stock),
                derive(untouched),
                gocloudpickle.installed,
            )
        )
    every += [Case(name, "pickle", target, make, ours, pickle.dumps) for name, make, target in DATA]
    every += [
        Case(name, "pickle", 1, make, ours, pickle.dumps, tolerance=0.05) for name, make in LARGE
    ]
    # Its target is that nothing is copied: see memory.py.
    apart = dumps_out_of_band(ours), dumps_out_of_band(pickle.dumps)
    every.append(Case("100 MB of NumPy, out of band", "pickle", None, data.large_array, *apart))
    # Last: it leaves 1,500 modules behind.
    name = f"function, 3 packages, {modules.COUNT:,} modules"
    every.append(Case(name, "cloudpickle", 50, modules.function, ours, theirs))
    return every


def with_reducer_override(base: Any) -> Any:
    """As Dask and Ray do."""

    class Derived(base):  # type: ignore[misc]
        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, complex):
                return complex, (obj.real, obj.imag)
            return super().reducer_override(obj)

    return Derived


def with_dispatch_table(base: Any) -> Any:
    """As loky does: a dict for each object, put where CPython's Pickler looks for it."""
    put = pickle.Pickler.dispatch_table.__set__  # type: ignore[attr-defined]
    table = {**base.dispatch_table, complex: lambda obj: (complex, (obj.real, obj.imag))}

    class Derived(base):  # type: ignore[misc]
        def __init__(self, file: Any) -> None:
            super().__init__(file)
            put(self, table.copy())

    return Derived


def with_persistent_id(base: Any) -> Any:
    """As Ray's client does."""

    class Derived(base):  # type: ignore[misc]
        def persistent_id(self, obj: Any) -> Any:
            return "id" if isinstance(obj, complex) else None

    return Derived


HOOKS = [
    ("reducer_override", with_reducer_override),
    ("its dispatch_table", with_dispatch_table),
    ("persistent_id", with_persistent_id),
]


INSTALLED = [
    ("", 8, lambda base: base),
    (", derived", 8, lambda base: type("Derived", (base,), {})),
    (" with its dispatch_table", None, with_dispatch_table),
]


def by_pickler(
    whose: str, target: float | None, ours: Any, theirs: Any, within: Any = nullcontext
) -> Case:
    return Case(
        f"closure, by {whose}",
        "cloudpickle",
        target,
        lambda: make_closure(1, 9),
        dumps_by(ours),
        dumps_by(theirs),
        within=within,
    )


def cloudpickle_that_stays() -> Any:
    """Another cloudpickle, which install() doesn't know."""
    spec = importlib.util.spec_from_file_location("untouched", cloudpickle.cloudpickle.__file__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its payloads name it
    spec.loader.exec_module(module)
    return module


def dumps_by(pickler: Any) -> Any:
    """As frameworks do that derive from the class."""

    def dump(value: Any) -> bytes:
        file = io.BytesIO()
        pickler(file).dump(value)
        return file.getvalue()

    return dump


def dumps_out_of_band(dumps: Any) -> Any:
    def dump(value: Any) -> Any:
        buffers: list[Any] = []
        return dumps(value, protocol=5, buffer_callback=buffers.append), buffers

    return dump


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--only", default="")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()

    clock = Clock(quick=options.quick)
    rows = []
    chosen = [case for case in cases() if options.only in case.name]
    path = gocloudpickle.engine_info()["path"]
    for number, case in enumerate(chosen, 1):
        if sys.stderr.isatty():
            print(
                f"\r\033[K{path} path: {number}/{len(chosen)} {case.name}", end="", file=sys.stderr
            )
        rows.append(clock.row(case))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    rows.sort(key=lambda row: row["against"])  # the case that came last belongs to the first
    result = {
        "cloudpickle": cloudpickle.__version__,
        "engine": gocloudpickle.engine_info(),
        "rows": rows,
    }
    with open(options.file, "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
