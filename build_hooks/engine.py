"""Hatchling's build hook: put what Go compiles into the wheel, where there is a Go.

That makes the wheel of a platform: with the engine, and with the command gocloudpickle as
a program. Where the engine can't be built, the wheel is py3-none-any: without them, all is
done in Python, with the same bytes. A notice says why.

What is read from the environment:

* GOARCH=arm64 (or amd64) builds for that architecture, with CC or the usual cross compiler;
* GOCLOUDPICKLE_REQUIRE_ENGINE=1 makes it an error if the engine, or the command, can't be built;
* GOCLOUDPICKLE_PURE_WHEEL=1 makes the wheel without them, and looks for no Go.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
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

    def __init__(self, reason: str, what: str = "engine") -> None:
        super().__init__(f"gocloudpickle: the {what} can't be built: {reason}")
        self.reason = reason


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


def go_environment(arch: str, **more: str) -> dict[str, str]:
    """Return the environment in which go build makes programs for arch."""
    return {**os.environ, "GOOS": "linux", "GOARCH": arch, **more}


def go_build(what: str, root: str, environ: dict[str, str], *arguments: str) -> None:
    """Run go build, or raise BuildError."""
    # The flags of `make engine`.
    command = ["go", "build", "-trimpath", "-buildvcs=false", *arguments]
    if subprocess.run(command, cwd=root, env=environ, check=False).returncode != 0:
        raise BuildError(f"go build {arguments[-1]} failed, see its messages above", what)


def build_engine(root: str, engine: Path) -> str:
    """Compile the engine into a file and return the architecture it is for."""
    machine = platform.machine()
    arch = target_architecture(machine, dict(os.environ))
    check_go()
    environ = go_environment(arch, CGO_ENABLED="1", CC=c_compiler(arch, machine, dict(os.environ)))
    go_build(
        "engine",
        root,
        environ,
        "-buildmode=c-shared",
        "-ldflags=-s -w",
        "-o",
        str(engine),
        "./cmd/engine",
    )
    return arch


def build_command(root: str, command: Path, arch: str, version: str) -> None:
    """Compile the command into a file: one that needs no shared library."""
    flags = f"-ldflags=-s -w -X main.version={version}"
    environ = go_environment(arch, CGO_ENABLED="0")
    go_build("command", root, environ, flags, "-o", str(command), "./cmd/gocloudpickle")


def licences(root: str) -> dict[str, str]:
    """Return the files with the licences of what is linked into the command, by module name."""
    template = "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}"
    command = ["go", "list", "-deps", "-f", template, "./cmd/gocloudpickle"]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    found = {}
    for line in set(run.stdout.splitlines()):
        path, _, folder = line.partition("\t")
        for file in sorted(Path(folder).glob("LICENSE*"))[:1]:
            name = re.sub(r"/v\d+$", "", path)  # lz4/v4 is lz4 too
            found[name.rpartition("/")[2]] = str(file)
    # The web page of inspect --html has a library in JavaScript in it.
    for file in Path(root, "payload", "page", "assets").glob("*.LICENSE"):
        found[file.stem] = str(file)
    if run.returncode != 0 or not found:
        raise BuildError(f"its licences are missing: {run.stderr.strip()}", "command")
    return found


def is_set(variable: str) -> bool:
    """Tell whether a variable of the environment says yes."""
    return os.environ.get(variable, "") not in ("", "0")


class EngineHook(BuildHookInterface):  # type: ignore[misc, type-arg]
    """Adds what hatchling can't pick up by itself: what Go compiles, and _rebuild.py."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            self.attempt(
                "all is done in Python",
                lambda: build_engine(self.root, Path(self.root, "py/gocloudpickle/_engine.so")),
            )
            return
        # In the checkout py/gocloudpickle/_rebuild.py is a symbolic link; what
        # is handed out has a file there. Hatchling includes a file only once,
        # and the sdist needs rebuild/rebuild.py too, so this is a copy.
        folder = Path(self.root, "build", self.target_name)
        folder.mkdir(parents=True, exist_ok=True)
        rebuild = folder / "_rebuild.py"
        shutil.copyfile(Path(self.root, "rebuild", "rebuild.py"), rebuild)
        included = build_data["force_include"]
        if self.target_name == "sdist":
            included[str(rebuild)] = "py/gocloudpickle/_rebuild.py"
            return
        included[str(rebuild)] = "gocloudpickle/_rebuild.py"
        engine, reason = folder / "_engine.so", "this is the wheel for every platform"
        arch = None
        if not is_set("GOCLOUDPICKLE_PURE_WHEEL"):
            arch, reason = self.attempt(
                "a wheel without it is built, where all is done in Python",
                lambda: build_engine(self.root, engine),
            )
        if arch is None:
            # What engine_info() says there.
            note = folder / "_no_engine.txt"
            note.write_text(reason + "\n", encoding="utf-8")
            included[str(note)] = "gocloudpickle/_no_engine.txt"
            return
        included[str(engine)] = "gocloudpickle/_engine.so"
        build_data["pure_python"] = False
        # One file serves every CPython: it is built without Python.h.
        build_data["tag"] = f"py3-none-linux_{ARCHITECTURES[arch][0]}"
        self.add_command(arch, folder, build_data)

    def add_command(self, arch: str, folder: Path, build_data: dict[str, Any]) -> None:
        """Put the command in the place of the one in Python, if it can be built."""
        command = folder / "gocloudpickle"
        done, _ = self.attempt(
            "the wheel gets the one in Python",
            lambda: build_command(self.root, command, arch, self.metadata.version) or arch,
        )
        if done:
            build_data["shared_scripts"][str(command)] = "gocloudpickle"
            for name, file in licences(self.root).items():
                build_data["force_include"][file] = f"gocloudpickle/_licences/{name}.txt"
            self.metadata.core.scripts.clear()

    def attempt(self, instead: str, build: Callable[[], str]) -> tuple[str | None, str]:
        """Build something, or print a notice of what is done instead, and return why."""
        try:
            return build(), ""
        except BuildError as error:
            if is_set("GOCLOUDPICKLE_REQUIRE_ENGINE"):
                raise
            print(f"NOTICE: {error}; {instead}", file=sys.stderr, flush=True)
            return None, error.reason
