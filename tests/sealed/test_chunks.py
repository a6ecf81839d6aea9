"""Files that several threads hash, and files that only look like such."""

from __future__ import annotations

import gzip
import io
import os
import threading

import pytest
from gocloudpickle import sealed
from gocloudpickle.sealed import _chunks

KEY = sealed.generate_key("hmac-sha256")
SIGNER, VERIFIER = sealed.Signer(KEY), sealed.Verifier([KEY])
CONTENT = os.urandom(1 << 10) * (9 << 10) + b"end"  # nine chunks, and a little more


@pytest.fixture(autouse=True)
def several(monkeypatch):
    monkeypatch.setattr(_chunks, "_processors", lambda: 4)


@pytest.mark.parametrize("before", [b"", b"before"])
@pytest.mark.parametrize("buffering", [-1, 0])
def test_file(tmp_path, before, buffering):
    (tmp_path / "in").write_bytes(before + CONTENT)
    with (
        open(tmp_path / "in", "rb", buffering) as source,
        open(tmp_path / "out", "w+b", buffering) as target,
    ):
        assert source.read(len(before)) == before
        target.write(before)
        SIGNER.sign_stream(source, target)
        assert source.read() == b""
        target.write(b"after")
    envelope = (tmp_path / "out").read_bytes()
    assert envelope.startswith(before) and envelope.endswith(b"after")
    envelope = envelope[len(before) : -len(b"after")]
    assert VERIFIER.verify(envelope).content == CONTENT
    (tmp_path / "out").write_bytes(before + envelope)
    with open(tmp_path / "out", "rb", buffering) as file:
        file.read(len(before))
        _, content = VERIFIER.verify_stream(file)
        assert content.read() == CONTENT


def test_detached(tmp_path):
    path = tmp_path / "in"
    path.write_bytes(CONTENT)
    with open(path, "rb") as source:
        envelope = SIGNER.sign_detached_stream(source)
        source.seek(0)
        _, content = VERIFIER.verify_detached_stream(envelope, source)
        assert content.read() == CONTENT
    assert VERIFIER.verify_detached(envelope, CONTENT).content == CONTENT
    in_memory = SIGNER.sign_detached(CONTENT)
    _, content = VERIFIER.verify_detached_stream(in_memory, io.BytesIO(CONTENT))
    assert content.read() == CONTENT
    for changed, refusal in (
        (CONTENT[:-1], sealed.Malformed),
        (CONTENT + b"x", sealed.Malformed),
        (CONTENT[:-1] + b"x", sealed.BadSignature),
    ):
        path.write_bytes(changed)
        with open(path, "rb") as source, pytest.raises(refusal):
            VERIFIER.verify_detached_stream(envelope, source)
    with pytest.raises(sealed.Malformed, match="content in it"):
        VERIFIER.verify_detached_stream(SIGNER.sign(b"x"), io.BytesIO(b"x"))


def test_the_first_chunk_that_is_wrong_is_named(tmp_path):
    envelope = bytearray(SIGNER.sign(CONTENT))
    start = len(envelope) - len(CONTENT)
    for chunk in (7, 2, 5):
        envelope[start + (chunk << 20)] ^= 1
    (tmp_path / "file").write_bytes(envelope)
    with open(tmp_path / "file", "rb") as file, pytest.raises(sealed.BadSignature, match="chunk 2"):
        VERIFIER.verify_stream(file)
    with pytest.raises(sealed.BadSignature, match="chunk 2"):
        VERIFIER.verify(bytes(envelope))


def test_a_file_inside_of_a_file(tmp_path):
    """Its descriptor is that of the outer one."""
    with gzip.open(tmp_path / "in.gz", "wb") as file:
        file.write(CONTENT)
    with gzip.open(tmp_path / "in.gz", "rb") as source, open(tmp_path / "out", "wb") as target:
        SIGNER.sign_stream(source, target)
    assert VERIFIER.verify((tmp_path / "out").read_bytes()).content == CONTENT


def test_what_is_in_a_buffer_is_signed(tmp_path):
    with open(tmp_path / "in", "w+b") as source, open(tmp_path / "out", "wb") as target:
        source.write(b"written, and not flushed")
        source.seek(0)
        SIGNER.sign_stream(source, target)
    assert VERIFIER.verify((tmp_path / "out").read_bytes()).content == b"written, and not flushed"


@pytest.mark.parametrize("change", [b"longer", None])
def test_a_file_that_changes(tmp_path, monkeypatch, change):
    path = tmp_path / "in"
    path.write_bytes(CONTENT)
    real, done = _chunks._write_at, []

    def changing(number, piece, place):
        if not done:
            done.append(True)
            if change is None:
                os.truncate(path, 1000)
            else:
                with open(path, "ab") as file:
                    file.write(change)
        real(number, piece, place)

    monkeypatch.setattr(_chunks, "_write_at", changing)
    with open(path, "rb") as source, open(tmp_path / "out", "wb") as target:
        with pytest.raises(ValueError, match="changed while it was signed"):
            SIGNER.sign_stream(source, target)
    with pytest.raises(sealed.Unsigned):
        VERIFIER.verify((tmp_path / "out").read_bytes())


def test_no_thread_outlives_an_error():
    before = threading.active_count()

    def work(number, start, length):
        if number == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _chunks.each_chunk(1000, 1, work)
    assert threading.active_count() == before
    done = []
    _chunks.each_chunk(10, 3, lambda *chunk: done.append(chunk))
    assert sorted(done) == [(0, 0, 3), (1, 3, 3), (2, 6, 3), (3, 9, 1)]


def test_a_system_that_gives_no_thread(monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    assert VERIFIER.verify(SIGNER.sign(CONTENT)).content == CONTENT
