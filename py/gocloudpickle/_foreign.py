"""Code of another minor Python in a stream, found before the unpickler makes code objects of it.

What loads natively looks at each code object (python/loads/foreign.c). Where pickle's unpickler
loads, it is the stream that is looked at, for what a code object's arguments begin with. What
this doesn't see, such as a code object whose arguments are in two frames, is refused when a
function is to be made of it, by rebuild.py.
"""

from __future__ import annotations

import re
import sys

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Stream = bytes | memoryview

# A MARK, six small ints and the bytecode: how a code object's arguments begin since Python 3.8,
# and hardly anything else. Protocols below 3 have no bytes.
_CODE = re.compile(rb"\((?:K.|M..|J....){6}(?:C(.)|B(....)|\x8e(.{8}))", re.DOTALL)

# How many arguments there are, and what that says where the number is another one here.
_OLD, _NEW = 16, 18
_VERSIONS = {_OLD: "3.10 or older", _NEW: "3.11 or newer"}

_FRAME = 0x95
# Opcodes without arguments. A frame of less than four bytes, as between two large contents, is
# written without its header (FRAME_SIZE_MIN in Modules/_pickle.c).
_BARE = b"\x94\x85\x86\x87\x88\x89()]}Naestu."
# The opcodes of what is long enough to be outside of a frame, and how many bytes of length follow.
_LARGE = {ord("B"): 4, ord("X"): 4, 0x8E: 8, 0x8D: 8, 0x96: 8}


def check(data: Stream) -> None:
    """Raise UnpicklingError, with both versions' names, if a stream has code of another Python."""
    if len(data) < 0x10000:  # nothing in it is large
        check_part(data)
        return
    for start, end in _parts(data):
        check_part(data, start, end)


def _parts(data: Stream) -> Iterator[tuple[int, int]]:
    """Yield where the frames are, or what is not in any: so that nothing large is searched."""
    at, size = 2, len(data)
    if data[:1] != b"\x80" or size < 2 or data[1] < 4:
        at = 0
    while at < size:
        opcode, end = data[at], at
        if at and opcode == _FRAME:
            end = at + 9 + int.from_bytes(data[at + 1 : at + 9], "little")
            yield at + 9, min(end, size)
        elif at and opcode in _LARGE:
            length = _LARGE[opcode]
            end = at + 1 + length + int.from_bytes(data[at + 1 : at + 1 + length], "little")
        elif at and opcode in _BARE:
            end = at + 1
        else:
            yield at, size
            return
        at = end


def check_part(data: Stream, start: int = 0, end: int = sys.maxsize) -> None:
    """Check what begins with an opcode at start, and ends at end or before."""
    if not _is_known_python():
        return
    opcodes: set[int] = set()
    for match in _CODE.finditer(data, start, end):
        size = int.from_bytes(match[1] or match[2] or match[3], "little")
        code = bytes(data[match.end() : match.end() + size])
        if len(code) < size or (_ours or _pattern()).fullmatch(code):
            continue
        made_by = _made_by(data, match.start(), code)
        if made_by is None:
            continue
        # Bytes that a payload only carries can be a pickle themselves.
        opcodes = opcodes or _opcodes(data, start, end)
        if match.start() in opcodes:
            raise _rebuild()._foreign_error(made_by)


def _is_known_python() -> bool:
    major, minor, *_ = sys.version_info
    known = major == 3 and (minor == 10 or minor in _rebuild()._BEGINNINGS)
    return known and sys.implementation.name == "cpython"


def _rebuild() -> Any:
    from gocloudpickle import _unpickler

    return _unpickler.rebuild_module()


# What matches this Python's opcodes, each followed by as many zeroed caches as it has; and the same
# where they begin as its compiler begins.
_fits: re.Pattern[bytes] | None = None
_ours: re.Pattern[bytes] | None = None


def _pattern() -> re.Pattern[bytes]:
    """Return _ours."""
    global _fits, _ours
    beginnings = _rebuild()._BEGINNINGS
    if sys.version_info.minor in beginnings:
        fits, begins = _fitting(), rb"(?=%s)" % _begins(*beginnings[sys.version_info.minor])
    else:  # of 3.10 it is known that nothing begins as in later versions
        fits, begins = b".*", rb"(?!%s)" % b"|".join(_begins(*ops) for ops in beginnings.values())
    _fits = re.compile(fits, re.DOTALL)
    _ours = re.compile(begins + fits, re.DOTALL)
    return _ours


def _begins(*opcodes: int) -> bytes:
    """Return an expression for what _begins_as of rebuild.py takes."""
    extended, copy, cell, generator, resume = (re.escape(bytes([op])) for op in opcodes)
    return rb"(?:[%s%s%s].)*(?:%s...)?%s" % (extended, copy, cell, generator, resume)


def _fitting() -> bytes:
    import opcode

    caches: Any = opcode._inline_cache_entries  # type: ignore[attr-defined]
    by_caches: dict[int, bytes] = {}
    for name, number in opcode.opmap.items():
        if number < 256 and name != "CACHE" and not name.startswith(_rebuild()._NOT_COMPILED):
            n = caches.get(name, 0) if isinstance(caches, dict) else caches[number]
            by_caches[n] = by_caches.get(n, b"") + re.escape(bytes([number]))
    each = b"|".join(
        rb"[%s].(?:\0.){%d}" % (numbers, n) for n, numbers in sorted(by_caches.items())
    )
    return rb"(?:%s)*" % each


def _made_by(data: Stream, at: int, code: bytes) -> str | None:
    """Name the versions that can have made a code object, None where it is taken all the same."""
    here = _OLD if sys.version_info < (3, 11) else _NEW
    number = _arguments(data, at)
    if number != here and number in _VERSIONS:
        return _VERSIONS[number]
    minor = sys.version_info.minor
    others = _rebuild()._others(minor, code[::2])
    if others:
        return str(others)
    # What no compiler has made is taken: whoever made it knows what for.
    return None if _fits is None or _fits.fullmatch(code) else "another version"


def _arguments(data: Stream, at: int) -> int | None:
    """Count what is between a MARK and its TUPLE, None where that is not in the data."""
    import pickletools

    counts: list[int] = []
    try:
        for opcode, _, _ in pickletools.genops(bytes(data[at:])):
            before, after = opcode.stack_before, opcode.stack_after
            if pickletools.markobject in before:
                number = counts.pop()
                if not counts:
                    return number if opcode.name == "TUPLE" else None
                counts[-1] += len(after) - before.index(pickletools.markobject)
            elif opcode.name == "MARK":
                counts.append(0)
            else:
                counts[-1] += len(after) - len(before)
    except ValueError:  # it is cut off, or none at all
        pass
    return None


def _opcodes(data: Stream, start: int, end: int) -> set[int]:
    """Return where opcodes are, among what isn't cut off."""
    import pickletools

    found = set()
    try:
        for _, _, position in pickletools.genops(bytes(data[start:end])):
            found.add(start + (position or 0))
    except ValueError:
        pass
    return found
