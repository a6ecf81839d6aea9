"""multiprocessing and concurrent.futures with fork, forkserver and spawn."""

from __future__ import annotations

import pytest

from tests.robust import child

ENV = {"PYTHONWARNINGS": "ignore::DeprecationWarning"}  # 3.12 warns of forks beside threads

# Spawned workers start an interpreter each: one kind of pool in quick runs, the others in long ones.
SLOW = [
    pytest.param(
        scenario,
        method,
        marks=[] if method == "fork" or scenario == "executor" else pytest.mark.slow,
    )
    for scenario in (
        "pool",
        "pool_that_renews_its_workers",
        "processes",
        "executor",
        "workers_that_fork",
        "process_started_in_reduce",
        "installed",
    )
    for method in ("fork", "forkserver", "spawn")
]


@pytest.mark.parametrize("scenario, method", SLOW)
def test_pools(scenario: str, method: str, path: str) -> None:
    child.run(f"pools:{scenario}", method, path=path, timeout=120, env=ENV).check()
