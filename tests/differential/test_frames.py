"""Streams of many frames, which are made where they are returned (wire.LendingSink)."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from typing import Any

import cloudpickle
import pytest

from tests.corpus import under_test as module_under_test

under_test = module_under_test()

UNITS = ["a", "\xe9", "\u0436", "\u6f22", "\U0001f600", "abc\u20ac", "hello \U0001f600"]


def some_text(rng: random.Random) -> str:
    # Mostly short, some as long as a frame or longer.
    most = rng.choice([10, 70, 300, 300, 2000, 17_000, 70_000 if rng.random() < 0.1 else 100])
    unit = rng.choice(UNITS)
    return (unit * most)[: rng.randrange(most + 1)]


class Nested:
    """A dump in the middle of a dump, of many frames too."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __reduce__(self) -> Any:
        inner = under_test.dumps([some_text(random.Random(self.seed)) for _ in range(200)])
        return bytes, (inner,)


def contents(seed: int) -> list[Any]:
    rng = random.Random(seed)
    kinds: list[Callable[[], Any]] = [
        lambda: some_text(rng),
        lambda: some_text(rng),
        lambda: some_text(rng).encode("utf-8"),
        lambda: {some_text(rng): i for i in range(rng.randrange(20))},
        lambda: tuple(some_text(rng) for _ in range(rng.randrange(20))),
        lambda: list(range(rng.randrange(3000))),
        lambda: bytearray(rng.randrange(100_000)),
        lambda: Nested(seed),
    ]
    return [rng.choices(kinds, [9, 9, 9, 9, 9, 3, 1, 1])[0]() for _ in range(rng.randrange(1, 400))]


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("seed", range(12))
def test_same_bytes(seed: int, protocol: int) -> None:
    ours = under_test.dumps(contents(seed), protocol)
    assert ours == cloudpickle.dumps(contents(seed), protocol)
    pickle.loads(ours)


@pytest.mark.parametrize("frames", [0, 1, 2, 20, 100])
def test_after_a_dump_that_failed(frames: int) -> None:
    """What it made is gone, and with it the memory that its frame was in."""
    before = ["x" * 1000] * (frames * 66)
    before = [s + str(i) for i, s in enumerate(before)]
    for _ in range(3):
        with pytest.raises(TypeError):
            under_test.dumps([*before, (i for i in ())])
        assert under_test.dumps(before) == cloudpickle.dumps(before)


@pytest.mark.parametrize("length", range(65_480, 65_545, 4))
def test_around_the_length_of_a_frame(length: int) -> None:
    for unit in "a", "\xe9", "\U0001f600":
        text = unit * (length // len(unit.encode()))
        value = [text, text[1:], text[2:] + "b", text.encode(), 1, text[3:]]
        assert under_test.dumps(value) == cloudpickle.dumps(value)


def test_dumps_of_like_and_unlike_lengths() -> None:
    """The length of the last one is what memory is asked for next."""
    lengths = [300, 300, 2000, 2000, 2001, 1999, 260, 2000, 70, 2000, 6000, 2100, 1, 5000, 40_000]
    for length in [*lengths, *reversed(lengths)]:
        value = ["x" * 1000 + str(i) for i in range(length)]
        assert under_test.dumps(value) == pickle.dumps(value, 5)
        value.append(b"y" * 70_000)
        assert under_test.dumps(value) == pickle.dumps(value, 5)
