"""Random graphs with callbacks that change them at random, the same for both picklers."""

from __future__ import annotations

import gc
import random
import types
from functools import partial
from types import ModuleType
from typing import Any

from tests.robust.scenarios.batch import Case
from tests.robust.scenarios.hooks import once

QUICK, ALL = 150, 4000


class Node:
    pass


class Hashed:
    """Hashable without regard to its address, so that sets have one order."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        return self is other


class Acts:
    """Changes the graph when it is pickled, and is then one of several things."""

    def __init__(self, action: Any, way: int) -> None:
        self.action, self.way = action, way

    def __reduce_ex__(self, protocol: int) -> Any:
        self.action()
        if self.way == 0:
            return int, (5,)
        if self.way == 1:
            return list, (), None, (self.step(i) for i in range(3))
        if self.way == 2:
            return dict, (), None, None, ((i, self.step(i)) for i in range(3))
        if self.way == 3:
            return Node, (), {"made": ["now"]}
        return (
            "no such global" if self.way == 4 else object.__reduce_ex__(Node(), protocol)
        )  # errors, now and then

    def step(self, i: int) -> Any:
        return [f"step {i}"]


class Graph:
    def __init__(self, seed: int, m: ModuleType) -> None:
        self.rng = random.Random(seed)
        self.m = m
        self.pool: list[Any] = []
        self.budget = self.rng.randrange(10, 60)
        self.root: list[Any] = []
        self.root.extend(self.make(0) for _ in range(3))

    def leaf(self) -> Any:
        r = self.rng.randrange
        kinds = [
            lambda: r(-(10**6), 10**6), lambda: 10 ** r(20, 40), lambda: r(100) / 8, lambda: f"text {r(1000)}",
            lambda: f"\xe9\u20ac {r(10)}", lambda: b"bytes %d" % r(1000), lambda: bytearray(r(50)), lambda: None,
            lambda: "x" * r(60_000, 70_000) if not r(30) else "short",
        ]  # fmt: skip
        return self.rng.choice(kinds)()

    def make(self, depth: int) -> Any:
        self.budget -= 1
        if self.budget < 0 or depth > 8:
            return self.leaf()
        if self.pool and self.rng.random() < 0.15:
            return self.rng.choice(self.pool)
        make = self.rng.choice(
            [
                self.make_list, self.make_list, self.make_dict, self.make_dict, self.make_tuple, self.make_set, self.make_node,
                self.make_node, self.make_function, self.make_class, self.make_acts, self.make_acts, self.make_cell, self.leaf_of,
            ]
        )  # fmt: skip
        return make(depth + 1)

    def leaf_of(self, depth: int) -> Any:
        return self.leaf()

    def some(self, depth: int) -> list[Any]:
        n = self.rng.randrange(5) if self.rng.random() < 0.97 else self.rng.randrange(990, 1010)
        return [self.make(depth) for _ in range(n)]

    def kept(self, o: Any) -> Any:
        self.pool.append(o)
        return o

    def make_list(self, depth: int) -> Any:
        made: list[Any] = self.kept([])
        made.extend(self.some(depth))
        return made

    def make_dict(self, depth: int) -> Any:
        made: dict[Any, Any] = self.kept({})
        for i, value in enumerate(self.some(depth)):
            made[f"key {i}" if self.rng.random() < 0.7 else (i, "key")] = value
        return made

    def make_tuple(self, depth: int) -> Any:
        return tuple(self.some(depth))

    def make_set(self, depth: int) -> Any:
        return self.kept(
            {
                Hashed(i) if self.rng.random() < 0.5 else (i, f"item {i}")
                for i in range(self.rng.randrange(6))
            }
        )

    def make_node(self, depth: int) -> Any:
        node = self.kept(Node())
        for i, value in enumerate(self.some(depth)[:20]):
            setattr(node, f"name{i}", value)
        return node

    def make_function(self, depth: int) -> Any:
        a, b = self.make(depth), self.make(depth)
        return self.kept(lambda: (a, b))

    def make_class(self, depth: int) -> Any:
        return self.kept(type("Dynamic", (), {"a": self.make(depth), "b": self.make(depth)}))

    def make_cell(self, depth: int) -> Any:
        return self.kept(types.CellType(self.make(depth)))

    def make_acts(self, depth: int) -> Any:
        seed = self.rng.randrange(10**9)
        way = self.rng.randrange(4) if self.rng.random() < 0.97 else self.rng.randrange(4, 6)
        return Acts(once(lambda: self.act(random.Random(seed))), way)

    def act(self, rng: random.Random) -> None:
        for _ in range(rng.randrange(1, 4)):
            self.change(rng, rng.choice(self.pool) if self.pool else self.root)
        roll = rng.random()
        if roll < 0.1:
            gc.collect()
        elif roll < 0.2:
            self.m.dumps([Node(), lambda: 1, "again"])
        elif roll < 0.23:
            raise ZeroDivisionError("at random")
        elif roll < 0.3:
            self.pool.clear()

    def change(self, rng: random.Random, o: Any) -> None:
        new = [f"new {rng.randrange(100)}"]
        if isinstance(o, types.FunctionType):
            for cell in o.__closure__ or ():
                if rng.random() < 0.7:
                    cell.cell_contents = new
                else:
                    del cell.cell_contents
            o.__dict__["new"] = new
            return
        if isinstance(o, types.CellType):
            o.cell_contents = new
            return
        if isinstance(o, type):
            if rng.random() < 0.5 and "b" in vars(o):
                del o.b  # type: ignore[attr-defined]
            else:
                o.a = new  # type: ignore[attr-defined]
            return
        if isinstance(o, Node):
            o = vars(o)
        how = rng.randrange(6)
        if isinstance(o, list):
            if how == 0:
                o.clear()
            elif how == 1:
                o.append(new)
            elif how == 2 and o:
                o.pop(rng.randrange(len(o)))
            elif how == 3:
                o[:] = [[i] for i in range(len(o))]
            elif how == 4:
                o.extend([i] for i in range(rng.randrange(1500)))
            else:
                o.insert(0, new)
        elif isinstance(o, dict):
            if how == 0:
                o.clear()
            elif how == 1:
                o[f"new {rng.randrange(9)}"] = new
            elif how == 2 and o:
                o.pop(next(iter(o)))
            elif how == 3:
                for key in o:
                    o[key] = [new]
            elif how == 4:
                o.update((f"more {i}", [i]) for i in range(rng.randrange(1500)))
            elif o:
                o.popitem()
        elif isinstance(o, set):
            if how == 0:
                o.clear()
            elif how == 1 and o:
                o.pop()
            elif how == 2:
                o.update(range(rng.randrange(300)))
            else:
                o.add((how, "new"))


def case(seed: int, m: ModuleType) -> bytes:
    graph = Graph(seed, m)
    root = graph.root
    if seed % 3 == 0:
        graph.root = []
        del root[1:]
    data: bytes = m.dumps(root, (5, 5, 4, 2, 0)[seed % 5])
    return data


def cases() -> dict[str, Case]:
    return {f"seed {seed}": partial(case, seed) for seed in range(ALL)}


def is_quick(name: str) -> bool:
    return int(name.split()[1]) < QUICK
