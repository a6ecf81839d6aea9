"""Dumps of many objects, each in a process of its own."""

from __future__ import annotations

import pytest

from tests.robust import child


@pytest.mark.parametrize("scenario", ["same_bytes", "one_pickler", "many_globals"])
def test_many_objects(scenario: str, path: str) -> None:
    child.run(f"many:{scenario}", path=path, timeout=200).check()
