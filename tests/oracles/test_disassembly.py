"""pickletools reads every payload, and framing and memo are in order."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.corpus import ALL_PROTOCOLS, Case, all_cases
from tests.oracles.disassembly import check_payload
from tests.oracles.processes import dump

CASES = all_cases()
QUICK = 20_000
"""pickletools is slow: larger payloads and the other protocols are for the slow run."""


UNREADABLE = {("by_reference.name_not_ascii", 3)}
"""pickletools takes the UTF-8 names that protocol 3 writes for ASCII."""


@pytest.fixture(autouse=True)
def _no_limit_for_digits() -> Iterator[None]:
    """pickletools turns the integers of protocol 0 into text and back."""
    if not hasattr(sys, "set_int_max_str_digits"):
        yield
        return
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(limit)


def _check(case: Case, protocols: tuple[int, ...], least: int, most: int) -> int:
    checked = 0
    for protocol in protocols:
        if (case.name, protocol) in UNREADABLE:
            continue
        made = dump(case, protocol)
        if made is not None and least <= len(made[0]) < most:
            check_payload(made[0], protocol)
            checked += 1
    return checked


@pytest.mark.parametrize("file", sorted({case.name.split(".")[0] for case in CASES}))
def test_small_payloads(file: str) -> None:
    cases = [case for case in CASES if case.name.startswith(f"{file}.") and case.why_not() is None]
    checked = sum(_check(case, (0, 2, 4), 0, QUICK) for case in cases)
    if not checked:
        pytest.skip("no payload of this file is made here")


@pytest.mark.slow
@pytest.mark.parametrize("file", sorted({case.name.split(".")[0] for case in CASES}))
def test_every_payload(file: str) -> None:
    cases = [case for case in CASES if case.name.startswith(f"{file}.") and case.why_not() is None]
    checked = sum(_check(case, ALL_PROTOCOLS, 0, 1 << 62) for case in cases)
    if not checked:
        pytest.skip("no payload of this file is made here")


def test_the_checker_refuses_broken_payloads() -> None:
    """Otherwise the tests above could not fail."""
    import pickle

    good = pickle.dumps(["a", "b", "a"], 4)
    check_payload(good, 4)
    for broken in (
        good[:-1],
        good + b".",
        good.replace(b"\x94", b"", 1),
        b"\x80\x04\x95\x04" + good[4:],
        good.replace(b"h\x01", b"h\x09"),
    ):
        with pytest.raises((AssertionError, ValueError)):
            check_payload(broken, 4)
    with pytest.raises(AssertionError):
        check_payload(good, 3)
