"""What gocloudpickle.pth starts in each process if GOCLOUDPICKLE_INSTALL is set.

It must not fail: it runs before anything of the user's.
"""

from __future__ import annotations

import os


def main() -> None:
    """Install, as GOCLOUDPICKLE_INSTALL says; the engine is loaded with the first cloudpickle."""
    if os.environ.get("GOCLOUDPICKLE_INSTALL", "") in ("", "0"):
        return
    try:
        from gocloudpickle import _install, _loader

        why = _loader.why_unsupported()
        if why is None:
            _install.install_when_needed()
            return
        message = f"{_loader.SUPPORTED}; {why}"
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
    import sys

    if sys.stderr is not None:
        sys.stderr.write(f"gocloudpickle: GOCLOUDPICKLE_INSTALL has no effect: {message}\n")


main()
