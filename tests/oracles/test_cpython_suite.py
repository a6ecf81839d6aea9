"""CPython's own pickler tests say the same of our Pickler as of the others.

Each of the three picklers runs them in a process of its own.  Our outcome must
be stock cloudpickle's and the C pickler's.  Where cloudpickle means to differ
from the C pickler, a table here says why; where we mean to differ from
cloudpickle, another does, and then the C pickler's outcome is the one to have.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.oracles.cpython_suite import PICKLERS, available

ROOT = Path(__file__).resolve().parent.parent.parent

BY_VALUE = "cloudpickle pickles local functions and classes by value, where the C pickler refuses"
METHODS = "cloudpickle reduces bound methods and getset descriptors by a way of its own, also where __qualname__ lookups fail"
RECURSION = "cloudpickle turns RecursionError into PicklingError"
OWN_TABLE = "cloudpickle.Pickler has a dispatch_table of its own in the class, which hides the C pickler's slot for one set on the instance"
HOOK = "cloudpickle.Pickler has a reducer_override of its own, which comes before that of the tests' mixin"
BUFFERS = "cloudpickle takes a bound class method apart; its function goes by value with bytes of its own, which the test counts"
METACLASS = "cloudpickle looks every class up in a dict, so that its metaclass has to be hashable"

DIFFERS_FROM_C = {
    "test_default_dispatch_table": OWN_TABLE,
    "test_instance_dispatch_table": OWN_TABLE,
    "test_bad_getattr": RECURSION,
    "test_c_methods": METHODS,
    "test_py_methods": METHODS,
    "test_dynamic_class": METACLASS,
    "test_in_band_buffers": BUFFERS,
    "test_oob_buffers": BUFFERS,
    "test_local_lookup_error": BY_VALUE,
    "test_dispatch_table_None_item": OWN_TABLE,
    "test_unpickleable_newobj_class": BY_VALUE,
    "test_unpickleable_newobj_ex_class": BY_VALUE,
    "test_pickler_hook": HOOK,
    "test_reducer_override_no_reference_cycle": HOOK,
}
"""Tests whose outcome differs between the C pickler and cloudpickle, and why."""

DIFFERS_FROM_STOCK = {
    "test_instance_dispatch_table": "we read an instance's dispatch_table at each dump, as the C pickler does; cloudpickle only when the Pickler is made",
    "test_dispatch_table_None_item": "the same",
}
"""Tests where ours keeps to the C pickler and not to cloudpickle, and why."""


def _run(which: str) -> dict[str, list[str]]:
    """Every test's outcome.  One that kills the process is "crashed"; the others run after it."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "py")]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GOCLOUDPICKLE_STRICT": "1",  # they count an exception's notes
    }
    command = [sys.executable, "-m", "tests.oracles.cpython_suite", "--pickler", which]
    outcomes: dict[str, list[str]] = {}
    while True:
        skip = [argument for name in outcomes for argument in ("--skip", name)]
        done = subprocess.run(
            [*command, *skip],
            capture_output=True,
            text=True,
            errors="replace",
            env=environment,
            cwd=ROOT,
            timeout=280,
        )
        started = ""
        for line in done.stdout.splitlines():
            message = json.loads(line)
            if "start" in message:
                started = message["start"]
            else:
                outcomes[message["test"]] = message["outcome"]
        if done.returncode == 0:
            return outcomes
        if not started or started in outcomes:
            raise AssertionError(
                f"{which} ended with status {done.returncode} between tests:\n{done.stderr[-4000:]}"
            )
        outcomes[started] = ["crashed", f"status {done.returncode}: {done.stderr[:1500]}"]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, list[str]]]:
    if reason := available():
        pytest.skip(reason)
    with ThreadPoolExecutor(len(PICKLERS)) as pool:
        return dict(zip(PICKLERS, pool.map(_run, PICKLERS)))


def _words(outcome: list[str] | None) -> str:
    return "did not run" if outcome is None else f"{outcome[0]} {outcome[1]}".strip()


def _method(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _kind(outcome: list[str] | None) -> tuple[str, str] | None:
    """passed, failed or skipped, and the type of the exception."""
    return None if outcome is None else (outcome[0], outcome[1].split(":", 1)[0])


def test_there_are_tests(outcomes: dict[str, dict[str, list[str]]]) -> None:
    passed = [name for name, (outcome, _) in outcomes["ours"].items() if outcome == "passed"]
    assert len(passed) > 250, f"only {len(passed)} tests passed"


def test_same_as_stock_cloudpickle(outcomes: dict[str, dict[str, list[str]]]) -> None:
    c, stock, ours = outcomes["_pickle"], outcomes["cloudpickle"], outcomes["ours"]
    differences = []
    for name in sorted({*stock, *ours}):
        allowed = {_kind(stock.get(name))}
        if _method(name) in DIFFERS_FROM_STOCK:
            allowed.add(_kind(c.get(name)))
        if _kind(ours.get(name)) not in allowed:
            differences.append(
                f"{name}: cloudpickle {_words(stock.get(name))}; ours {_words(ours.get(name))}"
            )
    assert not differences, "\n".join(differences)


def test_same_as_the_c_pickler(outcomes: dict[str, dict[str, list[str]]]) -> None:
    c, ours = outcomes["_pickle"], outcomes["ours"]
    differences = [
        f"{name}: _pickle {_words(c.get(name))}; ours {_words(ours.get(name))}"
        for name in sorted({*c, *ours})
        if _method(name) not in DIFFERS_FROM_C and _kind(c.get(name)) != _kind(ours.get(name))
    ]
    assert not differences, "\n".join(differences)


def test_the_table_has_no_dead_entries(outcomes: dict[str, dict[str, list[str]]]) -> None:
    """An entry earns its place by a test that is here and does differ."""
    c, stock = outcomes["_pickle"], outcomes["cloudpickle"]
    present = {_method(name) for name in c}
    differing = {_method(name) for name in c if _kind(c[name]) != _kind(stock.get(name))}
    dead = {name for name in DIFFERS_FROM_C if name in present and name not in differing}
    assert not dead, f"these tests no longer differ on this interpreter: {sorted(dead)}"
