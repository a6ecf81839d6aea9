"""gocloudpickle.ProcessPoolExecutor: concurrent.futures' own, for any function."""

from __future__ import annotations

import concurrent.futures
import concurrent.futures.process
import inspect
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import gocloudpickle
import pytest

from tests.frameworks import child

Stock = concurrent.futures.ProcessPoolExecutor
Ours = gocloudpickle.ProcessPoolExecutor

METHODS = ["fork", "forkserver", "spawn"]


@pytest.fixture(scope="module", params=METHODS)
def pool(request: pytest.FixtureRequest) -> Iterator[Any]:
    with Ours(2, multiprocessing.get_context(request.param)) as pool:
        yield pool


def engine_dumps() -> int:
    return sum(gocloudpickle.engine_info()["dumps"].values())


def test_lambdas_and_closures(pool: Any) -> None:
    unit = 3
    assert pool.submit(lambda x: x * unit, 5).result(120) == 15
    assert pool.submit(lambda *a, **k: (a, k), 1, fn=2, self=3).result(120) == (
        (1,),
        {"fn": 2, "self": 3},
    )
    made = pool.submit(lambda: lambda x: x * unit).result(120)
    assert made(2) == 6
    assert pool.submit(lambda f: f(1), lambda x: x + 1).result(120) == 2


def test_functions_that_can_be_imported(pool: Any) -> None:
    assert pool.submit(divmod, 7, 3).result(120) == (2, 1)
    assert pool.submit(os.path.join, "a", "b").result(120) == os.path.join("a", "b")


@pytest.mark.parametrize("chunksize", [1, 3, 100])
def test_map(pool: Any, chunksize: int) -> None:
    unit = 3
    got = pool.map(lambda x, y: x * unit + y, range(10), range(10), chunksize=chunksize)
    assert list(got) == [x * unit + x for x in range(10)]


def test_classes_made_here(pool: Any) -> None:
    class Local:
        def __init__(self, value: Any) -> None:
            self.value = value

    back = pool.submit(lambda obj: Local(obj.value + 1), Local(1)).result(120)
    assert type(back) is Local and back.value == 2


@pytest.mark.parametrize(
    "value",
    [None, True, 5, 1.5, 1j, "text", b"bytes", [1, (2, {3})], lambda: 0, int, type("C", (), {})],
)
def test_results(pool: Any, value: Any) -> None:
    back = pool.submit(lambda: value).result(120)
    assert type(back) is type(value)
    if not callable(value):
        assert back == value


def test_exceptions_survive(pool: Any) -> None:
    class Mine(Exception):
        def __init__(self, number: int, function: Callable[[], int]) -> None:
            super().__init__(number, function)
            self.function = function

    def fail(number: int) -> None:
        raise Mine(number, lambda: number)

    future = pool.submit(fail, 5)
    with pytest.raises(Mine) as caught:
        future.result(120)
    assert type(caught.value) is Mine and caught.value.function() == 5
    assert future.exception() is caught.value
    text = str(caught.value.__cause__)
    assert "raise Mine(number, lambda: number)" in text and "Mine: (5, " in text


def test_the_traceback_is_as_in_concurrent_futures(pool: Any) -> None:
    # A function that both can send.
    ours = pool.submit(fail_twice, 0).exception(120)
    with Stock(1, pool._mp_context) as stock_pool:
        stock = stock_pool.submit(fail_twice, 0).exception(120)
    assert type(ours) is type(stock) and ours.args == stock.args

    assert type(ours.__cause__) is type(stock.__cause__)
    # Ours has one frame more, in which the function is called.
    texts = [str(error.__cause__) for error in (ours, stock)]
    for text in texts:
        assert text.count("in fail_twice") == 2 and text.count("direct cause") == 1
    assert texts[0].rpartition("in fail_twice")[2] == texts[1].rpartition("in fail_twice")[2]
    assert "ValueError: a second" in texts[0].rpartition("in fail_twice")[2]


def fail_twice(x: int) -> None:
    try:
        1 / x
    except ZeroDivisionError as error:
        raise ValueError("a second") from error


def test_what_can_t_be_pickled_is_the_future_s_error(pool: Any) -> None:
    lock = threading.Lock()
    there = pool.submit(lambda: lock)
    assert isinstance(there.exception(120), TypeError)
    back = pool.submit(lambda: threading.Lock())
    assert isinstance(back.exception(120), TypeError)
    # tblib, which Dask switches on in its process and so in forked ones, sends the
    # exceptions before an exception too: then that ends any pool's process.
    if "tblib.pickling_support" not in sys.modules:
        failing = pool.submit(lambda: (_ for _ in ()).throw(ValueError(threading.Lock())))
        assert isinstance(failing.exception(120), TypeError)
    assert pool.submit(lambda: 5).result(120) == 5


def test_what_multiprocessing_can_send(pool: Any) -> None:
    # Connections: its ForkingPickler has reducers for them, and cloudpickle has none.
    here, there = multiprocessing.Pipe()
    text = "sent"
    assert pool.submit(lambda connection: connection.send(text), there).result(120) is None
    assert here.poll(60) and here.recv() == text
    assert pool.submit([1].count, 1).result(120) == 1


def test_arrays(pool: Any) -> None:
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed")
    array = numpy.arange(100_000.0)
    back = pool.submit(lambda: array * 2).result(120)
    assert (back == array * 2).all()


@pytest.mark.parametrize("method", METHODS)
def test_initializers(method: str) -> None:
    value = [1, 2]

    def initialize(key: str, function: Callable[[], Any]) -> None:
        sys.initialized = (key, function())  # type: ignore[attr-defined]

    with Ours(1, multiprocessing.get_context(method), initialize, ("key", lambda: value)) as pool:
        assert pool.submit(lambda: __import__("sys").initialized).result(120) == ("key", value)


def test_a_failing_initializer_breaks_the_pool() -> None:
    def initialize() -> None:
        raise ValueError

    with Ours(1, initializer=initialize) as pool:
        with pytest.raises(concurrent.futures.process.BrokenProcessPool):
            pool.submit(lambda: 0).result(120)
    with pytest.raises(TypeError):
        Ours(initializer=5)  # type: ignore[arg-type]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="max_tasks_per_child is new in 3.11")
def test_max_tasks_per_child() -> None:
    with Ours(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        pids = {pool.submit(lambda: os.getpid()).result(120) for _ in range(3)}
    assert len(pids) == 3


def test_a_worker_that_dies_breaks_the_pool() -> None:
    with Ours(1) as pool:
        with pytest.raises(concurrent.futures.process.BrokenProcessPool):
            pool.submit(lambda: os._exit(1)).result(120)


def test_cancelling_and_waiting() -> None:
    with Ours(1) as pool:
        first = pool.submit(lambda: time.sleep(1))
        others = [pool.submit(lambda i=i: i) for i in range(10)]
        assert others[-1].cancel()
        done, pending = concurrent.futures.wait([first, *others], timeout=120)
        assert not pending
        assert [f.result() for f in others[:-1]] == list(range(9))
        assert [f.result() for f in concurrent.futures.as_completed(others[:3])]


def test_from_many_threads(pool: Any) -> None:
    results: dict[int, Any] = {}

    def work(number: int) -> None:
        results[number] = [pool.submit(lambda x: x * number, x).result(120) for x in range(10)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert results == {number: [x * number for x in range(10)] for number in range(4)}


def test_the_engine_did_it_here_and_there() -> None:
    before = engine_dumps()
    with Ours(1) as pool:
        there = pool.submit(
            lambda: sum(__import__("gocloudpickle").engine_info()["dumps"].values())
        )
        assert there.result(120) is not None
        assert pool.submit(lambda: lambda: 5).result(120)() == 5
        later = pool.submit(
            lambda: sum(__import__("gocloudpickle").engine_info()["dumps"].values())
        )
        assert later.result(120) > there.result()
    assert engine_dumps() >= before + 3


def test_arguments_are_pickled_when_they_are_sent_as_in_concurrent_futures() -> None:
    # An object of which pickling fails: no exception from submit, but from the future.
    class Unwilling:
        def __reduce__(self) -> Any:
            raise KeyError("no")

    with Ours(1) as pool:
        future = pool.submit(lambda obj: obj, Unwilling())
        assert isinstance(future.exception(120), KeyError)


def test_the_signatures_are_concurrent_futures_own() -> None:
    assert issubclass(Ours, Stock)
    ours, stock = (inspect.signature(cls.__init__).parameters for cls in (Ours, Stock))
    assert [(p.name, p.default) for p in ours.values()][:5] == [
        (p.name, p.default) for p in stock.values()
    ][:5]
    assert list(inspect.signature(Ours.submit).parameters) == list(
        inspect.signature(Stock.submit).parameters
    )
    for name in ("map", "shutdown", "__enter__", "__exit__"):
        assert getattr(Ours, name) is getattr(Stock, name)


def test_a_script(tmp_path: Any) -> None:
    # What a script defines is sent by value: workers need not find it.
    script = tmp_path / "script.py"
    script.write_text(
        "import gocloudpickle, multiprocessing, sys\n"
        "class Mine(Exception): pass\n"
        "def helper(x): return x + 1\n"
        "def double(x): return helper(x) * 2\n"
        "def fail(): raise Mine('of the script')\n"
        "if __name__ == '__main__':\n"
        "    for method in ('fork', 'forkserver', 'spawn'):\n"
        "        with gocloudpickle.ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:\n"
        "            assert list(pool.map(double, [1, 2])) == [4, 6]\n"
        "            assert type(pool.submit(fail).exception(120)) is Mine\n"
        "    print('done')\n"
    )
    program = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
    assert child.run(program, script) == "done\n"
