"""Pickles in signed envelopes, for what crosses a network boundary.

Loading a pickle runs what it says. Whoever loads what came over a network should first
know who made it, for whom and when, and that nobody has changed it:

>>> from gocloudpickle import sealed
>>> key = sealed.generate_key("ed25519")
>>> signer = sealed.Signer(key, audience="workers", expires_in=3600)
>>> envelope = signer.dumps(lambda x: x * 2)
>>> verifier = sealed.Verifier([key.public()], audience="workers")
>>> verifier.loads(envelope)(21)
42

Nothing is unpickled before the whole envelope is verified. Each refusal is a SealError,
which is a pickle.UnpicklingError, of a class that says why:

>>> sealed.Verifier([key.public()], audience="others").loads(envelope)
Traceback (most recent call last):
    ...
gocloudpickle.sealed.WrongAudience: it is for 'workers', not for 'others'

Ed25519 is the algorithm to use: workers have the public key, and can verify but not
sign. It needs the package cryptography. With hmac-sha256, for which the standard library
is enough, all who verify can sign too.

The format is the one of the Go package seal; docs/sealed-format.md specifies it.
"""

from __future__ import annotations

from gocloudpickle.sealed._dsse import attach, export_dsse, import_dsse
from gocloudpickle.sealed._envelope import is_sealed
from gocloudpickle.sealed._environment import install_from_environment
from gocloudpickle.sealed._errors import (
    BadSignature,
    Expired,
    Malformed,
    NotYetValid,
    Replayed,
    SealError,
    StoreUnavailable,
    Undecryptable,
    UnknownKey,
    Unsigned,
    WrongAudience,
)
from gocloudpickle.sealed._keys import Key, generate_key, key_from_environment, load_key, save_key
from gocloudpickle.sealed._replay import (
    MemoryReplayStore,
    RedisReplayStore,
    ReplayStore,
    SQLiteReplayStore,
)
from gocloudpickle.sealed._sign import Signer
from gocloudpickle.sealed._statement import Statement
from gocloudpickle.sealed._verify import Opened, Verifier

__all__ = [
    "BadSignature",
    "Expired",
    "Key",
    "Malformed",
    "MemoryReplayStore",
    "NotYetValid",
    "Opened",
    "RedisReplayStore",
    "ReplayStore",
    "Replayed",
    "SQLiteReplayStore",
    "SealError",
    "Signer",
    "Statement",
    "StoreUnavailable",
    "Undecryptable",
    "UnknownKey",
    "Unsigned",
    "Verifier",
    "WrongAudience",
    "attach",
    "export_dsse",
    "generate_key",
    "import_dsse",
    "install_from_environment",
    "is_sealed",
    "key_from_environment",
    "load_key",
    "save_key",
]

for _name in __all__:  # errors are shown, and pickled, by the name that users import
    _object = globals()[_name]
    if _object.__module__.startswith(__name__):
        _object.__module__ = __name__
del _name, _object
