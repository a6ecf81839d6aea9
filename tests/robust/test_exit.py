"""The interpreter ends cleanly, whatever the engine is doing: no crash, no hang, the expected exit status."""

from __future__ import annotations

import signal

import pytest

from tests.robust import child

WARNINGS = {"PYTHONWARNINGS": "ignore"}


@pytest.mark.parametrize("kind", ["plain", "callbacks", "sleeping", "nested"])
def test_daemon_threads(kind: str, path: str) -> None:
    # Where the threads are when the end comes is a matter of chance.
    for _ in range(2):
        child.run("exits:daemon_threads", kind, path=path).check(says="the end")


def test_daemon_threads_with_picklers(path: str) -> None:
    for _ in range(4):
        child.run("exits:daemon_threads_with_picklers", path=path).check(says="the end")


def test_daemon_threads_then_finalizers(path: str) -> None:
    for _ in range(2):
        child.run("exits:daemon_threads_then_finalizers", path=path).check(says="dumped in the end")


@pytest.mark.parametrize("kind", ["plain", "function", "class", "instance", "lock"])
def test_finalization(kind: str, path: str) -> None:
    outcome = child.run("exits:finalization", kind, path=path).check()
    ran = [line.split()[0] for line in outcome.stdout.splitlines()]
    # Which of the finalizers run is the interpreter's affair; that some do is this test's.
    assert len(set(ran)) >= 4, outcome.describe()


LOADED = ["function", "class", "enum", "abstract", "module", "instance"]


@pytest.mark.parametrize("kind", LOADED)
def test_loads_in_finalization(kind: str, path: str) -> None:
    outcome = child.run("exits:finalization_loads", kind, path=path, env=child.CHECKED).check()
    ran = [line.split()[0] for line in outcome.stdout.splitlines()]
    assert len(set(ran)) >= 4, outcome.describe()


@pytest.mark.parametrize("where", ["main", "nested", "thread", "os._exit", "pickler"])
def test_exit_in_reduce(where: str, path: str) -> None:
    child.run("exits:exit_in_reduce", where, path=path).check(returncode=7)


@pytest.mark.parametrize(
    "scenario, says",
    [
        ("in_atexit", "atexit 0"),
        ("first_use_in_atexit", "atexit"),
        ("picklers_alive", ""),
        ("threads_not_joined", "done\ndone\ndone\ndone"),
        ("installed", "installed"),
        ("loaded_by_a_thread_that_ended", ""),
        ("nothing", ""),
        ("used_once", ""),
    ],
)
def test_end(scenario: str, says: str, path: str) -> None:
    child.run(f"exits:{scenario}", path=path, env=WARNINGS).check(says=says)


@pytest.mark.parametrize("scenario", ["interrupt_in_reduce", "killed_by_ctrl_c"])
def test_keyboard_interrupt(scenario: str, path: str) -> None:
    outcome = child.run(f"exits:{scenario}", path=path)
    assert outcome.returncode == -signal.SIGINT, outcome.describe()
    assert "KeyboardInterrupt" in outcome.stderr and "Fatal" not in outcome.stderr, (
        outcome.describe()
    )
