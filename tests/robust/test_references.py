"""Reference counts after dumps that succeed and dumps that fail, at each place where one can."""

from __future__ import annotations

import pytest

from tests.robust import batch
from tests.robust.scenarios.kinds import KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_counts(kind: str, path: str) -> None:
    batch.check("references", path, f"counts {kind} ")


def test_common_objects(path: str) -> None:
    batch.check("references", path, "common objects")


def test_what_is_dumped_can_die(path: str) -> None:
    batch.check("references", path, "dies ")


@pytest.mark.parametrize("way", ["reduce", "write", "persistent_id"])
def test_pickler_is_usable_after_a_failure(way: str, path: str) -> None:
    batch.check("references", path, f"usable {way}")
