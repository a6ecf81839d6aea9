"""What the Go package payload knows of the standard library is what this Python has."""

from __future__ import annotations

import pathlib
import sys

import pytest

LIST = pathlib.Path(__file__).parents[2] / "payload" / "standard_library.txt"


def test_every_standard_module_is_listed() -> None:
    if not LIST.exists():
        pytest.skip("this is a copy of the tests, without the Go packages")
    lines = LIST.read_text(encoding="utf-8").splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    assert names == sorted(set(names))
    assert sys.stdlib_module_names - set(names) == set()
