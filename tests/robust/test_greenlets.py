"""Greenlets that are suspended inside a dump. Go's frames of one thread must end in order, theirs don't."""

from __future__ import annotations

import pytest

from tests.robust import child

BOTH = pytest.mark.parametrize("installed", ["plain", "installed"])


def run(scenario: str, *arguments: str, path: str) -> None:
    child.run(f"greenlets:{scenario}", *arguments, path=path, timeout=120).check()


@BOTH
@pytest.mark.parametrize("scenario", ["hooks", "what_runs_no_python_stays_fast"])
def test_hooks(scenario: str, installed: str, path: str) -> None:
    run(scenario, installed, path=path)


@pytest.mark.parametrize("order", ["oldest", "newest"])
@pytest.mark.parametrize("how", ["killed", "dropped"])
def test_ended_early(how: str, order: str, path: str) -> None:
    run("ended_early", how, order, path=path)


@pytest.mark.parametrize(
    "scenario",
    [
        "main_is_in_a_dump",
        "hundreds_in_threads",
        "thread_ends_with_suspended_dumps",
        "errors_in_greenlets",
        "memo_goes_along",
        "unforeseen_switch",
        "gevent_file_yields",
        "gevent_main_waits",
    ],
)
def test_greenlets(scenario: str, path: str) -> None:
    run(scenario, path=path)
