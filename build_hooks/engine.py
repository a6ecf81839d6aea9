"""Hatchling's build hook: compile the engine with Go and put it into the wheel.

GOARCH=arm64 (or amd64) in the environment builds for that architecture, with
CC or the usual cross compiler.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MINIMAL_GO = (1, 25)
# Go's name of an architecture: the wheel tag's, and its usual cross compiler.
ARCHITECTURES = {
    "amd64": ("x86_64", "x86_64-linux-gnu-gcc"),
    "arm64": ("aarch64", "aarch64-linux-gnu-gcc"),
}


class BuildError(SystemExit):
    """Ends the build with a message and no traceback."""

    def __init__(self, message: str) -> None:
        super().__init__(f"gocloudpickle: the engine can't be built: {message}")


def target_architecture(machine: str, environ: dict[str, str]) -> str:
    """Return the architecture to build for, as Go spells it."""
    native = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    arch = environ.get("GOARCH") or native
    if not sys.platform.startswith("linux") or arch not in ARCHITECTURES:
        raise BuildError(f"it supports Linux on x86-64 and arm64, not {sys.platform} on {arch}")
    return arch


def check_go() -> None:
    """Raise BuildError unless Go is there and new enough."""
    go = shutil.which("go")
    if go is None:
        raise BuildError("Go is missing; install Go 1.25 or later and put it on PATH")
    run = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False)
    found = re.match(r"go(\d+)\.(\d+)", run.stdout)
    if run.returncode != 0 or found is None:
        raise BuildError(f"`go env GOVERSION` failed: {run.stderr.strip()}")
    if tuple(map(int, found.groups())) < MINIMAL_GO:
        raise BuildError(f"Go is too old ({run.stdout.strip()}); install Go 1.25 or later")


def c_compiler(arch: str, machine: str, environ: dict[str, str]) -> str:
    """Return the C compiler for arch, or raise BuildError if it is missing."""
    tag, cross = ARCHITECTURES[arch]
    cc = environ.get("CC") or ("gcc" if tag == machine else cross)
    if shutil.which(cc.split()[0]) is None:
        raise BuildError(f"the C compiler {cc} is missing; install it, or set CC")
    return cc


def build_engine(root: str, engine: Path) -> str:
    """Compile the engine into a file and return the architecture it is for."""
    environ, machine = dict(os.environ), platform.machine()
    arch = target_architecture(machine, environ)
    check_go()
    cc = c_compiler(arch, machine, environ)
    environ.update(CGO_ENABLED="1", GOOS="linux", GOARCH=arch, CC=cc)
    # The flags of `make engine`.
    command = ["go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false"]
    command += ["-ldflags=-s -w", "-o", str(engine), "./cmd/engine"]
    if subprocess.run(command, cwd=root, env=environ, check=False).returncode != 0:
        raise BuildError("go build failed, see its messages above")
    return arch


class EngineHook(BuildHookInterface):  # type: ignore[misc, type-arg]
    """Adds what hatchling can't pick up by itself: the engine and _rebuild.py."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            build_engine(self.root, Path(self.root, "py", "gocloudpickle", "_engine.so"))
            return
        # In the checkout py/gocloudpickle/_rebuild.py is a symbolic link; what
        # is handed out has a file there. Hatchling includes a file only once,
        # and the sdist needs rebuild/rebuild.py too, so this is a copy.
        rebuild = Path(self.root, "build", self.target_name, "_rebuild.py")
        rebuild.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(self.root, "rebuild", "rebuild.py"), rebuild)
        if self.target_name == "sdist":
            build_data["force_include"][str(rebuild)] = "py/gocloudpickle/_rebuild.py"
            return
        engine = rebuild.with_name("_engine.so")
        arch = build_engine(self.root, engine)
        build_data["force_include"][str(rebuild)] = "gocloudpickle/_rebuild.py"
        build_data["force_include"][str(engine)] = "gocloudpickle/_engine.so"
        build_data["pure_python"] = False
        # One file serves every CPython: it is built without Python.h.
        build_data["tag"] = f"py3-none-linux_{ARCHITECTURES[arch][0]}"
