"""joblib and its loky, on PyPI's cloudpickle or on the copy that joblib had up to 1.5."""

from __future__ import annotations

import importlib.util
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.frameworks import child

joblib = pytest.importorskip("joblib", reason="joblib is not installed")

# Which cloudpickle this joblib uses.
if importlib.util.find_spec("joblib.externals.cloudpickle") is None:
    NAME = "cloudpickle.cloudpickle"
    pytest.importorskip("cloudpickle", reason="without it loky uses pickle")
else:
    NAME = "joblib.externals.cloudpickle.cloudpickle"

HEAD = f"""
import os, sys
import joblib
from joblib import Parallel, delayed
import gocloudpickle
NAME = {NAME!r}

def dumps():
    return sum(gocloudpickle.engine_info()["dumps"].values())

def worker_dumps():  # with gocloudpickle as the worker has it
    import gocloudpickle
    return sum(gocloudpickle.engine_info()["dumps"].values())

def worker_loads():  # that the engine did in the worker
    from gocloudpickle import _loader
    return _loader.engine().loads_info()["native"]

def without_gocloudpickle():
    # Processes started from now on don't find it.
    path = os.path.dirname(os.path.dirname(gocloudpickle.__file__))
    sys.path[:] = [p for p in sys.path if os.path.realpath(p) != os.path.realpath(path)]
    os.environ.pop("PYTHONPATH", None)

def worker_has_gocloudpickle():
    import importlib.util
    return importlib.util.find_spec("gocloudpickle") is not None
"""


def run(tmp_path: Path, program: str, **env: str) -> None:
    # A file with a main block, as joblib asks for.
    body = textwrap.indent(textwrap.dedent(program), "    ")
    script = tmp_path / "program.py"
    script.write_text(f"{HEAD}\nif __name__ == '__main__':\n{body}\n    print('done')\n")
    start = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
    assert "done" in child.run(start, script, env=env)


WORKERS = {
    "workers with gocloudpickle": "assert Parallel(2)([delayed(worker_has_gocloudpickle)()]) == [True]",
    "workers without": "without_gocloudpickle()\n"
    "assert Parallel(2)([delayed(worker_has_gocloudpickle)()]) == [False]",
}
MIXED = pytest.mark.parametrize("workers", WORKERS.values(), ids=WORKERS)


@MIXED
def test_lambdas_and_closures(tmp_path: Path, workers: str) -> None:
    run(
        tmp_path,
        "gocloudpickle.install()\n"
        + workers
        + """
unit = 3
before = dumps()
assert Parallel(n_jobs=2)(delayed(lambda x: x * unit)(i) for i in range(20)) == [i * 3 for i in range(20)]
def make(x):
    return lambda y: x + y
made = Parallel(n_jobs=2)(delayed(make)(i) for i in range(5))
assert [f(1) for f in made] == [1, 2, 3, 4, 5]
class Local:
    def __init__(self, x): self.x = x
back = Parallel(n_jobs=2)(delayed(lambda o: Local(o.x + 1))(Local(i)) for i in range(3))
assert [type(o) is Local and o.x for o in back] == [1, 2, 3]
assert dumps() > before + 2, "the engine did not do it"
assert gocloudpickle.engine_info()["modules"][NAME]["on"]
""",
    )


def test_the_worker_s_pickler_is_the_driver_s(tmp_path: Path) -> None:
    # The pickler's name travels with the task.
    run(
        tmp_path,
        """
from joblib.externals.loky import set_loky_pickler
set_loky_pickler("gocloudpickle")
before = dumps()
first, = Parallel(n_jobs=2)([delayed(worker_dumps)()])
Parallel(n_jobs=2)(delayed(lambda x: (lambda: x))(i) for i in range(8))
assert dumps() > before
last = max(Parallel(n_jobs=2)(delayed(worker_dumps)() for i in range(8)))
assert last > first, (first, last)
""",
    )


def test_the_environment_variable_loky_pickler(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
from joblib.externals.loky.backend.reduction import get_loky_pickler_name, get_loky_pickler
assert get_loky_pickler_name() == "gocloudpickle"
assert issubclass(get_loky_pickler(), gocloudpickle.Pickler)
before = dumps()
unit = 3
assert Parallel(n_jobs=2)(delayed(lambda x: x * unit)(i) for i in range(8)) == [i * 3 for i in range(8)]
assert dumps() > before
assert max(Parallel(n_jobs=2)(delayed(worker_dumps)() for i in range(8))) > 0
""",
        LOKY_PICKLER="gocloudpickle",
    )


def test_workers_load_with_the_engine(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
from joblib.externals.loky import get_reusable_executor
executor = get_reusable_executor(max_workers=1, initializer=gocloudpickle.install)
first = executor.submit(worker_loads).result()
unit = 3
assert [executor.submit(lambda x: x * unit, i).result() for i in range(10)] == [i * 3 for i in range(10)]
assert executor.submit(worker_loads).result() >= first + 10
executor.submit(gocloudpickle.uninstall).result()
after = executor.submit(worker_loads).result()
assert executor.submit(lambda x: x * unit, 1).result() == 3
assert executor.submit(worker_loads).result() == after
executor.shutdown()
""",
    )


def test_setting_the_pickler_back(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
from joblib.externals.loky import set_loky_pickler
for name in ("gocloudpickle", "cloudpickle", "gocloudpickle"):
    set_loky_pickler(name)
    assert Parallel(n_jobs=2)(delayed(lambda x: x + 1)(i) for i in range(4)) == [1, 2, 3, 4]
""",
    )


def test_installed_after_joblib_was_used(tmp_path: Path) -> None:
    # loky's class and its wrapper are bound when it is imported.
    run(
        tmp_path,
        """
assert Parallel(n_jobs=2)(delayed(lambda x: x)(i) for i in range(3)) == [0, 1, 2]
gocloudpickle.install()
before = dumps()
assert Parallel(n_jobs=2)(delayed(lambda x: x)(i) for i in range(3)) == [0, 1, 2]
during = dumps()
assert during > before
gocloudpickle.uninstall()
assert Parallel(n_jobs=2)(delayed(lambda x: x)(i) for i in range(3)) == [0, 1, 2]
assert dumps() == during
""",
    )


def test_the_wrapper(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
from joblib import wrap_non_picklable_objects
gocloudpickle.install()
@wrap_non_picklable_objects
def wrapped(x): return x + 1
before = dumps()
assert Parallel(n_jobs=2)(delayed(wrapped)(i) for i in range(3)) == [1, 2, 3]
assert dumps() > before
""",
    )


@MIXED
def test_nested_parallelism(tmp_path: Path, workers: str) -> None:
    run(
        tmp_path,
        "gocloudpickle.install()\n"
        + workers
        + """
def inner(n):
    return sum(Parallel(n_jobs=2)(delayed(lambda x: x * n)(i) for i in range(4)))
assert Parallel(n_jobs=2)(delayed(inner)(n) for n in range(3)) == [0, 6, 12]
""",
    )


def test_nested_processes(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
gocloudpickle.install()
os.environ["GOCLOUDPICKLE_INSTALL"] = "1"
def inner(n):
    from joblib.externals.loky import ProcessPoolExecutor
    with ProcessPoolExecutor(1) as pool:
        return pool.submit(lambda: n * 2).result()
assert Parallel(n_jobs=2)(delayed(inner)(n) for n in range(2)) == [0, 2]
""",
    )


@MIXED
def test_arrays_in_shared_memory(tmp_path: Path, workers: str) -> None:
    pytest.importorskip("numpy", reason="NumPy is not installed")
    run(
        tmp_path,
        "gocloudpickle.install()\n"
        + workers
        + """
import numpy
array = numpy.arange(200_000.0)
kinds = Parallel(n_jobs=2, max_nbytes=1000)(
    delayed(lambda a: (type(a).__name__, float(a.sum())))(array) for _ in range(4))
assert kinds == [("memmap", array.sum())] * 4, kinds
kinds = Parallel(n_jobs=2, max_nbytes=None)(
    delayed(lambda a: (type(a).__name__, float(a.sum())))(array) for _ in range(4))
assert kinds == [("ndarray", array.sum())] * 4, kinds
""",
    )


def test_a_worker_is_killed_and_others_are_started(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
import signal
gocloudpickle.install()
from joblib.externals.loky.process_executor import TerminatedWorkerError
unit = 3
for _ in range(2):
    assert Parallel(n_jobs=2)(delayed(lambda x: x * unit)(i) for i in range(4)) == [0, 3, 6, 9]
    try:
        Parallel(n_jobs=2)(delayed(lambda: os.kill(os.getpid(), signal.SIGKILL))() for _ in range(2))
    except TerminatedWorkerError:
        pass
    else:
        raise AssertionError("no error")
assert Parallel(n_jobs=2)(delayed(lambda x: x * unit)(i) for i in range(4)) == [0, 3, 6, 9]
""",
    )


def test_errors(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
gocloudpickle.install()
class Mine(Exception): pass
def fail(x): raise Mine(x)
try:
    Parallel(n_jobs=2)(delayed(fail)(i) for i in range(2))
except Mine as error:
    assert error.args[0] in (0, 1)
import threading
try:
    Parallel(n_jobs=2)(delayed(lambda lock: lock)(threading.Lock()) for i in range(2))
except Exception as error:
    assert "pickle" in f"{type(error).__name__} {error}".lower(), error
else:
    raise AssertionError("no error")
""",
    )


@pytest.mark.parametrize("backend", ["multiprocessing", "threading"])
def test_the_other_backends(tmp_path: Path, backend: str) -> None:
    run(
        tmp_path,
        f"""
gocloudpickle.install()
import math
assert Parallel(n_jobs=2, backend={backend!r})(delayed(math.sqrt)(i * i) for i in range(4)) == [0, 1, 2, 3]
""",
    )


def test_payloads_of_loky_s_pickler_are_the_same(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
import functools
from joblib.externals.loky.backend import reduction
unit = 3
class Local:
    def method(self): return self
objects = [lambda x: x * unit, functools.partial(lambda x, y: x, 1), Local, Local().method,
           [].append, list.append, {"a": [1, (2,)]}, dumps]
for _ in range(2):  # a first dump leaves a __slotnames__ in a class
    stock = [bytes(reduction.dumps(o)) for o in objects]
with gocloudpickle.installed():
    before = dumps()
    ours = [bytes(reduction.dumps(o)) for o in objects]
    assert dumps() == before + len(objects)
assert ours == stock
""",
    )


def test_memory_caches_functions_of_a_program(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
import tempfile
gocloudpickle.install()
with tempfile.TemporaryDirectory() as folder:
    memory = joblib.Memory(folder, verbose=0)
    calls = []
    def slow(x):
        calls.append(x)
        return x * 2
    cached = memory.cache(slow)
    assert cached(2) == cached(2) == 4 and calls == [2]
""",
    )


def test_this_is_the_module_that_is_switched_on() -> None:
    import sys

    import gocloudpickle

    module: Any = importlib.import_module(NAME)
    with gocloudpickle.installed():
        assert gocloudpickle.engine_info()["modules"][NAME]["on"]
    assert sys.modules[NAME] is module
