"""Exported envelopes, verified by an implementation of DSSE that isn't ours."""

from __future__ import annotations

import json

import pytest
from gocloudpickle import sealed

pytest.importorskip("cryptography", reason="cryptography is not installed")
pytest.importorskip("securesystemslib", reason="securesystemslib is not installed")

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

KEY = sealed.generate_key("ed25519")


def their_key(key):
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    return SSlibKey.from_crypto(load_pem_public_key(key.public().pem()), keyid=key.id)


def their_envelope(text):
    data = json.loads(text)
    del data["gocloudpickleManifest"]
    return Envelope.from_dict(data)


def test_exported():
    text = sealed.export_dsse(sealed.Signer(KEY, audience="a").sign(b"content"))
    envelope = their_envelope(text)
    assert envelope.verify([their_key(KEY)], 1)
    statement = sealed.Statement.decode(envelope.payload)
    assert (statement.audience, statement.key_id) == ("a", KEY.id)

    with pytest.raises(VerificationError):
        envelope.verify([their_key(sealed.generate_key("ed25519"))], 1)
    envelope.payload = envelope.payload.replace(b"\x01a", b"\x01b")
    with pytest.raises(VerificationError):
        envelope.verify([their_key(KEY)], 1)


def test_there_and_back():
    signer, verifier = sealed.Signer(KEY), sealed.Verifier([KEY.public()])
    envelope = signer.sign(b"content", [b"buffer"])
    back = sealed.import_dsse(sealed.export_dsse(envelope))
    assert verifier.verify_detached(back, b"content", [b"buffer"]).content == b"content"
    assert sealed.attach(back, b"content", [b"buffer"]) == envelope


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("payload"),
        lambda d: d.update(payload="?"),
        lambda d: d.update(payload=d["payload"] + "\n"),
        lambda d: d.update(payload=5),
        lambda d: d.update(payloadType="application/vnd.in-toto+json"),
        lambda d: d.update(signatures=[]),
        lambda d: d.update(signatures=d["signatures"] * 2),
        lambda d: d["signatures"][0].update(keyid="0"),
        lambda d: d.update(gocloudpickleManifest=None),
    ],
)
def test_no_dsse(change):
    data = json.loads(sealed.export_dsse(sealed.Signer(KEY).sign(b"content")))
    change(data)
    with pytest.raises(sealed.Malformed):
        sealed.import_dsse(json.dumps(data))


def test_no_json():
    for text in ["", "[]", "{", b"\xff", "[" * 100_000]:
        with pytest.raises(sealed.Malformed):
            sealed.import_dsse(text)


def test_base64_of_urls():
    """DSSE takes both alphabets."""
    content = bytes(1000)
    while True:
        envelope = sealed.Signer(KEY).sign_detached(content)
        data = json.loads(sealed.export_dsse(envelope))
        signature = data["signatures"][0]
        if set("+/") & set(signature["sig"]):
            break
    signature["sig"] = signature["sig"].replace("+", "-").replace("/", "_")
    assert sealed.import_dsse(json.dumps(data)) == envelope
    signature["sig"] += "\n"
    with pytest.raises(sealed.Malformed, match="signature is no base64"):
        sealed.import_dsse(json.dumps(data))
