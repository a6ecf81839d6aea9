"""python -m gocloudpickle explain, which the command in Go runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import threading

print("noise")

class Client:
    def __init__(self):
        self.guard = threading.Lock()

client = Client()

def agent():
    return client

def fine():
    return 1

if __name__ == "__main__":
    raise SystemExit("the program has been run")
"""
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "broken.py").write_text("1 / 0\n")
    (tmp_path / "exits.py").write_text("raise SystemExit(0)\n")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "json.py").write_text("def mine(): return 1\n")
    return tmp_path


def run(folder: Path, *arguments: str, command: tuple[str, ...] = ()) -> Any:
    command = command or (sys.executable, "-m", "gocloudpickle")
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.run(
        [*command, "explain", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        timeout=120,
    )


@pytest.mark.parametrize(
    "target, code, said",
    [
        ("program.py:agent", 1, "agent -> global 'client' -> Client.guard"),
        ("program.py:fine", 0, "fine can be pickled"),
        ("./program.py:Client.__init__", 0, "Client.__init__ can be pickled"),
        ("program:fine", 0, "fine can be pickled: 31 bytes"),
        ("below/json.py:mine", 0, "mine can be pickled"),
        ("json:dumps", 0, "dumps can be pickled"),
    ],
)
def test_what_is_explained(folder: Path, target: str, code: int, said: str) -> None:
    done = run(folder, target)
    assert done.returncode == code, done
    assert said in done.stdout and "noise" not in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["program.py:nothing"], "program.py has no nothing"),
        (["missing.py:x"], "there is no file missing.py"),
        (["missing_module:x"], "there is no module named missing_module"),
        (["broken.py:x"], "broken.py can't be run: ZeroDivisionError"),
        (["exits.py:x"], "exits.py can't be run: SystemExit"),
        (["program.py"], "not of the form"),
        ([], "see gocloudpickle"),
        (["--nope", "program.py:fine"], "see gocloudpickle"),
    ],
)
def test_what_is_wrong_ends_with_3(folder: Path, arguments: list[str], said: str) -> None:
    done = run(folder, *arguments)
    assert (done.returncode, done.stdout) == (3, ""), done
    assert said in done.stderr and "Traceback" not in done.stderr


def test_json_is_one_object(folder: Path) -> None:
    done = run(folder, "--json", "program.py:agent")
    assert done.returncode == 1
    data = json.loads(done.stdout)
    assert [culprit["type"] for culprit in data["culprits"]] == ["_thread.lock"]


def test_lines_limits_the_tree(folder: Path) -> None:
    assert len(run(folder, "--lines", "1", "program.py:agent").stdout.splitlines()) < len(
        run(folder, "program.py:agent").stdout.splitlines()
    )


@pytest.fixture(scope="module")
def program_in_go(tmp_path_factory: pytest.TempPathFactory) -> str:
    if shutil.which("go") is None or not (ROOT / "go.mod").exists():
        pytest.skip("there is no Go, or this is a copy of the tests")
    path = tmp_path_factory.mktemp("command") / "gocloudpickle"
    build = ["go", "build", "-o", str(path), "./cmd/gocloudpickle"]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"the command can't be built here: {done.stderr[-300:]}")
    return str(path)


def test_the_command_in_go_runs_python(folder: Path, program_in_go: str) -> None:
    def explain(*arguments: str) -> Any:
        return run(folder, "--python", sys.executable, *arguments, command=(program_in_go,))

    done = explain("--json", "program.py:agent")
    assert done.returncode == 1 and json.loads(done.stdout)["culprits"], done
    assert explain("program.py:fine").returncode == 0
    assert explain("missing.py:x").returncode == 3
    assert explain().returncode == 3
    assert run(folder, "--python", "/nowhere", "a:b", command=(program_in_go,)).returncode == 3


def test_the_command_in_go_says_where_gocloudpickle_is_missing(
    folder: Path, program_in_go: str
) -> None:
    fake = folder / "python"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    done = run(folder, "--python", str(fake), "program.py:fine", command=(program_in_go,))
    assert done.returncode == 3 and "has no gocloudpickle" in done.stderr
