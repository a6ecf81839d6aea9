"""The differential tests compare the path that was asked for."""

from __future__ import annotations

import os

import pytest

from tests.corpus import under_test


def test_dumps_take_the_path() -> None:
    module = under_test()
    if not hasattr(module, "engine_info"):
        pytest.skip(f"{module.__name__} stands in for the module under test")
    before = dict(module.engine_info()["dumps"])
    for _ in range(3):
        module.dumps(lambda: 5)
    after = module.engine_info()["dumps"]
    path = os.environ.get("GOCLOUDPICKLE_PATH") or "layout"
    assert module.engine_info()["path"] == path, module.engine_info()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        path: 3
    }
