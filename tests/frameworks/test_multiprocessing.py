"""multiprocessing, with each start method: payloads made here, loaded and answered there."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from typing import Any

import gocloudpickle
import pytest

from tests.frameworks import child

cloudpickle = pytest.importorskip("cloudpickle", reason="there is nothing to install in")

METHODS = pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])


def answer(payload: bytes) -> tuple[int, bytes, int]:
    """Load a function, call it, and send what it returns by cloudpickle."""
    result = cloudpickle.loads(payload)(5)
    before = sum(gocloudpickle.engine_info()["dumps"].values())
    back = cloudpickle.dumps(result)
    after = sum(gocloudpickle.engine_info()["dumps"].values())
    return os.getpid(), back, after - before


def install() -> None:
    gocloudpickle.install()


@METHODS
@pytest.mark.parametrize("initializer", [None, install], ids=["as it is", "installed there"])
def test_pools(method: str, initializer: Callable[[], None] | None) -> None:
    gocloudpickle.install()
    unit = 3
    payloads = [cloudpickle.dumps(lambda x, i=i: lambda: x * unit + i) for i in range(6)]
    with multiprocessing.get_context(method).Pool(2, initializer) as pool:
        answers = pool.map(answer, payloads, chunksize=1)
    for i, (pid, back, dumps) in enumerate(answers):
        assert cloudpickle.loads(back)() == 15 + i
        assert pid != os.getpid()
        # A forked process inherits what is installed.
        assert dumps == (1 if method == "fork" or initializer else 0)


@METHODS
def test_a_process_is_started_from_a_process(method: str) -> None:
    gocloudpickle.install()
    queue = multiprocessing.get_context(method).Queue()
    process = multiprocessing.get_context(method).Process(
        target=start_another, args=(method, cloudpickle.dumps(lambda x: x + 1), queue)
    )
    process.start()
    assert cloudpickle.loads(queue.get(timeout=120))() == 6
    process.join(120)
    assert process.exitcode == 0


def start_another(method: str, payload: bytes, queue: Any) -> None:
    gocloudpickle.install()
    payload = cloudpickle.dumps(cloudpickle.loads(payload))
    process = multiprocessing.get_context(method).Process(target=put, args=(payload, queue))
    process.start()
    process.join()


def put(payload: bytes, queue: Any) -> None:
    gocloudpickle.install()
    result = cloudpickle.loads(payload)(5)
    queue.put(cloudpickle.dumps(lambda: result))


@METHODS
def test_a_process_without_gocloudpickle(method: str) -> None:
    if method == "fork":
        pytest.skip("a forked process has what its parent has")
    child.run(
        """
        import multiprocessing, os, sys
        import cloudpickle, gocloudpickle
        gocloudpickle.install()
        path = os.path.dirname(os.path.dirname(gocloudpickle.__file__))
        sys.path[:] = [p for p in sys.path if os.path.realpath(p) != os.path.realpath(path)]
        del os.environ["PYTHONPATH"]
        unit = 3
        context = multiprocessing.get_context(sys.argv[1])
        payload = cloudpickle.dumps(lambda x: x * unit)
        with context.Pool(1) as pool:
            find = "__import__('importlib.util').util.find_spec('gocloudpickle')"
            assert pool.apply(eval, (find,)) is None
            call = "__import__('cloudpickle').loads(payload)(5)"
            assert pool.apply(eval, (call, {"payload": payload})) == 15
        """,
        method,
    )


@METHODS
def test_shared_objects_are_passed_by_multiprocessing(method: str) -> None:
    # Its own pickler has nothing to do with cloudpickle's, installed or not.
    gocloudpickle.install()
    context = multiprocessing.get_context(method)
    here, there = context.Pipe()
    lock = context.Lock()  # which must be there until the process has opened it
    process = context.Process(target=reply, args=(there, lock))
    process.start()
    here.send(cloudpickle.dumps(lambda: 7))
    assert here.poll(120) and here.recv() == 7
    process.join(120)
    assert process.exitcode == 0


def reply(connection: Any, lock: Any) -> None:
    with lock:
        connection.send(cloudpickle.loads(connection.recv())())
