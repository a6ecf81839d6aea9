"""The demo, as its users run it: a program, its exit status and what it prints."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import gocloudpickle
import pytest

pytest.importorskip("cloudpickle", reason="the demo compares with stock cloudpickle")

ROOT = Path(__file__).resolve().parent.parent.parent
DEMO = ROOT / "examples" / "demo.py"
if not DEMO.exists():
    pytest.skip("this is a copy of the tests, without the demo", allow_module_level=True)
ENV = {**os.environ, "PYTHONPATH": str(Path(gocloudpickle.__file__).resolve().parent.parent)}

OBJECTS = {
    "lambda over a global": "119.0",
    "closure": "('act', 'wait')",
    "inner function": "'HELLO?'",
    "generator function": "[3, 2, 1]",
    "partial of a lambda": "125",
    "class changed later": "12",
    "its instance": "6.0",
    "class by metaclass": "(['go', 'stop'], 'gone')",
    "dataclass": "(4, True)",
    "Enum": "('RED', 2)",
    "ABC, registered class": "(True, 9)",
    "mutual recursion": "(True, False)",
    "names packages": "('order', 'Shop', 16)",
}


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DEMO), "--repeats", "1", *arguments],
        env={**ENV, **env},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def result() -> Any:
    done = run("--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_each_object_works_in_the_worker(result: Any) -> None:
    assert {row["object"]: row["worker"] for row in result["rows"]} == OBJECTS


def test_each_object_works_in_the_pool(result: Any) -> None:
    assert {row["object"]: row["got"] for row in result["pool"]} == OBJECTS


def test_everything_is_right(result: Any) -> None:
    assert result["ok"]
    assert all(row["ok"] for row in result["rows"] + result["pool"])


def test_the_bytes_are_cloudpickles(result: Any) -> None:
    assert [row["same_bytes"] for row in result["rows"]] == [True] * len(OBJECTS)


def test_the_standard_pickle_refuses_each_object(result: Any) -> None:
    # Either it does not dump, or the worker can't load what it dumped.
    for row in result["rows"]:
        assert re.search(r"lookup|local object|not found|in the worker: .*attribute", row["stdlib"])


def test_times_are_measured(result: Any) -> None:
    for row in result["rows"]:
        assert row["us"] > 0 and row["cloudpickle_us"] > 0
        assert row["ratio"] == pytest.approx(row["cloudpickle_us"] / row["us"], abs=0.02, rel=0.02)


def test_the_engine_did_the_work(result: Any) -> None:
    engine = result["engine"]
    assert engine["dumps"][engine["path"]] > 100
    assert engine["path"] == gocloudpickle.engine_info()["path"]


def test_the_table_shows_each_object_and_answer() -> None:
    done = run(COLUMNS="200")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "worker: 13 of 13 right" in done.stdout
    assert "13 of 13 right" in done.stdout.split("pool (")[1]
    for name, answer in OBJECTS.items():
        row = rf"^ ?{re.escape(name)} .*\dx +{re.escape(answer)} *$"
        assert re.search(row, done.stdout, re.M), name


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table_fits(columns: int) -> None:
    pytest.importorskip("rich", reason="without it tables are as wide as they are")
    done = run(COLUMNS=str(columns))
    assert done.returncode == 0, done.stdout + done.stderr
    assert max(map(len, done.stdout.splitlines())) <= columns


# A worker that is wrong about one object, and one that ends in the middle.

WRONG = """
import runpy, sys
import gocloudpickle
loads = gocloudpickle.loads
def wrong(payload):
    value = loads(payload)
    return (lambda n: 124) if getattr(value, "keywords", None) else value
gocloudpickle.loads = wrong
runpy.run_path({worker!r}, run_name="__main__")
"""

ENDS = """
import os, runpy
import gocloudpickle
loads = gocloudpickle.loads
def ends(payload):
    value = loads(payload)
    return os._exit(3) if getattr(value, "keywords", None) else value
gocloudpickle.loads = ends
runpy.run_path({worker!r}, run_name="__main__")
"""


def broken_worker(folder: Path, source: str) -> str:
    worker = folder / "worker.py"
    real = ROOT / "examples" / "demo_support" / "worker.py"
    worker.write_text(source.format(worker=str(real)))
    return str(worker)


def test_a_wrong_answer_makes_the_exit_status_1(tmp_path: Path) -> None:
    done = run("--json", "--worker", broken_worker(tmp_path, WRONG))
    assert done.returncode == 1, done.stderr
    result = json.loads(done.stdout)
    assert not result["ok"]
    wrong = [row for row in result["rows"] if not row["ok"]]
    assert [(row["object"], row["worker"]) for row in wrong] == [("partial of a lambda", "124")]


def test_a_wrong_answer_is_shown(tmp_path: Path) -> None:
    done = run("--worker", broken_worker(tmp_path, WRONG), COLUMNS="200")
    assert done.returncode == 1, done.stderr
    assert "WRONG: 124 instead of 125" in done.stdout
    assert "worker: 12 of 13 right" in done.stdout


def test_a_worker_that_ends_makes_the_exit_status_1(tmp_path: Path) -> None:
    done = run("--json", "--worker", broken_worker(tmp_path, ENDS))
    assert done.returncode == 1, done.stderr
    rows = {row["object"]: row for row in json.loads(done.stdout)["rows"]}
    assert rows["inner function"]["ok"]
    assert not rows["partial of a lambda"]["ok"]
    assert rows["partial of a lambda"]["error"] == "the worker process ended, exit status 3"
    assert not rows["names packages"]["ok"]


def test_the_worker_can_not_import_the_objects(tmp_path: Path) -> None:
    # Else that they work there would show nothing.
    source = """
import importlib.util, runpy, sys
import gocloudpickle
loads = gocloudpickle.loads
def look(payload):
    found = [name for name in ("demo", "demo_support") if importlib.util.find_spec(name)]
    assert not found, found
    return loads(payload)
gocloudpickle.loads = look
runpy.run_path({worker!r}, run_name="__main__")
"""
    done = run("--json", "--worker", broken_worker(tmp_path, source))
    assert done.returncode == 0, done.stdout + done.stderr
