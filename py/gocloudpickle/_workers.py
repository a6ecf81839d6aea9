"""Switches the engine on in the worker processes of frameworks."""

from __future__ import annotations

import sys

from gocloudpickle import _install


def switch_on() -> None:
    """Call install(); where the engine can't run, say so and go on with stock cloudpickle.

    A worker has not been asked for anything yet: its framework would start another one
    in place of one that fails, over and over.
    """
    try:
        _install.install()
    except ImportError as error:
        print(f"gocloudpickle: this worker keeps stock cloudpickle: {error}", file=sys.stderr)
