"""The benchmarks of frameworks: the document shows their results."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results" / "frameworks.json"
if not RESULTS.exists():
    pytest.skip("this is a copy of the tests, without the benchmarks", allow_module_level=True)


def load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"bench_{name}", ROOT / "bench" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_document_shows_the_results() -> None:
    report = load("framework_report")
    text = (ROOT / "docs" / report.DOCUMENT).read_text()
    assert report.BEGIN + report.render(json.loads(RESULTS.read_text())) + report.END in text
    assert (ROOT / "docs" / report.CHART).exists()


def test_each_result_is_the_engine_s_work() -> None:
    for row in json.loads(RESULTS.read_text())["rows"]:
        assert row["dumps"] > 0, row
