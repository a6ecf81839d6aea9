"""Every payload of the corpus is loaded and used in another process.

In one that has stock cloudpickle only, and in one that has gocloudpickle only.
The worker loads before it can import the corpus, so what goes by value has to
be whole.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator

import pytest

from tests.corpus import Case, all_cases
from tests.oracles.processes import Payloads, Worker, dump, workers

CASES = {case.name: case for case in all_cases()}


@functools.lru_cache(maxsize=2)
def payloads_of(name: str) -> Payloads:
    case = CASES[name]
    payloads: Payloads = {}
    for protocol in case.protocols:
        made = dump(case, protocol)
        if made is not None:
            payloads[f"protocol {protocol}"] = made
        if case.buffers and protocol == 5 and (made := dump(case, protocol, out_of_band=True)) is not None:
            payloads["protocol 5, out of band"] = made
    return payloads


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Worker]]:
    both = workers(tmp_path_factory.mktemp("sites"))
    yield both
    for worker in both.values():
        worker.stop()


@pytest.mark.parametrize("only", ["stock", "ours"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_loads_elsewhere(case: Case, only: str, running: dict[str, Worker]) -> None:
    if reason := case.why_not():
        pytest.skip(reason)
    payloads = payloads_of(case.name)
    if not payloads:
        pytest.skip("cloudpickle refuses this object")
    failures = running[only].ask(case.name, payloads, case.setup is contextlib.nullcontext)
    # Where stock cloudpickle's loading side refuses, ours has to as well.
    expected = {f"protocol {protocol}" for protocol in case.unloadable} & payloads.keys()
    assert expected <= failures.keys(), f"{case.name} loads now at {sorted(expected - failures.keys())}"
    failures = {key: text for key, text in failures.items() if key not in expected}
    assert not failures, "\n".join(f"{case.name}, {key}:\n{text}" for key, text in failures.items())
