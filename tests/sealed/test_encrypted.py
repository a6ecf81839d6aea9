"""Contents that only recipients can read."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import gocloudpickle
import pytest
from gocloudpickle import sealed

pyrage = pytest.importorskip("pyrage", reason="pyrage is not installed")

KEY, SECOND = (sealed.generate_key("hmac-sha256") for _ in range(2))
MINE, YOURS, OTHER = (pyrage.x25519.Identity.generate() for _ in range(3))


def signer(key=KEY, **options):
    return sealed.Signer(key, recipients=[MINE.to_public(), YOURS.to_public()], **options)


def verifier(*identities, **options):
    return sealed.Verifier([KEY, SECOND], identities=identities, **options)


def test_functions():
    secret = "nobody reads this"
    envelope = signer(audience="a").dumps(lambda: secret)
    assert secret.encode() not in envelope
    for identities in ([MINE], [YOURS], [OTHER, MINE]):
        assert verifier(*identities, audience="a").loads(envelope)() == secret
    with pytest.raises(sealed.Undecryptable):
        verifier(OTHER, audience="a").loads(envelope)
    with pytest.raises(sealed.Undecryptable, match="identities"):
        verifier(audience="a").loads(envelope)
    assert verifier(audience="a").verify(envelope).statement.content == "encrypted"


@pytest.mark.parametrize("size", [0, 1000, 3 << 20])
def test_bytes_and_buffers(size):
    envelope = signer().sign(b"x" * size, [b"buffer"])
    opened = verifier(MINE).verify(envelope)
    assert opened.content == b"x" * size and [*map(bytes, opened.buffers)] == [b"buffer"]
    assert opened.statement.content == "bytes"
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed")
    array = numpy.arange(100_000)
    assert (verifier(MINE).loads(signer().dumps(array, out_of_band=True)) == array).all()


def test_what_is_not_encrypted_is_opened_too():
    assert verifier(MINE).verify(sealed.Signer(KEY).sign(b"x")).content == b"x"


def test_once():
    envelope = signer(expires_in=60).sign(b"x")
    once = verifier(MINE, replay=sealed.MemoryReplayStore())
    once.verify(envelope)
    assert len(once.replay) == 1
    with pytest.raises(sealed.Replayed):
        once.verify(envelope)


def test_nothing_is_decrypted_before_it_is_verified(monkeypatch):
    envelope = bytearray(signer().sign(b"x"))
    monkeypatch.setattr("gocloudpickle.sealed._encrypt.decrypt", None)
    for i in range(len(envelope)):
        envelope[i] ^= 1
        with pytest.raises(sealed.SealError):
            verifier(MINE).verify(bytes(envelope))
        envelope[i] ^= 1


def test_somebody_else_can_not_seal_it_as_his_own():
    file = verifier().verify(signer().sign(b"x")).content
    stolen = sealed.Signer(SECOND).sign(file, content_type="encrypted")
    with pytest.raises(sealed.BadSignature):
        verifier(MINE).verify(stolen)


def test_no_age_file():
    for content in (b"", b"x", signer().sign(b"x")):
        envelope = sealed.Signer(KEY).sign(content, content_type="encrypted")
        with pytest.raises(sealed.Undecryptable):
            verifier(MINE).verify(envelope)


def test_encrypted_twice_is_refused_as_no_pickle():
    twice = sealed.Signer(KEY, recipients=[MINE.to_public()])
    inner = signer().dumps(1)
    file = pyrage.encrypt(inner, [MINE.to_public()])
    envelope = sealed.Signer(KEY).sign(file, content_type="encrypted")
    with pytest.raises(sealed.SealError):
        verifier(MINE).loads(envelope)
    assert verifier(MINE).verify(twice.sign(b"x")).content == b"x"


def test_ways_that_do_not_encrypt_are_errors():
    for attempt in (
        lambda: signer().sign_detached(b"x"),
        lambda: signer().sign_detached_stream(io.BytesIO(b"x")),
        lambda: signer()._message(b"x", [b"y"]),
    ):
        with pytest.raises(ValueError, match="recipients"):
            attempt()


def test_messages_of_frameworks_have_no_buffers_beside_them():
    from gocloudpickle.sealed import _doors, _process

    class Data:
        def __reduce_ex__(self, protocol):
            import pickle

            return bytes, (pickle.PickleBuffer(b"secret" * 1000),)

    outside = []
    _process.change(signer=signer(), verifier=verifier(MINE))
    try:
        message = _doors.dumps(gocloudpickle.dumps, Data(), outside.append)
        assert outside == [] and b"secret" not in message
        assert _doors.loads(gocloudpickle.loads, message) == b"secret" * 1000
    finally:
        _process.change(signer=None, verifier=None)


def sealed_stream(content, **options):
    target = io.BytesIO()
    source = io.BytesIO(b"before" + content)
    source.seek(6)
    signer(**options).sign_stream(source, target)
    assert source.read() == b""
    return target.getvalue()


def decrypted(envelope, *identities, **options):
    target = io.BytesIO()
    statement = verifier(*identities, **options).decrypt_stream(io.BytesIO(envelope), target)
    return statement, target.getvalue()


CHUNK = 1 << 20


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_streams(size):
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    envelope = sealed_stream(content)
    statement, got = decrypted(envelope, OTHER, MINE)
    assert got == content and statement.content == "bytes"
    assert size < 256 or content[:256] not in envelope
    # One is as good as the other.
    assert verifier(YOURS).verify(envelope).content == content
    assert decrypted(signer().sign(content), MINE)[1] == content


def test_streams_that_are_refused():
    envelope = sealed_stream(b"content" * 100, audience="a")
    with pytest.raises(sealed.WrongAudience):
        decrypted(envelope, MINE)
    with pytest.raises(sealed.Undecryptable):
        decrypted(envelope, OTHER, audience="a")
    with pytest.raises(sealed.Undecryptable):
        decrypted(envelope, audience="a")
    with pytest.raises(sealed.Malformed, match="not encrypted"):
        decrypted(sealed.Signer(KEY).sign(b"x"), MINE)
    store = sealed.MemoryReplayStore()
    decrypted(envelope, MINE, audience="a", replay=store)
    assert len(store) == 1
    with pytest.raises(sealed.Replayed):
        decrypted(envelope, MINE, audience="a", replay=store)


def of_inner(inner, key=KEY):
    """Seal what is not what a Signer encrypts."""
    file = pyrage.encrypt(inner, [MINE.to_public()])
    return sealed.Signer(key).sign(file, content_type="encrypted")


def test_streams_with_something_else_inside():
    good = sealed.Signer(KEY).sign(bytes(2 * CHUNK), content_type="pickle")
    assert decrypted(of_inner(good), MINE)[1] == bytes(2 * CHUNK)
    changed = good[:-1] + b"x"
    for inner, refusal, words in (
        (good[:-1], sealed.Malformed, "cut off"),
        (good[:100], sealed.Malformed, "cut off"),
        (b"", sealed.Malformed, "cut off"),
        (good + b"x", sealed.Malformed, "behind its end"),
        (changed, sealed.BadSignature, "chunk 1"),
        (b"x" * 100, sealed.Unsigned, "begin"),
        (sealed.Signer(SECOND).sign(b"x"), sealed.BadSignature, "who encrypted it"),
        (sealed.Signer(KEY).sign_detached(b"x"), sealed.Malformed, "detached"),
        (sealed.Signer(KEY).sign(b"x", [b"y"]), sealed.Malformed, "buffers"),
        (of_inner(good), sealed.Malformed, "encrypted twice"),
    ):
        with pytest.raises(refusal, match=words):
            decrypted(of_inner(inner), MINE)
    file = bytearray(pyrage.encrypt(good, [MINE.to_public()]))
    for place in (5, 150, -1):
        file[place] ^= 1
        with pytest.raises(sealed.Undecryptable):
            decrypted(sealed.Signer(KEY).sign(bytes(file), content_type="encrypted"), MINE)
        file[place] ^= 1
    with pytest.raises(sealed.Undecryptable):
        decrypted(sealed.Signer(KEY).sign(bytes(file[:-1]), content_type="encrypted"), MINE)


def test_a_target_that_is_full_is_no_refusal():
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        verifier(MINE).decrypt_stream(io.BytesIO(sealed_stream(b"x")), Full())


def test_a_source_that_changes_while_it_is_encrypted():
    class Changing(io.BytesIO):
        reads = 0

        def readinto(self, buffer):
            self.reads += 1
            got = super().readinto(buffer)
            if self.reads > 2 and got:
                buffer[0] ^= 1
            return got

    with pytest.raises(ValueError, match="changed while it was signed"):
        signer().sign_stream(Changing(b"content"), io.BytesIO())


ROOT = Path(__file__).parents[2]
PROGRAM = """
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"

	"github.com/gocloudpickle/gocloudpickle/seal"
	"github.com/gocloudpickle/gocloudpickle/seal/ageseal"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	key := must(seal.LoadKey(os.Args[1]))
	identity := must(age.ParseX25519Identity(os.Args[2]))
	verifier := &seal.Verifier{Keys: []*seal.Key{key}}
	opened := must(ageseal.Verify(verifier, []age.Identity{identity}, must(os.ReadFile(os.Args[3]))))
	fmt.Println(string(opened.Content), string(opened.Buffers[0]))
	signer := &seal.Signer{Key: key, Type: seal.Bytes}
	made := must(ageseal.Sign(signer, []age.Recipient{identity.Recipient()}, []byte("from Go"), []byte("buffer")))
	if err := os.WriteFile(os.Args[4], made, 0o600); err != nil {
		panic(err)
	}
	file := must(os.Open(os.Args[5]))
	stream := must(ageseal.VerifyStream(verifier, []age.Identity{identity}, file, must(file.Stat()).Size()))
	fmt.Println(len(must(io.ReadAll(stream.Part(0)))))
	out := must(os.Create(os.Args[6]))
	if err := ageseal.SignStream(signer, []age.Recipient{identity.Recipient()}, out, strings.NewReader("a stream from Go")); err != nil {
		panic(err)
	}
}
"""


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("go") is None or not (ROOT / "go.mod").exists(), reason="no go, or no checkout"
)
def test_go_opens_it_and_makes_such(tmp_path):
    folder = ROOT / "build" / "_encrypted_go"  # which ./... leaves out
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.go").write_text(PROGRAM)
    sealed.save_key(tmp_path / "key", KEY)
    (tmp_path / "envelope").write_bytes(signer().sign(b"from Python", [b"buffer"]))
    (tmp_path / "stream").write_bytes(sealed_stream(bytes(3 * CHUNK)))
    files = [tmp_path / name for name in ("envelope", "made", "stream", "made stream")]
    arguments = [tmp_path / "key", str(MINE), *files]
    done = subprocess.run(
        ["go", "run", "./build/_encrypted_go", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"from Python buffer\n{3 * CHUNK}\n"
    opened = verifier(MINE).verify((tmp_path / "made").read_bytes())
    assert opened.content == b"from Go" and bytes(opened.buffers[0]) == b"buffer"
    assert decrypted(files[3].read_bytes(), MINE)[1] == b"a stream from Go"
