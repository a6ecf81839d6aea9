"""Loading the engine fails and is tried again: each attempt ends, and the one that works gives the right bytes."""

from __future__ import annotations

import pytest

from tests.robust import child


def test_failures(path: str) -> None:
    child.run("first_use:fails_at_each_point", 7, path=path).check(says="tried")


@pytest.mark.slow
def test_every_failure(path: str) -> None:
    child.run("first_use:fails_at_each_point", 1, path=path, timeout=280).check(says="tried")


def test_imports_nothing_under_the_lock(path: str) -> None:
    child.run("first_use:imports_nothing_under_the_lock", path=path).check(says="only the engine")
