"""Where the engine can't run it says so, and what to do."""

from __future__ import annotations

import pytest

from tests.robust import child


@pytest.mark.parametrize(
    "kind, why",
    [
        ("pypy", "pypy"),
        ("free_threaded", "free-threaded"),
        ("too_old", "Python 3.9"),
        ("too_new", "Python 3.99"),
        ("python_4", "Python 4.0"),
        ("musl", "musl"),
        ("macos", "darwin"),
        ("windows", "win32"),
    ],
)
def test_refused(kind: str, why: str) -> None:
    outcome = child.run("interpreters:refused", kind).check()
    messages = outcome.stdout.splitlines()
    assert len(messages) == 5, outcome.describe()
    for message in messages:
        assert why in message and "CPython 3.10 to 3.14" in message and "cloudpickle" in message, (
            message
        )
        assert "works beside" in message, message


def test_engine_is_missing() -> None:
    outcome = child.run("interpreters:refused", "no_engine").check()
    for message in outcome.stdout.splitlines():
        assert "_engine.so" in message and "make engine" in message, message


@pytest.mark.parametrize("first", ["used", "unused"])
@pytest.mark.parametrize("kind", ["isolated", "legacy"])
def test_sub_interpreter(kind: str, first: str) -> None:
    outcome = child.run("interpreters:sub_interpreter", kind, first).check(
        says="the main interpreter is fine"
    )
    message = outcome.stdout.splitlines()[0]
    assert message.startswith("ImportError:"), outcome.describe()
    assert "sub-interpreter" in message and "stock cloudpickle" in message, outcome.describe()
