"""Objects that object.__reduce_ex__ takes apart: the engine makes its calls without it.

Each class is dumped twice, since a first dump can leave what a second one finds, and in a
list of several, since what one of them gives up is given back by the next.
"""

from __future__ import annotations

import copyreg
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from tests.corpus import stock, under_test
from tests.differential.compare import assert_same, with_dump, with_dumps, with_pickler

module = types.ModuleType("newobj_shapes")
SOURCE = """
class Base:
    def __init__(self, value=1):
        self.value = value
        self.again = [value]


class Slotted:
    __slots__ = ("value", "missing")

    def __init__(self, value=1):
        self.value = value


STATES = {
    "none": lambda self: None,
    "dict": lambda self: {"value": self.value, "self": self},
    "dict_with_others": lambda self: {1: self.value, "x": (self.value,)},
    "empty_dict": lambda self: {},
    "own_dict": lambda self: self.__dict__,
    "shared": lambda self, shared={"a": ["b"]}: shared,
    "tuple": lambda self: (self.value, "text"),
    "empty_tuple": lambda self: (),
    "pair": lambda self: (None, {"value": self.value}),
    "number": lambda self: 0,
    "false": lambda self: False,
    "raises": lambda self: 1 / 0,
}
ARGUMENTS = {
    "none": lambda self: (),
    "one": lambda self: (self.value,),
    "itself_in_a_list": lambda self: ([self.again],),
    "five": lambda self: (1, "2", 3.0, None, [5]),
    "list": lambda self: [1],
    "raises": lambda self: 1 / 0,
}
BASES = {
    "object": (object,),
    "list": (list,),
    "dict": (dict,),
    "tuple": (tuple,),
    "int": (int,),
    "str": (str,),
    "bytes": (bytes,),
    "float": (float,),
    "set": (set,),
    "exception": (ValueError,),
}
"""
exec(SOURCE, module.__dict__)


@pytest.fixture(autouse=True)
def importable() -> Any:
    sys.modules[module.__name__] = module
    yield
    del sys.modules[module.__name__]


def made(namespace: dict[str, Any], bases: tuple[type, ...] = (), **more: Any) -> type:
    """A class that goes by reference."""
    cls = types.new_class(
        "Made", bases, more, lambda body: body.update({"__module__": module.__name__, **namespace})
    )
    module.Made = cls  # type: ignore[attr-defined]
    return cls


def same(make: Callable[[], Any]) -> None:
    one = make()
    for obj in (one, one, [one, *(make() for _ in range(5)), one]):
        for protocol in (5, 4, 2):
            for way in (with_dumps, with_dump, with_pickler):
                expected = way(stock(), obj, protocol)
                assert_same(
                    expected, way(under_test(), obj, protocol), f"{way.__name__}({protocol})"
                )


@pytest.mark.parametrize("base", ["Base", "Slotted"])
@pytest.mark.parametrize("state", sorted(module.STATES))
def test_getstate(state: str, base: str) -> None:
    if (state, base) == ("own_dict", "Slotted"):
        return
    same(made({"__getstate__": module.STATES[state]}, (getattr(module, base),)))


@pytest.mark.parametrize("state", [None, "dict", "tuple"])
@pytest.mark.parametrize("arguments", sorted(module.ARGUMENTS))
def test_getnewargs(arguments: str, state: str | None) -> None:
    def new(cls: Any, *args: Any) -> Any:
        return object.__new__(cls)

    namespace = {"__getnewargs__": module.ARGUMENTS[arguments], "__new__": new}
    if state:
        namespace["__getstate__"] = module.STATES[state]
    same(made(namespace, (module.Base,)))


@pytest.mark.parametrize("attributes", ["none", "dict", "slots", "getstate"])
@pytest.mark.parametrize("base", sorted(module.BASES))
def test_subclasses(base: str, attributes: str) -> None:
    namespace: dict[str, Any] = {}
    if attributes in ("none", "slots"):
        namespace["__slots__"] = ()
    if attributes == "slots" and base in ("list", "dict", "set", "object", "exception"):
        namespace["__slots__"] = ("value",)
    if attributes == "getstate":
        namespace["__getstate__"] = lambda self: {"state": [1]}
    cls = made(namespace, module.BASES[base])

    def make() -> Any:
        obj = {"list": lambda: cls([1, [2]]), "dict": lambda: cls({1: [2], "a": "b"})}.get(
            base, cls
        )()
        if attributes in ("dict", "getstate") or "value" in namespace.get("__slots__", ()):
            obj.value = ["an attribute"]
        return obj

    same(make)


HIDDEN = {
    "__getstate__": lambda: {"hidden": 1},
    "__getnewargs__": lambda: (1,),
    "__reduce__": lambda: (list, ((1,),)),
    "__reduce_ex__": lambda protocol: (list, ((protocol,),)),
}


@pytest.mark.parametrize("name", sorted(HIDDEN))
@pytest.mark.parametrize("own", ["getstate", "getnewargs", "reduce", "nothing", "items"])
def test_an_attribute_of_its_own_hides_a_method(own: str, name: str) -> None:
    namespace = {
        "getstate": {"__getstate__": lambda self: {"value": 1}},
        "getnewargs": {"__getnewargs__": lambda self: ()},
        "reduce": {"__reduce__": lambda self: (list, ((2,),))},
    }.get(own, {})
    cls = made(namespace, (list,) if own == "items" else (module.Base,))

    def make() -> Any:
        obj = cls()
        obj.__dict__[name] = HIDDEN[name]
        return obj

    if name == "__getnewargs__":
        HIDDEN[name].__module__, HIDDEN[name].__qualname__ = module.__name__, "hidden"
        module.hidden = HIDDEN[name]  # type: ignore[attr-defined]
    same(make)


@pytest.mark.parametrize("kind", [staticmethod, classmethod, property])
@pytest.mark.parametrize("name", ["__getstate__", "__getnewargs__"])
def test_methods_of_other_kinds(name: str, kind: Any) -> None:
    functions = {
        staticmethod: lambda: (1,),
        classmethod: lambda cls: (2,),
        property: lambda self: lambda: (3,),
    }
    new = {"__new__": lambda cls, *args: object.__new__(cls)}
    same(made({name: kind(functions[kind]), **new}, (module.Base,)))


def test_a_metaclass_says_what_reduce_is() -> None:
    class Meta(type):
        @property
        def __reduce__(cls) -> Any:  # type: ignore[override]
            return None

    cls = made({"__getstate__": lambda self: {"value": 1}}, (module.Base,), metaclass=Meta)
    same(cls)


def test_getattr_is_asked_for_what_is_not_there() -> None:
    asked: list[str] = []

    def getattr_(self: Any, name: str) -> Any:
        asked.append(name)
        raise AttributeError(name)

    cls = made({"__getattr__": getattr_, "__getstate__": lambda self: 1})
    orders = []
    for pickler in (stock(), under_test()):
        asked.clear()
        pickler.dumps([cls(), cls()])
        orders.append(list(asked))
    assert orders[0] == orders[1]


@pytest.mark.parametrize("by", ["__getstate__", "__getnewargs__"])
def test_a_class_changes_while_it_is_taken_apart(by: str) -> None:
    other = made({}, (module.Base,))
    module.Other, other.__qualname__, other.__name__ = other, "Other", "Other"  # type: ignore[attr-defined]

    def change(self: Any) -> Any:
        self.__class__ = other
        return () if by == "__getnewargs__" else {"value": 1}

    cls = made({by: change}, (module.Base,))
    for protocol in (5, 2):
        expected, got = (
            with_dumps(pickler, cls(), protocol) for pickler in (stock(), under_test())
        )
        assert_same(expected, got, f"protocol {protocol}")


def test_a_class_gets_its_methods_later() -> None:
    cls = made({}, (module.Base,))
    same(cls)
    cls.__getstate__ = lambda self: {"later": 1}  # type: ignore[attr-defined]
    same(cls)
    cls.__getnewargs__ = lambda self: ()  # type: ignore[attr-defined]
    same(cls)
    cls.__reduce__ = lambda self: (list, ((1,),))  # type: ignore[method-assign, assignment]
    same(cls)
    copyreg.pickle(cls, lambda obj: (list, ((2,),)))
    try:
        same(cls)
    finally:
        del copyreg.dispatch_table[cls]
    del cls.__reduce__, cls.__getstate__  # type: ignore[attr-defined]
    same(cls)


def test_what_one_gives_up_is_given_back_before_the_next() -> None:
    """The order of finalizers and calls is the C pickler's."""
    events: list[Any] = []

    class Value(tuple):  # type: ignore[type-arg]
        def __del__(self) -> None:
            events.append("gone")

    def getstate(self: Any) -> Any:
        events.append(self.value)
        return {"value": 1}

    def reduce(self: Any) -> Any:
        events.append(self.value)
        return Value((list, ((self.value,),)))

    first = made({"__getstate__": getstate}, (module.Base,))
    second = made({"__reduce__": reduce}, (module.Base,))
    module.First, first.__qualname__, first.__name__ = first, "First", "First"  # type: ignore[attr-defined]
    events_of = []
    for pickler in (stock(), under_test()):
        events.clear()
        pickler.dumps([second(1), second(2), [1], first(3), second(4), second(5), {2}, first(6)])
        events_of.append(list(events))
    assert events_of[0] == events_of[1] and "gone" in events_of[0]
