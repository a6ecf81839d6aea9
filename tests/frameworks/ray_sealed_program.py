"""Ray with install(signer=..., verifier=...): workers with the key, and workers without."""

from __future__ import annotations

import sys
from pathlib import Path

from checks import Checks

checks = Checks(100)
PACKAGE = sys.argv[2]
sys.path[:0] = [PACKAGE, str(Path(PACKAGE).parent)]

import gocloudpickle  # noqa: E402
import numpy  # noqa: E402
import ray  # noqa: E402
from gocloudpickle import sealed  # noqa: E402

from tests.frameworks import sealing  # noqa: E402

folder = Path(sys.argv[1]).parent
HOOK = {"worker_process_setup_hook": "gocloudpickle.ray.setup_worker"}
KEYS = sealing.keys(folder)
OTHER = {**sealing.keys(folder, "other"), **sealing.environment(folder, "key", "other")}


def environment(keys):
    return {"env_vars": {"PYTHONPATH": PACKAGE, **keys}}


with checks("the cluster starts"):
    gocloudpickle.install(**sealing.of(folder))
    ray.init(
        address="local",  # not a cluster that happens to run here
        num_cpus=3,
        include_dashboard=False,
        object_store_memory=256 * 1024 * 1024,
        runtime_env={**environment(KEYS), **HOOK},
    )


factor = 3


@ray.remote(max_retries=0)
def called(function, *arguments):
    return function(*arguments)


@ray.remote
class Counter:
    def __init__(self, start):
        self.value = start

    def add(self, by):
        self.value += by
        return self.value


def is_refused(why, function, *arguments, **options):
    try:
        value = ray.get(called.options(**options).remote(function, *arguments), timeout=80)
    except Exception as error:
        assert why in str(error), error
    else:
        raise AssertionError(value)


with checks("functions, arguments and results"):
    assert ray.get(called.remote(lambda x: x * factor, 5)) == 15
    assert ray.get(called.remote(lambda: lambda: 7))() == 7

with checks("actors"):
    counter = Counter.remote(1)
    assert ray.get([counter.add.remote(2), counter.add.remote(3)]) == [3, 6]

with checks("arrays are verified where they are"):
    array = numpy.arange(1_000_000)
    stored = ray.put(array)
    assert ray.get(called.remote(lambda a: int(a.sum()), stored)) == int(array.sum())
    assert not ray.get(stored).flags.writeable

with checks("what is stored is sealed"):
    assert sealed.is_sealed(ray.cloudpickle.dumps([1]))
    try:
        ray.cloudpickle.loads(__import__("pickle").dumps([1]))
    except sealed.Unsigned:
        pass
    else:
        raise AssertionError

with checks("an error of a task"):
    try:
        ray.get(called.remote(lambda: 1 / 0))
    except ZeroDivisionError:
        pass
    else:
        raise AssertionError

with checks("a tampered message fails its task, and the cluster goes on"):
    is_refused("BadSignature", len, ray.put({sealing.MARK}))  # text alone isn't pickled
    is_refused("BadSignature", len, {sealing.MARK})
    assert ray.get(called.remote(len, "abc")) == 3

with checks("a worker with another key refuses, and the cluster goes on"):
    is_refused("UnknownKey", len, "abc", runtime_env=environment(OTHER))
    assert ray.get(called.remote(len, "abc")) == 3

with checks("the cluster ends"):
    ray.shutdown()
