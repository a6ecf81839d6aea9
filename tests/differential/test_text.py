"""Texts of every width, length and place in the stream."""

from __future__ import annotations

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


def kept(texts: list[str], dumps: int) -> int:
    """Dump texts so often, and count those that have become larger: their UTF-8 is with them."""
    before = [sys.getsizeof(s) for s in texts]
    for _ in range(dumps):
        gocloudpickle.dumps(texts)
    return sum(sys.getsizeof(s) > size for s, size in zip(texts, before))


def test_what_is_dumped_once_stays_small() -> None:
    """And what is dumped over and over keeps its UTF-8, as with the C pickler."""
    if gocloudpickle.engine_info()["path"] != "layout":
        pytest.skip("the C API keeps it, as the C pickler does")
    for unit in UNITS.values():
        if unit.isascii() or any("\ud800" <= c <= "\udfff" for c in unit):
            continue
        many = [unit * 30 + str(i) for i in range(2000)]
        assert kept(many, 1) < 500
        assert kept([unit * 30 + str(i) for i in range(2000)], 16) == 2000
        assert kept([unit + str(i) for i in range(2000)], 16) == 0
        single = unit * 5000
        size = sys.getsizeof(single)
        for _ in range(16):
            gocloudpickle.dumps(single)
        assert sys.getsizeof(single) > size
