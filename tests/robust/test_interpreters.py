"""Where the engine can't run everything works without it, and says why."""

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
def test_served_without_engine(kind: str, why: str) -> None:
    message = child.run("interpreters:served_without_engine", kind).check().stdout
    assert why in message and "CPython 3.10 to 3.14" in message, message


def test_engine_is_missing() -> None:
    message = child.run("interpreters:served_without_engine", "no_engine").check().stdout
    assert "_engine.so" in message and "make engine" in message, message


def test_the_user_wants_none() -> None:
    outcome = child.run("interpreters:served_without_engine", "variable").check()
    assert outcome.stdout == "GOCLOUDPICKLE_PATH=python\n"


@pytest.mark.parametrize("first", ["used", "unused"])
@pytest.mark.parametrize("kind", ["isolated", "legacy"])
def test_sub_interpreter(kind: str, first: str) -> None:
    outcome = child.run("interpreters:sub_interpreter", kind, first).check(
        says="the main interpreter is fine"
    )
    message = outcome.stdout.splitlines()[0]
    assert message.startswith("python {'layout': 0, 'portable': 0, 'python': 1}"), message
    assert "sub-interpreter" in message and "main" in message, message
