"""What a program of these tests reports: its checks, one after the other.

A program runs as a script, since frameworks treat what is defined in __main__ in a
special way. Its results go to the file that its first argument names, a line of JSON
for each check, so that those before a crash or a hang are known.
"""

from __future__ import annotations

import faulthandler
import json
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager


class Skip(Exception):
    """Raised in a check that can't be made here; its text says why."""


def skip(reason: str) -> None:
    raise Skip(reason)


class Checks:
    """Makes checks, each under a time limit."""

    def __init__(self, seconds: float = 180) -> None:
        self._file = open(sys.argv[1], "a", encoding="utf-8")
        self._seconds = seconds

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        # Where a check hangs, every thread's stack is printed and the process ends.
        faulthandler.dump_traceback_later(self._seconds, exit=True)
        start = time.monotonic()
        result = {"check": name, "outcome": "passed", "text": ""}
        try:
            yield
        except Skip as reason:
            result.update(outcome="skipped", text=str(reason))
        except Exception:
            result.update(outcome="failed", text=traceback.format_exc())
        finally:
            faulthandler.cancel_dump_traceback_later()
        result["seconds"] = round(time.monotonic() - start, 1)
        self._file.write(json.dumps(result) + "\n")
        self._file.flush()
