"""Nesting that is too deep, and nesting that is not."""

from __future__ import annotations

import io
import pickle
import sys
import types
from collections.abc import Callable
from typing import Any

import cloudpickle
import gocloudpickle


class Node:
    def __init__(self, below: Any) -> None:
        self.below = below


class Reduced:
    def __init__(self, below: Any) -> None:
        self.below = below

    def __reduce__(self) -> Any:
        return Reduced, (self.below,)


class Items:
    def __init__(self, below: Any) -> None:
        self.below = below

    def __reduce__(self) -> Any:
        return list, (), None, iter([self.below])


def cell(x: Any) -> Any:
    return types.CellType(x)


def function(x: Any) -> Any:
    return lambda: x


def class_(x: Any) -> Any:
    return type("C", (), {"x": x})


WRAP: dict[str, Callable[[Any], Any]] = {
    "list": lambda x: [x],
    "tuple": lambda x: (x,),
    "long_tuple": lambda x: (1, 2, 3, x),
    "dict": lambda x: {0: x},
    "str_dict": lambda x: {"a": x},
    "object": Node,
    "reduced": Reduced,
    "items": Items,
    "cell": cell,
    "function": function,
    "class": class_,
    "partial": lambda x: __import__("functools").partial(int, x),
    "namespace": lambda x: types.SimpleNamespace(x=x),
    "mixed": lambda x: [{"a": (x, 1)}],
}

# How deep each may nest where CPython counts Python's recursion limit alone, up to 3.11:
# an object is a level for itself and one for its state.
SHALLOW = {
    "object": 300,
    "reduced": 300,
    "cell": 300,
    "function": 100,
    "class": 100,
    "partial": 200,
    "mixed": 200,
    "namespace": 300,
}


def nest(kind: str, depth: int) -> Any:
    wrap = WRAP[kind]
    x: Any = "bottom"
    for _ in range(depth):
        x = wrap(x)
    return x


def take_apart(x: Any) -> None:
    # CPython itself can overflow its stack when deep objects of some types die at once.
    while True:
        if isinstance(x, (list, tuple)) and x:
            x = x[-1]
        elif isinstance(x, dict):
            x = next(iter(x.values()))
        elif isinstance(x, (Node, Reduced, Items)):
            x.below, x = None, x.below
        elif isinstance(x, types.CellType):
            content = x.cell_contents
            x.cell_contents = None
            x = content
        elif isinstance(x, types.FunctionType) and x.__closure__:
            closure = x.__closure__[0]
            content = closure.cell_contents
            closure.cell_contents = None
            x = content
        else:
            return


def too_deep(kind: str, protocol: str) -> None:
    deep = nest(kind, 100_000)
    for way in (
        lambda: gocloudpickle.dumps(deep, int(protocol)),
        lambda: gocloudpickle.dump(deep, io.BytesIO(), int(protocol)),
        lambda: gocloudpickle.Pickler(io.BytesIO(), int(protocol)).dump(deep),
    ):
        try:
            way()
        except pickle.PicklingError as error:
            assert "recursion" in str(error), error
            assert isinstance(error.__cause__, RecursionError), error.__cause__
        else:
            raise AssertionError("no PicklingError")
        # Usable afterwards, at once and to the usual depth.
        assert pickle.loads(gocloudpickle.dumps(lambda: 1))() == 1
        gocloudpickle.dumps(nest("list", 500))
    take_apart(deep)
    print("refused")
    sys.stdout.flush()
    __import__("os")._exit(0)  # without freeing what remains


def not_too_deep(kind: str) -> None:
    depth = 500 if sys.version_info >= (3, 12) else SHALLOW.get(kind, 490)
    x = nest(kind, depth)
    for protocol in (5, 2, 0):
        data = gocloudpickle.dumps(x, protocol)
        assert len(data) > depth
    if kind in ("list", "tuple", "dict", "str_dict"):
        assert pickle.loads(data) == x
    stock_agrees(x)


def stock_agrees(x: Any) -> None:
    try:
        expected = cloudpickle.dumps(x)
    except pickle.PicklingError:
        return  # its limit counts the frames of its own Python code as well
    assert len(gocloudpickle.dumps(x)) == len(expected)


def re_entering() -> None:
    """A dump in a dump in a dump, until Python's own limit says so."""

    class Inner:
        def __reduce__(self) -> Any:
            return bytes, (gocloudpickle.dumps(Inner()),)

    for _ in range(3):
        try:
            gocloudpickle.dumps(Inner())
        except (pickle.PicklingError, RecursionError):
            pass
        else:
            raise AssertionError("no exception")
        assert pickle.loads(gocloudpickle.dumps(lambda: 1))() == 1


def high_limit() -> None:
    """A program that raised the recursion limit gets an answer, bytes or PicklingError, and no crash."""
    sys.setrecursionlimit(200_000)
    for kind in ("list", "tuple", "dict", "object"):
        deep = nest(kind, 50_000)
        try:
            gocloudpickle.dumps(deep)
        except pickle.PicklingError:
            pass
        take_apart(deep)
    print("answered")
    sys.stdout.flush()
    __import__("os")._exit(0)


def callbacks_in_depth() -> None:
    """Python code far down: its own recursion limit still is what it was."""
    import threading

    frames: list[int] = []

    class Deep:
        def __reduce__(self) -> Any:
            def count(n: int) -> int:
                try:
                    return count(n + 1)
                except RecursionError:
                    return n

            frames.append(count(0))
            return int, (5,)

    def work() -> None:
        x: Any = Deep()
        for _ in range(400):
            x = [x]
        gocloudpickle.dumps(x)

    work()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert all(n > 300 for n in frames) and len(frames) == 2, frames
