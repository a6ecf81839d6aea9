"""multiprocessing and concurrent.futures, with what they send pickled by the engine."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import sys
from collections.abc import Callable
from typing import Any

import gocloudpickle


def call(payload: bytes) -> bytes:
    """Run in the worker: a pickled function and its arguments, a pickled result."""
    function, args = gocloudpickle.loads(payload)
    return gocloudpickle.dumps((function(*args), os.getpid(), lambda: args))


def make_payload(n: int) -> bytes:
    captured = {"n": n, "text": "x" * 2000}

    class Scaled:
        def __init__(self, by: int) -> None:
            self.by = by

        def apply(self, x: int) -> int:
            return x * self.by

    return gocloudpickle.dumps(
        (lambda x: Scaled(captured["n"]).apply(x) + len(captured["text"]), (10,))
    )


def check(results: list[bytes]) -> None:
    pids = set()
    for n, result in enumerate(results):
        value, pid, function = gocloudpickle.loads(result)
        assert value == 10 * n + 2000 and function() == (10,), (n, value)
        pids.add(pid)
    assert os.getpid() not in pids


def pool(method: str) -> None:
    warm_up()
    context = multiprocessing.get_context(method)
    with context.Pool(3) as workers:
        check(workers.map(call, [make_payload(n) for n in range(24)], chunksize=2))
        check(list(workers.imap(call, map(make_payload, range(24)))))
        check(
            [workers.apply_async(call, (make_payload(n),)) for n in range(3)]
            and workers.map(call, map(make_payload, range(3)))
        )
        workers.close()
        workers.join()


def pool_that_renews_its_workers(method: str) -> None:
    warm_up()
    with multiprocessing.get_context(method).Pool(2, maxtasksperchild=2) as workers:
        check(workers.map(call, [make_payload(n) for n in range(12)], chunksize=1))


def serve(connection: Any) -> None:
    while (payload := connection.recv_bytes()) != b"end":
        connection.send_bytes(call(payload))
    connection.close()


def processes(method: str) -> None:
    warm_up()
    context = multiprocessing.get_context(method)
    ours, theirs = zip(*(context.Pipe() for _ in range(3)))
    workers = [context.Process(target=serve, args=(connection,)) for connection in theirs]
    for worker in workers:
        worker.start()
    for _ in range(3):
        for n, connection in enumerate(ours):
            connection.send_bytes(make_payload(n))
        check([connection.recv_bytes() for connection in ours])
    for connection in ours:
        connection.send_bytes(b"end")
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0, worker.exitcode


def executor(method: str) -> None:
    warm_up()
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(3, mp_context=context) as workers:
        check(
            [
                future.result()
                for future in [workers.submit(call, make_payload(n)) for n in range(24)]
            ]
        )
        check(list(workers.map(call, map(make_payload, range(24)), chunksize=3)))


def workers_that_fork(method: str) -> None:
    """A pool inside a worker: nested forks, or a fork in a spawned process."""
    warm_up()
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as outer:
        outer.submit(pool_inside).result()


def pool_inside() -> None:
    warm_up()
    with concurrent.futures.ProcessPoolExecutor(
        2, mp_context=multiprocessing.get_context("fork")
    ) as inner:
        check(list(inner.map(call, map(make_payload, range(6)))))
    warm_up()


def process_started_in_reduce(method: str) -> None:
    warm_up()
    context = multiprocessing.get_context(method)

    class Starts:
        def __reduce__(self) -> Any:
            process = context.Process(target=warm_up)
            process.start()
            process.join(30)
            return int, (process.exitcode,)

    assert gocloudpickle.loads(gocloudpickle.dumps([Starts(), "x" * 100_000, Starts()]))[::2] == [
        0,
        0,
    ]


def installed(method: str) -> None:
    """cloudpickle with the engine switched on, in both processes."""
    import cloudpickle

    gocloudpickle.install()
    cloudpickle.dumps(lambda: 1)
    with multiprocessing.get_context(method).Pool(2) as workers:
        payloads = [cloudpickle.dumps((lambda x, n=n: x * n + 2000, (10,))) for n in range(8)]
        check(workers.map(call_cloudpickle, payloads))


def call_cloudpickle(payload: bytes) -> bytes:
    import cloudpickle

    function, args = cloudpickle.loads(payload)
    data: bytes = cloudpickle.dumps((function(*args), os.getpid(), lambda: args))
    return data


def warm_up() -> None:
    dump: Callable[[Any], bytes] = gocloudpickle.dumps
    assert (
        gocloudpickle.loads(dump([lambda: sys.version_info, list(range(30_000))]))[1][-1] == 29_999
    )
