"""Each allocation of a dump and of a load fails in turn, and only that one."""

from __future__ import annotations

import _testcapi
import functools
from collections.abc import Callable
from typing import Any

import gocloudpickle

ALLOCATIONS = 400
"""More than any of these makes."""


def kinds() -> dict[str, Any]:
    number = 5
    space: dict[str, Any] = {"__name__": "__main__", "functools": functools, "n": 2}
    exec("def f(a, *, b=[1]): return functools, n, a, b", space)
    return {
        "function": space["f"],
        "closure": lambda: (number, space),
        "class": type("Dynamic", (), {"a": 1, "f": lambda self: number, "__module__": "__main__"}),
        "partial": functools.partial(lambda a: a, 1),
        "data": [{"a": (1, 2.5, "text", b"bytes")}, {1, 2}, "\u20ac", 2**100],
        "method": [].append,
        "code": space["f"].__code__,
    }


def each_fails(call: Callable[[], Any]) -> int:
    failed = 0
    for number in range(ALLOCATIONS):
        _testcapi.set_nomemory(number, number + 1)
        try:
            call()
        except MemoryError:
            failed += 1
        finally:
            _testcapi.remove_mem_hooks()
    return failed


def dumps(kind: str) -> None:
    """From the first use of the kind on, so that what is remembered is made meanwhile."""
    gocloudpickle.dumps(1)
    made = kinds()[kind]
    # What the first ones allocate may be no more than what they remember, which is forgiven.
    assert each_fails(lambda: gocloudpickle.dumps(made)) + each_fails(
        lambda: gocloudpickle.dumps(made)
    )
    assert gocloudpickle.dumps(made) == gocloudpickle.dumps(made)
    gocloudpickle.loads(gocloudpickle.dumps(made))
    print("done")


def loads(kind: str) -> None:
    made = kinds()[kind]
    payload = gocloudpickle.dumps((lambda: 1, made))
    native = gocloudpickle.loads
    assert each_fails(lambda: native(payload))
    assert native(payload)[0]() == 1
    print("done")
