"""Dask: a scheduler, a worker with gocloudpickle and one without."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gocloudpickle
import pytest

from tests.frameworks import child

pytest.importorskip("cloudpickle", reason="Dask needs it")
dask = pytest.importorskip("dask", reason="Dask is not installed")
distributed = pytest.importorskip("distributed", reason="Dask distributed is not installed")

WITH, WITHOUT = "with-gocloudpickle", "without-gocloudpickle"


def start(folder: Path, name: str, *command: str, **env: str) -> Any:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with (folder / f"{name}.log").open("w") as log:
        # Not in the checkout: python -m puts the current folder on the path.
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *command],
            cwd=folder,
            env={**environment, **env},
            stdout=log,
            stderr=log,
        )


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("dask")
    place = folder / "scheduler.json"
    common = ["--scheduler-file", str(place), "--no-dashboard"]
    worker = ["worker", *common, "--nthreads", "1", "--memory-limit", "0", "--name"]
    preload = ["--preload", "gocloudpickle.dask"]
    path = str(child.ROOT / "py")
    processes = [
        start(folder, "scheduler", "scheduler", *common, "--port", "0", *preload, PYTHONPATH=path),
    ]
    try:
        processes += [
            start(folder, WITH, *worker, WITH, *preload, PYTHONPATH=path),
            start(folder, WITHOUT, *worker, WITHOUT, "--no-nanny"),
        ]
        deadline = time.monotonic() + 240
        while not place.exists():
            assert time.monotonic() < deadline, (folder / "scheduler.log").read_text()
            time.sleep(0.1)
        with distributed.Client(scheduler_file=str(place), timeout=240) as client:
            client.wait_for_workers(2, timeout=240)
            yield client
            client.retire_workers()
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(60)


@pytest.fixture(params=[WITH, WITHOUT])
def one(request: pytest.FixtureRequest) -> str:
    """Each worker in turn."""
    return str(request.param)


@pytest.fixture(params=["installed", "stock"])
def side(request: pytest.FixtureRequest) -> Iterator[str]:
    """The driver with the engine switched on, and with it off."""
    if request.param == "installed":
        gocloudpickle.install()
    yield str(request.param)


# What the workers run are lambdas: they don't have this file.
has_gocloudpickle = lambda: __import__("importlib.util").util.find_spec("gocloudpickle") is not None
engine_dumps = lambda: sum(__import__("gocloudpickle").engine_info()["dumps"].values())


def test_the_workers_are_what_they_are_called(client: Any) -> None:
    for name, expected in ((WITH, True), (WITHOUT, False)):
        found = client.submit(has_gocloudpickle, workers=[name], pure=False)
        assert found.result(timeout=240) is expected


def test_the_preload_module_switches_on(client: Any) -> None:
    modules = lambda: __import__("gocloudpickle").engine_info()["modules"]
    found = client.submit(modules, workers=[WITH], pure=False).result(240)
    assert found["cloudpickle.cloudpickle"]["on"]
    found = client.run_on_scheduler(modules)
    assert found["cloudpickle.cloudpickle"]["on"]


def test_lambdas_and_closures(client: Any, one: str, side: str, count: Callable[[], int]) -> None:
    before = count()
    unit = 3
    futures = client.map(lambda x: x * unit, range(20), workers=[one], pure=False)
    assert client.gather(futures) == [x * unit for x in range(20)]

    def outer(x: int) -> Callable[[int], int]:
        return lambda y: x + y

    made = client.submit(outer, 5, workers=[one], pure=False)
    assert client.submit(lambda f: f(1), made, workers=[one], pure=False).result(240) == 6
    assert made.result()(2) == 7  # a closure on its way back
    assert (count() > before) == (side == "installed")


def test_classes_made_here(client: Any, one: str, side: str) -> None:
    class Record:
        def __init__(self, value: int) -> None:
            self.value = value

        def __eq__(self, other: object) -> bool:
            return type(self) is type(other) and vars(self) == vars(other)

    future = client.submit(
        lambda record: Record(record.value + 1), Record(1), workers=[one], pure=False
    )
    back = future.result(240)
    assert back == Record(2) and type(back) is Record


def test_the_engine_works_in_the_worker(client: Any) -> None:
    before = client.submit(engine_dumps, workers=[WITH], pure=False).result(240)
    made = client.submit(lambda: lambda: 5, workers=[WITH], pure=False).result(240)
    after = client.submit(engine_dumps, workers=[WITH], pure=False).result(240)
    assert made() == 5 and after > before


def test_delayed_graphs(client: Any, side: str) -> None:
    offset = 10

    @dask.delayed
    def add(*numbers: int) -> int:
        return sum(numbers) + offset

    layers = [add(i, i + 1) for i in range(4)]
    total = add(*[dask.delayed(lambda x: x * 2)(layer) for layer in layers])
    expected = sum((2 * i + 1 + offset) * 2 for i in range(4)) + offset
    assert total.compute() == expected
    assert client.compute(total).result(240) == expected


def test_arrays_and_bags(client: Any, side: str) -> None:
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed")
    array = pytest.importorskip("dask.array", reason="dask.array needs NumPy")
    bag = pytest.importorskip("dask.bag", reason="dask.bag is not installed")
    weights = numpy.arange(1000.0)
    x = array.from_array(weights, chunks=100)
    assert x.map_blocks(lambda block: block * weights[1:2]).sum().compute() == weights.sum()
    words = bag.from_sequence(["a", "bb", "ccc"], npartitions=2)
    assert words.map(lambda word: len(word)).compute() == [1, 2, 3]


def test_the_scheduler_of_processes(side: str) -> None:
    # dask.multiprocessing has a partial of cloudpickle.dumps, made when it is imported.
    unit = 3
    values = [dask.delayed(lambda x: x * unit)(i) for i in range(3)]
    assert dask.compute(*values, scheduler="processes", num_workers=1) == (0, 3, 6)


def test_actors(client: Any, one: str, side: str) -> None:
    start = 10

    class Counter:
        n = 0

        def __init__(self) -> None:
            self.n = start

        def add(self, function: Callable[[int], int]) -> int:
            self.n = function(self.n)
            return self.n

    counter = client.submit(Counter, actor=True, workers=[one], pure=False).result(240)
    assert counter.add(lambda n: n + 1).result(240) == start + 1
    assert counter.add(lambda n: n * 2).result(240) == (start + 1) * 2
    assert counter.n == (start + 1) * 2


def test_errors(client: Any, one: str, side: str) -> None:
    class Mine(Exception):
        pass

    def fail(x: int) -> None:
        raise Mine(x)

    with pytest.raises(Mine, match="5"):
        client.submit(fail, 5, workers=[one], pure=False, retries=0).result(240)


def test_dask_loads_with_the_engine(client: Any, one: str) -> None:
    module = distributed.protocol.pickle
    with gocloudpickle.installed():
        assert gocloudpickle.engine_info()["modules"][module.__name__]["on"]
        assert module.pickle.loads is gocloudpickle.loads
        assert module.pickle.HIGHEST_PROTOCOL == pickle.HIGHEST_PROTOCOL
        assert module.loads(module.dumps(lambda: 7))() == 7
        assert client.submit(lambda: lambda: 7, workers=[one], pure=False).result(240)() == 7
    assert module.pickle is pickle
    assert module.loads(module.dumps(lambda: 7))() == 7
    assert not gocloudpickle.engine_info()["modules"][module.__name__]["on"]
    loads = lambda: str(__import__("sys").modules["distributed.protocol.pickle"].pickle.loads)
    found = client.submit(loads, workers=[one], pure=False).result(240)
    assert ("gocloudpickle" in found) == (one == WITH)
    if one == WITH:
        native = lambda: __import__("gocloudpickle._loader")._loader.engine().loads_info()["native"]
        before = client.submit(native, workers=[one], pure=False).result(240)
        unit = 3
        numbers = [client.submit(lambda: unit, workers=[one], pure=False) for _ in range(10)]
        assert client.gather(numbers) == [unit] * 10
        assert client.submit(native, workers=[one], pure=False).result(240) >= before + 10


def test_buffers_out_of_band(client: Any, one: str, side: str) -> None:
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed")
    array = numpy.arange(100_000.0)
    future = client.submit(lambda: float(array.sum()), workers=[one], pure=False)
    assert future.result(240) == array.sum()


def test_tokens_are_unchanged() -> None:
    from dask.base import tokenize

    unit = 3

    class Local:
        def __init__(self, value: Any) -> None:
            self.value = value

    objects = [
        lambda x: x * unit,
        Local,
        Local([1, {"a": (2, None)}]),
        {"f": lambda: unit, "numbers": list(range(10))},
        pytest.importorskip,
        (tokenize, Local.__init__),
    ]
    stock = [tokenize(obj) for obj in objects]
    with gocloudpickle.installed():
        ours = [tokenize(obj) for obj in objects]
        again = [tokenize(obj) for obj in objects]
    assert ours == stock == again == [tokenize(obj) for obj in objects]
    assert len(set(stock)) == len(objects)


def test_no_references_stay(client: Any) -> None:
    # Dask asserts that nothing keeps what has been dumped.
    import gc
    import weakref

    class Local:
        pass

    gocloudpickle.install()
    obj = Local()
    reference = weakref.ref(obj)
    distributed.protocol.pickle.dumps(obj)
    distributed.protocol.serialize(obj)
    del obj
    gc.collect()
    assert reference() is None


def test_installing_in_a_running_cluster(tmp_path: Path) -> None:
    program = """
        import dask, distributed, gocloudpickle
        if __name__ == "__main__":
            with distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=True,
                                          dashboard_address=None) as cluster:
                with distributed.Client(cluster) as client:
                    assert client.submit(lambda x: x + 1, 1).result(240) == 2
                    gocloudpickle.install()
                    client.run(gocloudpickle.install)
                    dumps = lambda: sum(gocloudpickle.engine_info()["dumps"].values())
                    before, = client.run(dumps).values()
                    assert client.submit(lambda: (lambda: 5), pure=False).result(240)() == 5
                    after, = client.run(dumps).values()
                    assert after > before
                    print("done")
    """
    # A file: the workers of a LocalCluster run the program again, as __mp_main__.
    import textwrap

    script = tmp_path / "program.py"
    script.write_text(textwrap.dedent(program))
    assert "done" in child.run(
        "import runpy, sys; runpy.run_path(sys.argv[1], None, '__main__')", script
    )
