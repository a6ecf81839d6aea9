"""Texts of every width, length and place in the stream."""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Iterator

import cloudpickle
import gocloudpickle
import pytest

from tests.corpus import under_test as module_under_test

under_test = module_under_test()

UNITS = {
    "ascii": "a",
    "latin1": "\xe9",
    "two bytes": "\u0436",
    "three bytes": "\u6f22",
    "four bytes": "\U0001f600",
    "ascii and latin1": "abcdefg\xe9",
    "words": "\u043f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440, ",
    "all widths": "a\xe9\u0436\u6f22\U0001f600b\x00",
    "surrogates": "\ud800x\udfff\u6f22",
    "surrogates and four bytes": "\ud83d\U0001f600\ude00 ",
}

LENGTHS = [
    1,
    7,
    31,
    63,
    64,
    85,
    86,
    127,
    128,
    255,
    256,
    1000,
    16383,
    16384,
    21845,
    21846,
    70_000,
    700_000,
]


def text(unit: str, length: int) -> str:
    return (UNITS[unit] * (length // len(UNITS[unit]) + 1))[:length]


def fresh(unit: str) -> list[str]:
    """A new str of each length, whose UTF-8 the interpreter does not have."""
    return [text(unit, length) for length in LENGTHS]


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("unit", UNITS)
def test_same_bytes(unit: str, protocol: int) -> None:
    ours, cached = fresh(unit), fresh(unit)
    want = cloudpickle.dumps(cached, protocol)  # it leaves the UTF-8 with each str
    assert under_test.dumps(ours, protocol) == want
    assert under_test.dumps(cached, protocol) == want
    if protocol:
        assert pickle.loads(want) == ours
    # Keys, values, items that are shared, items of a tuple, and a name by itself.
    for make in (
        lambda s: {t: [t, i] for i, t in enumerate(s)},
        lambda s: [(t, t, [t]) for t in s],
        lambda s: tuple((i, t) for i, t in enumerate(s)),
        lambda s: [1, *s, *s, None, *reversed(s)],
    ):
        assert under_test.dumps(make(fresh(unit)), protocol) == cloudpickle.dumps(
            make(fresh(unit)), protocol
        )


class Writes:
    """A file that notes what is written, and how."""

    def __init__(self) -> None:
        self.calls: list[bytes] = []

    def write(self, data: bytes) -> int:
        assert type(data) is bytes
        self.calls.append(data)
        return len(data)


@pytest.mark.parametrize("protocol", [1, 4, 5])
@pytest.mark.parametrize("unit", UNITS)
def test_same_writes(unit: str, protocol: int) -> None:
    ours, stock = Writes(), Writes()
    under_test.dump(fresh(unit), ours, protocol)
    cloudpickle.dump(fresh(unit), stock, protocol)
    assert ours.calls == stock.calls


def texts_of_changing_width() -> Iterator[str]:
    units = list(UNITS.values())
    for i in range(3000):
        yield "".join(units[(i * 7 + j * j) % len(units)] * (i % 5) for j in range(i % 9))


def test_many_short_ones() -> None:
    for protocol in (2, 4, 5):
        ours, stock = list(texts_of_changing_width()), list(texts_of_changing_width())
        assert under_test.dumps(ours, protocol) == cloudpickle.dumps(stock, protocol)


def test_a_str_is_left_as_it_was() -> None:
    """The size of a str whose UTF-8 is kept with it would be larger."""
    if gocloudpickle.engine_info()["path"] != "layout":
        pytest.skip("the C API keeps it, as the C pickler does")
    for unit in UNITS:
        for s in fresh(unit):
            before = sys.getsizeof(s)
            gocloudpickle.dumps([s, (s,)])
            gocloudpickle.dump(s, io.BytesIO())
            assert sys.getsizeof(s) == before
