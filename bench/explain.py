"""Measures explain: python explain.py [number of objects].

It prints the seconds of CPU that explain takes for object graphs of some kinds, those of dumps, and
how often as long that is. The target is one second for 100,000 objects.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from time import process_time
from typing import Any

import gocloudpickle

TARGET = 1.0  # seconds, of 100,000 objects
RUNS = 5


class Record:
    """Five objects with its dict, str, list and dict, and more numbers."""

    def __init__(self, i: int) -> None:
        self.number, self.name, self.items, self.table = i, str(i) * 3, [i], {"k": i}


def adder(n: int) -> Callable[[int], int]:
    return lambda x: x + n


def graphs(n: int) -> dict[str, Any]:
    """Return graphs of some n objects, by name."""
    lock = threading.Lock()
    return {
        "records": [Record(i) for i in range(n // 5)],
        "dicts": [{"id": i, "tags": [str(i)]} for i in range(n // 3)],
        "tuples of floats": [(float(i), i) for i in range(n // 2)],
        "closures": [adder(i) for i in range(n // 20)],
        "one lock, everywhere": [[i, lock] for i in range(n // 2)],
    }


def seconds(function: Callable[[Any], Any], obj: Any) -> float:
    """Return the least time of some runs."""
    least = float("inf")
    for _ in range(RUNS):
        started = process_time()
        function(obj)
        least = min(least, process_time() - started)
    return least


def main() -> int:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    path = gocloudpickle.engine_info()["path"]
    print(f"Python {sys.version.split()[0]}, path {path}, {n:,} objects, seconds")
    worst = 0.0
    for name, obj in graphs(n).items():
        explained = seconds(gocloudpickle.explain, obj)
        worst = max(worst, explained)
        line = f"{name:24} explain {explained:6.3f}"
        if gocloudpickle.explain(obj).picklable:
            dumped = seconds(gocloudpickle.dumps, obj)
            line += f"  dumps {dumped:6.3f}  {explained / dumped:5.1f}x"
        print(line)
    print(f"the worst is {worst:.3f}, the target {TARGET * n / 100_000:.3f}")
    return int(worst > TARGET * n / 100_000)


if __name__ == "__main__":
    sys.exit(main())
