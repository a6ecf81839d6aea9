"""Fresh processes in which one of the two picklers is hidden."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pickle
import struct
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from tests.corpus import under_test

ROOT = Path(__file__).resolve().parent.parent.parent
WORKER = Path(__file__).resolve().parent / "worker.py"

Payloads = dict[str, tuple[bytes, list[bytes]]]


def site_without(folder: Path, hidden: str, shown: str) -> Path:
    """A site-packages of links to everything but the pickler to hide."""
    folder.mkdir(parents=True)
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    for place in places:
        for entry in sorted(Path(place).iterdir()):
            name = entry.name
            # gocloudpickle may be installed or lie in py/; its own link is made below.
            if name.endswith(".pth") or "gocloudpickle" in name or name.split("-")[0] == hidden:
                continue
            link = folder / name
            if not link.exists():
                link.symlink_to(entry)
    if not (folder / shown).exists():
        spec = importlib.util.find_spec(shown)
        if spec is None or spec.origin is None:
            raise RuntimeError(
                f"{shown} is not importable here, so there is nothing to show to a worker"
            )
        (folder / shown).symlink_to(Path(spec.origin).parent)
    return folder


class Worker:
    """One process that loads and checks; started again when a payload kills it."""

    def __init__(self, site: Path, first_import: str, forbidden: str) -> None:
        self.arguments = [str(site), str(ROOT), first_import, forbidden]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-I",
            "-S",
            "-B",
            "-X",
            "faulthandler",
            str(WORKER),
            *self.arguments,
        ]
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith("PYTHON") or k == "PYTHONMALLOC"
        }
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", env=environment
        )

    def ask(self, name: str, payloads: Payloads, self_contained: bool) -> None:
        """Send the payloads of one case; answer() has to follow."""
        if self.process is None:
            self.process = self.start()
        assert self.process.stdin is not None
        request = pickle.dumps((name, payloads, self_contained))
        with contextlib.suppress(BrokenPipeError):  # answer() finds out why.
            self.process.stdin.write(struct.pack("<Q", len(request)) + request)
            self.process.stdin.flush()

    def answer(self) -> dict[str, str]:
        """What went wrong with the payloads asked about, by key."""
        assert self.process is not None and self.process.stdout is not None
        stdout = self.process.stdout
        head = stdout.read(8)
        if len(head) < 8:
            code = self.process.wait()
            self.process = None
            return {"worker": f"the worker died with status {code}; what it said is in stderr"}
        failures: dict[str, str] = pickle.loads(stdout.read(struct.unpack("<Q", head)[0]))
        return failures

    def stop(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
            self.process.wait(timeout=60)


def workers(folder: Path) -> dict[str, Worker]:
    """One worker that has stock cloudpickle only, one that has the module under test only."""
    name = under_test().__name__
    other = "cloudpickle" if name != "cloudpickle" else "gocloudpickle"
    return {
        "stock": Worker(
            site_without(folder / "stock", "gocloudpickle", "cloudpickle"), "", "gocloudpickle"
        ),
        "ours": Worker(site_without(folder / "ours", other, name), name, other),
    }


def dump(case: Any, protocol: int, out_of_band: bool = False) -> tuple[bytes, list[bytes]] | None:
    """The payload of a newly made object, or None where the corpus says it fails."""
    from tests.differential.compare import with_buffers, with_dumps

    if case.failure(protocol) is not None:
        return None
    with case.setup():
        way = with_buffers(False) if out_of_band else with_dumps
        outcome = way(under_test(), case.make(), protocol)
    if outcome.error is not None:
        raise AssertionError(
            f"{case.name} at protocol {protocol} can't be pickled"
        ) from outcome.error
    assert outcome.payload is not None
    return outcome.payload, list(outcome.buffers)
