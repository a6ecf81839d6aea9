"""Dumps of many objects: the memo's pages."""

from __future__ import annotations

import io
import pickle
import random
from typing import Any

import cloudpickle
import gocloudpickle

MANY = 30_000


class Node:
    def __init__(self, i: int) -> None:
        self.i = i
        self.next: list[Any] = []


class Refuses:
    def __reduce__(self) -> Any:
        raise ValueError("not this one")


def graph(n: int) -> list[Any]:
    """n instances, tuples, dicts and strs that refer to each other, but never deep."""
    r = random.Random(n)
    nodes: list[Any] = [Node(i) for i in range(n // 4)]
    for i, node in enumerate(nodes):
        node.next = [nodes[r.randrange(i + 1)] for _ in range(3)]
    rest: list[Any] = [(i, nodes[i]) for i in range(n // 4)]
    rest += [{"key": r.choice(rest)} for _ in range(n // 4)]
    rest += [f"text {i}" for i in range(n // 4)]
    r.shuffle(rest)
    return nodes + rest


def same_bytes() -> None:
    for n in (100, 20_000, MANY * 2, 20_000, 100):
        o = graph(n)
        for protocol in (2, 5):
            assert gocloudpickle.dumps(o, protocol) == cloudpickle.dumps(o, protocol), (n, protocol)


def one_pickler() -> None:
    """A Pickler's memo over several dumps, one of which fails after many objects."""
    file = io.BytesIO()
    pickler = gocloudpickle.Pickler(file)
    first, second = graph(MANY), graph(MANY + 4)
    pickler.dump(first)
    end = file.tell()
    try:
        pickler.dump([second, first[5], Refuses()])
    except ValueError:
        pass
    else:
        raise AssertionError("it should have failed")
    file.seek(end)
    file.truncate()
    pickler.dump([second, first[7], first])
    file.seek(0)
    unpickler = pickle.Unpickler(file)
    a, b = unpickler.load(), unpickler.load()
    assert b[2] is a and b[1] is a[7] and pickle.dumps(b[0]) == pickle.dumps(second)
    memo = pickler.memo.copy()
    assert len(memo) > 2 * MANY
    pickler.clear_memo()
    assert not pickler.memo.copy()
    pickler.memo = memo
    assert pickler.memo.copy() == memo


def functions_of(modules: int) -> list[Any]:
    """Two functions of each of some modules, which no two of them share."""
    out: list[Any] = []
    for i in range(modules):
        names: dict[str, Any] = {"__name__": f"module_{i}", "i": i}
        exec("f = lambda: i\ng = lambda: f() + i", names)
        out.append((names["f"], names["g"]))
    return [pair[0] for pair in out] + [pair[1] for pair in reversed(out)]


def many_globals() -> None:
    for modules in (3, 40, 400):
        functions = functions_of(modules)
        assert gocloudpickle.dumps(functions) == cloudpickle.dumps(functions)
    # A Pickler that has forgotten some of them, since a dump failed.
    file = io.BytesIO()
    pickler = gocloudpickle.Pickler(file)
    first, second = functions_of(30), functions_of(50)
    pickler.dump(first)
    end = file.tell()
    try:
        pickler.dump([second, Refuses()])
    except ValueError:
        pass
    file.seek(end)
    file.truncate()
    pickler.dump(second + first)
    file.seek(0)
    unpickler = pickle.Unpickler(file)
    a, b = unpickler.load(), unpickler.load()
    assert b[100:] == a and [f() for f in a] == [f() for f in first]
    assert [f() for f in b] == [f() for f in second + first]
    assert b[0].__globals__ is b[99].__globals__ and b[0].__globals__ is not b[1].__globals__
