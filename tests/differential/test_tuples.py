"""Tuples in tuples, which the engine memoizes late, and Python code that gets hold of them."""

from __future__ import annotations

import gc
import io
import pickle
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.corpus import under_test


class Keeps:
    """Puts the tuples that it is in where the pickler comes by later."""

    def __init__(self, kept: list[Any]) -> None:
        self.kept = kept

    def __reduce__(self) -> Any:
        for holder in gc.get_referrers(self):
            if type(holder) is tuple and any(item is self for item in holder):
                self.kept.append(holder)
        return Keeps, ([],)


def one_level() -> Any:
    kept: list[Any] = []
    return (1, Keeps(kept), "a"), kept


def inner_of_three() -> Any:
    kept: list[Any] = []
    return (1, (2, (3, Keeps(kept)), (4,)), (5, (6,))), kept, (7, (8, "b"))


def each_of_three() -> Any:
    kept: list[Any] = []
    return (Keeps(kept), (Keeps(kept), (Keeps(kept), 1, 2, 3))), kept


def kept_is_within() -> Any:
    kept: list[Any] = []
    return 0, (1, 2, 3, 4, Keeps(kept), (5, 6), kept), (7,)


def shared_and_empty() -> Any:
    shared = ("x", 1)
    return [(), (shared, ((),)), (shared, (shared, ())), [shared], ((), ())]


def atoms() -> Any:
    text = "".join(["sha", "red"])
    return [(i, (float(i), (None, True, False, 2**40, text), ("own" + str(i),))) for i in range(50)]


def contains_itself() -> Any:
    items: list[Any] = []
    whole = (1, (2, items))
    items.append(whole)
    return whole, (3, (4, items))


def over_frames() -> Any:
    kept: list[Any] = []
    many = tuple((i, (i + 1, ("x" * 40, str(i)))) for i in range(8000))
    return many, (1, (Keeps(kept),)), many, kept


@pytest.mark.parametrize(
    "make",
    [
        one_level,
        inner_of_three,
        each_of_three,
        kept_is_within,
        shared_and_empty,
        atoms,
        contains_itself,
        over_frames,
    ],
)
@pytest.mark.parametrize("protocol", range(6))
def test_tuples(make: Callable[[], Any], protocol: int) -> None:
    expected = pickle.dumps(make(), protocol)
    assert under_test().dumps(make(), protocol) == expected
    file, memo = io.BytesIO(), io.BytesIO()
    pickler = under_test().Pickler(file, protocol)
    theirs = pickle.Pickler(memo, protocol)
    for _ in range(2):
        for each in (pickler, theirs):
            each.dump(make())
    assert file.getvalue() == memo.getvalue()


class Reduced:
    """Pickles as a list of what it was made with."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def __reduce__(self) -> Any:
        return list, (self.parts,)


def knots(seed: int) -> Any:
    """A value of nested containers, some of which are also inside of what they contain."""
    choice = random.Random(seed)
    lists: list[Any] = []

    def node(depth: int) -> Any:
        kind = choice.random()
        if lists and kind < 0.12:
            return choice.choice(lists)
        if depth == 0 or kind < 0.3:
            return choice.choice([1, None, True, 2.5, "s", str(choice.random()), (), 70000])
        if kind < 0.75:
            return tuple(node(depth - 1) for _ in range(choice.randrange(6)))
        if kind < 0.9:
            lists.append([])
            made = lists[-1]
            made.extend(node(depth - 1) for _ in range(choice.randrange(4)))
            return made
        return Reduced(node(depth - 1), node(depth - 1))

    top = node(5)
    inside: list[Any] = []

    def walk(value: Any, seen: set[int]) -> None:
        if isinstance(value, (tuple, list)) and id(value) not in seen:
            seen.add(id(value))
            inside.append(value)
            for part in value:
                walk(part, seen)

    walk(top, set())
    for made in lists:
        if inside and choice.random() < 0.5:
            made.append(choice.choice(inside))
    inside.clear()  # references that nobody else has
    return top


@pytest.mark.parametrize("protocol", [4, 5])
def test_knots(protocol: int) -> None:
    # Made anew for each pickler: the engine looks at reference counts.
    wrong = [
        seed
        for seed in range(3000)
        if under_test().dumps(knots(seed), protocol) != pickle.dumps(knots(seed), protocol)
    ]
    assert not wrong
