"""The corpus on an interpreter whose pickler is in Python, as PyPy's is, played by this one.

    python -m tests.differential.without_c FOLDER

FOLDER gets a copy of the installed cloudpickle that believes to be on PyPy. Each case
is dumped by it and by gocloudpickle, by dumps and by one Pickler; what differs is
printed, and at the end how many cases there were.
"""

from __future__ import annotations

import _pickle  # noqa: F401
import importlib.util
import shutil
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.differential.compare import Outcome

PROTOCOLS = (1, 5)
"""The lowest opcodes and the highest: what protocols differ in is the interpreter's work."""

INTERPRETERS_OWN = frozenset(
    "numbers_ strings bytes_ containers batches memo framing copyreg_ numpy_ pandas_".split()
)
"""Kinds of which cloudpickle has nothing to say."""

FAR = ("unpicklable.nested_50000_deep", "unpicklable.linked_20000_long")
"""What takes long to refuse without C."""


def play_pypy(folder: Path) -> None:
    """Take the C pickler away, and put a cloudpickle for PyPy on the path."""
    spec = importlib.util.find_spec("cloudpickle")
    assert spec is not None and spec.origin is not None
    copy = folder / "cloudpickle"
    shutil.copytree(Path(spec.origin).parent, copy)
    source = (copy / "cloudpickle.py").read_text(encoding="utf-8")
    for there, instead in (
        ('PYPY = platform.python_implementation() == "PyPy"', "PYPY = True"),
        ("type(float.__new__.__code__)", "type(None)"),
    ):
        assert source.count(there) == 1, there
        source = source.replace(there, instead)
    (copy / "cloudpickle.py").write_text(source, encoding="utf-8")
    sys.path.insert(0, str(folder))
    # All that PyPy's has of it.
    module = types.ModuleType("_pickle")
    module.PickleBuffer = sys.modules["_pickle"].PickleBuffer  # type: ignore[attr-defined]
    sys.modules["_pickle"] = module
    sys.modules.pop("pickle", None)


class Refused(Exception):
    """An assert of the pickler in Python, where the one in C raises."""


def either(way: Callable[..., Outcome], module: types.ModuleType, obj: Any, at: int) -> Outcome:
    try:
        return way(module, obj, at)
    except AssertionError:
        return Outcome(None, Refused())


def main() -> None:
    play_pypy(Path(sys.argv[1]))
    import cloudpickle
    import gocloudpickle

    from tests.corpus import usable_cases
    from tests.differential.compare import explain, with_dumps, with_pickler

    assert cloudpickle.cloudpickle.PYPY and "dispatch" in vars(cloudpickle.Pickler)
    assert gocloudpickle.Pickler.__mro__[1].__module__ == "pickle"
    assert gocloudpickle.engine_info()["path"] == "python"
    done = 0
    for case in usable_cases():
        if case.name.partition(".")[0] in INTERPRETERS_OWN or case.name in FAR:
            continue
        done += 1
        for protocol in set(PROTOCOLS).intersection(case.protocols):
            for way in (with_dumps, with_pickler):
                with case.setup():
                    obj = case.make()
                    either(with_dumps, cloudpickle, obj, protocol)  # leaves its traces in classes
                    expected = either(way, cloudpickle, obj, protocol)
                    got = either(way, gocloudpickle, obj, protocol)
                # The cloudpickle for PyPy calls save_reduce by itself for functions, which
                # leaves out two of the notes of CPython 3.14; PyPy has none of them.
                difference = explain(expected, got, with_notes=False)
                if difference is not None:
                    print(f"{case.name}, {way.__name__}, protocol {protocol}: {difference}")
    print(f"{done} cases")


if __name__ == "__main__":
    main()
