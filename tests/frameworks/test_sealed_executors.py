"""install(signer=..., verifier=...) with concurrent.futures and joblib: real pools."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gocloudpickle
import pytest
from gocloudpickle import sealed

from tests.frameworks import child, sealing

pytest.importorskip("cryptography", reason="ed25519 keys need it")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with keys, one for all: a fork server goes on with its first environment."""
    folder = tmp_path_factory.mktemp("keys")
    sealing.keys(folder)
    stop_fork_server()
    yield folder
    stop_fork_server()


def stop_fork_server() -> None:
    """Let the next pool have one with the environment of then; other tests have started one."""
    from multiprocessing import forkserver

    forkserver._forkserver._stop()  # type: ignore[attr-defined]


@pytest.fixture
def folder(keys: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder with keys, which the environment names for the workers."""
    for name, value in sealing.environment(keys, "key").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", f"{child.ROOT / 'py'}:{child.ROOT}")
    yield keys
    gocloudpickle.uninstall()


@pytest.fixture(params=["fork", "spawn", "forkserver"])
def context(request: pytest.FixtureRequest) -> Any:
    return multiprocessing.get_context(request.param)


KINDS = pytest.mark.parametrize(
    "kind", [concurrent.futures.ProcessPoolExecutor, gocloudpickle.ProcessPoolExecutor]
)


@KINDS
def test_tasks_and_results_are_sealed(folder: Path, context: Any, kind: Any) -> None:
    gocloudpickle.install(**sealing.of(folder))
    with kind(1, context, sealed.install_from_environment) as pool:
        assert pool.submit(pow, 2, 5).result(100) == 32
        assert list(pool.map(len, ["ab", "c"])) == [2, 1]
        with pytest.raises(ValueError, match="invalid literal"):
            pool.submit(int, "x").result(100)
        with pytest.raises(sealed.BadSignature):
            pool.submit(len, sealing.MARK).result(100)
        assert pool.submit(len, "abc").result(100) == 3  # and the pool goes on


def test_a_tampered_result_fails_its_task(folder: Path) -> None:
    gocloudpickle.install(**sealing.of(folder))  # forked workers tamper too
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(1, context) as pool:
        with pytest.raises(sealed.BadSignature):
            pool.submit(str.replace, sealing.MARK.replace("way", "xxx"), "xxx", "way").result(100)
        assert pool.submit(len, "abc").result(100) == 3


@KINDS
def test_a_worker_without_the_key_refuses(
    folder: Path, kind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gocloudpickle.install(**sealing.of(folder))
    context = multiprocessing.get_context("spawn")
    for name in sealing.environment(folder, "key"):
        monkeypatch.delenv(name)
    with kind(1, context) as pool:
        with pytest.raises(sealed.SealError):
            pool.submit(len, "abc").result(100)
    others = sealing.keys(tmp_path, "other")
    for name, value in others.items():
        monkeypatch.setenv(name, value)
    with kind(1, context) as pool:
        with pytest.raises(sealed.SealError):
            pool.submit(len, "abc").result(100)


def test_a_worker_refuses_what_is_not_sealed(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
        1, context, sealed.install_from_environment
    ) as pool:
        with pytest.raises(sealed.SealError):  # sealed, for one who has no verifier
            pool.submit(len, "abc").result(100)


def test_uninstall_ends_it(folder: Path) -> None:
    from concurrent.futures import process

    before = dict(vars(process._CallItem))
    gocloudpickle.install(**sealing.of(folder))
    item = process._CallItem(1, len, ("abc",), {})
    assert sealed.is_sealed(item.__reduce_ex__(4)[1][2])
    gocloudpickle.uninstall()
    assert dict(vars(process._CallItem)) == before
    again = pickle.loads(pickle.dumps(item))
    assert again.fn(*again.args) == 3


def test_the_environment_must_be_right(tmp_path: Path) -> None:
    env = {"GOCLOUDPICKLE_INSTALL": "1", "GOCLOUDPICKLE_SIGNING_KEY": str(tmp_path / "none")}
    done = child.attempt("import gocloudpickle._startup; print('went on')", env=env)
    assert done.returncode == 1 and "went on" not in done.stdout
    assert "can't seal" in done.stderr and "No such file" in done.stderr


def test_another_release_is_an_error() -> None:
    child.run("""
    import sys, types
    import gocloudpickle
    from gocloudpickle import sealed
    module = sys.modules["ray.cloudpickle"] = types.ModuleType("ray.cloudpickle")
    key = sealed.generate_key("hmac-sha256")
    try:
        gocloudpickle.install(signer=sealed.Signer(key))
    except ImportError as error:
        assert "can't seal" in str(error) and "ray.cloudpickle" in str(error), error
    else:
        raise AssertionError
    """)


@pytest.fixture
def joblib() -> Iterator[Any]:
    joblib = pytest.importorskip("joblib", reason="joblib is not installed")
    yield joblib
    import importlib

    executor = importlib.import_module("joblib.externals.loky").get_reusable_executor()
    executor.shutdown(wait=True, kill_workers=True)


def squares(numbers: list[int]) -> list[int]:
    return [number**2 for number in numbers]


def joblib_runs(joblib: Any, function: Callable[..., Any], *arguments: Any) -> Any:
    (result,) = joblib.Parallel(n_jobs=2, batch_size=1)([joblib.delayed(function)(*arguments)])
    return result


def test_joblib(folder: Path, joblib: Any) -> None:
    gocloudpickle.install(**sealing.of(folder))
    assert joblib_runs(joblib, lambda x: x * 2, 21) == 42
    with pytest.raises(sealed.BadSignature):
        joblib_runs(joblib, lambda x: x, sealing.MARK)
    results = joblib.Parallel(n_jobs=2)(joblib.delayed(lambda x: x + 1)(i) for i in range(20))
    assert results == list(range(1, 21))
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed")
    large = numpy.arange(1_000_000)  # which joblib puts into shared memory
    assert joblib_runs(joblib, lambda a: (type(a).__name__, int(a.sum())), large) == (
        "memmap",
        int(large.sum()),
    )


def test_joblib_without_the_key(folder: Path, joblib: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gocloudpickle.install(**sealing.of(folder))
    for name in sealing.environment(folder, "key"):
        monkeypatch.delenv(name)
    with pytest.raises(sealed.SealError):
        joblib_runs(joblib, lambda x: x * 2, 21)
