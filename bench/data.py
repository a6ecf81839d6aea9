"""Plain data to pickle."""

from __future__ import annotations

import os
from typing import Any

LARGE = 100_000_000


def records() -> list[dict[str, Any]]:
    """1,000 dicts that share their keys, of five plain values each."""
    return [
        {"id": i, "name": f"item {i}", "price": i * 0.25, "sold": i % 2 == 0, "shop": "north"}
        for i in range(1000)
    ]


def records_with_lists() -> list[dict[str, Any]]:
    """1,000 dicts with a list in each."""
    return [{"id": i, "name": f"item {i}", "tags": ["a", f"tag {i % 7}"]} for i in range(1000)]


def ints() -> list[int]:
    """100,000 ints of up to three bytes."""
    return list(range(100_000))


def long_ints() -> list[int]:
    """100,000 ints, most of them of more than 32 bits."""
    return [i * 0x9E3779B97F4A7C15 % 2**60 for i in range(100_000)]


def strings() -> list[str]:
    """100,000 strings, no two of them the same."""
    return [f"string number {i}" for i in range(100_000)]


def nested_tuples() -> tuple[Any, ...]:
    """10,000 small tuples in tuples."""
    return tuple((i, (i + 1, ("x", i + 2)), (None, True)) for i in range(3333))


def large_bytes() -> bytes:
    """100 MB, every page of it in memory."""
    return os.urandom(1_000_000) * (LARGE // 1_000_000)


def large_array() -> Any:
    """A NumPy array of 100 MB."""
    import numpy

    return numpy.frombuffer(large_bytes(), dtype=numpy.float64).copy()
