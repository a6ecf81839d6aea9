"""Runs of strings in a list: memoized late, and found by whatever comes after them."""

from __future__ import annotations

import io
import pickle
from typing import Any

import pytest

from tests.corpus import under_test

LENGTHS = [0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 20, 31, 32, 33, 64, 254, 255, 256]


class Refers:
    """Pickles as what it was made with: Python code that runs in the middle of a dump."""

    def __init__(self, *args: Any) -> None:
        self.args = args

    def __reduce__(self) -> Any:
        return list, (self.args,)


def fresh(length: int, which: int) -> str:
    """A str that nobody else has."""
    return "".join(chr(97 + (which + i) % 26) for i in range(length))


def runs() -> list[Any]:
    """Strings of every length, with others between them."""
    values: list[Any] = []
    for which in range(4):
        values += [fresh(length, which) for length in LENGTHS]
        values += [
            which * 1000,
            fresh(5, which),
            None,
            fresh(6, which),
            "naïve",
            fresh(2, which) * 3,
        ]
    return values


def slot_of(entry: tuple[int, Any]) -> int:
    return entry[0]


def both(obj: Any) -> tuple[list[Any], list[Any]]:
    """What each pickler wrote, and its memo by slots."""
    results = []
    for pickler_type in (pickle.Pickler, under_test().Pickler):
        file = io.BytesIO()
        pickler = pickler_type(file, 5)
        pickler.dump(obj)
        memo = pickler.memo.copy()
        results.append([file.getvalue(), sorted(memo.values(), key=slot_of)])
    return results[0], results[1]


def test_every_length() -> None:
    theirs, ours = both(runs())
    assert ours == theirs


@pytest.mark.parametrize("at", [0, 1, 5, 17, 18, 19, 23, 40, -1])
def test_referred_to_later(at: int) -> None:
    values = runs()
    values.append(Refers(values[at], values[0], values[-1]))
    values.append(values[at])
    values += [fresh(9, 20 + i) for i in range(5)]
    theirs, ours = both([values, runs(), {"again": values[at]}])
    assert ours == theirs


def test_over_batches_and_frames() -> None:
    values: list[Any] = [fresh(200, i) + str(i) for i in range(2500)]
    values.append(Refers(values[0], values[999], values[1000], values[2499]))
    theirs, ours = both(values)
    assert ours == theirs


def test_shared_strings_end_a_run() -> None:
    shared = fresh(12, 3)
    values = [fresh(10, 1), fresh(10, 2), shared, fresh(10, 4), shared, fresh(10, 5)]
    theirs, ours = both([values, Refers(values[1], values[5]), shared])
    assert ours == theirs
