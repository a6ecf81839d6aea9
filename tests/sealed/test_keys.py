"""Keys: files, and that nothing shows them."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import traceback

import pytest
from gocloudpickle import sealed
from gocloudpickle.sealed import _keys


@pytest.fixture(params=["hmac-sha256", "ed25519"])
def key(request):
    if request.param == "ed25519":
        pytest.importorskip("cryptography", reason="cryptography is not installed")
    return sealed.generate_key(request.param)


def test_file(key, tmp_path):
    path = tmp_path / "key"
    sealed.save_key(path, key)
    assert os.stat(path).st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        sealed.save_key(path, key)
    assert sealed.load_key(path) == key
    public = tmp_path / "key.pub"
    sealed.save_key(public, key.public())
    loaded = sealed.load_key(public)
    assert loaded == key.public() and loaded.id == key.id
    if key.algorithm == "ed25519":
        assert not loaded.signs and loaded != key
        with pytest.raises(ValueError, match="verifies only"):
            sealed.Signer(loaded)


def test_environment(key, monkeypatch):
    monkeypatch.setenv("SEALED_TEST_KEY", key.pem().decode())
    assert sealed.key_from_environment("SEALED_TEST_KEY") == key
    monkeypatch.setenv("SEALED_TEST_KEY", "a secret that is no key")
    with pytest.raises(ValueError, match="SEALED_TEST_KEY") as error:
        sealed.key_from_environment("SEALED_TEST_KEY")
    assert "a secret" not in "".join(traceback.format_exception(error.value))
    monkeypatch.delenv("SEALED_TEST_KEY")
    with pytest.raises(ValueError, match="is not set"):
        sealed.key_from_environment("SEALED_TEST_KEY")


def test_nothing_shows_it(key):
    signer, verifier = sealed.Signer(key), sealed.Verifier([key])
    for way in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="can't be pickled"):
            way(key)
    with pytest.raises(AttributeError):
        key.algorithm = "none"
    with pytest.raises(sealed.SealError) as error:
        verifier.verify(signer.sign(b"x") + b"y")
    report = "".join(
        traceback.TracebackException.from_exception(error.value, capture_locals=True).format()
    )
    assert "self = Verifier" in report
    texts = [repr(key), str(key), f"{key}", repr(signer), repr(verifier), repr([key]), report]
    assert all(key.id in text for text in texts)
    secret = key.pem().decode().splitlines()[1]
    assert not any(secret in text for text in texts)


def test_a_report_with_local_variables_does_not_show_it(key):
    with pytest.raises(TypeError) as error:
        key.sign("a text")
    report = "".join(
        traceback.TracebackException.from_exception(error.value, capture_locals=True).format()
    )
    assert key._secret is None or repr(key._secret) not in report
    with pytest.raises(TypeError, match="can't be pickled"):
        key.__getstate__()


@pytest.mark.parametrize("damage", [lambda pem: pem[:-9], lambda pem: pem + b"x"])
def test_a_report_of_a_damaged_file_does_not_show_it(key, tmp_path, damage):
    (tmp_path / "key").write_bytes(damage(key.pem()))
    with pytest.raises(ValueError, match="no key") as error:
        sealed.load_key(tmp_path / "key")
    report = "".join(
        traceback.TracebackException.from_exception(error.value, capture_locals=True).format()
    )
    assert key.pem().decode().splitlines()[1][:20] not in report


def test_keys_of_openssl(tmp_path):
    pytest.importorskip("cryptography", reason="cryptography is not installed")
    private, public = tmp_path / "private", tmp_path / "public"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)
    key = sealed.load_key(private)
    assert sealed.load_key(public) == key.public()
    assert key.pem() == private.read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"x",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        b"-----BEGIN GOCLOUDPICKLE HMAC-SHA256 KEY-----\n?\n-----END GOCLOUDPICKLE HMAC-SHA256 KEY-----\n",
        b"-----BEGIN \xff-----\n\n-----END \xff-----\n",
    ],
)
def test_no_key(text):
    with pytest.raises(ValueError, match="no key"):
        _keys.parse_key(text)


def test_short_secret():
    text = "-----BEGIN {0}-----\nAAAA\n-----END {0}-----\n".format(_keys._SECRET)
    with pytest.raises(ValueError, match="3 bytes"):
        _keys.parse_key(text)


def test_another_algorithm():
    with pytest.raises(ValueError, match="no algorithm 'rot13'"):
        sealed.generate_key("rot13")
