"""Signer: makes envelopes."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import time
from pickle import PickleBuffer

import gocloudpickle
from gocloudpickle.sealed._chunks import CutOff, digest_piecewise, number_of
from gocloudpickle.sealed._digests import digests_of
from gocloudpickle.sealed._envelope import (
    CHUNK_SIZE,
    DETACHED,
    FIXED_SIZE,
    MAX_MANIFEST_SIZE,
    MAX_PARTS,
    Head,
    Manifest,
    Part,
)
from gocloudpickle.sealed._errors import SealError
from gocloudpickle.sealed._keys import SIGNATURE_SIZES, Key
from gocloudpickle.sealed._single import LARGEST, Single
from gocloudpickle.sealed._statement import (
    CONTENT_TYPES,
    DIGEST_SIZE,
    MAX_TIME,
    NONCE_SIZE,
    TERMS,
    Statement,
    pae,
    prefix,
)
from gocloudpickle.sealed._stream import PartReader, write_all

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, BinaryIO

    from gocloudpickle.sealed._envelope import Buffer

DEFAULT_PURPOSE = "pickle"
_NOT_ENCRYPTED = (
    "this signer has recipients, and encrypts what is in an envelope alone: use dumps, sign or "
    "sign_stream, without buffers that travel beside it"
)
_CHANGED = "the content changed while it was signed"
_VERSION = sys.version_info[:2]


class Signer:
    """Makes signed envelopes.

    key signs. audience says who may accept them; a Verifier has to have the same.
    expires_in is in seconds, None for envelopes that never expire; valid_in is how many
    seconds later they become valid. purpose keeps uses of one key apart. recipients, of
    pyrage or what it takes, are those who alone can read the contents.

    >>> from gocloudpickle import sealed
    >>> key = sealed.generate_key("hmac-sha256")
    >>> envelope = sealed.Signer(key, audience="cache", expires_in=60).sign(b"content")
    >>> sealed.Verifier([key], audience="cache").verify(envelope).content
    b'content'
    """

    def __init__(
        self,
        key: Key,
        *,
        audience: str = "",
        expires_in: float | None = None,
        valid_in: float = 0,
        purpose: str = DEFAULT_PURPOSE,
        recipients: Sequence[Any] = (),
    ) -> None:
        if not key.signs:
            raise ValueError("this key verifies only: sign with the private key")
        if expires_in is not None and expires_in <= 0 or valid_in < 0:
            raise ValueError("expires_in has to be positive, and valid_in not negative")
        self.key = key
        self.audience = audience
        self.expires_in = expires_in
        self.valid_in = valid_in
        self.purpose = purpose
        self.recipients = recipients
        self._single: Single | None = None

    def __repr__(self) -> str:
        return f"Signer({self.key!r}, audience={self.audience!r}, purpose={self.purpose!r})"

    def dumps(self, obj: Any, *, out_of_band: bool = False) -> bytes:
        """Pickle an object as gocloudpickle.dumps does, and seal that.

        out_of_band keeps large buffers, such as those of NumPy arrays, apart inside the
        envelope (PEP 574), so that they are copied once only.
        """
        if not out_of_band:
            return self._seal([gocloudpickle.dumps(obj)], "pickle", 0)
        buffers: list[Any] = []
        data = gocloudpickle.dumps(obj, buffer_callback=buffers.append)
        return self._seal([data, *(b.raw() for b in buffers)], "pickle", 0)

    def sign(
        self, content: Buffer, buffers: Iterable[Buffer] = (), *, content_type: str = "bytes"
    ) -> bytes:
        """Seal bytes, and buffers that belong to them.

        content_type is "pickle" where content is one, for loads to take it.
        """
        return self._seal([content, *buffers], content_type, 0)

    def sign_detached(
        self, content: Buffer, buffers: Iterable[Buffer] = (), *, content_type: str = "bytes"
    ) -> bytes:
        """Return an envelope without the content, which travels on its own."""
        return self._seal([content, *buffers], content_type, DETACHED)

    def sign_stream(
        self, source: BinaryIO, target: BinaryIO, *, content_type: str = "bytes"
    ) -> None:
        """Seal what a seekable file holds from where it is on, into another file.

        Little of source is in memory. It is read once where target can be written out
        of order, and twice where it can't (a pipe, a file opened to append); by several
        threads where it is a file of the system. Raises ValueError if source changes
        meanwhile: what target has then is no envelope.

        For recipients it is encrypted into a temporary file first, since the seal around
        covers all of it; Verifier.decrypt_stream opens it.
        """
        if content_type not in CONTENT_TYPES:
            raise ValueError(f"content_type is one of {', '.join(CONTENT_TYPES)}")
        if self.recipients:
            self._sign_encrypted(source, target, content_type)
        else:
            self._sign_file(source, target, content_type)

    def _sign_encrypted(self, source: BinaryIO, target: BinaryIO, content_type: str) -> None:
        from tempfile import TemporaryFile

        from gocloudpickle.sealed import _encrypted_stream

        start = source.tell()
        manifest = Manifest(CHUNK_SIZE, [_digest_rest(source)])
        head = self._head(manifest, content_type, 0).encode()
        content = PartReader(source, start, manifest, 0)
        with TemporaryFile() as file:
            try:
                _encrypted_stream.encrypt_stream(head, content, file, self.recipients)
            except SealError:
                raise ValueError(_CHANGED) from None
            file.seek(0)
            self._sign_file(file, target, "encrypted")
        source.seek(start + manifest.size)

    def _sign_file(self, source: BinaryIO, target: BinaryIO, content_type: str) -> None:
        if _can_go_back(target):
            self._sign_in_one_pass(source, target, content_type)
            return
        start = source.tell()
        part = _digest_rest(source)
        source.seek(start)
        write_all(target, self._head(Manifest(CHUNK_SIZE, [part]), content_type, 0).encode())
        if _digest(source, lambda chunk: write_all(target, chunk)) != part:
            raise ValueError(_CHANGED)

    def sign_detached_stream(self, source: BinaryIO, *, content_type: str = "bytes") -> bytes:
        """Return an envelope without the content, which a seekable file holds from where it is on.

        See sign_stream.
        """
        if self.recipients:
            raise ValueError(_NOT_ENCRYPTED)
        manifest = Manifest(CHUNK_SIZE, [_digest_rest(source)])
        return self._head(manifest, content_type, DETACHED).encode()

    def _sign_in_one_pass(self, source: BinaryIO, target: BinaryIO, content_type: str) -> None:
        start = source.tell()
        size = source.seek(0, 2) - start
        source.seek(start)
        # The head's place, in zeros: until it is there it is no envelope.
        place = target.tell()
        room = self._head_size(size)
        write_all(target, bytes(room))
        part = _digest_rest(source, target)
        if part.size != size:
            raise ValueError(_CHANGED)
        head = self._head(Manifest(CHUNK_SIZE, [part]), content_type, 0).encode()
        assert len(head) == room
        target.seek(place)
        write_all(target, head)
        target.seek(place + room + size)

    def _head_size(self, size: int) -> int:
        """Return the length of the head of a content of one part."""
        key = self.key
        statement = len(prefix(key.algorithm, key.id, self.purpose, self.audience)) + TERMS.size
        return (
            FIXED_SIZE
            + statement
            + DIGEST_SIZE
            + SIGNATURE_SIZES[key.algorithm]
            + len(Manifest(CHUNK_SIZE, [Part(size, ())]).encode())
            + -(-size // CHUNK_SIZE) * DIGEST_SIZE
        )

    def _message(self, data: Buffer, buffers: Iterable[Any] = ()) -> bytes:
        """Seal a pickle whose out-of-band buffers travel beside it: see Verifier._open_message."""
        outside = [PickleBuffer(buffer).raw() for buffer in buffers]
        if not outside:
            return self._seal([data], "pickle", 0)
        if self.recipients:
            raise ValueError(_NOT_ENCRYPTED)
        return self._seal([data, *outside], "pickle", DETACHED) + data

    def _seal(self, parts: list[Buffer], content_type: str, flags: int) -> bytes:
        if len(parts) > MAX_PARTS:
            raise ValueError(f"{len(parts) - 1} buffers are too many; {MAX_PARTS - 1} are not")
        if self.recipients:
            if flags & DETACHED:
                raise ValueError(_NOT_ENCRYPTED)
            from gocloudpickle.sealed import _encrypt

            # Sealed inside too: who has encrypted it knew what.
            inner = self._seal_parts(parts, content_type, 0)
            parts, content_type = [_encrypt.encrypt(inner, self.recipients)], "encrypted"
        return self._seal_parts(parts, content_type, flags)

    def _seal_parts(self, parts: list[Buffer], content_type: str, flags: int) -> bytes:
        if flags == 0 and len(parts) == 1 and self.key._secret is not None:
            envelope = self._seal_single(parts[0], content_type)
            if envelope is not None:
                return envelope
        head = self._head(Manifest.of(parts), content_type, flags).encode()
        if flags & DETACHED:
            return head
        return b"".join((head, *parts))

    def _seal_single(self, content: Buffer, content_type: str) -> bytes | None:
        if type(content) is not bytes or len(content) > LARGEST:
            return None  # what can change meanwhile is copied by the other way
        single = self._single
        if (
            single is None
            or single.audience is not self.audience
            or single.purpose is not self.purpose
        ):
            single = self._single = Single(self.key, self.purpose, self.audience)
        return single.seal(content, content_type, *self._terms(content_type))

    def _terms(self, content_type: str) -> tuple[int, int, int | None, bytes, tuple[int, int]]:
        """Return what a new statement says of times, its nonce and the version of Python."""
        if content_type not in CONTENT_TYPES:
            raise ValueError(f"content_type is one of {', '.join(CONTENT_TYPES)}")
        issued = self._now()
        not_before = issued + int(self.valid_in * 1000)
        expires = None if self.expires_in is None else issued + int(self.expires_in * 1000)
        if max(not_before, expires or 0) > MAX_TIME:
            raise ValueError("it would be valid after the year 9999: use expires_in=None for ever")
        return (
            issued,
            not_before,
            expires,
            self._nonce(),
            self._python(content_type),
        )

    def _head(self, manifest: Manifest, content_type: str, flags: int) -> Head:
        encoded_manifest = manifest.encode()
        if len(encoded_manifest) > MAX_MANIFEST_SIZE:
            raise ValueError(
                f"{manifest.size} bytes are too many: no verifier takes more than 2 TiB"
            )
        statement = Statement(
            self.key.algorithm,
            self.key.id,
            self.purpose,
            self.audience,
            *self._terms(content_type),
            content_type,
            hashlib.sha256(encoded_manifest).digest(),
        ).encode()
        return Head(flags, statement, self.key.sign(pae(statement)), encoded_manifest)

    # What the test vectors put in the place of.

    def _now(self) -> int:
        return time.time_ns() // 1_000_000

    def _nonce(self) -> bytes:
        return os.urandom(NONCE_SIZE)

    def _python(self, content_type: str) -> tuple[int, int]:
        return _VERSION if content_type == "pickle" else (0, 0)


def _digest_rest(source: BinaryIO, target: BinaryIO | None = None) -> Part:
    """Hash a file from where it is to its end, and copy that to where another one is."""
    number = number_of(source)
    target_number = None if target is None else number_of(target)
    if number is None or target is not None and target_number is None:
        return _digest(source, lambda chunk: None if target is None else write_all(target, chunk))
    start = source.tell()
    size = max(0, os.fstat(number).st_size - start)
    chunks = [b""] * -(-size // CHUNK_SIZE)
    place = None if target is None or target_number is None else (target_number, target.tell())
    try:
        digest_piecewise(number, start, size, CHUNK_SIZE, chunks.__setitem__, place)
    except CutOff:
        raise ValueError(_CHANGED) from None
    if os.pread(number, 1, start + size):
        raise ValueError(_CHANGED)
    source.seek(start + size)
    return Part(size, chunks)


def _digest(source: BinaryIO, use: Callable[[memoryview], None]) -> Part:
    """Hash a file to its end, chunk by chunk, each of which is given to use."""
    size = 0

    def fill(buffer: memoryview) -> int:
        nonlocal size
        got = _fill(source, buffer)
        size += got
        return got

    digests = list(digests_of(fill, use, CHUNK_SIZE))
    return Part(size, digests)


def _fill(source: BinaryIO, buffer: memoryview) -> int:
    """Read until a buffer is full, or the file ends: raw files may give fewer at a time."""
    got = 0
    while got < len(buffer):
        piece = source.read(len(buffer) - got) if not hasattr(source, "readinto") else None
        if piece is None:
            count = source.readinto(buffer[got:])  # type: ignore[attr-defined]
        else:
            count = len(piece)
            buffer[got : got + count] = piece
        if not count:
            break
        got += count
    return got


def _can_go_back(target: BinaryIO) -> bool:
    """Tell whether a file can be written out of order."""
    try:
        if not target.seekable() or "a" in str(getattr(target, "mode", "")):
            return False
        number = target.fileno()
    except (AttributeError, OSError):  # io.UnsupportedOperation, of those in memory
        return isinstance(target, io.BytesIO)
    try:
        import fcntl
    except ImportError:
        return True
    # What a shell's >> has opened: each write goes to the end.
    return not fcntl.fcntl(number, fcntl.F_GETFL) & os.O_APPEND
