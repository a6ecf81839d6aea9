"""Small envelopes that the engine makes and opens, against those made in Python."""

from __future__ import annotations

import hashlib
import os
import random
import threading

import gocloudpickle
import pytest
from gocloudpickle import sealed
from gocloudpickle.sealed import _envelope, _single

KEY = sealed.generate_key("hmac-sha256")
NOW, NONCE = 1_700_000_000_000, bytes(range(16))

if gocloudpickle.engine_info()["path"] == "python":
    pytest.skip("there is no engine", allow_module_level=True)


class Fixed(sealed.Signer):
    def _now(self):
        return NOW

    def _nonce(self):
        return NONCE


class Slow(Fixed):
    def _seal_single(self, content, content_type):
        return None


class SlowVerifier(sealed.Verifier):
    def _verify_single(self, data):
        return None


SIZES = [0, 1, 63, 64, 1024, 65535, 65536, 65537, 1 << 20, (1 << 20) + 1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("content_type", ["pickle", "bytes", "encrypted"])
def test_the_bytes_are_the_same(size, content_type):
    content = random.Random(size).randbytes(size)
    for options in ({}, {"audience": "é" * 100, "purpose": "", "expires_in": 5, "valid_in": 2}):
        ours, slow = Fixed(KEY, **options), Slow(KEY, **options)
        envelope = ours.sign(content, content_type=content_type)
        assert envelope == slow.sign(content, content_type=content_type)
        names = {name: options[name] for name in ("audience", "purpose") if name in options}
        opened = [kind([KEY], skew=1e12, **names) for kind in (sealed.Verifier, SlowVerifier)]
        first, second = (verifier.verify(envelope) for verifier in opened)
        assert first == second and type(first.statement) is sealed.Statement
        assert first.content == content


def test_what_is_not_the_engines_is_not_given_to_it(monkeypatch):
    calls = []
    monkeypatch.setattr(_single.Single, "seal", lambda self, *rest: calls.append(rest))
    signer = sealed.Signer(KEY)
    for content in (bytearray(b"x"), memoryview(b"x"), bytes(_single.LARGEST + 1)):
        signer.sign(content)
    signer.sign(b"x", [b"y"])
    signer.sign_detached(b"x")
    assert calls == []
    signer.sign(b"x")
    assert len(calls) == 1


@pytest.mark.parametrize("content", [b"", b"x" * 40])
def test_each_flipped_bit_and_each_cut_is_refused(content):
    envelope = sealed.Signer(KEY, audience="a").sign(content)
    verifier, slow = (kind([KEY], audience="a") for kind in (sealed.Verifier, SlowVerifier))
    data = bytearray(envelope)
    for bit in range(8 * len(data)):
        data[bit // 8] ^= 1 << bit % 8
        with pytest.raises(sealed.SealError) as first:
            verifier.verify(bytes(data))
        with pytest.raises(type(first.value)):
            slow.verify(bytes(data))
        data[bit // 8] ^= 1 << bit % 8
    for size in range(len(envelope)):
        with pytest.raises(sealed.SealError):
            verifier.verify(envelope[:size])
    with pytest.raises(sealed.SealError):
        verifier.verify(envelope + b"x")


def test_settings_may_change():
    signer, verifier = sealed.Signer(KEY, audience="a"), sealed.Verifier([KEY], audience="a")
    verifier.verify(signer.sign(b"x"))
    signer.audience = verifier.audience = "b"
    assert verifier.verify(signer.sign(b"x")).statement.audience == "b"
    verifier.purpose = "other"
    with pytest.raises(sealed.WrongAudience):
        verifier.verify(signer.sign(b"x"))


def test_chunks_of_another_size_are_pythons():
    content = b"x" * 5000
    part = _envelope.Part(
        5000,
        [hashlib.sha256(content[i : i + 1024]).digest() for i in range(0, 5000, 1024)],
    )
    manifest = _envelope.Manifest(1024, [part])
    envelope = sealed.Signer(KEY)._head(manifest, "bytes", 0).encode() + content
    assert sealed.Verifier([KEY]).verify(envelope).content == content


def test_a_forked_child_goes_on():
    signer, verifier = sealed.Signer(KEY), sealed.Verifier([KEY])
    assert verifier.verify(signer.sign(b"parent")).content == b"parent"
    pid = os.fork()
    if pid == 0:
        os._exit(verifier.verify(signer.sign(b"child")).content != b"child")
    assert os.waitpid(pid, 0)[1] == 0


def test_threads():
    signer, verifier = sealed.Signer(KEY), sealed.Verifier([KEY])
    failures = []

    def work(number):
        try:
            for i in range(500):
                content = b"%d %d" % (number, i)
                assert verifier.verify(signer.sign(content)).content == content
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_the_engines_functions_take_bytes_alone():
    from gocloudpickle import _loader

    engine = _loader.engine()
    for arguments in ((), (b"", b"", b""), (b"", b"", b"", "x"), (b"", b"", b"short", b"")):
        with pytest.raises((TypeError, ValueError)):
            engine.seal_single(*arguments)
    for arguments in ((), (b"", b""), (b"", b"", bytearray())):
        with pytest.raises(TypeError):
            engine.open_single(*arguments)
    assert engine.open_single(b"", b"", b"") is None
    assert engine.open_single(b"", b"", bytes(400)) is None
