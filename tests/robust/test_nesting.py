"""Deep nesting: PicklingError and never a stack overflow; moderate nesting works."""

from __future__ import annotations

import pytest

from tests.robust import child
from tests.robust.scenarios.nesting import WRAP


@pytest.mark.parametrize("kind", sorted(set(WRAP) - {"class"}))
def test_too_deep(kind: str, path: str) -> None:
    child.run("nesting:too_deep", kind, 5, path=path, timeout=120).check(says="refused")


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_too_deep_in_each_protocol(protocol: int, path: str) -> None:
    child.run("nesting:too_deep", "mixed", protocol, path=path, timeout=120).check(says="refused")


@pytest.mark.parametrize("kind", sorted(WRAP))
def test_not_too_deep(kind: str, path: str) -> None:
    child.run("nesting:not_too_deep", kind, path=path).check()


def test_re_entering(path: str) -> None:
    child.run("nesting:re_entering", path=path).check()


def test_high_limit(path: str) -> None:
    child.run("nesting:high_limit", path=path).check(says="answered")


def test_callbacks_in_depth(path: str) -> None:
    child.run("nesting:callbacks_in_depth", path=path).check()
