"""Limits of the process. Go's runtime has no way to say that the system gives it nothing: it aborts."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.robust import child


def run(scenario: str, *arguments: object, path: str = "layout", **env: str) -> None:
    # 3.12 warns of forks beside threads.
    env = {"PYTHONWARNINGS": "ignore::DeprecationWarning", **env}
    child.run(f"limits:{scenario}", *arguments, path=path, env=env).check()


@pytest.mark.parametrize("megabytes", [200, 512, 800, 1200, 2000, 8000])
def test_address_space(megabytes: int) -> None:
    run("address_space", megabytes, "python" if megabytes < 2200 else "engine")


@pytest.mark.parametrize("left", [1, 20, 100])
@pytest.mark.parametrize("kind", ["functions", "classes", "deep"])
@pytest.mark.parametrize("limited", ["address space", "data"])
def test_set_later(limited: str, kind: str, left: int) -> None:
    run("set_later", limited, kind, left)


@pytest.mark.skipif(
    sys.version_info < (3, 12), reason="a dump ends at 1,000 levels, before memory does"
)
def test_set_later_in_many_processes() -> None:
    """Threads of Go's collector can get no memory at the same time as the dump: one process in 40."""
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda i: run("set_later", "data", "deep", 5 + i % 4), range(60)))


@pytest.mark.parametrize("kind", ["deep", "many"])
def test_step_by_step(kind: str, path: str) -> None:
    run("step_by_step", kind, path=path)


@pytest.mark.parametrize("megabytes", [100, 250, 500, 700, 2000])
def test_data(megabytes: int) -> None:
    run("data", megabytes, "python" if megabytes < 384 else "engine")


@pytest.mark.parametrize("kilobytes", ["192", "1024", "1000000", "unlimited"])
def test_stack(kilobytes: str, path: str) -> None:
    run("stack", kilobytes, path=path)


def test_fork_under_a_limit(path: str) -> None:
    run("fork_under_a_limit", path=path)


@pytest.mark.parametrize("number", [1, 3, 1000])
def test_threads(number: int) -> None:
    run("threads", number, "python" if number < 16 else "engine")


def test_started_by_gevent() -> None:
    run("started_by_gevent")


@pytest.mark.parametrize(
    "variable",
    [
        "GOMEMLIMIT=512MB",
        "GOMEMLIMIT=much",
        "GOMEMLIMIT=99999999999TiB",
        "GOMEMLIMIT=512MiB",
        "GODEBUG=madvdontneed=1,cgocheck=2",
        "GOMAXPROCS=5000",
        "GOGC=much",
    ],
)
def test_environment(variable: str) -> None:
    name, _, value = variable.partition("=")
    run("environment", **{name: value})


def test_small_stacks(path: str) -> None:
    run("small_stacks", path=path)
