"""A process that faults, or is sent a fault's signal, ends as it does without the engine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.robust import child

PROGRAM = """
import ctypes, faulthandler, os, resource, signal, sys
where, how, name = sys.argv[1:4]
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
if "faulthandler" in sys.argv:
    faulthandler.enable()
import gocloudpickle
def happen():
    if how == "fault":
        ctypes.string_at(0)
    os.kill(os.getpid(), getattr(signal, name))
class Reduced:
    def __reduce__(self):
        happen()
        return int, ()
if where == "before":
    happen()
gocloudpickle.dumps(1)
if where == "forked":
    pid = os.fork()
    if pid == 0:
        gocloudpickle.dumps(Reduced())
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.kill(os.getpid(), -status)
if where == "after":
    happen()
gocloudpickle.dumps(Reduced())
"""


def end(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", PROGRAM, *arguments],
        env=child.environment("layout"),
        capture_output=True,
        text=True,
        timeout=240,
    )
    return done.returncode, done.stderr.partition("\n")[0]


@pytest.mark.parametrize("faulthandler", [(), ("faulthandler",)], ids=["", "faulthandler"])
@pytest.mark.parametrize("where", ["inside", "after", "forked"])
@pytest.mark.parametrize(
    "how", [("fault", "SIGSEGV"), ("kill", "SIGSEGV"), ("kill", "SIGBUS"), ("kill", "SIGFPE")]
)
def test_as_without_the_engine(
    where: str, how: tuple[str, str], faulthandler: tuple[str, ...]
) -> None:
    assert end(where, *how, *faulthandler) == end("before", *how, *faulthandler)
