"""The first use in the middle of an import, of itself, or of a fork: it never waits for what can't come."""

from __future__ import annotations

import pytest

from tests.robust import child

PATH = child.paths()[0]  # they part later
PLACES = ["_find_spec", "_get_module_lock", "cb", "acquire"]
QUICK = 30


def run(scenario: str, *arguments: object, path: str = PATH) -> child.Outcome:
    name = f"first_use_anywhere:{scenario}"
    return child.run(name, *arguments, path=path, timeout=QUICK).check()


@pytest.mark.parametrize("place", PLACES)
def test_is_refused_where_importing_cloudpickle_would_wait_for_ever(place: str) -> None:
    assert run("within_an_import", place, "cloudpickle").stdout.split() == ["refused"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("module", ["gocloudpickle._preconditions", "gocloudpickle._rebuild"])
def test_takes_the_third_path_where_loading_would_wait_for_ever(place: str, module: str) -> None:
    if PATH == "python":
        pytest.skip("the third path doesn't import these modules")
    assert run("within_an_import", place, module).stdout.split() == ["served"]


@pytest.mark.parametrize("place", PLACES[:2])
def test_imports_within_an_import_where_nobody_else_does(place: str) -> None:
    assert run("within_an_import_alone", place).stdout.split() == ["served"]


def test_within_itself() -> None:
    if PATH == "python":
        pytest.skip("the third path has no engine to load")
    run("within_itself")


def test_within_callbacks_of_the_collector(path: str) -> None:
    run("within_callbacks_of_the_collector", path=path)


@pytest.mark.parametrize("seed", range(4))
def test_within_signals(seed: int) -> None:
    run("within_signals", seed)


@pytest.mark.parametrize(
    "module", ["cloudpickle", "cloudpickle.cloudpickle", "gocloudpickle._reducers", "dis"]
)
def test_in_a_child_forked_while_another_thread_imports(module: str) -> None:
    run("forked_while_another_thread_imports", module)


def test_asking_for_other_threads_while_they_begin() -> None:
    assert run("asks_for_other_threads_while_they_begin").stdout.split() == ["served"]


@pytest.mark.parametrize(
    ("event", "number"),
    [
        ("import", 1),
        ("object.__getattr__", 1),
        ("object.__getattr__", 8),
        ("object.__getattr__", 25),
    ],
)
def test_forks_within_itself(path: str, event: str, number: int) -> None:
    if path == "python":
        pytest.skip("the third path has no engine to load")
    assert run("forks_within_itself", event, number, path=path).stdout.split() == ["forked"]


def test_in_a_child_forked_after_a_failure(path: str) -> None:
    if path == "python":
        pytest.skip("the third path has no engine to load")
    run("failed_before_a_fork", path=path)


@pytest.mark.parametrize(
    "action",
    ["install", "uninstall", "installed", "leave", "engine_info", "enable", "startup"],
)
def test_an_interrupt_gives_the_import_lock_back(action: str) -> None:
    run("interrupted_with_the_lock", action)
