"""What the tests of the Pickler class share."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from tests.corpus import ALL_PROTOCOLS, stock, under_test
from tests.differential.compare import attempt, explain


class Special:
    """What the tests give another reduction."""

    def __init__(self, x: int = 1) -> None:
        self.x = x


class Child(Special):
    pass


SPECIAL = Special(3)


def both(
    build: Callable[[Any], Callable[[int], bytes]], protocols: tuple[int, ...] = ALL_PROTOCOLS
) -> None:
    """The same program over either Pickler writes the same bytes or raises the same."""
    expected, got = build(stock()), build(under_test())
    for protocol in protocols:
        # The first dump of a class leaves __slotnames__ in it.
        attempt(lambda: expected(protocol))
        difference = explain(attempt(lambda: expected(protocol)), attempt(lambda: got(protocol)))
        assert difference is None, f"protocol {protocol}: {difference}"


def dumping(make: Callable[[Any, int], Any], *objects: Any) -> Callable[[int], bytes]:
    """Dump objects with the Pickler that make gives for a file and a protocol."""

    def run(protocol: int) -> bytes:
        file = io.BytesIO()
        pickler = make(file, protocol)
        for obj in objects:
            pickler.dump(obj)
        return file.getvalue()

    return run


def _local_function() -> Any:
    def local() -> int:
        return 5

    return local


FUNCTION = _local_function()
CLASS = type("LocalClass", (), {"f": lambda self: 1})
