"""The work for cmd/engine/default.pgo: every kind that is measured, for the same time each.

    go build -tags profile -buildmode=c-shared -o py/gocloudpickle/_engine.so ./cmd/engine
    GOCLOUDPICKLE_PROFILE=cmd/engine/default.pgo GOCLOUDPICKLE_PROFILE_SECONDS=60 \\
        PYTHONPATH=py python bench/pgo_work.py 62

The kinds take turns until the seconds (60) are over, so that a profile of any part of
them has them all.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import gocloudpickle
import scale_kinds
import speed

TURN = 0.02  # seconds of a kind in a row
SIZES = 100, 10_000  # objects of each kind of bench/scale.py


def work() -> list[tuple[Any, Any]]:
    """Functions, each with its argument."""
    cases = [c for c in speed.cases() if "100 MB" not in c.name and "modules" not in c.name]
    pairs = [(case.ours, case.make()) for case in cases]
    for make in scale_kinds.KINDS.values():
        pairs += [(gocloudpickle.dumps, make(size)) for size in SIZES]
    return pairs


def main() -> None:
    pairs = work()
    end = time.monotonic() + float(sys.argv[1] if len(sys.argv) > 1 else 60)
    while time.monotonic() < end:
        for function, value in pairs:
            turn = time.monotonic() + TURN
            while time.monotonic() < turn:
                function(value)


if __name__ == "__main__":
    main()
