"""The published test vectors, of which the Go package seal makes the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gocloudpickle import sealed
from gocloudpickle.sealed import _keys, _sign, _single, _verify

pytest.importorskip("cryptography", reason="cryptography is not installed")

FILE = Path(__file__).parents[2] / "seal" / "testdata" / "vectors.json"
if not FILE.exists():
    pytest.skip("this is a copy of the tests, without the vectors", allow_module_level=True)
VECTORS = json.loads(FILE.read_text("utf-8"))
KEYS = {name: _keys.parse_key(text) for name, text in VECTORS["keys"].items()}
REASONS = {
    "unsigned": sealed.Unsigned,
    "malformed": sealed.Malformed,
    "unknown key": sealed.UnknownKey,
    "bad signature": sealed.BadSignature,
    "wrong audience": sealed.WrongAudience,
    "not yet valid": sealed.NotYetValid,
    "expired": sealed.Expired,
}


class FixedSigner(_sign.Signer):
    def __init__(self, vector):
        super().__init__(
            KEYS[vector["key"]],
            audience=vector["audience"],
            purpose=vector["purpose"],
            expires_in=vector["expires_in"] / 1000 or None,
            valid_in=vector["valid_in"] / 1000,
        )
        self.vector = vector

    def _now(self):
        return self.vector["issued"]

    def _nonce(self):
        return bytes.fromhex(self.vector["nonce"])

    def _python(self, content_type):
        return tuple(self.vector["python"])


class FixedVerifier(_verify.Verifier):
    now = 0

    def _now(self):
        return self.now


@pytest.fixture(autouse=True, params=["engine", "python"])
def way(request, monkeypatch):
    """Small envelopes with hmac-sha256 are the engine's, and all can be made without it."""
    if request.param == "python":
        for name in ("seal", "open"):
            monkeypatch.setattr(_single.Single, name, lambda self, *arguments: None)


@pytest.mark.parametrize("vector", VECTORS["accepted"], ids=lambda v: ascii(v["name"]))
def test_accepted(vector):
    parts = [bytes.fromhex(part) for part in vector["parts"]]
    signer = FixedSigner(vector)
    sign = signer.sign_detached if vector["detached"] else signer.sign
    envelope = sign(parts[0], parts[1:], content_type=vector["content_type"])
    assert envelope.hex() == vector["envelope"]

    verifier = FixedVerifier(
        [KEYS[vector["key"]]], audience=vector["audience"], purpose=vector["purpose"], skew=0
    )
    verifier.now = vector["issued"] + vector["valid_in"]
    if 0 < vector["expires_in"] <= vector["valid_in"]:
        with pytest.raises(sealed.Expired):
            verifier.verify(envelope)
        return
    if vector["detached"]:
        opened = verifier.verify_detached(envelope, parts[0], parts[1:])
    else:
        opened = verifier.verify(envelope)
    assert [opened.content, *map(bytes, opened.buffers)] == parts
    assert sealed.import_dsse(sealed.export_dsse(envelope)) == (
        envelope if vector["detached"] else sign_again_detached(signer, vector, parts)
    )


def sign_again_detached(signer, vector, parts):
    return signer.sign_detached(parts[0], parts[1:], content_type=vector["content_type"])


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda v: ascii(v["name"]))
def test_refused(vector):
    verifier = FixedVerifier(
        KEYS.values(),
        audience=vector["audience"],
        purpose=vector["purpose"],
        skew=vector["skew"] / 1000,
    )
    verifier.now = vector["now"]
    with pytest.raises(sealed.SealError) as error:
        verifier.verify(bytes.fromhex(vector["envelope"]))
    assert type(error.value) is REASONS[vector["reason"]]
