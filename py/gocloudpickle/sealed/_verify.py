"""Verifier: accepts envelopes, or refuses them with a SealError."""

from __future__ import annotations

import copy
import hashlib
import time
from pickle import PickleBuffer
from typing import NamedTuple

import gocloudpickle
from gocloudpickle import _unpickler
from gocloudpickle.sealed import _process
from gocloudpickle.sealed._envelope import (
    DETACHED,
    FIXED_SIZE,
    Head,
    Manifest,
    read_fixed,
    split,
)
from gocloudpickle.sealed._errors import (
    BadSignature,
    Expired,
    Malformed,
    NotYetValid,
    Replayed,
    SealError,
    StoreUnavailable,
    Undecryptable,
    UnknownKey,
    WrongAudience,
)
from gocloudpickle.sealed._keys import SIGNATURE_SIZES, Key
from gocloudpickle.sealed._sign import DEFAULT_PURPOSE
from gocloudpickle.sealed._single import Single, key_id_of
from gocloudpickle.sealed._statement import Statement, pae
from gocloudpickle.sealed._stream import PartReader

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, BinaryIO

    from gocloudpickle.sealed._envelope import Buffer
    from gocloudpickle.sealed._replay import ReplayStore

DEFAULT_SKEW = 30.0


class Opened(NamedTuple):
    """What was in an envelope that has been accepted."""

    statement: Statement
    content: bytes
    buffers: Sequence[memoryview]


class Verifier:
    """Accepts envelopes that are signed, whole, for here and for now.

    keys may be several, so that old and new ones overlap while they are exchanged; an
    envelope is verified with the one it names. find_key(id) is asked for the others and
    returns a Key or None. audience and purpose have to be those of the Signer. skew is by
    how many seconds clocks may differ. replay, a ReplayStore, accepts each envelope once.
    identities, of pyrage, open what is encrypted; without them verify returns it as it is.

    All methods raise a SealError for an envelope that is refused.
    """

    def __init__(
        self,
        keys: Iterable[Key] = (),
        *,
        audience: str = "",
        purpose: str = DEFAULT_PURPOSE,
        skew: float = DEFAULT_SKEW,
        replay: ReplayStore | None = None,
        find_key: Callable[[str], Key | None] | None = None,
        identities: Sequence[Any] = (),
    ) -> None:
        self._keys = {key.id: key for key in keys}
        self._find_key = find_key
        self.audience = audience
        self.purpose = purpose
        self.skew = skew
        self.replay = replay
        self.identities = identities
        self._singles: dict[str, Single] = {}

    def __repr__(self) -> str:
        return f"Verifier({[*self._keys.values()]!r}, audience={self.audience!r}, purpose={self.purpose!r})"

    def loads(self, data: Buffer) -> Any:
        """Verify an envelope, then load the pickle in it."""
        statement, content, buffers = self._open(data)
        _expect_pickle(statement)
        # Without buffers for the engine, whose loads is for pickles that have none.
        loads = gocloudpickle.loads
        with _process.opening():
            return loads(content, buffers=buffers) if buffers else loads(content)

    def load(self, file: BinaryIO) -> Any:
        """Verify an envelope that is the rest of a seekable file, then load the pickle in it.

        One chunk of it is in memory. What pickle reads is verified again as it is read,
        since the file may have changed.
        """
        statement, manifest, offset = self._verify_stream(file)
        _expect_pickle(statement)
        buffers = []
        position = offset + manifest.parts[0].size
        for number in range(1, len(manifest.parts)):
            buffers.append(PartReader(file, position, manifest, number).read())
            position += manifest.parts[number].size
        with _process.opening():
            return _unpickler.load(PartReader(file, offset, manifest, 0), buffers=buffers)

    def verify(self, data: Buffer) -> Opened:
        """Verify an envelope and return what is in it. Nothing is loaded."""
        return Opened(*self._open(data))

    def _open(self, data: Buffer) -> tuple[Statement, bytes, Sequence[memoryview]]:
        opened = self._verify_single(data)
        if opened is None:
            head, content = split(data)
            if head.flags & DETACHED:
                raise Malformed("the content is detached: verify it with its content")
            opened = self._verify_content(head, content)
        if opened[0].content == "encrypted" and self.identities:
            return self._decrypted(*opened)
        return opened

    def _decrypted(
        self, outer: Statement, content: bytes, buffers: Sequence[memoryview]
    ) -> tuple[Statement, bytes, Sequence[memoryview]]:
        """Open what Signer has encrypted. The replay store has had the envelope around it."""
        from gocloudpickle.sealed import _encrypt

        if buffers:
            raise Malformed("it is encrypted, and has buffers")
        inside = copy.copy(self)
        inside.replay, inside.identities = None, ()
        opened = inside._open(_encrypt.decrypt(content, self.identities))
        if opened[0].key_id != outer.key_id:
            raise BadSignature("who encrypted it is not who sealed it")
        return opened

    def _verify_single(self, data: Buffer) -> tuple[Statement, bytes, Sequence[memoryview]] | None:
        """Verify a small envelope by the engine; None for what must be looked at here."""
        key_id = key_id_of(data)
        key = None if key_id is None else self._keys.get(key_id)
        if key is None or key._secret is None:
            return None
        single = self._singles.get(key.id)
        if (
            single is None
            or single.audience is not self.audience
            or single.purpose is not self.purpose
        ):
            single = self._singles[key.id] = Single(key, self.purpose, self.audience)
        found = single.open(data)  # type: ignore[arg-type] # key_id_of has asked
        if found is None:
            return None
        statement, content = found
        self._accept(statement)
        return statement, content, []

    def _verify_content(self, head: Head, content: memoryview) -> Opened:
        statement, manifest = self._verify_head(head)
        if len(content) != manifest.size:
            raise Malformed(
                f"the content has {len(content)} bytes, and should have {manifest.size}"
            )
        parts = []
        position = 0
        for part in manifest.parts:
            parts.append(content[position : position + part.size])
            position += part.size
        return self._verify_parts(statement, manifest, parts)

    def verify_detached(
        self, envelope: Buffer, content: Buffer, buffers: Iterable[Buffer] = ()
    ) -> Opened:
        """Verify a content that travelled beside its envelope."""
        head, rest = split(envelope)
        if not head.flags & DETACHED or len(rest):
            raise Malformed("this envelope has its content in it")
        statement, manifest = self._verify_head(head)
        parts = [memoryview(part).cast("B") for part in (content, *buffers)]
        _expect_as_many(manifest, parts)
        return self._verify_parts(statement, manifest, parts)

    def _open_message(self, data: Buffer, buffers: Iterable[Any] | None) -> tuple[bytes, Any]:
        """Verify what Signer._message has made: return the pickle and its out-of-band buffers.

        The buffers are those that came beside it. They are not copied, other than the
        pickle: arrays are made of them that may be as large as the machine has room for.
        """
        head, rest = split(data)
        if not head.flags & DETACHED:
            opened = self._open(data)
            _expect_pickle(opened[0])
            return opened[1], opened[2]
        statement, manifest = self._verify_head(head)
        outside = list(buffers or ())
        content = bytes(rest)
        parts = [memoryview(content), *(PickleBuffer(buffer).raw() for buffer in outside)]
        _expect_as_many(manifest, parts)
        for number, part in enumerate(parts):
            manifest.verify_part(number, part)
        self._accept(statement)
        _expect_pickle(statement)
        return content, outside

    def verify_stream(self, file: BinaryIO) -> tuple[Statement, PartReader]:
        """Verify an envelope that is the rest of a seekable file.

        Returns its statement and a file of its content, which verifies each chunk again
        when it is read and raises BadSignature if it has changed.
        """
        statement, manifest, offset = self._verify_stream(file)
        return statement, PartReader(file, offset, manifest, 0)

    def decrypt_stream(self, file: BinaryIO, target: BinaryIO) -> Statement:
        """Verify an envelope that is the rest of a seekable file, and write what is in it to target.

        All of it is verified, then it is decrypted, and each chunk of what was encrypted is
        verified before it is written. Little of it is in memory. Returns its statement. After
        an error what target has got is not to be used: write to a new file, and rename that.
        Raises Malformed for what isn't encrypted, which is verify_stream's.
        """
        from gocloudpickle.sealed import _encrypted_stream

        outer, manifest, offset = self._verify_stream(file)
        if outer.content != "encrypted" or len(manifest.parts) != 1:
            raise Malformed("it is not encrypted: use verify_stream")
        inside = copy.copy(self)
        inside.replay = None  # which has the outer one

        def verify_head(head: Head) -> tuple[Statement, Manifest]:
            statement, inner_manifest = inside._verify_head(head)
            if statement.key_id != outer.key_id:
                raise BadSignature("who encrypted it is not who sealed it")
            return statement, inner_manifest

        inner = _encrypted_stream.Inner(verify_head, inside._accept, target)
        content = PartReader(file, offset, manifest, 0)
        return _encrypted_stream.decrypt_stream(content, inner, self.identities)

    def _verify_stream(self, file: BinaryIO) -> tuple[Statement, Manifest, int]:
        start = file.tell()
        end = file.seek(0, 2)
        file.seek(start)
        lengths = read_fixed(file.read(FIXED_SIZE))
        if lengths.flags & DETACHED:
            raise Malformed("the content is detached: verify it with its content")
        offset = start + FIXED_SIZE + sum(lengths[1:])
        if offset > end:
            raise Malformed(f"it ends after {end - start} bytes")
        head = Head(lengths.flags, *(file.read(size) for size in lengths[1:]))
        statement, manifest = self._verify_head(head)
        self._verify_parts_of_file(statement, manifest, file, offset, end)
        return statement, manifest, offset

    def verify_detached_stream(
        self, envelope: Buffer, file: BinaryIO
    ) -> tuple[Statement, PartReader]:
        """Verify what the rest of a seekable file holds and its envelope has travelled beside.

        Returns what verify_stream returns.
        """
        head, rest = split(envelope)
        if not head.flags & DETACHED or len(rest):
            raise Malformed("this envelope has its content in it")
        offset = file.tell()
        end = file.seek(0, 2)
        file.seek(offset)
        statement, manifest = self._verify_head(head)
        self._verify_parts_of_file(statement, manifest, file, offset, end)
        return statement, PartReader(file, offset, manifest, 0)

    def _verify_parts_of_file(
        self, statement: Statement, manifest: Manifest, file: BinaryIO, offset: int, end: int
    ) -> None:
        if end - offset != manifest.size:
            raise Malformed(
                f"the content has {end - offset} bytes, and should have {manifest.size}"
            )
        for number, part in enumerate(manifest.parts):
            PartReader(file, offset, manifest, number).verify_all()
            offset += part.size
        self._accept(statement)

    def _verify_head(self, head: Head) -> tuple[Statement, Manifest]:
        statement = Statement.decode(head.statement)
        key = self._key(statement.key_id)
        if key.algorithm != statement.algorithm:
            raise UnknownKey(
                f"key {statement.key_id!r} is for {key.algorithm}, "
                f"and the envelope says {statement.algorithm}"
            )
        if len(head.signature) != SIGNATURE_SIZES[key.algorithm] or not key.verifies(
            pae(head.statement), head.signature
        ):
            raise BadSignature(f"it was not signed by key {statement.key_id!r}, or changed since")
        if hashlib.sha256(head.manifest).digest() != statement.digest:
            raise BadSignature("the manifest is not the one that was signed")
        return statement, Manifest.decode(head.manifest)

    def _key(self, key_id: str) -> Key:
        key = self._keys.get(key_id)
        if key is None and self._find_key is not None:
            try:
                key = self._find_key(key_id)
            except SealError:
                raise
            except Exception as error:
                raise UnknownKey("looking for the key failed") from error
        if not isinstance(key, Key) or key.id != key_id:
            raise UnknownKey(f"no key here has the id {key_id!r}")
        return key

    def _verify_parts(
        self, statement: Statement, manifest: Manifest, parts: list[memoryview]
    ) -> Opened:
        # Copied before it is verified: a bytearray could change in between.
        content = bytes(parts[0])
        manifest.verify_part(0, memoryview(content))
        buffers = [
            part if type(part.obj) is bytes else memoryview(bytes(part)) for part in parts[1:]
        ]
        for number, part in enumerate(buffers, 1):
            manifest.verify_part(number, part)
        self._accept(statement)
        return Opened(statement, content, buffers)

    def _accept(self, statement: Statement) -> None:
        """Ask whether what is verified is for here, for now, and for the first time."""
        if statement.purpose != self.purpose:
            raise WrongAudience(f"its purpose is {statement.purpose!r}, not {self.purpose!r}")
        if statement.audience != self.audience:
            raise WrongAudience(f"it is for {statement.audience!r}, not for {self.audience!r}")
        now = self._now()
        skew = int(self.skew * 1000)
        start = max(statement.issued, statement.not_before)
        if now + skew < start:
            raise NotYetValid(f"it is valid from {_date(start)} on")
        if statement.expires is not None and now - skew >= statement.expires:
            raise Expired(f"it was valid until {_date(statement.expires)}")
        if self.replay is None:
            return
        # A verifier elsewhere, whose clock is behind this one's, accepts it for so long.
        until = None if statement.expires is None else statement.expires + 2 * skew
        try:
            fresh = self.replay.record(statement.key_id, statement.nonce, until)
        except SealError:
            raise
        except Exception as error:
            raise StoreUnavailable(
                f"nobody can say whether it was accepted before: {error}"
            ) from error
        if not isinstance(fresh, int):  # such as a coroutine, which is true
            raise StoreUnavailable(
                f"the replay store's record gives a {type(fresh).__name__}, not a bool"
            )
        if not fresh:
            raise Replayed("it was accepted before")

    def _now(self) -> int:  # what tests put another clock in the place of
        return time.time_ns() // 1_000_000


def _expect_pickle(statement: Statement) -> None:
    if statement.content == "encrypted":
        raise Undecryptable(
            "it is encrypted: give the Verifier identities, and open it by loads, verify or decrypt_stream"
        )
    if statement.content != "pickle":
        raise Malformed(f"its content is {statement.content}, not a pickle: use verify")


def _expect_as_many(manifest: Manifest, parts: list[memoryview]) -> None:
    if len(parts) != len(manifest.parts):
        raise BadSignature(f"{len(manifest.parts)} parts were signed, and here are {len(parts)}")


def _date(milliseconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(milliseconds / 1000))
