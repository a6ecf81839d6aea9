"""What is signed and what is refused, in Python."""

from __future__ import annotations

import io
import os
import pickle

import gocloudpickle
import pytest
from gocloudpickle import sealed
from gocloudpickle.sealed import _envelope

KEY = sealed.generate_key("hmac-sha256")
MIB = 1 << 20


def pair(**options):
    return sealed.Signer(KEY, **options), sealed.Verifier([KEY])


def trap():
    raise AssertionError("it was loaded")


class Trap:
    def __reduce__(self):
        return trap, ()


def test_functions():
    signer, verifier = pair()
    assert verifier.loads(signer.dumps(lambda x: x * 2))(21) == 42


def test_nothing_is_loaded_of_what_is_refused():
    signer, _ = pair()
    envelope = signer.dumps(Trap())
    others = sealed.Verifier([sealed.generate_key("hmac-sha256")])
    for verifier, data in [
        (others, envelope),
        (sealed.Verifier([KEY], audience="others"), envelope),
        (sealed.Verifier([KEY]), envelope[:-1]),
        (sealed.Verifier([KEY]), envelope + b"x"),
        (sealed.Verifier([KEY]), gocloudpickle.dumps(Trap())),
    ]:
        with pytest.raises(sealed.SealError):
            verifier.loads(data)
        with pytest.raises(sealed.SealError):
            verifier.load(io.BytesIO(data))
    with pytest.raises(AssertionError, match="it was loaded"):
        sealed.Verifier([KEY]).loads(envelope)


def test_any_flipped_bit_and_any_cut():
    signer, verifier = pair()
    envelope = signer.sign(b"content", [b"buffer"])
    for i in range(len(envelope)):
        for bit in range(8):
            changed = bytearray(envelope)
            changed[i] ^= 1 << bit
            for verify in (verifier.verify, lambda data: verifier.verify_stream(io.BytesIO(data))):
                with pytest.raises(sealed.SealError):
                    verify(changed)
        for verify in (verifier.verify, lambda data: verifier.verify_stream(io.BytesIO(data))):
            with pytest.raises((sealed.Unsigned, sealed.Malformed)):
                verify(envelope[:i])


def test_errors_are_unpickling_errors():
    assert issubclass(sealed.SealError, pickle.UnpicklingError)
    kinds = {
        sealed.Unsigned,
        sealed.Malformed,
        sealed.UnknownKey,
        sealed.BadSignature,
        sealed.Expired,
        sealed.NotYetValid,
        sealed.WrongAudience,
        sealed.Replayed,
        sealed.StoreUnavailable,
    }
    assert all(kind.__bases__ == (sealed.SealError,) for kind in kinds)


def test_bytes_are_no_pickle():
    signer, verifier = pair()
    with pytest.raises(sealed.Malformed, match="not a pickle"):
        verifier.loads(signer.sign(pickle.dumps(1)))
    assert verifier.loads(signer.sign(pickle.dumps(1), content_type="pickle")) == 1


def test_a_content_that_changes_meanwhile():
    signer, verifier = pair()
    envelope = bytearray(signer.sign(b"content", [b"buffer"]))
    opened = verifier.verify(envelope)
    envelope[:] = bytes(len(envelope))
    assert (opened.content, bytes(opened.buffers[0])) == (b"content", b"buffer")
    detached = signer.sign_detached(b"", [b"buffer"])
    buffer = bytearray(b"buffer")
    opened = verifier.verify_detached(detached, b"", [memoryview(buffer).toreadonly()])
    buffer[:] = b"BUFFER"
    assert bytes(opened.buffers[0]) == b"buffer"


def test_out_of_band_buffers():
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed")
    signer, verifier = pair()
    array = numpy.arange(300_000)
    envelope = signer.dumps([array, "x"], out_of_band=True)
    assert len(verifier.verify(envelope).buffers) == 1
    for loaded in (verifier.loads(envelope), verifier.load(io.BytesIO(envelope))):
        assert (loaded[0] == array).all() and loaded[1] == "x"


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 7])
def test_streams(size):
    signer, verifier = pair()
    content = (b"0123456789" * (size // 10 + 1))[:size]
    target = io.BytesIO()
    source = io.BytesIO(b"before" + content)
    source.seek(6)
    signer.sign_stream(source, target)
    assert verifier.verify(target.getvalue()).content == content
    target.seek(0)
    _, opened = verifier.verify_stream(target)
    assert opened.read() == content and opened.read() == b""
    if size:
        _, opened = (target.seek(0), verifier.verify_stream(target))[1]
        changed = target.getbuffer()
        changed[-1] ^= 1
        del changed
        with pytest.raises(sealed.BadSignature):
            while opened.read(100_000):
                pass


class Pipe(io.BytesIO):
    """Can be written in order only."""

    def seekable(self):
        return False


@pytest.mark.parametrize("size", [0, 1, MIB, 2 * MIB + 1])
def test_both_ways_to_sign_a_file_make_the_same(size, tmp_path):
    class Fixed(sealed.Signer):
        def _now(self):
            return 1_700_000_000_000

        def _nonce(self):
            return bytes(16)

    signer = Fixed(KEY, audience="é", purpose="p")
    content = b"before" + b"x" * size
    made = []
    for target in (io.BytesIO(b"12"), Pipe(b"12"), open(tmp_path / "w", "wb+"), open(tmp_path / "a", "ab+")):  # fmt: skip
        with target:
            target.seek(0)
            target.write(b"12")
            source = io.BytesIO(content)
            source.seek(6)
            signer.sign_stream(source, target)
            assert target.tell() == target.seek(0, 2)
            target.seek(0)
            made.append(target.read())
    assert made[0][:2] == b"12" and made == [made[0]] * 4
    assert made[0][2:] == signer.sign(content[6:])


def test_a_descriptor_that_appends_is_written_in_order(tmp_path):
    # As a shell's >>: Python's file doesn't know.
    path = tmp_path / "file"
    path.write_bytes(b"12")
    number = os.open(path, os.O_WRONLY | os.O_APPEND)
    with open(number, "wb") as target:
        pair()[0].sign_stream(io.BytesIO(b"content"), target)
    assert pair()[1].verify(path.read_bytes()[2:]).content == b"content"


def test_a_source_that_changes():
    class Changing(io.BytesIO):
        def seek(self, *arguments):
            self.getbuffer()[0] ^= 1
            return super().seek(*arguments)

    class Growing(io.BytesIO):
        def readinto(self, buffer):
            got = super().readinto(buffer)
            if got and not self.grown:
                self.grown = True
                place = self.tell()
                self.seek(0, 2)
                self.write(b"more")
                self.seek(place)
            return got

        grown = False

    signer, verifier = pair()
    with pytest.raises(ValueError, match="changed while it was signed"):
        signer.sign_stream(Changing(b"content"), Pipe())
    target = io.BytesIO()
    with pytest.raises(ValueError, match="changed while it was signed"):
        signer.sign_stream(Growing(b"x" * MIB), target)
    with pytest.raises(sealed.Unsigned):
        verifier.verify(target.getvalue())
    target = io.BytesIO()  # read once: what was read is what was signed
    signer.sign_stream(Changing(b"content"), target)
    assert verifier.verify(target.getvalue()).content == target.getvalue()[-7:]


def test_a_large_pickle_from_a_file(tmp_path):
    signer, verifier = pair()
    value = [bytes([i]) * 700_000 for i in range(10)] + [
        ["many", "strings", i] for i in range(9999)
    ]
    with open(tmp_path / "pickle", "w+b") as source, open(tmp_path / "sealed", "w+b") as target:
        gocloudpickle.dump(value, source)
        source.seek(0)
        signer.sign_stream(source, target, content_type="pickle")
        target.seek(0)
        assert verifier.load(target) == value


def test_hostile_lengths():
    _, verifier = pair()
    fixed = _envelope._FIXED
    for flags, statement, signature, manifest in [
        (0, 65535, 0, 0),
        (0, 0, 0, 2**64 - 1),
        (0, 0, 0, 2**26),
        (2, 0, 0, 0),
        (0, 0, 65535, 0),
    ]:
        head = fixed.pack(_envelope.MAGIC, 1, flags, statement, signature, manifest)
        for verify in (verifier.verify, lambda data: verifier.verify_stream(io.BytesIO(data))):
            with pytest.raises(sealed.Malformed):
                verify(head)


def test_find_key():
    signer, _ = pair()
    envelope = signer.sign(b"content")
    asked = []

    def find(key_id):
        asked.append(key_id)
        return KEY

    assert sealed.Verifier(find_key=find).verify(envelope).content == b"content"
    assert asked == [KEY.id]
    other = sealed.generate_key("hmac-sha256")
    for find in (lambda key_id: None, lambda key_id: other, lambda key_id: 1 / 0):
        with pytest.raises(sealed.UnknownKey):
            sealed.Verifier(find_key=find).verify(envelope)


def test_what_no_verifier_would_take_is_not_made(monkeypatch):
    for options in ({"expires_in": 1e12}, {"valid_in": 1e12}):
        with pytest.raises(ValueError, match="9999"):
            sealed.Signer(sealed.generate_key("hmac-sha256"), **options).sign(b"x")
    monkeypatch.setattr("gocloudpickle.sealed._sign.MAX_MANIFEST_SIZE", 100)
    with pytest.raises(ValueError, match="too many"):
        sealed.Signer(sealed.generate_key("hmac-sha256")).sign(bytes(4 << 20))
