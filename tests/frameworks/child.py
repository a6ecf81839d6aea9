"""Runs a program in a process of its own and says what it printed."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Child processes print no more than a test needs: warnings of Python itself are in the way.
QUIET = ("-W", "ignore::DeprecationWarning")


def run(
    program: str,
    *arguments: str | Path,
    path: tuple[Path, ...] = (),
    env: Mapping[str, str] | None = None,
    timeout: float = 240,
    python: str | Path = sys.executable,
) -> str:
    """Run a program with gocloudpickle and the tests on its path; fail if it does."""
    done = attempt(program, *arguments, path=path, env=env, timeout=timeout, python=python)
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def attempt(
    program: str,
    *arguments: str | Path,
    path: tuple[Path, ...] = (),
    env: Mapping[str, str] | None = None,
    timeout: float = 240,
    python: str | Path = sys.executable,
) -> subprocess.CompletedProcess[str]:
    """Run a program as run does, and return how it ended."""
    environment = {**os.environ, **(env or {})}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, [*path, ROOT / "py", ROOT]))
    return subprocess.run(
        [str(python), *QUIET, "-c", textwrap.dedent(program), *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
