"""Paths and profiles for every Python test."""

from __future__ import annotations

import os
import sys
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


def pytest_report_header() -> str:
    name = os.environ.get("GOCLOUDPICKLE_UNDER_TEST", "gocloudpickle")
    return f"module under test: {name}"
