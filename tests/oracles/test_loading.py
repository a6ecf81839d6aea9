"""Every payload of the corpus is loaded and used in another process.

In one that has stock cloudpickle only, and in one that has gocloudpickle only.
The worker loads before it can import the corpus, so what goes by value has to
be whole.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.corpus import Case, all_cases
from tests.oracles.processes import Payloads, Worker, dump, workers

CASES = all_cases()


def payloads_of(case: Case) -> Payloads:
    payloads: Payloads = {}
    for protocol in case.protocols:
        made = dump(case, protocol)
        if made is not None:
            payloads[f"protocol {protocol}"] = made
        if (
            case.buffers
            and protocol == 5
            and (made := dump(case, protocol, out_of_band=True)) is not None
        ):
            payloads["protocol 5, out of band"] = made
    return payloads


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Worker]]:
    both = workers(tmp_path_factory.mktemp("sites"))
    yield both
    for worker in both.values():
        worker.stop()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_loads_elsewhere(case: Case, running: dict[str, Worker]) -> None:
    if reason := case.why_not():
        pytest.skip(reason)
    payloads = payloads_of(case)
    if not payloads:
        pytest.skip("cloudpickle refuses this object")
    # Both work at the same time.
    for worker in running.values():
        worker.ask(case.name, payloads, case.setup is contextlib.nullcontext)
    answers = {only: worker.answer() for only, worker in running.items()}
    # Where stock cloudpickle's loading side refuses, ours has to as well.
    unloadable = () if case.better else case.unloadable
    refused = {f"protocol {protocol}" for protocol in unloadable} & payloads.keys()
    for only, failures in answers.items():
        assert refused <= failures.keys(), (
            f"{case.name} loads now with {only} only at {sorted(refused - failures.keys())}"
        )
    problems = [
        f"{case.name}, {key}, with {only} only:\n{text}"
        for only, failures in answers.items()
        for key, text in failures.items()
        if key not in refused
    ]
    assert not problems, "\n".join(problems)
