"""What stock gets wrong and gocloudpickle gets right, case by case."""

from __future__ import annotations

import pytest

from tests.beyond import batches, documented
from tests.beyond.case import FAILS, REFUSES, RIGHT, WRONG, Case, all_cases

PATHS = batches.paths()


@pytest.fixture(params=list(all_cases().values()), ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    chosen: Case = request.param
    if not chosen.is_for_this_python():
        pytest.skip(f"it is for Python {chosen.since} and later, before {chosen.before}")
    return chosen


@pytest.mark.parametrize("path", PATHS)
def test_a_worker_uses_what_we_dump(case: Case, path: str) -> None:
    ours = batches.made(path)[case.name]["ours"]
    if case.refused:
        stock = batches.made(path)[case.name]["stock"]
        # Up to 3.10 what explains an error is in its text.
        assert ours.get("error", "").startswith(stock.get("error", ""))
        assert ours.get("payload") == stock.get("payload")
        return
    assert "payload" in ours, f"we can't dump it: {ours['error']}"
    workers = ["ours", "stock"] if case.worker_with_stock else ["ours"]
    for who in workers:
        problem = batches.used(path, who, "ours")[case.name]
        assert problem is None, f"in a process with {who} alone:\n{problem[1]}"


@pytest.mark.parametrize("path", PATHS)
def test_strict_is_stock(case: Case, path: str) -> None:
    ways = batches.made(path)[case.name]
    assert ways["strict"] == ways["stock"]
    if case.stock == RIGHT:
        assert ways["ours"] == ways["stock"], "stock is right, but our bytes differ"


@pytest.mark.parametrize("path", PATHS)
def test_an_installed_cloudpickle_is_better_too(case: Case, path: str) -> None:
    ways = batches.made(path)[case.name]
    if "installed" not in ways:
        pytest.skip("install() does nothing without an engine")
    assert ways["installed"] == ways["ours"]


def test_what_stock_does(case: Case) -> None:
    """A row whose cases stock gets right can go."""
    path = PATHS[0]
    if "error" in batches.made(path)[case.name]["stock"]:
        does = REFUSES
    else:
        problem = batches.used(path, "stock", "stock")[case.name]
        if problem is None:
            does = RIGHT
        else:
            does = WRONG if problem[0] == "use" else FAILS
    assert does == case.stock


def test_all_paths_give_the_same_bytes(case: Case) -> None:
    if len(PATHS) == 1:
        pytest.skip("GOCLOUDPICKLE_PATH chooses one path")
    results = [batches.made(path)[case.name]["ours"] for path in PATHS]
    assert results == [results[0]] * len(results)


def test_each_row_of_the_document_has_a_case() -> None:
    rows = documented.rows()
    assert len(rows) == len({row.kind for row in rows}), "two rows have the same name"
    with_cases = {case.row for case in all_cases().values() if case.stock != RIGHT}
    assert {row.kind for row in rows} == with_cases


def test_the_document_says_where_a_worker_needs_gocloudpickle() -> None:
    for row in documented.rows():
        cases = [case for case in all_cases().values() if case.row == row.kind and not case.refused]
        needs_ours = not all(case.worker_with_stock for case in cases)
        assert ("gocloudpickle" in row.worker) == needs_ours, row.kind


def test_each_row_has_a_report_or_says_that_none_is_known() -> None:
    for row in documented.rows():
        links = "github.com/cloudpipe/cloudpickle/" in row.report or "python/cpython/" in row.report
        assert links or "none known" in row.report, row.kind
