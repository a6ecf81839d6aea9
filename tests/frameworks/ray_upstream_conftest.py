"""Fixtures for Ray's own serialization tests, which test_ray_upstream.py copies this to.

Ray's conftest.py starts a cluster for each test and needs packages of Ray's test setup.
One cluster serves here, which the tests that start their own shut down.
"""

from __future__ import annotations

import json
import os

import pytest
import ray


def started():
    if not ray.is_initialized():
        ray.init(num_cpus=2, include_dashboard=False, object_store_memory=200_000_000)
    return ray.get_runtime_context()


def only_remote(request):
    # Ray's fixtures have a second way of theirs, which is for debugging in one process.
    if getattr(request, "param", {}).get("local_mode"):
        pytest.skip("Ray's local mode is no cluster")
    yield started()


ray_start_regular = pytest.fixture(only_remote)
ray_start_shared_local_modes = pytest.fixture(only_remote)
ray_start_2_cpus = pytest.fixture(only_remote)


@pytest.fixture
def shutdown_only():
    ray.shutdown()
    yield None
    ray.shutdown()


@pytest.fixture
def enable_pickle_debug():
    os.environ["RAY_PICKLE_VERBOSE_DEBUG"] = "1"
    yield
    del os.environ["RAY_PICKLE_VERBOSE_DEBUG"]


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        with open("outcomes.jsonl", "a") as file:
            file.write(json.dumps([report.nodeid, report.outcome]) + "\n")


def pytest_sessionfinish():
    import sys

    if "gocloudpickle" in sys.modules:
        import gocloudpickle

        with open("dumps.json", "w") as file:
            json.dump(sum(gocloudpickle.engine_info()["dumps"].values()), file)
