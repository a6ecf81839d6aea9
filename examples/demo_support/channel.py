"""The demo's side of the pipe to the worker process."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import gocloudpickle

WORKER = Path(__file__).with_name("worker.py")


class WorkerError(Exception):
    """What the worker raised, or that it is gone."""


class Channel:
    """A worker process and the pipe to it; a context manager."""

    def __init__(self, worker: Path = WORKER) -> None:
        # Not the current folder: the worker must not find the demo's source there.
        self._folder = tempfile.TemporaryDirectory()
        package = Path(gocloudpickle.__file__).resolve().parent
        self._process = subprocess.Popen(
            [sys.executable, str(worker.resolve())],
            cwd=self._folder.name,
            env={**os.environ, "PYTHONPATH": str(package.parent)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def ask(self, use: bytes | None, payload: bytes) -> Any:
        """Return what the worker got; raise WorkerError with what it raised."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            pickle.dump((use, payload), self._process.stdin)
            self._process.stdin.flush()
            error, answer = pickle.load(self._process.stdout)
        except (EOFError, BrokenPipeError) as gone:
            status = self._process.wait()
            raise WorkerError(f"the worker process ended, exit status {status}") from gone
        if error is not None:
            raise WorkerError(error)
        return answer

    def __enter__(self) -> Channel:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # closes its input: that ends it
        self._folder.cleanup()
