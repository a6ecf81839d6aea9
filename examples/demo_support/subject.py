"""What the demo shows: an object, and something to do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Subject:
    """An object, and a function that uses it and returns plain data."""

    name: str
    value: Any
    use: Callable[[Any], Any]
