"""The benchmarks of frameworks: the document shows their results."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results" / "frameworks.json"
if not RESULTS.exists():
    pytest.skip("this is a copy of the tests, without the benchmarks", allow_module_level=True)


def test_the_document_shows_the_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "bench")
    marks = importlib.import_module("marks")
    report = importlib.import_module("framework_report")
    document = ROOT / "docs" / report.DOCUMENT
    assert marks.between(document) == report.render(json.loads(RESULTS.read_text()))
    assert (ROOT / "docs" / report.CHART).exists()


def test_each_result_is_the_engine_s_work() -> None:
    for row in json.loads(RESULTS.read_text())["rows"]:
        assert row["dumps"] > 0, row
