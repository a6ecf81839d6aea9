"""Running a scenario in an interpreter of its own, where a crash or a hang is a result like any other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import gocloudpickle

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = Path(gocloudpickle.__file__).resolve().parent.parent

CHECKED = {"PYTHONMALLOC": "debug", "GODEBUG": "cgocheck=1"}
"""CPython's debug allocator fills freed memory, so that a use after free shows at once."""


def paths() -> list[str]:
    """The paths to test: the one that the environment chooses, or the engine's two."""
    chosen = os.environ.get("GOCLOUDPICKLE_PATH")
    return ["layout", "portable"] if chosen is None else [chosen or "layout"]


def environment(path: str, extra: dict[str, str] | None = None) -> dict[str, str]:
    env = dict(os.environ)
    env.update(
        GOCLOUDPICKLE_PATH="" if path == "layout" else path,
        PYTHONPATH=os.pathsep.join([str(PACKAGE), str(ROOT)]),
        PYTHONHASHSEED="0",
        PYTHONDONTWRITEBYTECODE="1",
    )
    env.update(extra or {})
    return env


@dataclass(frozen=True)
class Outcome:
    """How a child ended. A signal is a negative returncode, as in subprocess."""

    returncode: int
    stdout: str
    stderr: str
    timed_out: bool = False

    def describe(self) -> str:
        if self.timed_out:
            how = "hung"
        elif self.returncode < 0:
            how = f"killed by {signal.Signals(-self.returncode).name}"
        else:
            how = f"exit status {self.returncode}"
        return f"{how}\n-- stdout --\n{self.stdout[-6000:]}\n-- stderr --\n{self.stderr[-6000:]}"

    def check(self, returncode: int = 0, says: str = "") -> Outcome:
        """Assert that it ended like this, and quietly."""
        assert not self.timed_out and self.returncode == returncode, self.describe()
        assert says in self.stdout, f"{says!r} is not in its output: {self.describe()}"
        for complaint in ("Fatal Python error", "fatal error:", "SIGSEGV", "panic:"):
            assert complaint not in self.stderr, self.describe()
        return self


def run_python(
    arguments: list[str],
    path: str = "layout",
    env: dict[str, str] | None = None,
    timeout: float = 60,
    stdin: str = "",
) -> Outcome:
    """Run the interpreter; a hang ends with the traceback of every thread."""
    process = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", *arguments],
        cwd=ROOT,
        env=environment(path, env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(stdin, timeout=timeout)
        return Outcome(process.returncode, stdout, stderr)
    except subprocess.TimeoutExpired:
        _signal_group(process.pid, signal.SIGABRT)  # faulthandler writes the tracebacks
        try:
            stdout, stderr = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            _signal_group(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
        return Outcome(process.returncode, stdout, stderr, timed_out=True)
    finally:
        _signal_group(process.pid, signal.SIGKILL)  # forked children that were left


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass


def run(scenario: str, *arguments: object, path: str = "layout", **options: object) -> Outcome:
    """Run the function "module:name" of tests.robust.scenarios in a child."""
    command = ["-m", "tests.robust.scenario", scenario, *map(str, arguments)]
    return run_python(command, path, **options)  # type: ignore[arg-type]
