"""What a load does, as CPython's audit events tell it."""

from __future__ import annotations

import contextlib
import encodings
import pickle
import pkgutil
import sys
from typing import Any

# What any pickle of data makes Python do.
HARMLESS = {"object.__getattr__", "object.__setattr__", "array.__new__"}


def import_codecs() -> None:
    """Import every codec, so that looking for one opens no file."""
    for module in pkgutil.iter_modules(encodings.__path__, "encodings."):
        with contextlib.suppress(ImportError):  # that of another system
            __import__(module.name)


class Watch:
    """Loads pickles under an audit hook, which stays."""

    def __init__(self) -> None:
        self.events: list[str] | None = None
        sys.addaudithook(self._hear)

    def load(self, data: bytes) -> tuple[str, list[str]]:
        """Load a pickle; how it ended, "loaded" or an exception's name, and the events.

        Names that are looked up are "pickle.find_class module.name". The search for a codec,
        which str(b"", name) and _codecs.encode begin in the package encodings, is left out.
        """
        events = self.events = []
        try:
            pickle.loads(data)
            ended = "loaded"
        except BaseException as error:  # types that don't fit
            ended = type(error).__name__
        finally:
            self.events = None
        return ended, events

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self.events is None or event in HARMLESS:
            return
        if event == "import" and str(args[0]).startswith("encodings."):
            return
        detail = ".".join(args[:2]) if event == "pickle.find_class" else repr(args)
        self.events.append(f"{event} {detail}"[:200])
