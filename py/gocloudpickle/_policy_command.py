"""audit() where there is no engine: by the command gocloudpickle, if that is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any


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
