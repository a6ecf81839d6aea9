"""Where and on what something was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


def machine() -> str:
    """Name the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return f"{line.partition(':')[2].strip()}, {os.cpu_count()} CPUs"
    except OSError:
        pass
    return f"{platform.machine()}, {os.cpu_count()} CPUs"


# What a measurement depends on: not the results themselves, and not the documents.
SOURCES = [
    "audit",
    "bench/*.py",
    "bytecode",
    "cmd",
    "go.mod",
    "payload",
    "pickle",
    "pickler",
    "py",
    "python",
    "rebuild",
    "seal",
]


def commit() -> str | None:
    """Name the commit that was measured, with a + where the sources differ from it."""
    git = ["git", "-C", str(HERE.parent)]
    try:
        name = subprocess.run(
            [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        ).stdout.strip()
        changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", *SOURCES]).returncode
    except (OSError, subprocess.CalledProcessError):
        return None
    return name + ("+" if changed else "")
