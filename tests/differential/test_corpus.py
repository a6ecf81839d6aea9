"""Byte for byte: the module under test against stock cloudpickle, over the corpus.

Both dump the very same object in one process, so that the class tracker gives
both the same ids and shared strings are shared for both.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.corpus import Case, Either, all_cases, stock, under_test
from tests.differential.compare import (
    Outcome,
    explain,
    with_buffers,
    with_dump,
    with_dumps,
    with_pickler,
    without_tracker_ids,
)

CASES = all_cases()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        chosen = [
            case for case in CASES if "buffered" not in metafunc.function.__name__ or case.buffers
        ]
        metafunc.parametrize("case", chosen, ids=[case.name for case in chosen])


@pytest.fixture(autouse=True)
def _meaningful_here(request: pytest.FixtureRequest) -> None:
    case = request.node.callspec.params.get("case") if hasattr(request.node, "callspec") else None
    if case is not None and (reason := case.why_not()):
        pytest.skip(reason)


class Comparison:
    """Collects the differences of one case, so that one run shows them all."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.differences: list[str] = []

    def expect(self, expected: Outcome, got: Outcome, what: str) -> None:
        difference = explain(expected, got)
        if difference is not None:
            self.differences.append(f"{self.case.name}, {what}:\n  {difference}")

    def done(self) -> None:
        assert not self.differences, "\n".join(self.differences)


def _pair(case: Case, obj: Any, way: Any, protocol: int) -> tuple[Outcome, Outcome]:
    """What the reference and the module under test make of one object."""
    expected = way(stock(), obj, protocol)
    return expected, way(under_test(), obj, protocol)


def _check_the_case(case: Case, expected: Outcome, protocol: int) -> None:
    """The reference itself does what the corpus says."""
    known = case.failure(protocol)
    if known is None:
        assert expected.error is None, (
            f"stock cloudpickle refuses {case.name} at protocol {protocol}: {expected.error!r:.200}"
        )
    elif known is not Either:
        assert isinstance(expected.error, known), (
            f"stock cloudpickle at protocol {protocol} gives {expected.kind} for {case.name}, not {known}"
        )


def test_dumps(case: Case) -> None:
    """dumps of a new object and of one dumped before, dump, and several dumps of one Pickler.

    A first dump can leave traces (copyreg caches __slotnames__ in a class), so
    the first of ours is compared with a first of the reference at another
    object made alike, and then second dumps of the very same object.
    """
    compared = Comparison(case)
    for protocol in case.protocols:
        with case.setup():
            obj = case.make()
            expected_first = with_dumps(stock(), obj, protocol)
            _check_the_case(case, expected_first, protocol)
            expected_again, got_again = _pair(case, obj, with_dumps, protocol)
            compared.expect(
                expected_again, got_again, f"protocol {protocol}, after a dump of the reference"
            )
            compared.expect(
                *_pair(case, obj, with_dump, protocol), f"dump to a file, protocol {protocol}"
            )
            compared.expect(
                *_pair(case, obj, with_pickler, protocol),
                f"several dumps of one Pickler, protocol {protocol}",
            )
        with case.setup():
            other = case.make()
            got_first = with_dumps(under_test(), other, protocol)
            expected_other, got_other = _pair(case, other, with_dumps, protocol)
            compared.expect(expected_other, got_other, f"protocol {protocol}, after a dump of ours")
        if case.repeatable:
            compared.expect(
                without_tracker_ids(expected_first),
                without_tracker_ids(got_first),
                f"protocol {protocol}, the first dump of a new object",
            )
            compared.expect(
                without_tracker_ids(expected_again),
                without_tracker_ids(expected_other),
                f"protocol {protocol}, the reference after our first dump left other traces",
            )
    compared.done()


@pytest.mark.parametrize("keep_in_band", [False, True], ids=["out_of_band", "in_band"])
def test_buffered(case: Case, keep_in_band: bool) -> None:
    """dumps with a buffer_callback; protocols below 5 refuse one."""
    compared = Comparison(case)
    for protocol in (4, 5):
        with case.setup():
            obj = case.make()
            compared.expect(
                *_pair(case, obj, with_buffers(keep_in_band), protocol), f"protocol {protocol}"
            )
    compared.done()
