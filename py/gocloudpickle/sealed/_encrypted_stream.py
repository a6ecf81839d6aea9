"""Encrypted contents of files, of which little is in memory: seal/ageseal/stream.go is their like."""

from __future__ import annotations

import hashlib
import hmac
import io

from gocloudpickle.sealed._encrypt import pyrage_or_error
from gocloudpickle.sealed._envelope import DETACHED, FIXED_SIZE, Head, Manifest, read_fixed
from gocloudpickle.sealed._errors import BadSignature, Malformed, Undecryptable
from gocloudpickle.sealed._stream import PartReader, write_all

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, BinaryIO

    from gocloudpickle.sealed._statement import Statement


def encrypt_stream(
    head: bytes, content: PartReader, target: BinaryIO, recipients: Sequence[Any]
) -> None:
    """Write an age file of a head and what follows it."""
    source = _Behind(head, content)
    try:
        pyrage_or_error().encrypt_io(source, target, list(recipients))
    except Exception:
        if source.failed is not None:
            raise source.failed from None
        raise


def decrypt_stream(file: PartReader, target: Inner, identities: Sequence[Any]) -> Statement:
    """Give target what is in an age file; return the statement of the envelope there."""
    pyrage = pyrage_or_error()
    source = _Behind(b"", file)
    try:
        pyrage.decrypt_io(source, target, list(identities))
    except (pyrage.DecryptError, OSError) as error:
        # age has errors of its own for those of files, and OSError for what is damaged.
        failed = source.failed or target.failed
        if failed is not None:
            raise failed from None
        raise Undecryptable(f"no identity here opens it, or it is damaged: {error}") from None
    return target.finish()


class _Behind(io.RawIOBase):
    """What is in memory, and a file behind it."""

    def __init__(self, head: bytes, file: PartReader) -> None:
        self._head = io.BytesIO(head)
        self._file = file
        self.failed: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            return self._head.read(size) or self._file.read(size)
        except Exception as error:
            self.failed = error
            raise


class Inner(io.RawIOBase):
    """Takes an envelope piece by piece, and gives each chunk of the content that is verified to target."""

    def __init__(
        self,
        verify_head: Callable[[Head], tuple[Statement, Manifest]],
        accept: Callable[[Statement], None],
        target: BinaryIO,
    ) -> None:
        self._verify_head = verify_head
        self._accept = accept
        self._target = target
        self._buffer = bytearray()
        self._need = FIXED_SIZE
        self._fixed: bytes | None = None
        self._statement: Statement | None = None
        self._manifest: Manifest | None = None
        self._chunk = 0
        self.failed: OSError | None = None  # of target

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Take a piece."""
        self._buffer += data
        while len(self._buffer) >= self._need:
            if self._fixed is None:
                self._fixed = bytes(self._buffer[:FIXED_SIZE])
                self._need += sum(read_fixed(self._fixed)[1:])
            elif self._manifest is None:
                self._take_head()
            elif self._need:
                self._take_chunk(self._manifest)
            elif self._buffer:
                raise Malformed("there is something behind its end")
            else:
                break
        return len(data)

    def _take_head(self) -> None:
        assert self._fixed is not None
        lengths = read_fixed(self._fixed)
        pieces = []
        position = FIXED_SIZE
        for size in lengths[1:]:
            pieces.append(bytes(self._buffer[position : position + size]))
            position += size
        if lengths.flags & DETACHED:
            raise Malformed("the content is detached: verify it with its content")
        statement, manifest = self._verify_head(Head(lengths.flags, *pieces))
        if statement.content == "encrypted" or len(manifest.parts) != 1:
            raise Malformed("it is encrypted twice, or has buffers: open it by loads or verify")
        self._accept(statement)
        self._statement, self._manifest = statement, manifest
        self._use_up()

    def _take_chunk(self, manifest: Manifest) -> None:
        chunk = self._buffer[: self._need]
        digest = hashlib.sha256(chunk).digest()
        if not hmac.compare_digest(digest, manifest.parts[0].chunks[self._chunk]):
            raise BadSignature(f"the content is not the one that was signed (chunk {self._chunk})")
        self._chunk += 1
        try:
            write_all(self._target, chunk)
        except OSError as error:
            self.failed = error
            raise
        self._use_up()

    def _use_up(self) -> None:
        """Go on to the next chunk, which may be none."""
        assert self._manifest is not None
        del self._buffer[: self._need]
        done = self._chunk * self._manifest.chunk_size
        self._need = max(0, min(self._manifest.chunk_size, self._manifest.parts[0].size - done))

    def finish(self) -> Statement:
        """Return the statement of what has come, if that is all."""
        if self._statement is None or self._need:
            raise Malformed("what is encrypted is cut off")
        return self._statement
