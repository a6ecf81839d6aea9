"""A file of a part of an envelope's content, which gives no byte that isn't verified."""

from __future__ import annotations

import hashlib
import hmac
import io

from gocloudpickle.sealed._chunks import CutOff, digest_piecewise, number_of
from gocloudpickle.sealed._digests import digests_of
from gocloudpickle.sealed._envelope import Manifest
from gocloudpickle.sealed._errors import BadSignature, Malformed

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any, BinaryIO

    from gocloudpickle.sealed._envelope import Buffer


class PartReader(io.BufferedIOBase):
    """Part number of a manifest, which begins at offset of a file; read once, in order."""

    def __init__(self, file: BinaryIO, offset: int, manifest: Manifest, number: int) -> None:
        self._file = file
        self._offset = offset
        self._chunk_size = manifest.chunk_size
        self._part = manifest.parts[number]
        self._chunk = 0
        self._ready = memoryview(b"")  # verified, and not given yet

    def readable(self) -> bool:
        return True

    def _next(self) -> bool:
        """Make the next chunk ready; False at the end."""
        if self._chunk == len(self._part.chunks):
            return False
        view = memoryview(bytearray(self._size_of(self._chunk)))
        self._fill(view, self._chunk)
        self._compare(self._chunk, hashlib.sha256(view).digest())
        self._chunk += 1
        self._ready = view.toreadonly()
        return True

    def _size_of(self, chunk: int) -> int:
        return min(self._chunk_size, self._part.size - chunk * self._chunk_size)

    def _fill(self, view: memoryview, chunk: int) -> None:
        """Read a chunk, which is as long as view."""
        self._file.seek(self._offset + chunk * self._chunk_size)
        got = 0
        while got < len(view):
            count = self._read_into(view[got:])
            if not count:
                raise Malformed(f"the content ends in chunk {chunk}")
            got += count

    def _compare(self, chunk: int, digest: bytes) -> None:
        if not hmac.compare_digest(digest, self._part.chunks[chunk]):
            raise BadSignature(f"the content is not the one that was signed (chunk {chunk})")

    def _read_into(self, view: memoryview) -> int:
        if hasattr(self._file, "readinto"):
            count: int = self._file.readinto(view)
            return count
        piece = self._file.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def verify_all(self) -> None:
        """Read to the end, before anything else has been read."""
        assert self._chunk == 0
        number = number_of(self._file)
        if number is not None:
            try:
                digest_piecewise(
                    number, self._offset, self._part.size, self._chunk_size, self._compare
                )
            except CutOff as cut:
                raise Malformed(f"the content ends in chunk {cut.chunk}") from None
            return
        chunk = 0

        def fill(buffer: memoryview) -> int:
            nonlocal chunk
            if chunk == len(self._part.chunks):
                return 0
            size = self._size_of(chunk)
            self._fill(buffer[:size], chunk)
            chunk += 1
            return size

        largest = min(self._chunk_size, self._part.size)
        for number, digest in enumerate(digests_of(fill, lambda chunk: None, largest)):
            self._compare(number, digest)

    def read(self, size: int | None = -1) -> bytes:
        """Read size bytes, or all that is left."""
        if size is None or size < 0:
            size = self._part.size
        pieces = []
        while size > 0 and (len(self._ready) or self._next()):
            piece = self._ready[:size]
            self._ready = self._ready[len(piece) :]
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def read1(self, size: int | None = -1) -> bytes:
        """Read what is ready, or a chunk."""
        if not len(self._ready):
            self._next()
        return self.read(
            len(self._ready) if size is None or size < 0 else min(size, len(self._ready))
        )

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer, as far as there is something."""
        view = memoryview(buffer).cast("B")
        done = 0
        while done < len(view) and (len(self._ready) or self._next()):
            piece = self._ready[: len(view) - done]
            view[done : done + len(piece)] = piece
            self._ready = self._ready[len(piece) :]
            done += len(piece)
        return done


def write_all(target: BinaryIO, data: Buffer) -> None:
    """Write all of data: raw files may take less at a time."""
    view = memoryview(data)
    while len(view):
        written = target.write(view)
        if written is None or written == len(view):  # None: a file that doesn't say
            return
        view = view[written:]
