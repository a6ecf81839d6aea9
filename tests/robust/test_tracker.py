"""The class tracker's lock is no trap for what runs in the middle of it."""

from __future__ import annotations

import pytest

from tests.robust import child


@pytest.mark.parametrize("function", ["_get_or_create_tracker_id", "_lookup_class_or_track"])
def test_reentered(function: str, path: str) -> None:
    child.run("tracker:within", function, path=path, timeout=30).check(says="done")
