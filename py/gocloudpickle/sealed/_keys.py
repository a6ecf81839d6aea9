"""Keys: made, loaded, saved, and never shown."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import os

from gocloudpickle.sealed._statement import ALGORITHMS

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

SECRET_SIZE = 32
SIGNATURE_SIZES = {"ed25519": 64, "hmac-sha256": 32}
_ID_LABEL = b"gocloudpickle key id"

_PRIVATE = "PRIVATE KEY"
_PUBLIC = "PUBLIC KEY"
_SECRET = "GOCLOUDPICKLE HMAC-SHA256 KEY"
_NO_KEY = (
    f"this is no key: it must be one PEM block of an Ed25519 key (PKCS #8 or SPKI) or a {_SECRET}"
)


class Key:
    """A key that signs, or only verifies. Made by generate_key, load_key and their like.

    algorithm is the only one that it is for; id names it in envelopes; signs tells
    whether it can sign. It can't be pickled: a key must not travel with the work.
    """

    __slots__ = ("_private", "_public", "_secret", "algorithm", "id", "signs")

    algorithm: str
    id: str
    signs: bool
    _private: Any
    _public: Any
    _secret: bytes | None

    def __init__(self, algorithm: str, private: Any, public: Any, secret: bytes | None) -> None:
        set_ = object.__setattr__
        set_(self, "_private", private)
        set_(self, "_public", public)
        set_(self, "_secret", secret)
        set_(self, "algorithm", algorithm)
        set_(self, "signs", private is not None or secret is not None)
        if secret is None:
            name = public.public_bytes_raw()
        else:
            name = self.sign(_ID_LABEL)
        set_(self, "id", hashlib.sha256(name).hexdigest()[:32])

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a Key doesn't change")

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message. Raises ValueError for a public key."""
        _expect_bytes(message)
        if self._secret is not None:
            return hmac.digest(self._secret, message, "sha256")
        if self._private is None:
            raise ValueError("this key verifies only: sign with the private key")
        signature: bytes = self._private.sign(message)
        return signature

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Tell whether a signature is of this message and by this key."""
        _expect_bytes(message)
        _expect_bytes(signature)
        if self._secret is not None:
            return hmac.compare_digest(hmac.digest(self._secret, message, "sha256"), signature)
        from cryptography.exceptions import InvalidSignature

        try:
            self._public.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def public(self) -> Key:
        """Return the half that verifies; an hmac-sha256 key has none and returns itself."""
        if self._secret is not None:
            return self
        return Key(self.algorithm, None, self._public, None)

    def pem(self) -> bytes:
        """Return the key as a text for files: PKCS #8 or SPKI for Ed25519, as OpenSSL has them."""
        if self._secret is not None:
            body = binascii.b2a_base64(self._secret, newline=False)
            lines = [body[i : i + 64] for i in range(0, len(body), 64)]
            marker = _SECRET.encode()
            return b"-----BEGIN %b-----\n%b\n-----END %b-----\n" % (
                marker,
                b"\n".join(lines),
                marker,
            )
        from cryptography.hazmat.primitives import serialization as to

        if self._private is None:
            pem: bytes = self._public.public_bytes(
                to.Encoding.PEM, to.PublicFormat.SubjectPublicKeyInfo
            )
        else:
            pem = self._private.private_bytes(
                to.Encoding.PEM, to.PrivateFormat.PKCS8, to.NoEncryption()
            )
        return pem

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Key):
            return NotImplemented
        return (self.signs, self.id) == (other.signs, other.id)

    def __hash__(self) -> int:
        return hash((self.signs, self.id))

    def __repr__(self) -> str:
        half = "signs" if self.signs else "verifies only"
        return f"<{self.algorithm} key {self.id}, {half}>"

    def __getstate__(self) -> Any:
        return self.__reduce_ex__(2)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(
            "a Key can't be pickled or copied: give each process its own, from a file or "
            "an environment variable"
        )


def _expect_bytes(data: object) -> None:
    # Before a frame of hmac's has the secret in a local variable, which some reports show.
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"a key signs bytes, not {type(data).__name__}")


def generate_key(algorithm: str) -> Key:
    """Make a key that signs: "ed25519", or "hmac-sha256".

    >>> from gocloudpickle import sealed
    >>> sealed.generate_key("hmac-sha256").signs
    True
    """
    if algorithm == "hmac-sha256":
        return Key(algorithm, None, None, os.urandom(SECRET_SIZE))
    if algorithm != "ed25519":
        raise ValueError(f"there is no algorithm {algorithm!r}, only {' and '.join(ALGORITHMS)}")
    private = _ed25519().Ed25519PrivateKey.generate()
    return Key(algorithm, private, private.public_key(), None)


def _ed25519() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise ImportError(
            "ed25519 keys need the package cryptography: pip install gocloudpickle[sealed]"
        ) from error
    return ed25519


def parse_key(text: bytes | str) -> Key:
    """Read what Key.pem has returned, and Ed25519 keys of OpenSSL.

    Raises ValueError, which tells nothing of the text.
    """
    key = _parsed(text)
    if isinstance(key, Exception):
        del text  # reports that show local variables have this frame
        raise key
    return key


def _parsed(text: bytes | str) -> Key | Exception:
    """Return a key, or what parse_key is to raise: no error has a frame with the text."""
    data = text.encode("ascii", "replace") if isinstance(text, str) else bytes(text)
    block = _one_block(data)
    if block is None:
        return ValueError(_NO_KEY)
    marker, body = block
    if marker == _SECRET:
        if len(body) < SECRET_SIZE:
            return ValueError(f"the secret has {len(body)} bytes, and needs {SECRET_SIZE} at least")
        return Key("hmac-sha256", None, None, body)
    if marker not in (_PRIVATE, _PUBLIC):
        return ValueError(_NO_KEY)
    try:
        ed25519 = _ed25519()
    except ImportError as error:
        return error.with_traceback(None)
    from cryptography.hazmat.primitives import serialization

    key: Any = None
    try:
        if marker == _PRIVATE:
            key = serialization.load_der_private_key(body, None)
        else:
            key = serialization.load_der_public_key(body)
    except Exception:  # cryptography's errors are of many types
        key = None
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return Key("ed25519", key, key.public_key(), None)
    if isinstance(key, ed25519.Ed25519PublicKey):
        return Key("ed25519", None, key, None)
    return ValueError(_NO_KEY)


def _one_block(text: bytes) -> tuple[str, bytes] | None:
    """Return the marker and the bytes of a text that is one PEM block, None for another."""
    lines = [line.strip() for line in text.strip().splitlines()]
    first, last = lines[0] if lines else b"", lines[-1] if lines else b""
    name = first[len(b"-----BEGIN ") : -len(b"-----")]
    if first != b"-----BEGIN %b-----" % name or last != b"-----END %b-----" % name:
        return None
    body = b"".join(lines[1:-1])
    try:
        decoded = binascii.a2b_base64(body)
        marker = name.decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    # a2b_base64 passes over what is no base64; strict_mode is of Python 3.11.
    if binascii.b2a_base64(decoded, newline=False) != body:
        return None
    return marker, decoded


_MAX_FILE = 64 << 10  # far more than any key has, and little to read from a wrong file


def load_key(path: str | os.PathLike[str]) -> Key:
    """Read a key from a file. Raises OSError, or ValueError where it is no key."""
    with open(path, "rb") as file:
        return parse_key(file.read(_MAX_FILE))


def key_from_environment(name: str) -> Key:
    """Read a key from an environment variable that holds its text.

    Raises ValueError, which tells nothing of the text, where there is none.
    """
    if name not in os.environ:
        raise ValueError(f"the environment variable {name} is not set: it should hold a key")
    try:
        return parse_key(os.environ[name])
    except ValueError as error:
        raise ValueError(f"the environment variable {name}: {error}") from None


def save_key(path: str | os.PathLike[str], key: Key) -> None:
    """Write a key to a new file, readable by its owner alone where the key signs.

    Raises FileExistsError where the file is there: a lost key can't be had again.
    """
    mode = 0o600 if key.signs else 0o644
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(number, "wb") as file:
        file.write(key.pem())
