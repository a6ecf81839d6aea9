"""Switches the engine on in the worker processes of frameworks."""

from __future__ import annotations

import sys

from gocloudpickle import _install, _loader


def switch_on(who: str = "this worker") -> None:
    """Call install(); where the engine can't be used, say so and go on with stock cloudpickle.

    Whatever happens, a worker goes on. It has not been asked for anything yet: its
    framework would start another one in place of one that fails, over and over. Only where
    the environment tells it to seal and to verify, and it can't, it raises why.
    """
    if _install.is_to_seal():
        from gocloudpickle.sealed import _environment

        _environment.seal_if_new()
    try:
        why = _loader.why_python()
        if why is None:
            _install.install()
    except ImportError as error:
        why = str(error)
    if why is not None and not _loader.is_python_asked_for():
        print(f"gocloudpickle: {who} keeps stock cloudpickle: {why}", file=sys.stderr)
