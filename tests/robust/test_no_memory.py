"""The interpreter runs out of memory at any allocation: MemoryError, never a crash."""

from __future__ import annotations

import pytest

from tests.robust import child

pytest.importorskip("_testcapi", reason="lets an allocation fail, and this Python comes without it")

# No Enum: its module is in Python, and CPython's own code does not survive this everywhere.
KINDS = ["function", "closure", "class", "partial", "data", "method", "code"]


@pytest.mark.parametrize("kind", KINDS)
def test_dumps(kind: str, path: str) -> None:
    # By default a class can go through reducers in Python, and CPython 3.12 crashes where there
    # is no memory for a function that they make (PyFunction_NewWithQualName).
    strict = {"GOCLOUDPICKLE_STRICT": "1"}
    child.run("no_memory:dumps", kind, path=path, env=strict).check(says="done")


@pytest.mark.parametrize("kind", KINDS)
def test_loads(kind: str) -> None:
    child.run("no_memory:loads", kind).check(says="done")
