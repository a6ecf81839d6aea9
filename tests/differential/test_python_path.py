"""The path without the engine: on an interpreter without a C pickler, and in the middle of the engine's work.

That its dumps are cloudpickle's, test_corpus.py and the others find out when
GOCLOUDPICKLE_PATH=python has them take it.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gocloudpickle import _python_path

from tests.corpus import Case, stock, under_test, usable_cases
from tests.differential.compare import assert_same, attempt, with_dumps
from tests.robust import child

HAS_ENGINE = os.environ.get("GOCLOUDPICKLE_PATH") != "python"
Dump = Callable[[Any, Any], None]


@pytest.mark.skipif(HAS_ENGINE, reason="it says the same on each path: run on the last one")
def test_without_a_c_pickler(tmp_path: Path) -> None:
    arguments = ["-m", "tests.differential.without_c", str(tmp_path)]
    env = {"GOCLOUDPICKLE_STRICT": "1"}  # stock is the oracle, errors included
    done = child.run_python(arguments, "python", env, timeout=120).check(says=" cases")
    assert int(done.stdout.removesuffix(" cases\n")) > 1000, done.stdout


def by_engine(pickler: Any, obj: Any) -> None:
    pickler.dump(obj)


without_engine = _python_path.pickler_dump
ORDERS: dict[str, tuple[Dump, ...]] = {
    "at_once": (without_engine, by_engine, by_engine),
    "after_a_dump": (by_engine, without_engine, by_engine),
    "after_two": (by_engine, by_engine, without_engine),
}


def one_pickler(module: Any, obj: Any, dumps: tuple[Dump, ...]) -> Callable[[], bytes]:
    def dump() -> bytes:
        file = io.BytesIO()
        pickler = module.Pickler(file)
        dumps[0](pickler, obj)
        dumps[1](pickler, [obj, "between", obj, other])
        dumps[2](pickler, (sibling, other, obj))
        pickler.clear_memo()
        pickler.dump((obj, other))
        return file.getvalue()

    return dump


def other() -> Any:
    return pytest, other


# Two functions by value, which share their globals.
other = type(other)(other.__code__, {**globals(), "__name__": "not_importable"})
sibling = type(other)(other.__code__, other.__globals__, "sibling")


@pytest.mark.skipif(not HAS_ENGINE, reason="there is no engine to leave on this path")
@pytest.mark.parametrize("case", usable_cases() if HAS_ENGINE else [], ids=lambda case: case.name)
def test_leaving_the_engine(case: Case) -> None:
    """The memo comes along: each later pickle of the file refers to what was in the ones before."""
    with case.setup():
        obj = case.make()
        with_dumps(stock(), obj, 5)  # leaves its traces in classes
        expected = attempt(one_pickler(stock(), obj, (by_engine,) * 3))
        for order, dumps in ORDERS.items():
            if expected.error is None:  # what a failed dump leaves in the memo is not the same
                assert_same(expected, attempt(one_pickler(under_test(), obj, dumps)), order)


@pytest.mark.skipif(not HAS_ENGINE, reason="there is no engine to leave on this path")
def test_leaving_the_engine_with_hooks() -> None:
    """Picklers of a class derived from an installed cloudpickle's, whose hooks stay in force."""
    import cloudpickle
    import gocloudpickle

    class Hooked(cloudpickle.Pickler):
        def persistent_id(self, obj: Any) -> Any:
            return "the file" if obj is sys.stdout else None

        def reducer_override(self, obj: Any) -> Any:
            return (int, (7,)) if isinstance(obj, complex) else super().reducer_override(obj)

    class Module:
        Pickler = Hooked

    obj = [sys.stdout, 5j, other, Case]
    expected = attempt(one_pickler(Module, obj, (by_engine,) * 3))
    assert expected.error is None
    for order, dumps in ORDERS.items():
        with gocloudpickle.installed():
            before = gocloudpickle.engine_info()["dumps"]
            assert_same(expected, attempt(one_pickler(Module, obj, dumps)), order)
            after = gocloudpickle.engine_info()["dumps"]
        without = 4 - dumps.index(without_engine)
        assert after["python"] - before["python"] == without, order
        assert sum(after.values()) - sum(before.values()) == 4, order


@pytest.mark.skipif(not HAS_ENGINE, reason="there is no engine to leave on this path")
def test_each_dumps_without_the_engine() -> None:
    import cloudpickle
    import gocloudpickle

    expected = cloudpickle.dumps(other)
    assert _python_path.dumps(other) == expected
    file = io.BytesIO()
    _python_path.dump(other, file)
    assert file.getvalue() == expected
    with gocloudpickle.installed():
        for number in (0, cloudpickle.cloudpickle._gocloudpickle.target):
            assert _python_path.dumps_through(number, other, None, None) == expected


@pytest.mark.skipif(not HAS_ENGINE, reason="there is no engine to leave on this path")
def test_the_memo_of_a_pickler_that_left() -> None:
    import gocloudpickle

    pickler = gocloudpickle.Pickler(io.BytesIO())
    obj = ["kept", other]
    pickler.dump(obj)
    memo = pickler.memo
    before = memo.copy()
    without_engine(pickler, "text")
    after = memo.copy()
    assert before.items() <= after.items()
    assert after == pickler.memo.copy()
    another = gocloudpickle.Pickler(io.BytesIO())
    another.memo = pickler.memo
    assert another.memo.copy() == after
    pickler.memo = another.memo
    assert pickler.memo.copy() == after
    memo.clear()
    assert pickler.memo.copy() == {}
