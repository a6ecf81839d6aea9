"""The benchmarks: they run, and say what they are meant to say."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import gocloudpickle
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BENCH = ROOT / "bench"
if not BENCH.exists():
    pytest.skip("this is a copy of the tests, without the benchmarks", allow_module_level=True)
pytest.importorskip("cloudpickle", reason="the benchmarks compare with stock cloudpickle")


def load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"bench_{name}", BENCH / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


def test_a_quick_run() -> None:
    package = Path(gocloudpickle.__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, str(BENCH), "--quick", "--json", "--only", "partial"],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["python"] == sys.version.split()[0]
    (row,) = result["rows"]
    assert row["name"] == "partial of a lambda"
    assert row["ratio"] > 0 and row["portable"] > 0
    assert row["met"] is (row["ratio"] >= 10)
    assert result["engine"]["dumps"]["layout"] + result["engine"]["dumps"]["portable"] > 100


def test_the_clock_tells_which_is_quicker() -> None:
    measure = load("measure")

    def slow(value: Any) -> int:
        return sum(range(2000))

    def quick(value: Any) -> int:
        return 0

    case = measure.Case("case", "pickle", 2, lambda: None, quick, slow)
    assert measure.Clock(quick=True).row(case)["ratio"] > 5
    case = measure.Case("case", "pickle", 2, lambda: None, slow, quick)
    assert measure.Clock(quick=True).row(case)["ratio"] < 0.2


@pytest.mark.parametrize(
    ("row", "met"),
    [
        ({"ratio": 10.0, "target": 10, "tolerance": 0}, True),
        ({"ratio": 9.99, "target": 10, "tolerance": 0}, False),
        ({"ratio": 0.96, "target": 1, "tolerance": 0.05}, True),
        ({"ratio": 0.94, "target": 1, "tolerance": 0.05}, False),
        ({"ratio": 0.5, "target": None, "tolerance": 0}, None),
        ({"value": 8, "target": 8}, True),
        ({"value": 8.01, "target": 8}, False),
    ],
)
def test_targets(row: dict[str, Any], met: bool | None) -> None:
    assert load("report").met(row) is met


def test_there_are_as_many_modules_as_the_case_says() -> None:
    program = f"""
import sys
sys.path.insert(0, {str(BENCH)!r})
import modules
function = modules.function()
print(modules.COUNT, len(sys.modules) >= modules.COUNT, function.__module__)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "1500 True __main__\n", done.stderr
