"""Ctrl-C, other signals, faults and new processes in an interpreter that has the engine loaded."""

from __future__ import annotations

import signal

import pytest

from tests.robust import child


@pytest.mark.parametrize("kind", ["plain", "callbacks", "sleeping", "functions"])
def test_ctrl_c(kind: str, path: str) -> None:
    child.run("signals:interrupts", kind, path=path).check()


@pytest.mark.parametrize(
    "name", ["SIGINT", "SIGTERM", "SIGUSR1", "SIGALRM", "SIGCHLD", "SIGHUP", "SIGPIPE"]
)
def test_handlers_run(name: str, path: str) -> None:
    child.run("signals:handlers_run", name, path=path).check()


@pytest.mark.xfail(
    strict=True, reason="Go takes SIGURG to preempt its goroutines, and forwards none"
)
def test_handler_of_sigurg(path: str) -> None:
    child.run("signals:handlers_run", "SIGURG", path=path).check()


@pytest.mark.parametrize(
    "scenario",
    [
        "interrupt_leaves_the_pickler_usable",
        "timer_storm",
        "handler_that_raises",
        "wait_for_a_blocked_signal",
        "dispositions",
        "broken_pipe",
        "subprocesses",
    ],
)
def test_signals(scenario: str, path: str) -> None:
    child.run(f"signals:{scenario}", path=path).check()


def test_exec(path: str) -> None:
    child.run("signals:exec_after_load", path=path).check(says="executed")


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGFPE", "SIGABRT"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_faulthandler_reports(when: str, name: str, path: str) -> None:
    outcome = child.run("signals:fault", when, name, path=path)
    assert outcome.returncode == -getattr(signal, name), outcome.describe()
    assert "Fatal Python error" in outcome.stderr and "in fault" in outcome.stderr, (
        outcome.describe()
    )
    assert "goroutine" not in outcome.stderr, outcome.describe()


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGFPE", "SIGABRT"])
def test_fault_without_faulthandler(name: str, path: str) -> None:
    outcome = child.run("signals:fault", "never", name, path=path)
    assert outcome.returncode == -getattr(signal, name), outcome.describe()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGKILL", "SIGALRM", "SIGQUIT"])
def test_default_action(name: str, path: str) -> None:
    outcome = child.run("signals:killed", name, path=path)
    assert outcome.returncode == -getattr(signal, name), outcome.describe()
    assert not outcome.stderr, outcome.describe()


def test_registered_dump(path: str) -> None:
    outcome = child.run("signals:registered_dump", path=path).check(says="usable")
    assert "most recent call first" in outcome.stderr, outcome.describe()
