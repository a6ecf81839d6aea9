"""Mutations that need an arrangement of their own, of every kind."""

from __future__ import annotations

from tests.robust.scenarios import (
    mutation_buffers,
    mutation_classes,
    mutation_functions,
    mutation_modules,
    mutation_picklers,
)
from tests.robust.scenarios.batch import Case

KINDS = (
    mutation_functions,
    mutation_classes,
    mutation_modules,
    mutation_picklers,
    mutation_buffers,
)


def cases() -> dict[str, Case]:
    return {name: case for kind in KINDS for name, case in kind.CASES.items()}
