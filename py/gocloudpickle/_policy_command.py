"""audit() by the command gocloudpickle, if that is installed: of files, and where there is no engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any


_WORST = ("allowed", "inconclusive", "denied")


def judge_files(path: str, policy: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the verdict about a file or the files of a folder, and the findings: each with its path.

    Raises ImportError without a command, OSError for what can't be read, and ValueError for
    what is no policy.
    """
    os.stat(path)
    command = _command()
    if command is None:
        raise ImportError(
            "files are read by the command gocloudpickle in Go, and there is none on the PATH: "
            "docs/command.md says how to get it"
        )
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "policy.json")
        with open(file, "w", encoding="utf-8") as to:
            to.write(policy)
        arguments = [command, "audit", "--json", "--policy", file, "--", os.path.abspath(path)]
        run = subprocess.run(arguments, capture_output=True, check=False)
    said = run.stderr.decode(errors="replace").strip()
    try:
        files = json.loads(run.stdout)["files"]
    except (ValueError, KeyError):
        if file in said:
            raise ValueError(f"this is no policy: {said}") from None
        raise ImportError(
            f"{command} can't audit files: {said or f'exit status {run.returncode}'}"
        ) from None
    unread = [f"{one['path']}: {one['error']}" for one in files if one.get("error")]
    if unread:
        raise OSError("; ".join(unread))
    verdict = max((one["verdict"] for one in files), key=_WORST.index, default="allowed")
    return verdict, [{**f, "path": one["path"]} for one in files for f in one["findings"]]


def judge(data: bytes, policy: str, loads: bool, why: str | None) -> dict[str, Any]:
    """Return what the engine's audit() does, in JSON decoded. Raises ImportError without a command."""
    command = _command()
    if command is None:
        raise ImportError(
            f"auditing needs the engine, which can't be used here ({why}), or the command "
            "gocloudpickle in Go on the PATH: docs/command.md says how to get it"
        )
    text = policy.encode()
    run = subprocess.run(
        [command, "audit-data", *(["--loads"] if loads else [])],
        input=b"%d\n%b%b" % (len(text), text, data),
        capture_output=True,
        check=False,
    )
    if run.returncode != 0:
        raise ImportError(
            f"auditing needs the engine, which can't be used here ({why}), and {command} can't: "
            + (run.stderr.decode(errors="replace").strip() or f"exit status {run.returncode}")
        )
    judged: dict[str, Any] = json.loads(run.stdout)
    return judged


def _command() -> str | None:
    beside = [os.path.dirname(sys.executable), sysconfig.get_path("scripts")]
    return shutil.which(
        "gocloudpickle", path=os.pathsep.join(filter(None, beside))
    ) or shutil.which("gocloudpickle")
