"""Code that a dump calls raises: what stock cloudpickle lets through is never lost."""

from __future__ import annotations

import pytest

from tests.robust import batch
from tests.robust.scenarios.interrupts import ERRORS


@pytest.mark.parametrize("error", sorted(ERRORS))
def test_interrupts(error: str, path: str) -> None:
    batch.check("interrupts", path, prefix=f"{error} ")
