"""What gocloudpickle.pth starts in each process if GOCLOUDPICKLE_INSTALL is set.

It must not fail: it runs before anything of the user's. Only a process that is to seal
what it sends, and can't, ends here: it would go on without.
"""

from __future__ import annotations

import os


def main() -> None:
    """Install, as GOCLOUDPICKLE_INSTALL says; the engine is loaded with the first cloudpickle.

    Where it can't be, nothing is said: the variable is for all processes of a cluster,
    and each would say it. engine_info() tells who asks.
    """
    if os.environ.get("GOCLOUDPICKLE_INSTALL", "") in ("", "0"):
        return
    try:
        from gocloudpickle import _install

        _install.install_when_needed()
        if _install.is_to_seal():
            _seal()
        return
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
    import sys

    if sys.stderr is not None:
        sys.stderr.write(f"gocloudpickle: GOCLOUDPICKLE_INSTALL has no effect: {message}\n")


def _seal() -> None:
    try:
        from gocloudpickle.sealed import _environment

        _environment.seal_if_new()
    except Exception as error:
        # The files are named by GOCLOUDPICKLE_SIGNING_KEY and GOCLOUDPICKLE_VERIFYING_KEYS.
        raise SystemExit(
            f"gocloudpickle: this process can't seal and verify what it sends and gets, as its "
            f"environment says: {type(error).__name__}: {error}"
        ) from None


main()
