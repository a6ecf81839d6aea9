"""One row of the demo's table: an object with the standard pickle, cloudpickle and us."""

from __future__ import annotations

import gc
import io
import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

import cloudpickle
import gocloudpickle

from demo_support.channel import Channel, WorkerError
from demo_support.subject import Subject

RUN_NS = 1_000_000  # long enough for the clock, short enough to fall between interruptions

IN_WORKER = "in the worker"

# The version whose bytes ours equal.
SAME_BYTES_AS = "3.1.2"


@dataclass(frozen=True)
class Row:
    """What became of one object."""

    object: str
    stdlib: str
    bytes: int
    same_bytes: bool | None  # as cloudpickle's; None where that is of another version
    us: float
    cloudpickle_us: float
    expected: Any
    worker: Any
    error: str | None

    @property
    def ratio(self) -> float:
        return self.cloudpickle_us / self.us

    @property
    def ok(self) -> bool:
        return self.error is None and self.worker == self.expected and self.same_bytes is not False


class StrictPickler(gocloudpickle.Pickler):
    """Gives cloudpickle's bytes even where they are wrong: docs/beyond-cloudpickle.md."""

    strict = True


def strict(obj: object) -> bytes:
    """Pickle as cloudpickle does, to the letter."""
    file = io.BytesIO()
    StrictPickler(file).dump(obj)
    return file.getvalue()


def compare(subject: Subject, channel: Channel, repeats: int) -> Row:
    """Dump an object with each pickler, and have the worker use it."""
    payload = gocloudpickle.dumps(subject.value)
    same = None
    if cloudpickle.__version__ == SAME_BYTES_AS:
        same = strict(subject.value) == cloudpickle.dumps(subject.value)
    worker, error = None, None
    try:
        worker = channel.ask(gocloudpickle.dumps(subject.use), payload)
    except WorkerError as raised:
        error = short(str(raised))
    us, cloudpickle_us = side_by_side(
        gocloudpickle.dumps, cloudpickle.dumps, subject.value, repeats
    )
    return Row(
        object=subject.name,
        stdlib=ask_stdlib(subject.value, channel),
        bytes=len(payload),
        same_bytes=same,
        us=us,
        cloudpickle_us=cloudpickle_us,
        expected=subject.use(subject.value),
        worker=worker,
        error=error,
    )


def ask_stdlib(value: Any, channel: Channel) -> str:
    """Say where the standard pickle fails: when dumping, or in the worker."""
    try:
        payload = pickle.dumps(value)
    except Exception as error:
        return short(str(error))
    try:
        channel.ask(None, payload)
    except WorkerError as error:
        return f"{IN_WORKER}: {short(str(error))}"
    return "works"


def short(message: str) -> str:
    """Shorten an error's message: no exception type, object, address or file."""
    message = re.sub(r"^\w*Error: |^Can't pickle <.*>: ", "", message.splitlines()[0])
    message = re.sub(r" at 0x[0-9a-f]+|(?<=') from '[^']*'| \(built-in\)", "", message)
    return message.removesuffix(".")


def side_by_side(
    ours: Callable[[Any], Any], theirs: Callable[[Any], Any], value: Any, repeats: int
) -> tuple[float, float]:
    """Microseconds of one call of each: the minimum of runs that take turns."""
    once = min(run_ns(dumps, value, 1) for dumps in (ours, theirs) for _ in range(3))
    calls = max(1, RUN_NS // max(1, once))
    best = [float("inf"), float("inf")]
    gc.collect()
    gc.disable()
    try:
        for _ in range(repeats):
            for i, dumps in enumerate((ours, theirs)):
                best[i] = min(best[i], run_ns(dumps, value, calls) / calls / 1000)
    finally:
        gc.enable()
    return best[0], best[1]


def run_ns(dumps: Callable[[Any], Any], value: Any, calls: int) -> int:
    start = perf_counter_ns()
    for _ in range(calls):
        dumps(value)
    return perf_counter_ns() - start
