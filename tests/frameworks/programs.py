"""Runs the programs of these tests, and ends everything that they have started."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gocloudpickle
import pytest

HERE = Path(__file__).resolve().parent
PACKAGE = Path(gocloudpickle.__file__).resolve().parent.parent

# In the environment of each process of a run: daemons leave their process groups.
MARK = "GOCLOUDPICKLE_TEST_RUN"


@dataclass
class Run:
    """How a program ended, and its checks."""

    ended: str
    output: str
    checks: dict[str, dict[str, Any]] = field(default_factory=dict)

    def verdict(self, name: str) -> None:
        """Pass, skip or fail the test that calls this, as the check went."""
        check = self.checks.get(name)
        if check is None:
            pytest.fail(f"the program {self.ended} before this check\n{self.output}", pytrace=False)
        elif check["outcome"] == "skipped":
            pytest.skip(check["text"])
        elif check["outcome"] == "failed":
            pytest.fail(f"{check['text']}\n--- output\n{self.output}", pytrace=False)


def names(program: str) -> list[str]:
    """Return the names of a program's checks, from its source."""
    found = re.findall(r'with checks\("(.+?)"\)', (HERE / program).read_text(encoding="utf-8"))
    assert found and len(found) == len(set(found)), found
    return found


def run(program: str, directory: Path, seconds: float, **variables: str | None) -> Run:
    """Run a program, without gocloudpickle on its PYTHONPATH: its first argument is the file
    for its results, its second the directory that gocloudpickle is in.

    variables are added to its environment, None takes one away.
    """
    mark = uuid.uuid4().hex
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1", MARK: mark}
    for name, value in {"PYTHONPATH": None, "GOCLOUDPICKLE_INSTALL": None, **variables}.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    results, log = directory / "results.jsonl", directory / "output.txt"
    results.touch()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(HERE / program), str(results), str(PACKAGE)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=environment,
            start_new_session=True,
        )
        try:
            ended = f"ended with {process.wait(timeout=seconds)}"
        except subprocess.TimeoutExpired:
            ended = f"was killed after {seconds:.0f} s"
        finally:
            end_all(mark)
            process.wait()
    lines = results.read_text(encoding="utf-8").splitlines()
    checks = {check["check"]: check for check in map(json.loads, lines)}
    return Run(ended, log.read_text(encoding="utf-8", errors="replace")[-20_000:], checks)


def run_script(text: str, directory: Path, seconds: float, **variables: str | None) -> None:
    """Run a script of a document, with gocloudpickle on its PYTHONPATH."""
    script = directory / "script.py"
    script.write_text(text, encoding="utf-8")
    done = run(str(script), directory, seconds, PYTHONPATH=str(PACKAGE), **variables)
    assert done.ended == "ended with 0", done.output


def end_all(mark: str) -> None:
    """Kill each process of a run, wherever it is: they start others while they end."""
    for _ in range(50):
        left = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if of(pid, mark)]
        if not left:
            return
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.1)


def of(pid: int, mark: str) -> bool:
    try:
        return f"{MARK}={mark}".encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:  # it has ended, or isn't ours
        return False
