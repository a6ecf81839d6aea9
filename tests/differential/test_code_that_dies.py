"""Code objects that die, and others that come to be at their addresses."""

from __future__ import annotations

from types import CodeType
from typing import Any

import pytest

from tests.corpus import stock, under_test


def made(number: int) -> Any:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(f"def function(x): return name_{number}, x, ({number}, 'two')", namespace)
    return namespace["function"]


@pytest.mark.parametrize("dumps_of_each", [1, 2, 3])
def test_code_at_the_address_of_dead_code(dumps_of_each: int) -> None:
    # What is cached about the code of a function must not be taken for that of a code object
    # that is dumped as such, and is nobody's function.
    ours, theirs = under_test().dumps, stock().dumps
    addresses: set[int] = set()
    again = 0
    for number in range(600):
        if number % 3 == 0:
            function = made(number)
            for _ in range(dumps_of_each):
                assert ours(function) == theirs(function)
            addresses.add(id(function.__code__))
            del function
        codes: list[CodeType] = [made(10 * number + i).__code__ for i in range(4)]
        for code in codes:
            again += id(code) in addresses
            for _ in range(dumps_of_each):
                assert ours(code) == theirs(code)
        del code, codes
    assert again > 100, "no code object was made where another one had died"
