"""install(signer=..., verifier=...) with Dask: a cluster that has the key, and workers that don't."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gocloudpickle
import pytest
from gocloudpickle import sealed

from tests.frameworks import child, sealing
from tests.frameworks.test_dask import distributed, start

pytest.importorskip("cryptography", reason="ed25519 keys need it")

# What the workers run are lambdas: they don't have this file.
WITH = "with-the-key"
WORKER = ["--nthreads", "1", "--memory-limit", "0", "--no-nanny", "--name"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dask-sealed")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[Any]:
    ours = sealing.keys(folder)
    place = folder / "scheduler.json"
    common = ["--scheduler-file", str(place), "--no-dashboard", "--preload", "gocloudpickle.dask"]
    worker = ["worker", *common, *WORKER]
    path = {"PYTHONPATH": str(child.ROOT / "py")}
    processes = [start(folder, "scheduler", "scheduler", *common, "--port", "0", **path, **ours)]
    try:
        processes += [
            start(folder, WITH, *worker, WITH, **path, **ours),
            start(folder, "second", *worker, "second", **path, **ours),
        ]
        deadline = time.monotonic() + 100
        while not place.exists():
            assert time.monotonic() < deadline, (folder / "scheduler.log").read_text()
            time.sleep(0.1)
        gocloudpickle.install(**sealing.of(folder))
        with distributed.Client(scheduler_file=str(place), timeout=100) as client:
            client.wait_for_workers(2, timeout=100)
            yield client
            client.retire_workers()
    finally:
        gocloudpickle.uninstall()
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:  # a worker that looks for its scheduler again
                process.kill()
                process.wait(20)


@pytest.fixture(autouse=True)
def switched_off_again() -> None:
    """Not here: the client is one for all tests, and sealed."""


def run(client: Any, function: Any, *arguments: Any, worker: str = WITH) -> Any:
    return client.submit(function, *arguments, workers=[worker], pure=False).result(60)


def test_tasks_and_results(client: Any) -> None:
    unit = 3
    assert run(client, lambda x: x * unit, 5) == 15
    assert run(client, lambda: lambda: 7)() == 7
    futures = client.map(lambda x: x + 1, range(20), workers=[WITH, "second"], pure=False)
    assert client.gather(futures) == list(range(1, 21))
    with pytest.raises(ZeroDivisionError):
        run(client, lambda: 1 / 0)


def test_between_workers(client: Any) -> None:
    made = client.submit(lambda: {"f": lambda x: x + 1}, workers=[WITH], pure=False)
    assert run(client, lambda d: d["f"](1), made, worker="second") == 2


def test_large_buffers_travel_beside_the_seal(client: Any) -> None:
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed")
    array = numpy.arange(1_000_000)
    total = int(array.sum())
    assert run(client, lambda a: int(a.sum()), array) == total
    assert run(client, lambda d: int(d["a"].sum()), {"a": array}) == total
    back = run(client, lambda d: {"a": d["a"] * 2}, {"a": array})
    assert (back["a"] == array * 2).all()


def test_a_tampered_task_fails_and_the_cluster_goes_on(client: Any) -> None:
    with pytest.raises(Exception, match="deserialization|signed|changed") as caught:
        run(client, lambda text: text, sealing.MARK)
    assert is_refusal(caught.value, sealed.BadSignature)
    assert run(client, lambda x: x + 1, 1) == 2


def is_refusal(error: BaseException | None, kind: type[sealed.SealError]) -> bool:
    """Tell whether an error is a refusal, or was raised by one."""
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__
    return False


def test_a_task_that_is_tampered_with_behind_the_scheduler(client: Any) -> None:
    # The scheduler signs again what it sends to a worker. From now on it tampers, too.
    def tamper(mark: str, dask_scheduler: Any = None) -> None:
        from gocloudpickle.sealed import _process

        signer = _process.state().signer
        message = signer._message

        def tampering(data: Any, buffers: Any = ()) -> bytes:
            made = bytearray(message(data, buffers))
            if mark in bytes(data):
                made[made.rindex(mark)] ^= 1
            return bytes(made)

        signer._message = tampering

    mark = b"changed behind the scheduler"
    client.run_on_scheduler(tamper, mark[:-1] + b"R")
    argument = mark[:-1] + b"R"
    with pytest.raises(sealed.BadSignature):
        run(client, lambda data: data, argument)
    assert run(client, lambda x: x + 1, 1) == 2


@pytest.mark.parametrize("keys", ["another", "none"])
def test_a_worker_without_the_key_does_not_join(client: Any, folder: Path, keys: str) -> None:
    # It reads none of what the scheduler sends to a new worker.
    env = {"PYTHONPATH": str(child.ROOT / "py")}
    preload = []
    if keys == "another":
        env |= sealing.keys(folder, "other")
        preload = ["--preload", "gocloudpickle.dask"]
    place = ["--scheduler-file", str(folder / "scheduler.json"), "--no-dashboard", *preload]
    worker = start(folder, f"with-{keys}", "worker", *place, *WORKER, f"with-{keys}", **env)
    assert worker.wait(100) != 0
    log = (folder / f"with-{keys}.log").read_text()
    assert ("UnknownKey" if keys == "another" else "UnpicklingError") in log
    assert run(client, lambda x: x + 1, 1) == 2
    assert len(client.scheduler_info(n_workers=-1)["workers"]) == 2


def test_what_is_not_sealed_is_refused(client: Any) -> None:
    import pickle

    from distributed.protocol import pickle as door

    plain = pickle.dumps([1])
    with pytest.raises(sealed.Unsigned):
        door.loads(plain)
    assert sealed.is_sealed(door.dumps([1])) and door.loads(door.dumps([1])) == [1]
