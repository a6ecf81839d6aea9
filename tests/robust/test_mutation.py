"""Python code in the middle of a dump changes what is being dumped.

What comes out equals what stock cloudpickle gives, bytes or the type of the exception,
and no freed object is touched: the children run under CPython's debug allocator.
"""

from __future__ import annotations

import sys

import pytest

from tests.robust import batch
from tests.robust.scenarios.hooks import HOOKS


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_containers(hook: str, path: str) -> None:
    batch.check("mutation_matrix", path, f"{hook} ", quick=True)


@pytest.mark.slow
@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_every_container(hook: str, path: str) -> None:
    batch.check("mutation_matrix", path, f"{hook} ")


@pytest.mark.parametrize("case", batch.names("mutation_by_hand"))
def test_by_hand(case: str, path: str) -> None:
    if case == "buffer_released_while_written" and sys.version_info >= (3, 14):
        pytest.xfail("stock raises BufferError from the resized buffer, the engine gives the bytes")
    batch.check("mutation_by_hand", path, case)


def test_random_graphs(path: str) -> None:
    batch.check("mutation_fuzz", path, quick=True)


@pytest.mark.slow
def test_many_random_graphs(path: str) -> None:
    batch.check("mutation_fuzz", path)
