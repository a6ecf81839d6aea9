"""Keys and signers for the tests of install(signer=..., verifier=...)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gocloudpickle import sealed

MARK = "changed on its way"


class Tampered(sealed.Signer):
    """Signs, and then changes a bit of each content that has MARK in it."""

    def _message(self, data: Any, buffers: Any = ()) -> bytes:
        message = bytearray(super()._message(data, buffers))
        if MARK.encode() in bytes(data):
            message[message.rindex(MARK.encode())] ^= 1
        return bytes(message)


def keys(folder: Path, name: str = "key") -> dict[str, str]:
    """Write a key and its public half; return the environment of a process that has them."""
    key = sealed.generate_key("ed25519")
    sealed.save_key(folder / name, key)
    sealed.save_key(folder / f"{name}.pub", key.public())
    return environment(folder, name)


def environment(folder: Path, signs: str, *verifies: str) -> dict[str, str]:
    """Return the environment of a process that signs with one key and accepts others."""
    files = [str(folder / f"{name}.pub") for name in verifies or (signs,)]
    return {
        "GOCLOUDPICKLE_SIGNING_KEY": str(folder / signs),
        "GOCLOUDPICKLE_VERIFYING_KEYS": ":".join(files),
        "GOCLOUDPICKLE_AUDIENCE": "cluster",
    }


def of(folder: Path, name: str = "key") -> dict[str, Any]:
    """Return the arguments of install for the process that sends work, which tampers with MARK."""
    return {
        "signer": Tampered(sealed.load_key(folder / name), audience="cluster"),
        "verifier": sealed.Verifier([sealed.load_key(folder / f"{name}.pub")], audience="cluster"),
    }
