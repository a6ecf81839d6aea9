"""Forks in a process whose engine has run. Go's runtime does not survive them, so the child must load a fresh one."""

from __future__ import annotations

import pytest

from tests.robust import child

BOTH = pytest.mark.parametrize("installed", ["plain", "installed"])


def run(scenario: str, *arguments: str, path: str) -> None:
    # 3.12 warns of forks beside threads. Go collects its garbage often: where that is not its
    # own runtime any more, it hangs.
    env = {"PYTHONWARNINGS": "ignore::DeprecationWarning", "GOGC": "1"}
    child.run(f"fork:{scenario}", *arguments, path=path, timeout=150, env=env).check()


@BOTH
def test_heap_growth(installed: str, path: str) -> None:
    run("heap_growth", installed, path=path)


@BOTH
def test_threads_in_the_child(installed: str, path: str) -> None:
    run("threads_in_the_child", installed, path=path)


@BOTH
def test_through_install(installed: str, path: str) -> None:
    run("through_install", installed, path=path)


@pytest.mark.parametrize("used", ["unused", "used"])
def test_pickler_made_before(used: str, path: str) -> None:
    run("pickler_made_before", used, path=path)


@pytest.mark.parametrize("how", ["os._exit", "sys.exit"])
@pytest.mark.parametrize("engine", ["unused_in_the_child", "used_in_the_child"])
def test_child_leaves(engine: str, how: str, path: str) -> None:
    run(engine, how, path=path)


@pytest.mark.parametrize("threads", ["0", "4"])
def test_inside_reduce_child_goes_on(threads: str, path: str) -> None:
    run("inside_reduce_child_goes_on", threads, path=path)


@pytest.mark.parametrize(
    "scenario",
    [
        "bound_before_the_fork",
        "nested",
        "first_use_in_the_child",
        "siblings",
        "inside_reduce_child_leaves",
        "inside_reduce_of_an_inner_dump",
        "inside_file_write",
        "in_a_thread_while_others_dump",
        "while_a_thread_has_the_class_tracker",
        "exec_in_the_child",
    ],
)
def test_fork(scenario: str, path: str) -> None:
    run(scenario, path=path)


def test_normal_end_of_the_forking_thread(path: str) -> None:
    run("normal_end_of_the_forking_thread", "unused", path=path)


@pytest.mark.xfail(
    strict=True,
    reason="Go's threads outlive the only thread of Python; such a child must end with os._exit",
)
def test_normal_end_of_the_forking_thread_after_use(path: str) -> None:
    run("normal_end_of_the_forking_thread", "used", path=path)
