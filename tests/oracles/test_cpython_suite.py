"""CPython's own pickler tests say the same of our Pickler as of the others.

Each of the three picklers runs them in a process of its own.  Our outcome must
be stock cloudpickle's, always.  It must be the C pickler's too, but for the
tests listed here, where cloudpickle means to differ.
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


def _run(which: str) -> tuple[dict[str, list[str]], str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "py")]), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.oracles.cpython_suite", "--pickler", which]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=280)
    if done.returncode != 0:
        return {}, f"{which} ended with status {done.returncode}:\n{done.stderr[-6000:]}"
    outcomes: dict[str, list[str]] = json.loads(done.stdout)
    return outcomes, ""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, list[str]]]:
    if reason := available():
        pytest.skip(reason)
    with ThreadPoolExecutor(len(PICKLERS)) as pool:
        results = dict(zip(PICKLERS, pool.map(_run, PICKLERS)))
    for which, (_, problem) in results.items():
        assert not problem, problem
    return {which: found for which, (found, _) in results.items()}


def _words(outcome: list[str] | None) -> str:
    return "did not run" if outcome is None else f"{outcome[0]} {outcome[1]}".strip()


def _kind(outcome: list[str] | None) -> tuple[str, str] | None:
    """passed, failed or skipped, and the type of the exception."""
    return None if outcome is None else (outcome[0], outcome[1].split(":", 1)[0])


def test_there_are_tests(outcomes: dict[str, dict[str, list[str]]]) -> None:
    passed = [name for name, (outcome, _) in outcomes["ours"].items() if outcome == "passed"]
    assert len(passed) > 250, f"only {len(passed)} tests passed"


def test_same_as_stock_cloudpickle(outcomes: dict[str, dict[str, list[str]]]) -> None:
    stock, ours = outcomes["cloudpickle"], outcomes["ours"]
    differences = [f"{name}: cloudpickle {_words(stock.get(name))}; ours {_words(ours.get(name))}" for name in sorted({*stock, *ours}) if _kind(stock.get(name)) != _kind(ours.get(name))]
    assert not differences, "\n".join(differences)


def test_same_as_the_c_pickler(outcomes: dict[str, dict[str, list[str]]]) -> None:
    c, ours = outcomes["_pickle"], outcomes["ours"]
    differences = [
        f"{name}: _pickle {_words(c.get(name))}; ours {_words(ours.get(name))}"
        for name in sorted({*c, *ours})
        if name.rsplit(".", 1)[-1] not in DIFFERS_FROM_C and _kind(c.get(name)) != _kind(ours.get(name))
    ]
    assert not differences, "\n".join(differences)


def test_the_table_has_no_dead_entries(outcomes: dict[str, dict[str, list[str]]]) -> None:
    """An entry earns its place by a test that is here and does differ."""
    c, stock = outcomes["_pickle"], outcomes["cloudpickle"]
    present = {name.rsplit(".", 1)[-1] for name in c}
    differing = {name.rsplit(".", 1)[-1] for name in c if _kind(c[name]) != _kind(stock.get(name))}
    dead = {name for name in DIFFERS_FROM_C if name in present and name not in differing}
    assert not dead, f"these tests no longer differ on this interpreter: {sorted(dead)}"
