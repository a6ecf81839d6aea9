"""Cases of what gocloudpickle pickles better than cloudpickle 3.1.2.

A case is two texts. `make` runs in the ``__main__`` of one process and leaves an object
named `obj`; `use` runs in another, where `obj` is what the payload made, and asserts.
The module test_beyond.py collects the lists named CASES of all cases_*.py.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REFUSES = "refuses"
"""Stock cloudpickle can't dump it."""
FAILS = "fails to load"
"""Stock dumps what raises in a process with stock."""
WRONG = "wrong when used"
"""Stock dumps what loads, and then isn't what it was."""
RIGHT = "right"
"""Stock is right, for a case that says so of a neighbour of what it gets wrong."""


@dataclass(frozen=True)
class Case:
    """One object.

    row is the kind in docs/beyond-cloudpickle.md. stock is what cloudpickle does with
    it. worker_with_stock is False where only gocloudpickle can load it; then the row
    says so. refused says that we do what stock does, since nothing better can be
    done. since and before are versions of Python.
    """

    name: str
    row: str
    stock: str
    make: str
    use: str
    worker_with_stock: bool = True
    refused: bool = False
    since: tuple[int, int] = (3, 10)
    before: tuple[int, int] = (3, 100)

    def is_for_this_python(self) -> bool:
        return self.since <= sys.version_info[:2] < self.before


@cache
def all_cases() -> dict[str, Case]:
    """The cases of every module, by name."""
    found: dict[str, Case] = {}
    for file in sorted(Path(__file__).parent.glob("cases_*.py")):
        for case in importlib.import_module(f"tests.beyond.{file.stem}").CASES:
            assert case.name not in found, f"there are two cases named {case.name}"
            found[case.name] = case
    return found
