"""Envelopes as standard DSSE envelopes in JSON, and back: seal/dsse.go has the same."""

from __future__ import annotations

import binascii
import json

from gocloudpickle.sealed._envelope import (
    DETACHED,
    MAX_MANIFEST_SIZE,
    MAX_STATEMENT_SIZE,
    Head,
    split,
)
from gocloudpickle.sealed._errors import Malformed
from gocloudpickle.sealed._statement import STATEMENT_TYPE, Statement

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gocloudpickle.sealed._envelope import Buffer


def _encode(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def _decode(text: Any, limit: int, what: str) -> bytes:
    try:
        standard = text.replace("-", "+").replace("_", "/")  # DSSE takes the alphabet of URLs, too
        data = binascii.a2b_base64(standard)
    except (AttributeError, binascii.Error, ValueError, TypeError):
        raise Malformed(f"the {what} is no base64") from None
    if _encode(data) != standard or len(data) > limit:
        raise Malformed(f"the {what} is no base64, or too long")
    return data


def export_dsse(envelope: Buffer) -> str:
    """Turn an envelope into a DSSE envelope in JSON, with the same signature.

    Its payload is the statement; the content is not in it. Nothing is verified.
    """
    head, _ = split(envelope)
    statement = Statement.decode(head.statement)
    return json.dumps(
        {
            "payloadType": STATEMENT_TYPE.decode(),
            "payload": _encode(head.statement),
            "signatures": [{"keyid": statement.key_id, "sig": _encode(head.signature)}],
            "gocloudpickleManifest": _encode(head.manifest),
        },
        separators=(",", ":"),
    )


def import_dsse(text: str | bytes) -> bytes:
    """Turn what export_dsse has made into a detached envelope. Nothing is verified.

    Raises Malformed where it is something else.
    """
    try:
        data = json.loads(text)
        payload_type, payload = data["payloadType"], data["payload"]
        (signature,) = data["signatures"]
        key_id, sig, manifest = signature["keyid"], signature["sig"], data["gocloudpickleManifest"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Malformed("this is no DSSE envelope of gocloudpickle with one signature") from None
    if payload_type != STATEMENT_TYPE.decode():
        raise Malformed(f"its payload type is {payload_type!r}, not {STATEMENT_TYPE.decode()!r}")
    head = Head(
        DETACHED,
        _decode(payload, MAX_STATEMENT_SIZE, "payload"),
        _decode(sig, MAX_STATEMENT_SIZE, "signature"),
        _decode(manifest, MAX_MANIFEST_SIZE, "manifest"),
    )
    if Statement.decode(head.statement).key_id != key_id:
        raise Malformed("the key ids inside and outside of the signature differ")
    return head.encode()


def attach(envelope: Buffer, content: Buffer, buffers: Iterable[Buffer] = ()) -> bytes:
    """Put the content into a detached envelope. Nothing is verified."""
    head, rest = split(envelope)
    if not head.flags & DETACHED or len(rest):
        raise Malformed("this envelope has its content in it")
    return b"".join((head._replace(flags=head.flags & ~DETACHED).encode(), content, *buffers))
