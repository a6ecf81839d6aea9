"""The parts of an envelope as bytes: seal/envelope.go and seal/manifest.go have the same."""

from __future__ import annotations

import hashlib
import hmac
import struct
from typing import NamedTuple

from gocloudpickle.sealed._chunks import digests
from gocloudpickle.sealed._errors import BadSignature, Malformed, Unsigned
from gocloudpickle.sealed._statement import DIGEST_SIZE

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Buffer = bytes | bytearray | memoryview

MAGIC = b"\x89GCP\r\n\x1a\n"
FORMAT_VERSION = 1
DETACHED = 1

CHUNK_SIZE = 1 << 20
MIN_CHUNK_SIZE = 1 << 10
MAX_CHUNK_SIZE = 16 << 20
MAX_PARTS = 1 << 16
MAX_STATEMENT_SIZE = 4 << 10
MAX_MANIFEST_SIZE = 64 << 20

_FIXED = struct.Struct(">8sBBHHQ")
FIXED_SIZE = _FIXED.size


def is_sealed(data: Buffer) -> bool:
    """Tell whether data begins like an envelope."""
    return bytes(data[: len(MAGIC)]) == MAGIC


class Lengths(NamedTuple):
    """What the first FIXED_SIZE bytes of an envelope say."""

    flags: int
    statement: int
    signature: int
    manifest: int


def read_fixed(fixed: bytes) -> Lengths:
    """Read the first FIXED_SIZE bytes, or fewer where that is all. Raises Unsigned, Malformed."""
    if not is_sealed(fixed):
        if fixed and MAGIC.startswith(fixed):
            raise Malformed(f"it ends after {len(fixed)} bytes")
        raise Unsigned("it does not begin as an envelope does")
    if len(fixed) < FIXED_SIZE:
        raise Malformed(f"it ends after {len(fixed)} bytes")
    _, version, flags, statement, signature, manifest = _FIXED.unpack(fixed)
    if version != FORMAT_VERSION:
        raise Malformed(f"it is of version {version}, and this reads version {FORMAT_VERSION}")
    if flags & ~DETACHED:
        raise Malformed(f"flags {flags:#x} are unknown")
    if statement > MAX_STATEMENT_SIZE:
        raise Malformed(f"a statement of {statement} bytes")
    if manifest > MAX_MANIFEST_SIZE:
        raise Malformed(f"a manifest of {manifest} bytes")
    return Lengths(flags, statement, signature, manifest)


class Head(NamedTuple):
    """An envelope without its content."""

    flags: int
    statement: bytes  # as signed
    signature: bytes
    manifest: bytes  # encoded

    def encode(self) -> bytes:
        """Return the bytes that stand before the content."""
        return (
            _FIXED.pack(
                MAGIC,
                FORMAT_VERSION,
                self.flags,
                len(self.statement),
                len(self.signature),
                len(self.manifest),
            )
            + self.statement
            + self.signature
            + self.manifest
        )


def split(data: Buffer) -> tuple[Head, memoryview]:
    """Return the head and the content of an envelope. Raises Unsigned, Malformed."""
    view = memoryview(data).cast("B")
    lengths = read_fixed(bytes(view[:FIXED_SIZE]))
    pieces = []
    position = FIXED_SIZE
    for size in lengths[1:]:
        pieces.append(bytes(view[position : position + size]))
        position += size
    if position > len(view):
        raise Malformed(f"it ends after {len(view)} bytes")
    return Head(lengths.flags, *pieces), view[position:]


class Part(NamedTuple):
    """A pickle, or one of its out-of-band buffers: its size and its chunks' SHA-256."""

    size: int
    chunks: Sequence[bytes]


class Manifest(NamedTuple):
    """The parts of a content. All chunks of a part but its last have the chunk size."""

    chunk_size: int
    parts: list[Part]

    @property
    def size(self) -> int:
        """The length in bytes of all parts."""
        return sum(part.size for part in self.parts)

    def encode(self) -> bytes:
        """Return the manifest's one encoding."""
        pieces = [struct.pack(">II", self.chunk_size, len(self.parts))]
        for part in self.parts:
            pieces.append(part.size.to_bytes(8, "big"))
            pieces.extend(part.chunks)
        return b"".join(pieces)

    @staticmethod
    def of(parts: Iterable[Buffer]) -> Manifest:
        """Make the manifest of parts in memory."""
        return Manifest(CHUNK_SIZE, [_digest(memoryview(part).cast("B")) for part in parts])

    @staticmethod
    def decode(data: bytes) -> Manifest:
        """Read an encoding that is the whole of data. Raises Malformed."""
        if len(data) < 8:
            raise Malformed("the manifest is cut off")
        chunk_size, count = struct.unpack_from(">II", data)
        if not MIN_CHUNK_SIZE <= chunk_size <= MAX_CHUNK_SIZE:
            raise Malformed(f"chunks of {chunk_size} bytes")
        if not 1 <= count <= min(MAX_PARTS, (len(data) - 8) // 8):
            raise Malformed(f"{count} parts")
        parts = []
        position = 8
        for _ in range(count):
            size = int.from_bytes(data[position : position + 8], "big")
            position += 8
            end = position + -(-size // chunk_size) * DIGEST_SIZE
            if end > len(data):
                raise Malformed(f"a part of {size} bytes has fewer chunks than that")
            chunks = [data[i : i + DIGEST_SIZE] for i in range(position, end, DIGEST_SIZE)]
            parts.append(Part(size, chunks))
            position = end
        if position != len(data):
            raise Malformed(f"the manifest has {len(data) - position} bytes too many")
        return Manifest(chunk_size, parts)

    def verify_part(self, number: int, content: memoryview) -> None:
        """Compare a part in memory with its digests. Raises BadSignature."""
        part = self.parts[number]
        if len(content) != part.size:
            raise BadSignature(
                f"part {number} has {len(content)} bytes, and should have {part.size}"
            )
        found = digests(content, self.chunk_size)
        for i, digest in enumerate(part.chunks):
            if not hmac.compare_digest(found[i], digest):
                raise BadSignature(f"the content is not the one that was signed (chunk {i})")


def _digest(content: memoryview) -> Part:
    size = len(content)
    if size <= CHUNK_SIZE:  # most, and all small ones
        return Part(size, [hashlib.sha256(content).digest()] if size else [])
    return Part(size, digests(content, CHUNK_SIZE))
