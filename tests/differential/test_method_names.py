"""Functions in classes, which go by a dotted name where that leads to them."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from tests.corpus import stock, under_test
from tests.differential.compare import assert_same, with_dump, with_dumps, with_pickler

SOURCE = """
class Meta(type):
    plain = 1

    @property
    def hidden(cls):
        return cls.__dict__["hidden"]

    @property
    def lost(cls):
        raise AttributeError("lost")

    def in_both(cls):
        pass

class Answers(type):
    def __getattr__(cls, name):
        return cls.__dict__["real"]

class Listens(type):
    def __getattribute__(cls, name):
        return type.__getattribute__(cls, name)

class Base:
    def inherited(self):
        pass

    @staticmethod
    def static():
        pass

    @classmethod
    def of_class(cls):
        pass

    class Inner:
        def deep(self):
            pass

class Sub(Base):
    pass

class WithMeta(Base, metaclass=Meta):
    def plain(self):
        pass

    def hidden(self):
        pass

    def lost(self):
        pass

    def in_both(self):
        pass

class WithAnswers(metaclass=Answers):
    def real(self):
        pass

    def gone(self):
        pass

    gone_function = gone
    del gone

class WithListens(metaclass=Listens):
    def method(self):
        pass

class Replaced:
    def method(self):
        pass

    def method_of_old(self):
        pass

old = Replaced.method
Replaced.method = Replaced.method_of_old

class Wrapped:
    def method(self):
        pass

    function = method
    method = staticmethod(method)
"""
FUNCTIONS = [
    "Base.inherited", "Base.static", "Base.Inner.deep", "Sub.inherited", "Sub.static", "WithMeta.plain",
    "WithMeta.in_both", "WithMeta.inherited", "WithAnswers.real", "WithListens.method", "Wrapped.function",
    "Replaced.method", "old",
]  # fmt: skip
IN_DICTS = ["WithMeta.hidden", "WithMeta.lost", "WithAnswers.gone_function"]


@pytest.fixture
def module() -> Any:
    made = types.ModuleType("method_names")
    sys.modules[made.__name__] = made
    exec(SOURCE, made.__dict__)
    yield made
    del sys.modules[made.__name__]


def same(obj: Any) -> None:
    for protocol in (5, 4, 2):
        for way in (with_dumps, with_dump, with_pickler):
            expected = way(stock(), obj, protocol)
            assert_same(expected, way(under_test(), obj, protocol), f"{way.__name__}({protocol})")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str, module: types.ModuleType) -> None:
    function: Any = module
    for part in name.split("."):
        function = getattr(function, part)
    same([function, function])
    same(function)


@pytest.mark.parametrize("name", IN_DICTS)
def test_functions_that_the_class_does_not_answer_with(name: str, module: types.ModuleType) -> None:
    kind, _, attribute = name.partition(".")
    same(vars(vars(module)[kind])[attribute])


def test_bound_methods_and_modules(module: types.ModuleType) -> None:
    """They have a __getattribute__ of their own, and are what they are."""

    class Lying(types.ModuleType):
        @property
        def __class__(self) -> Any:  # type: ignore[override]
            return types.FunctionType

    same([module.Base().inherited, module.Base.of_class, sys, module, module.Base().inherited])
    module.__dict__["__class__"] = types.FunctionType
    same([module])
    same([Lying("lying")])
