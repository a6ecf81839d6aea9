"""Encryption to recipients, as age does it, with the package pyrage."""

from __future__ import annotations

from gocloudpickle.sealed._errors import Undecryptable

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def encrypt(data: bytes, recipients: Sequence[Any]) -> bytes:
    """Return an age file of data that the recipients can open."""
    file: bytes = pyrage_or_error().encrypt(data, list(recipients))
    return file


def decrypt(file: bytes, identities: Sequence[Any]) -> bytes:
    """Return what is in an age file. Raises Undecryptable."""
    pyrage = pyrage_or_error()
    try:
        data: bytes = pyrage.decrypt(file, list(identities))
    except pyrage.DecryptError as error:
        raise Undecryptable(f"no identity here opens it: {error}") from None
    return data


def pyrage_or_error() -> Any:
    """Return the package, or raise ImportError that says how to get it."""
    try:
        import pyrage  # type: ignore[import-not-found]
    except ImportError as error:
        raise ImportError(
            "encryption needs the package pyrage: pip install gocloudpickle[encrypted]"
        ) from error
    return pyrage
