"""Values of many objects of one kind, for bench/scale.py."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any


class Instance:
    """With a __dict__."""

    def __init__(self, i: int) -> None:
        self.number = i
        self.items = [i]


class Slotted:
    """With __slots__."""

    __slots__ = ("name", "number")

    def __init__(self, i: int) -> None:
        self.number = i
        self.name = f"name {i}"


class Reduced:
    """With a __reduce__ in Python."""

    def __init__(self, i: int) -> None:
        self.number = i

    def __reduce__(self) -> Any:
        return Reduced, (self.number,)


def shared(n: int) -> list[Any]:
    """Lists that hold earlier ones, near and far, and strs that many of them hold."""
    r = random.Random(n)
    names = [f"name {i}" for i in range(max(1, n // 10))]
    nodes: list[Any] = []
    for i in range(n):
        near, far = nodes[max(0, i - 3) :], r.randrange(i + 1)
        nodes.append([names[r.randrange(len(names))], *near, nodes[far] if far < i else None])
    return nodes


def strewn(n: int) -> list[Any]:
    """Lists that lie far apart in memory, each of them in two places."""
    step = 20 if n <= 1_000_000 else 4
    lists = [[i] for i in range(step * n)][::step]
    return [lists, lists[::-1]]


KINDS: dict[str, Callable[[int], Any]] = {
    "instances": lambda n: [Instance(i) for i in range(n)],
    "slotted instances": lambda n: [Slotted(i) for i in range(n)],
    "tuples": lambda n: [(i, float(i)) for i in range(n)],
    "dicts": lambda n: [{"id": i, "name": f"name {i}"} for i in range(n)],
    "strs, ASCII": lambda n: [f"text number {i}" for i in range(n)],
    "strs, Latin-1": lambda n: [f"t\xe9xte num\xe9ro {i}" for i in range(n)],
    "strs, two bytes": lambda n: [
        f"\u0442\u0435\u043a\u0441\u0442 {i} \u6587\u672c" for i in range(n)
    ],
    "strs, four bytes": lambda n: [f"text {i} \U0001f600" for i in range(n)],
    "nested lists": lambda n: [[i, [i, [None]]] for i in range(n)],
    "shared graph": shared,
    "strewn lists": strewn,
    "`__reduce__`": lambda n: [Reduced(i) for i in range(n)],
}
"""Each makes a list of n of them."""

TEXTS: dict[str, str] = {
    "one str, Latin-1": "t\xe9xte ",
    "one str, two bytes": "\u0442\u0435\u043a\u0441\u0442 \u6587\u672c ",
    "one str, four bytes": "text \U0001f600 ",
}
"""Each is repeated up to n characters."""

for _name, _unit in TEXTS.items():
    KINDS[_name] = lambda n, unit=_unit: (unit * (n // len(unit) + 1))[:n]
