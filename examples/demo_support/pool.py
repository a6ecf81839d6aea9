"""The same through a process pool, as in any program that uses one.

A pool sends work with the standard pickle. Give it bytes, and a function that can be
imported; the function, object or result that pickle refuses travels in the bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import gocloudpickle

from demo_support.subject import Subject


def call(payload: bytes) -> bytes:
    """Run in the pool's processes: load a function and its argument, and call it."""
    function, argument = gocloudpickle.loads(payload)
    return gocloudpickle.dumps(function(argument))


def run(subjects: Iterable[Subject]) -> list[tuple[Any, str | None]]:
    """Use each subject in a pool; return pairs of the answer and what went wrong."""
    outcomes: list[tuple[Any, str | None]] = []
    with ProcessPoolExecutor(max_workers=2) as pool:
        futures = [pool.submit(call, gocloudpickle.dumps((s.use, s.value))) for s in subjects]
        for future in futures:
            try:
                outcomes.append((gocloudpickle.loads(future.result()), None))
            except Exception as error:
                outcomes.append((None, f"{type(error).__name__}: {error}"))
    return outcomes
