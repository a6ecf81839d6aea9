"""Running all cases in a few processes: one makes the objects, two use them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.beyond.case import all_cases
from tests.oracles.processes import site_without

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LIMIT = 200.0
"""Seconds for one process."""


def paths() -> list[str]:
    """The paths to test: the one that the environment chooses, or all three."""
    chosen = os.environ.get("GOCLOUDPICKLE_PATH")
    return ["layout", "portable", "python"] if chosen is None else [chosen or "layout"]


def _environment(path: str) -> dict[str, str]:
    import gocloudpickle

    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("GOCLOUDPICKLE_STRICT", "GOCLOUDPICKLE_INSTALL")
    }
    environment["GOCLOUDPICKLE_PATH"] = "" if path == "layout" else path
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    package = Path(gocloudpickle.__file__).resolve().parent.parent
    environment["PYTHONPATH"] = os.pathsep.join([str(package), str(ROOT)])
    return environment


def _answers(
    arguments: list[str], environment: dict[str, str], todo: list[list[str]], crashed: Any
) -> Iterator[list[Any]]:
    """Give each item of todo to a process; where that dies, go on with the next one in another."""
    while todo:
        process = subprocess.run(
            [sys.executable, "-X", "faulthandler", *arguments],
            input=json.dumps(todo),
            capture_output=True,
            text=True,
            env=environment,
            cwd="/",
            timeout=LIMIT,
        )
        current, done = None, set()
        for line in process.stdout.splitlines():
            event, _, rest = line.partition(" ")
            if event == "@begin":
                current = rest
            else:
                answer = json.loads(rest)
                done.add(answer[0])
                current = None
                yield answer
        todo = [item for item in todo if item[0] not in done]
        if current is None:
            assert not todo and process.returncode == 0, process.stderr[-4000:]
        else:
            said = f"status {process.returncode}: {process.stderr[-4000:]}"
            yield [current, crashed(said)]
            todo = [item for item in todo if item[0] != current]


@cache
def made(path: str) -> dict[str, dict[str, dict[str, str]]]:
    """By case and way of dumping: the payload in hex, or the error."""
    todo = [
        [name, dedent(case.make)] for name, case in all_cases().items() if case.is_for_this_python()
    ]
    return dict(
        _answers(
            ["-m", "tests.beyond.maker"],
            _environment(path),
            todo,
            lambda said: {way: {"error": said} for way in ("stock", "ours", "strict", "installed")},
        )
    )


@cache
def _site(who: str) -> str:
    other = {"stock": "gocloudpickle", "ours": "cloudpickle"}[who]
    shown = {"stock": "cloudpickle", "ours": "gocloudpickle"}[who]
    folder = tempfile.TemporaryDirectory(prefix="beyond-")
    _folders.append(folder)
    return str(site_without(Path(folder.name) / "site", other, shown))


_folders: list[tempfile.TemporaryDirectory[str]] = []  # removed at the end


@cache
def used(path: str, who: str, way: str) -> dict[str, list[str] | None]:
    """By case: what went wrong in a process with stock or with ours alone; None for nothing.

    Cases that have no payload, since dumping failed, are not in it.
    """
    todo = [
        [name, ways[way]["payload"], dedent(all_cases()[name].use)]
        for name, ways in made(path).items()
        if "payload" in ways.get(way, {})
    ]
    first = {"stock": "", "ours": "gocloudpickle"}[who]
    hidden = {"stock": "gocloudpickle", "ours": "cloudpickle"}[who]
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "GOCLOUDPICKLE"))
    }
    arguments = ["-I", "-S", "-B", str(HERE / "user.py"), _site(who), first, hidden]
    return dict(_answers(arguments, environment, todo, lambda said: ["crash", said]))
