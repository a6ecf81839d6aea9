"""The settings of workers, which others start: in the environment.

Only the names of files are there. An environment is shown to whoever may look at a
job's description or at the process.
"""

from __future__ import annotations

import os

from gocloudpickle import _install
from gocloudpickle.sealed import _process
from gocloudpickle.sealed._keys import load_key
from gocloudpickle.sealed._sign import Signer
from gocloudpickle.sealed._verify import Verifier

SIGNING, VERIFYING = _install.SEALING
AUDIENCE = "GOCLOUDPICKLE_AUDIENCE"


def install_from_environment() -> None:
    """Call install(signer=..., verifier=...) with what the environment says.

    GOCLOUDPICKLE_SIGNING_KEY is the file of the key that signs what this process sends,
    GOCLOUDPICKLE_VERIFYING_KEYS those of the keys of whom it accepts, separated as in
    PATH, and GOCLOUDPICKLE_AUDIENCE the audience of both. Raises ValueError where there
    is neither, OSError for a file that can't be read, and ValueError where it is no key.
    For initializers of workers, and what else runs before the first task.
    """
    if not _install.is_to_seal():
        raise ValueError(
            f"neither {SIGNING} nor {VERIFYING} is set: they name the files of the keys"
        )
    import gocloudpickle

    gocloudpickle.install(signer=_signer(), verifier=_verifier())


def _signer() -> Signer | None:
    path = os.environ.get(SIGNING)
    return Signer(load_key(path), audience=os.environ.get(AUDIENCE, "")) if path else None


def _verifier() -> Verifier | None:
    paths = [path for path in os.environ.get(VERIFYING, "").split(os.pathsep) if path]
    if not paths:
        return None
    return Verifier([load_key(path) for path in paths], audience=os.environ.get(AUDIENCE, ""))


def seal_if_new() -> None:
    """Seal as the environment says, in a process that neither seals nor verifies yet.

    Without the engine, which is loaded when it is first used.
    """
    signer, verifier, _ = _process.state()
    if signer is None and verifier is None and _install.is_to_seal():
        from gocloudpickle.sealed import _frameworks

        _frameworks.seal(_signer(), _verifier())
