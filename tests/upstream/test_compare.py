"""The comparison of two runs of cloudpickle's suite finds what it is for."""

from __future__ import annotations

from tests.upstream.__main__ import Run, compare


def _run(status: int = 0, dumps: int = 1, **outcomes: str) -> Run:
    return Run(
        status, {name: [outcome, ""] for name, outcome in outcomes.items()}, list(outcomes), dumps
    )


def test_equal_runs() -> None:
    assert compare(_run(a="passed", b="skipped"), _run(a="passed", b="skipped")) == []
    assert compare(_run(1, a="failed"), _run(1, a="failed")) == []


def test_another_outcome() -> None:
    assert "a: passed" in compare(_run(a="passed"), _run(1, a="failed"))[0]
    assert "did not run" in compare(_run(a="passed", b="passed"), _run(a="passed"))[0]


def test_a_crash() -> None:
    assert "status -11" in compare(_run(a="passed"), _run(-11, a="passed"))[0]


def test_nothing_ran_or_nothing_was_switched_on() -> None:
    assert any("no test ran" in problem for problem in compare(_run(), _run()))
    assert any(
        "never used" in problem for problem in compare(_run(a="passed"), _run(dumps=0, a="passed"))
    )
