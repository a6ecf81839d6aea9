"""Each test that takes a path runs once for each of the engine's paths."""

from __future__ import annotations

import pytest

from tests.robust import child


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "path" in metafunc.fixturenames:
        metafunc.parametrize("path", child.paths())
