"""What a signature covers, and its one encoding: seal/statement.go has the same."""

from __future__ import annotations

import struct
from typing import NamedTuple

from gocloudpickle.sealed._errors import Malformed

STATEMENT_TYPE = b"application/vnd.gocloudpickle.statement.v1"
ALGORITHMS = {"ed25519": 1, "hmac-sha256": 2}
ALGORITHM_NAMES = {number: name for name, number in ALGORITHMS.items()}
CONTENT_TYPES = ("pickle", "bytes", "encrypted")

NONCE_SIZE = 16
DIGEST_SIZE = 32
MAX_TEXT = 255
NEVER = 2**64 - 1
MAX_TIME = 253402300799999  # the last millisecond of the year 9999

# What follows the texts, but for the digest.
TERMS = struct.Struct(f">QQQ{NONCE_SIZE}sBBB")
_TAIL = struct.Struct(f">QQQ{NONCE_SIZE}sBBB{DIGEST_SIZE}s")


class Statement(NamedTuple):
    """All that decides whether an envelope is accepted, and the digest of what it holds.

    Times are milliseconds since 1970; expires is None where it never does. python is
    (major, minor), (0, 0) where the content is for any. content is "pickle", "bytes" or
    "encrypted". digest is the SHA-256 of the manifest, which has those of the content.
    """

    algorithm: str
    key_id: str
    purpose: str
    audience: str
    issued: int
    not_before: int
    expires: int | None
    nonce: bytes
    python: tuple[int, int]
    content: str
    digest: bytes

    def encode(self) -> bytes:
        """Return the bytes that are signed, as the body of DSSE's pre-authentication encoding."""
        return b"".join(
            (
                prefix(self.algorithm, self.key_id, self.purpose, self.audience),
                _TAIL.pack(
                    self.issued,
                    self.not_before,
                    NEVER if self.expires is None else self.expires,
                    self.nonce,
                    *self.python,
                    CONTENT_TYPES.index(self.content),
                    self.digest,
                ),
            )
        )

    @staticmethod
    def decode(data: bytes) -> Statement:
        """Read an encoding that is the whole of data. Raises Malformed."""
        texts: list[str] = []
        position = 1
        try:
            algorithm = ALGORITHM_NAMES.get(data[0], f"algorithm {data[0]}")
            for _ in range(3):
                end = position + 1 + data[position]
                if end > len(data):
                    raise Malformed("the statement is cut off")
                texts.append(data[position + 1 : end].decode("utf-8"))
                position = end
            issued, not_before, expires, nonce, major, minor, content, digest = _TAIL.unpack(
                data[position:]
            )
        except (IndexError, struct.error):
            raise Malformed("the statement is cut off, or too long") from None
        except UnicodeDecodeError:
            raise Malformed("a text of the statement is not UTF-8") from None
        if content >= len(CONTENT_TYPES):
            raise Malformed(f"content type {content} is unknown")
        if max(issued, not_before, expires if expires != NEVER else 0) > MAX_TIME:
            raise Malformed("a time of the statement is missing, or after the year 9999")
        return Statement(
            algorithm,
            texts[0],
            texts[1],
            texts[2],
            issued,
            not_before,
            None if expires == NEVER else expires,
            nonce,
            (major, minor),
            CONTENT_TYPES[content],
            digest,
        )


def prefix(algorithm: str, key_id: str, purpose: str, audience: str) -> bytes:
    """Return the beginning of a statement's encoding, which is the same for all of a signer."""
    return b"".join(
        (
            bytes((ALGORITHMS[algorithm],)),
            _text(key_id, "key id"),
            _text(purpose, "purpose"),
            _text(audience, "audience"),
        )
    )


def _text(text: str, what: str) -> bytes:
    encoded = text.encode("utf-8")
    if len(encoded) > MAX_TEXT:
        raise ValueError(f"the {what} has {len(encoded)} bytes, and can have {MAX_TEXT}")
    return bytes((len(encoded),)) + encoded


def pae(statement: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding (protocol.md of secure-systems-lab/dsse)."""
    return b"DSSEv1 %d %b %d %b" % (len(STATEMENT_TYPE), STATEMENT_TYPE, len(statement), statement)
