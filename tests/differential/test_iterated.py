"""Items that come from an iterator in C: several are read at once."""

from __future__ import annotations

import io
import pickle
from collections import deque
from typing import Any

import pytest

from tests.corpus import under_test


class Items:
    """Pickles as a list, with what an iterator gives."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __reduce__(self) -> Any:
        return list, (), None, iter(self.items)


class Acts:
    """Calls a function when it is pickled."""

    def __init__(self, act: Any) -> None:
        self.act = act

    def __reduce__(self) -> Any:
        self.act()
        return int, ()


SHARED = ["shared", "".join(["sha", "red"])]
MIXED = [1, "a", *SHARED, None, [2], "a", 2.5, True, SHARED, 2**80, "é" * 300, (), b"x", *SHARED]
SIZES = [0, 1, 2, 3, 63, 64, 65, 66, 127, 999, 1000, 1001, 1002, 2000, 2001]


def outcome(dumps: Any, make: Any) -> Any:
    try:
        return dumps(make())
    except Exception as e:
        # Up to 3.10, which has no notes, the text goes on with where it was.
        return type(e), str(e).partition("\npickle path")[0]


def to_file(pickler: Any) -> Any:
    def dumps(obj: Any) -> Any:
        file = io.BytesIO()
        pickler(file, 5).dump(obj)
        return file.getvalue()

    return dumps


def same(make: Any) -> None:
    for protocol in (0, 1, 2, 5):
        ours = outcome(lambda o, p=protocol: under_test().dumps(o, p), make)
        assert ours == outcome(lambda o, p=protocol: pickle.dumps(o, p), make)
    assert outcome(to_file(under_test().Pickler), make) == outcome(to_file(pickle.Pickler), make)


@pytest.mark.parametrize("kind", [deque, Items])
@pytest.mark.parametrize("size", SIZES)
def test_sizes(kind: Any, size: int) -> None:
    same(lambda: kind([*range(size)]))
    same(lambda: kind((MIXED * (size // len(MIXED) + 1))[:size]))


@pytest.mark.parametrize("kind", [deque, Items])
def test_in_other_frames(kind: Any) -> None:
    same(lambda: kind([str(i) * 60 for i in range(3000)]))


@pytest.mark.parametrize("before", [0, 1, 2, 3, 62, 63, 64, 65, 998, 999, 1000])
@pytest.mark.parametrize("behind", [0, 1, 2, 70])
@pytest.mark.parametrize("act", ["append", "clear", "pop"])
def test_changed_meanwhile(before: int, behind: int, act: str) -> None:
    def make(kind: Any) -> Any:
        held: list[Any] = []
        arguments = (1,) if act == "append" else ()
        acts = Acts(lambda: getattr(held[0], act)(*arguments) if held[0] else None)
        value = kind([*range(before), acts, *range(behind)])
        held.append(value if kind is deque else value.items)
        return value

    same(lambda: make(deque))
    same(lambda: make(Items))


def test_an_error_says_where() -> None:
    def fail() -> None:
        raise ValueError("no")

    def notes(dumps: Any) -> Any:
        with pytest.raises(ValueError) as caught:
            dumps(deque([*range(70), Acts(fail)]), 5)
        return getattr(caught.value, "__notes__", [])

    theirs = notes(pickle.dumps)
    assert notes(under_test().dumps)[: len(theirs)] == theirs
