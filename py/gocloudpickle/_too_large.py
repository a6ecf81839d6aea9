"""What dumps(max_bytes=...) does where the payload becomes longer."""

from __future__ import annotations

import heapq
from collections import namedtuple
from itertools import count

from gocloudpickle._pickle_path import (
    ARGUMENT,
    ARGUMENTS,
    CODE,
    CONSTANT,
    RECONSTRUCTOR,
    STATE,
)
from gocloudpickle._python_path import PicklingError

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from gocloudpickle._explain import Value

MAX_NAMED = 5
_PAST = 1 << 20  # bytes, which take a tenth of a second


LargeValue = namedtuple("LargeValue", "path type bytes")
LargeValue.__doc__ = "A value of a payload, by the path to it, its type's name and its size."


class PayloadTooLargeError(PicklingError):
    """A payload would be longer than max_bytes.

    max_bytes: the limit. largest: the values that have taken most of the bytes until pickling was
    stopped, the largest first, each with path, type and bytes.
    """

    max_bytes: int = 0
    largest: tuple[LargeValue, ...] = ()


PayloadTooLargeError.__module__ = "gocloudpickle"


def refuse(
    obj: Any, protocol: Any, buffer_callback: Any, max_bytes: int, skip: Any = None
) -> NoReturn:
    """Raise PayloadTooLargeError.

    The object is taken apart once more for that, to some way past the limit.
    """
    from gocloudpickle import _explain

    trace, _ = _explain.make_trace(obj, protocol, buffer_callback, skip, max_bytes + _PAST)
    largest = _largest(_explain.tree_of(trace))
    raise error(max_bytes, largest)


def error(max_bytes: int, largest: tuple[LargeValue, ...] = ()) -> PayloadTooLargeError:
    """Make the exception."""
    text = f"the payload is longer than max_bytes={max_bytes:,}"
    if largest:
        lines = [f"{value.bytes:,} bytes: {value.path} ({value.type})" for value in largest]
        text += ". The largest values in it, as far as it was made:\n  " + "\n  ".join(lines)
    made = PayloadTooLargeError(text)
    made.max_bytes, made.largest = max_bytes, largest
    return made


def _largest(root: Value) -> tuple[LargeValue, ...]:
    """Return the values to name: those that no single value in them accounts for."""
    found: list[Value] = []
    order = count()
    candidates = [(-root.bytes, next(order), root)]
    while candidates and len(found) < MAX_NAMED:
        _, _, value = heapq.heappop(candidates)
        parts = [part for part in value.values if _is_captured(part)]
        if parts and 4 * max(part.bytes for part in parts) >= value.bytes:
            for part in parts:
                heapq.heappush(candidates, (-part.bytes, next(order), part))
        elif not found or 20 * value.bytes >= root.bytes:
            found.append(value)
    found.sort(key=_bytes_of, reverse=True)
    return tuple(LargeValue(value.path, value.type, value.bytes) for value in found)


def _is_captured(value: Value) -> bool:
    """Tell whether a person would say so, and not that the value is what another is made of."""
    return value.again is None and value.steps[-1].kind not in _OF_REDUCTIONS


_OF_REDUCTIONS = (ARGUMENT, ARGUMENTS, STATE, CODE, CONSTANT, RECONSTRUCTOR)


def _bytes_of(value: Value) -> int:
    return value.bytes


class Limited:
    """A file for so many bytes: what is beyond them raises LimitReachedError."""

    def __init__(self, write: Any, max_bytes: int) -> None:
        self._write, self._left = write, max_bytes

    def begin(self, max_bytes: int) -> None:
        """Begin to count anew."""
        self._left = max_bytes

    def write(self, data: Any) -> Any:
        """Write data if it fits."""
        self._left -= memoryview(data).nbytes
        if self._left < 0:
            raise LimitReachedError
        return self._write(data)


class LimitReachedError(BaseException):
    """Ends a dump on the python path. No handler of Exception in an object's code takes it."""


def check_max_bytes(max_bytes: Any) -> int:
    """Return max_bytes as the engine reads it: 0 for None."""
    import operator

    if max_bytes is None:
        return 0
    number = operator.index(max_bytes)
    if number < 1:
        raise ValueError("max_bytes must be at least 1")
    if number >= 1 << 63:
        raise OverflowError("max_bytes is too large")
    return number
