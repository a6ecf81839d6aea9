"""Threads that dump at once, and share what they shouldn't."""

from __future__ import annotations

import pytest

from tests.robust import child


@pytest.mark.parametrize(
    "scenario",
    [
        "at_once",
        "first_use_at_once",
        "a_pickler_each",
        "one_pickler_for_all",
        "one_object_that_changes",
        "short_lived",
        "gc_in_threads",
    ],
)
def test_threads(scenario: str, path: str) -> None:
    child.run(f"threads:{scenario}", path=path, timeout=120).check()
