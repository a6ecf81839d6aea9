"""A pytest plugin for the runs of cloudpickle's tests: outcomes go to a file."""

from __future__ import annotations

import json
import os
from typing import Any

# The worst phase of a test (setup, call, teardown) is the test's outcome.
RANK = {"passed": 0, "skipped": 1, "xfailed": 2, "xpassed": 3, "failed": 4}

_outcomes: dict[str, list[str]] = {}
_order: list[str] = []


def _outcome(report: Any) -> str:
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.skipped else "xpassed"
    return str(report.outcome)


def pytest_runtest_logreport(report: Any) -> None:
    outcome = _outcome(report)
    known = _outcomes.get(report.nodeid)
    if known is None or RANK[outcome] > RANK[known[0]]:
        detail = ""
        if outcome == "failed":
            crash = getattr(report.longrepr, "reprcrash", None)
            detail = crash.message if crash is not None else str(report.longrepr)
        _outcomes[report.nodeid] = [outcome, detail[:2000]]


def pytest_runtest_logstart(nodeid: str) -> None:
    _order.append(nodeid)
    _write()


def pytest_sessionfinish() -> None:
    _write()


def _write() -> None:
    """At each test, so that a crash leaves all outcomes before it."""
    path = os.environ["UPSTREAM_OUTCOMES"]
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump({"outcomes": _outcomes, "started": _order}, file)
    os.replace(f"{path}.new", path)
