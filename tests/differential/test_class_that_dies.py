"""Classes that die, and static types that come to be at their addresses.

An extension module can allocate the types that it readies, as NumPy does its DTypes; they
lack Py_TPFLAGS_HEAPTYPE. Here a class gets another content and loses the flag instead.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import pytest

from tests.corpus import stock, under_test
from tests.differential.compare import attempt, explain

TP_FLAGS = 168  # its offset in PyTypeObject, on 64-bit platforms
HEAPTYPE = 1 << 9


@contextmanager
def as_static_type(cls: type) -> Iterator[None]:
    flags = ctypes.c_ulong.from_address(id(cls) + TP_FLAGS)
    assert flags.value == cls.__flags__ and flags.value & HEAPTYPE
    collects = gc.isenabled()
    gc.disable()
    flags.value &= ~HEAPTYPE
    try:
        yield
    finally:
        flags.value |= HEAPTYPE
        if collects:
            gc.enable()


class WithDict:
    pass


class WithSlots:
    __slots__ = ("a",)


class WithState:
    def __getstate__(self) -> dict[str, int]:
        return {"a": 1}


class WithReduce:
    def __reduce__(self) -> Any:
        return complex, (1, 2)


def as_four(self: Any) -> Any:
    return int, ("4",)


@pytest.mark.parametrize("cls", [WithDict, WithSlots, WithState, WithReduce])
def test_a_static_type_at_the_address_of_a_dead_class(
    cls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = under_test().dumps, stock().dumps
    instance = cls()
    for _ in range(3):
        assert ours(instance) == theirs(instance)
    monkeypatch.setattr(cls, "__reduce__", as_four, raising=False)
    with as_static_type(cls):
        got, expected = ours(instance), theirs(instance)
    assert got == expected


class Proxy:
    pass


def says_it_is_a_function(self: Any, name: str) -> Any:
    return FunctionType if name == "__class__" else object.__getattribute__(self, name)


def test_a_proxy_at_the_address_of_a_dead_class(monkeypatch: pytest.MonkeyPatch) -> None:
    instance: Any = Proxy()
    for _ in range(3):
        assert under_test().dumps(instance) == stock().dumps(instance)
    monkeypatch.setattr(Proxy, "__getattribute__", says_it_is_a_function, raising=False)
    with as_static_type(Proxy):
        got, expected = (attempt(lambda m=m: m.dumps(instance)) for m in (under_test(), stock()))
    assert explain(expected, got) is None
    assert "__code__" in str(got.error)
