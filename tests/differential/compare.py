"""Comparing what two picklers do with one object."""

from __future__ import annotations

import io
import pickle
import pickletools
import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

CONTEXT = 6
"""Opcodes shown on both sides of the first difference."""


@dataclass(frozen=True)
class Outcome:
    """What came of one dump: bytes (and buffers), or an exception."""

    payload: bytes | None
    error: BaseException | None = None
    buffers: tuple[bytes, ...] = ()

    @property
    def kind(self) -> str:
        return "bytes" if self.error is None else type(self.error).__name__


def attempt(dump: Callable[[], Any]) -> Outcome:
    """Run dump, which returns bytes or a pair of bytes and buffers."""
    with warnings.catch_warnings():
        # itertools objects warn from 3.12 on that pickling them will end.
        warnings.simplefilter("ignore")
        try:
            result = dump()
        except BaseException as error:
            if isinstance(error, AssertionError):
                raise
            # The frames would keep the object alive.
            error.__traceback__ = None
            return Outcome(None, error)
    if isinstance(result, tuple):
        return Outcome(result[0], None, tuple(result[1]))
    return Outcome(result)


def with_dumps(module: ModuleType, obj: Any, protocol: int) -> Outcome:
    return attempt(lambda: module.dumps(obj, protocol))


def with_dump(module: ModuleType, obj: Any, protocol: int) -> Outcome:
    def dump() -> bytes:
        file = io.BytesIO()
        module.dump(obj, file, protocol)
        return file.getvalue()

    return attempt(dump)


def with_pickler(module: ModuleType, obj: Any, protocol: int) -> Outcome:
    """Several dumps with one memo, then again after clear_memo."""

    def dump() -> bytes:
        file = io.BytesIO()
        pickler = module.Pickler(file, protocol)
        pickler.dump(obj)
        pickler.dump(obj)
        pickler.dump([obj, "between", obj])
        pickler.clear_memo()
        pickler.dump((obj, obj))
        return file.getvalue()

    return attempt(dump)


def with_buffers(keep_in_band: bool) -> Callable[[ModuleType, Any, int], Outcome]:
    """Buffers out of band, or offered and refused by the callback."""

    def way(module: ModuleType, obj: Any, protocol: int) -> Outcome:
        def dump() -> tuple[bytes, list[bytes]]:
            buffers: list[pickle.PickleBuffer] = []

            def callback(buffer: pickle.PickleBuffer) -> bool:
                buffers.append(buffer)
                return keep_in_band

            payload = module.dumps(obj, protocol, callback)
            return payload, [bytes(buffer.raw()) for buffer in buffers]

        return attempt(dump)

    return way


TRACKER_ID = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def without_tracker_ids(outcome: Outcome) -> Outcome:
    """The same payload with its class tracker ids numbered in order; their length stays."""
    if outcome.payload is None:
        return outcome
    numbers: dict[bytes, bytes] = {}

    def number(match: re.Match[bytes]) -> bytes:
        return numbers.setdefault(match.group(), b"%032x" % len(numbers))

    return replace(outcome, payload=TRACKER_ID.sub(number, outcome.payload))


def opcodes(payload: bytes) -> list[tuple[int, str]]:
    """Each opcode with its position; as many as can be read."""
    listing: list[tuple[int, str]] = []
    stream = io.BytesIO(payload)
    try:
        while stream.tell() < len(payload):
            for opcode, argument, position in pickletools.genops(stream):
                text = opcode.name if argument is None else f"{opcode.name} {argument!r:.100}"
                listing.append((position or 0, text))
    except Exception as error:
        listing.append((len(payload), f"(not readable from here on: {error})"))
    return listing


def first_difference(expected: bytes, got: bytes) -> str:
    """Where two payloads part, as opcodes around that point."""
    left, right = opcodes(expected), opcodes(got)
    # A frame's length differs with anything inside it, and says nothing by itself.
    pairs = enumerate(zip(left, right))
    at = next(
        (
            i
            for i, (a, b) in pairs
            if a[1] != b[1] and not (a[1].startswith("FRAME") and b[1].startswith("FRAME"))
        ),
        None,
    )
    if at is None:
        at = next(
            (i for i, (a, b) in enumerate(zip(left, right)) if a != b), min(len(left), len(right))
        )
    byte = next(
        (i for i, (a, b) in enumerate(zip(expected, got)) if a != b), min(len(expected), len(got))
    )
    lines = [
        f"{len(expected)} bytes expected, {len(got)} bytes got; first different byte at {byte}, opcode {at}"
    ]
    start = max(0, at - CONTEXT)
    lines += [f"    {position:>8}: {text}" for position, text in left[start:at]]
    lines += [f"  - {position:>8}: {text}" for position, text in left[at : at + CONTEXT]]
    lines += [f"  + {position:>8}: {text}" for position, text in right[at : at + CONTEXT]]
    lines.append("  (- expected, + got)")
    return "\n".join(lines)


ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


PATH = "pickle path: "
"""How the note begins that gocloudpickle adds: stock has none. See docs/errors.md."""


def arguments_and_notes(error: BaseException) -> tuple[tuple[Any, ...], list[Any]]:
    """An exception's arguments and notes, without what gocloudpickle adds to either."""
    notes = getattr(error, "__notes__", ())
    notes = [note for note in notes if not str(note).startswith(PATH)]
    args = error.args
    if sys.version_info < (3, 11) and hasattr(error, "pickle_path") and len(args) == 1:
        args = tuple(a.partition(f"\n{PATH}")[0] if isinstance(a, str) else a for a in args)
    return args, notes


def told(error: BaseException | None, with_notes: bool = True) -> list[str]:
    """What an exception says: type, arguments, text and notes; then what it was raised from."""
    said = []
    relation = "raised"
    while error is not None and len(said) < 10:
        args, notes = arguments_and_notes(error)
        words = str(error) if args == error.args else args[0]
        text = f"{relation} {type(error).__name__}: {words} {args!r} {notes if with_notes else ''}"
        if isinstance(error, RecursionError):
            # Where the stack ends is each pickler's own matter, and the text says where.
            said.append(f"{relation} RecursionError")
            break
        # Objects made anew by each pickler, such as bound methods, are elsewhere each time.
        said.append(ADDRESS.sub("0x...", text))
        if error.__cause__ is not None:
            error, relation = error.__cause__, "from"
        elif error.__suppress_context__:
            break
        else:
            error, relation = error.__context__, "while handling"
    return said


def explain(expected: Outcome, got: Outcome, with_notes: bool = True) -> str | None:
    """Why two outcomes differ, or None when they agree: in bytes, or in what an error says."""
    if expected.error is not None or got.error is not None:
        theirs, ours = told(expected.error, with_notes), told(got.error, with_notes)
        if type(expected.error) is type(got.error) and theirs == ours:
            return None
        lines = ["expected", *theirs, "got", *ours]
        return "\n    ".join(line[:400] for line in lines)
    assert expected.payload is not None and got.payload is not None
    if expected.payload != got.payload:
        return first_difference(expected.payload, got.payload)
    if expected.buffers != got.buffers:
        sizes = [len(b) for b in expected.buffers], [len(b) for b in got.buffers]
        return f"other buffers: sizes {sizes[0]} expected, {sizes[1]} got"
    return None


def assert_same(expected: Outcome, got: Outcome, what: str) -> None:
    difference = explain(expected, got)
    assert difference is None, f"{what}:\n  {difference}"
