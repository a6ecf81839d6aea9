"""The objects that a subclass's hooks are asked about, and what super's reducer_override returns.

Hooks see what cloudpickle makes only to pickle it: the tuples, dicts and cells of its reducers.
Those that the engine makes must be the same ones, in the same order.
"""

from __future__ import annotations

import io
import types
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from tests.corpus import Case, all_cases, stock, under_test
from tests.differential.compare import Outcome, attempt, explain

CASES = [case for case in all_cases() if case.why_not() is None]
ATOMS = (str, bytes, int, float, bool, type(None), complex)
DEEP = 6


def shape(obj: Any, depth: int = 0) -> Any:
    """Describe what an object is made of, as far as hooks can tell two of them apart."""
    kind = type(obj)
    if kind in ATOMS:
        return repr(obj)[:200]
    if depth > DEEP:
        return kind.__name__
    if kind in (tuple, list):
        return kind.__name__, [shape(item, depth + 1) for item in obj]
    if kind is dict:
        return [(shape(key, depth + 1), shape(value, depth + 1)) for key, value in obj.items()]
    if kind is types.CellType:
        try:
            return "cell", shape(obj.cell_contents, DEEP)
        except ValueError:
            return "empty cell"
    if kind in (types.FunctionType, types.CodeType, type):
        return kind.__name__, obj.__name__ if kind is not types.CodeType else obj.co_name
    return kind.__name__


def overriding(base: Any, log: list[Any]) -> Any:
    class Overriding(base):  # type: ignore[misc]
        strict = True

        def reducer_override(self, obj: Any) -> Any:
            value = super().reducer_override(obj)
            log.append((shape(obj), value if value is NotImplemented else shape(value)))
            return value

    return Overriding


def identifying(base: Any, log: list[Any]) -> Any:
    class Identifying(base):  # type: ignore[misc]
        strict = True

        def persistent_id(self, obj: Any) -> Any:
            log.append(shape(obj))
            return "an id" if obj == "named by its id" else None

    return Identifying


def both(base: Any, log: list[Any]) -> Any:
    return identifying(overriding(base, log), log)


def dumped(derive: Callable[[Any, list[Any]], Any], module: ModuleType, obj: Any) -> Outcome:
    log: list[Any] = []

    def dump() -> tuple[bytes, list[bytes]]:
        file = io.BytesIO()
        pickler = derive(module.Pickler, log)(file, 5)
        pickler.dump(obj)
        pickler.dump([obj, "named by its id"])
        return file.getvalue(), [repr(entry).encode() for entry in log]

    outcome = attempt(dump)
    if outcome.error is not None:
        return Outcome(None, outcome.error, tuple(repr(entry).encode() for entry in log))
    return outcome


@pytest.mark.parametrize("derive", [overriding, identifying, both])
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_hooks_see_what_stock_s_see(case: Case, derive: Any) -> None:
    with case.setup():
        obj = case.make()
        dumped(derive, stock(), obj)  # a first dump can leave traces
        expected = dumped(derive, stock(), obj)
        got = dumped(derive, under_test(), obj)
        assert explain(expected, got) is None
        if not isinstance(getattr(expected.error, "__cause__", None), RecursionError):
            assert got.buffers == expected.buffers  # how deep it goes differs
