"""Memory growth over many dumps of each kind, that succeed and that fail."""

from __future__ import annotations

import pytest

from tests.robust import child
from tests.robust.scenarios.kinds import KINDS


def test_every_kind(path: str) -> None:
    child.run("memory:kinds", 400, path=path, timeout=200).check()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_hundred_thousand(kind: str, path: str) -> None:
    child.run("memory:kinds", 100_000, kind, path=path, timeout=800).check()


@pytest.mark.parametrize("name", ["function", "class", "pickler", "errors"])
def test_new_objects(name: str, path: str) -> None:
    child.run("memory:new_objects", 4000, name, path=path).check()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["function", "class", "pickler", "errors"])
def test_many_new_objects(name: str, path: str) -> None:
    child.run("memory:new_objects", 60_000, name, path=path, timeout=250).check()


@pytest.mark.parametrize("scenario", ["first_use", "no_copy_left"])
def test_large(scenario: str, path: str) -> None:
    child.run(f"memory:{scenario}", path=path).check()
