"""Measures loads of classes that are new to the process: python new_classes.py.

A process that loads a class a second time has it in its class tracker (what speed.py
measures); one that gets its first task hasn't. Here each payload has a class id of its
own, so that each load makes a class. It prints the minimum of many runs.
"""

from __future__ import annotations

import gc
import itertools
import pickle
import re
import sys
from time import perf_counter_ns
from typing import Any

import cloudpickle
import gocloudpickle
import speed

ID = re.compile(rb"[0-9a-f]{32}")  # of the class tracker
RUN, RUNS = 30, 60
numbers = itertools.count(1)


class Registry(type):
    """A metaclass: new as well."""

    def names(cls) -> list[str]:
        return sorted(vars(cls))


class Listed(metaclass=Registry):
    def one(self) -> int:
        return 1

    def two(self) -> int:
        return 2


def renumbered(data: bytes) -> bytes:
    """The payload with other class ids, one for each that it has."""
    ids = {old: b"%032x" % (next(numbers) * 0x9E3779B97F4A7C15) for old in set(ID.findall(data))}
    return ID.sub(lambda found: ids[found[0]], data)


def run(loads: Any, data: bytes) -> float:
    """Return the nanoseconds of one load."""
    payloads = [renumbered(data) for _ in range(RUN)]
    kept = []
    gc.collect()
    gc.disable()
    start = perf_counter_ns()
    for payload in payloads:
        kept.append(loads(payload))
    spent = perf_counter_ns() - start
    gc.enable()
    return spent / RUN


def main() -> None:
    cloudpickle.register_pickle_by_value(speed)
    gocloudpickle.engine_info()  # from here on gocloudpickle.loads is the engine's
    print(f"Python {sys.version.split()[0]}, microseconds per load")
    for name, cls in [*speed.CLASSES, ("class and its metaclass", Listed)]:
        data = cloudpickle.dumps(cls, protocol=5)
        functions = gocloudpickle.loads, pickle.loads
        runs = [[run(loads, data) for loads in functions] for _ in range(RUNS)]
        ours, theirs = (min(times) / 1000 for times in zip(*runs, strict=True))
        print(f"{name:24} cloudpickle {theirs:6.1f}  ours {ours:6.1f}  {theirs / ours:.2f}x")


if __name__ == "__main__":
    main()
