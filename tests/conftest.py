"""Paths and profiles for every Python test."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# The tests import each other as tests.*, and a development checkout its package from py/.
for _folder in (ROOT / "py", ROOT):
    if _folder.is_dir() and str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes more than a few seconds; run with -m slow")
    try:
        import hypothesis
    except ImportError:
        return
    every = {
        "deadline": None,
        "suppress_health_check": list(hypothesis.HealthCheck),
        "print_blob": True,
    }
    hypothesis.settings.register_profile(
        "quick", max_examples=200, derandomize=True, database=None, **every
    )
    hypothesis.settings.register_profile("slow", max_examples=3000, **every)
    hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


# What has something to say where GOCLOUDPICKLE_PATH=python does without the engine.
WITHOUT_ENGINE = (
    "tests/beyond/",
    "tests/differential/",
    "tests/explain/",
    "tests/oracles/",
    "tests/robust/test_interpreters.py",
    "tests/frameworks/test_executor.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("GOCLOUDPICKLE_PATH") != "python":
        return
    skip = pytest.mark.skip(reason="it is about the engine, which this path does without")
    for item in items:
        if not item.path.relative_to(ROOT).as_posix().startswith(WITHOUT_ENGINE):
            item.add_marker(skip)


def pytest_report_header() -> str:
    name = os.environ.get("GOCLOUDPICKLE_UNDER_TEST", "gocloudpickle")
    return f"module under test: {name}"


# What compares with stock cloudpickle byte for byte, errors included, in strict mode. The
# objects of the other oracles are dumped in the default mode: those that hypothesis generates
# (test_generated.py), and what is loaded elsewhere (tests/oracles). So each mode
# has an oracle for every kind of object, and nothing runs twice.
STRICT = (
    "tests/differential/test_corpus.py",
    "tests/differential/test_known_proxies.py",
    "tests/differential/test_hook_answers.py",
    "tests/differential/test_proxies.py",
    "tests/differential/test_python_path.py",
    "tests/differential/test_remembered.py",
    "tests/rebuild/test_twin.py",
)


@pytest.fixture(autouse=True, scope="module")
def _strict_where_stock_is_the_oracle(request: pytest.FixtureRequest) -> Iterator[None]:
    name = request.path.relative_to(ROOT).as_posix() if request.path.is_relative_to(ROOT) else ""
    if name not in STRICT:
        yield
        return
    import gocloudpickle

    gocloudpickle.Pickler.strict = True
    yield
    gocloudpickle.Pickler.strict = None
