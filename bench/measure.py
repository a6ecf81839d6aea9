"""The clock: two functions on one value, taking turns, the minimum of each."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any


@dataclass(frozen=True)
class Case:
    """What is measured: ours(value) against theirs(value)."""

    name: str
    against: str  # "cloudpickle" or "pickle"
    target: float | None  # times faster
    make: Callable[[], Any]
    ours: Callable[[Any], Any]
    theirs: Callable[[Any], Any]
    tolerance: float = 0  # how far below the target noise may take the ratio
    within: Callable[[], AbstractContextManager[Any]] = nullcontext


class Clock:
    """Measures cases: runs take turns until neither side's minimum gets better."""

    def __init__(self, quick: bool = False) -> None:
        # A run is long enough for the clock and short enough to fall between two
        # interruptions; many of them make it likely that one does.
        self.run_ns = 500_000
        self.patience = 5 if quick else 60  # turns without a better minimum
        self.limit_ns = 500_000_000 if quick else 6_000_000_000

    def row(self, case: Case) -> dict[str, Any]:
        """Measure a case."""
        with case.within():
            return self._row(case)

    def _row(self, case: Case) -> dict[str, Any]:
        value = case.make()
        functions = case.ours, case.theirs
        calls = [self.calls(function, value) for function in functions]
        gc.collect()
        gc.disable()
        try:
            best = self.take_turns(functions, calls, value)
        finally:
            gc.enable()
        return {
            "name": case.name,
            "against": case.against,
            "unit": "times faster",
            "target": case.target,
            "tolerance": case.tolerance,
            "ratio": round(best[1] / best[0], 2),
            "us": round(best[0] / 1000, 3),
            "their_us": round(best[1] / 1000, 3),
        }

    def take_turns(
        self, functions: tuple[Callable[[Any], Any], ...], calls: list[int], value: Any
    ) -> list[float]:
        """Return the minimum nanoseconds of a call of each function."""
        best = [float("inf")] * len(functions)
        stale, start = 0, perf_counter_ns()
        while stale < self.patience and (stale < 3 or perf_counter_ns() - start < self.limit_ns):
            stale += 1
            for i, function in enumerate(functions):
                # One call off the clock: what the other side did to the caches and
                # to the allocator (the C library gives the top of the heap back,
                # and who comes next pays for its pages) is not this side's time.
                function(value)
                once = run(function, value, calls[i]) / calls[i]
                if once < best[i] * 0.995:
                    stale = 0
                best[i] = min(best[i], once)
        return best

    def calls(self, function: Callable[[Any], Any], value: Any) -> int:
        """How many calls fill one run."""
        function(value)
        once = min(run(function, value, 1) for _ in range(3))
        return max(1, self.run_ns // max(1, once))


def run(function: Callable[[Any], Any], value: Any, calls: int) -> int:
    """Nanoseconds of some calls."""
    start = perf_counter_ns()
    for _ in range(calls):
        function(value)
    return perf_counter_ns() - start
