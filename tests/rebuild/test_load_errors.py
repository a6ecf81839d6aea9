"""The errors of the native loads are those of pickle.loads of this Python, to the letter."""

from __future__ import annotations

import os
import pickle
import re
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest
from gocloudpickle import _loader

cloudpickle = pytest.importorskip("cloudpickle", "3.1.2", reason="is what we compare with")
if os.environ.get("GOCLOUDPICKLE_PATH") == "portable":
    pytest.skip("the loading side has one path: tested with the other", allow_module_level=True)

MODULE = "module_for_load_errors"
ADDRESS = re.compile("0x[0-9a-f]+")
HEAD = b"\x80\x04\x8c\x17cloudpickle.cloudpickle0"


def text(s: str) -> bytes:
    data = s.encode("utf-8", "surrogatepass")
    return b"\x8c" + bytes([len(data)]) + data


def named(name: str, module: str = MODULE) -> bytes:
    return text(module) + text(name) + b"\x93"


class Refuses:
    def __init_subclass__(cls) -> None:
        raise KeyError("no subclass of this")


class Odd:
    """What the names below lead to."""

    __slots__ = ("slot",)
    attribute = 1

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{name} is not to be set")

    def __repr__(self) -> str:
        return "an odd one"


class RaisingRepr(type):
    def __repr__(cls) -> str:
        raise ZeroDivisionError("no repr")


class NoRepr(metaclass=RaisingRepr):
    pass


class SetSubclass(set):  # type: ignore[type-arg]
    def add(self, item: Any) -> None:
        raise KeyError("not one by one")

    def update(self, *items: Any) -> None:
        raise KeyError("not like this")


class Listlike:
    pass


class Extends:
    def extend(self, items: Any) -> None:
        raise ValueError(items)


class Appends:
    def append(self, item: Any) -> None:
        raise ValueError(item)


class Sets:
    def __setitem__(self, key: Any, value: Any) -> None:
        raise ValueError(key, value)


class SetState:
    def __setstate__(self, state: Any) -> None:
        raise ValueError(state)


class SetStateAttribute:
    @property
    def __setstate__(self) -> Any:
        raise TypeError("of the property")


def raising(error: type[BaseException]) -> Any:
    def getattr_(name: str) -> Any:
        raise error(name)

    return getattr_


SINGLETON = type(NotImplemented)  # a type whose __new__ takes nothing
FUNCTIONS = (
    "_make_function _function_setstate _class_setstate _make_cell _make_empty_cell _make_skeleton_class \
_make_skeleton_enum _builtin_type subimport".split()
)


@pytest.fixture(autouse=True)
def module() -> Iterator[None]:
    made: Any = types.ModuleType(MODULE)
    for value in (
        Odd,
        NoRepr,
        SetSubclass,
        Listlike,
        Extends,
        Appends,
        Sets,
        SetState,
        SetStateAttribute,
        Refuses,
    ):
        setattr(made, value.__name__, value)
    made.odd, made.five, made.none, made.generator = Odd(), 5, None, type(raising)
    made.frame = type(sys._getframe())  # it has no __new__
    sys.modules[MODULE] = made
    for error in (AttributeError, ValueError, KeyboardInterrupt, SystemExit):
        other: Any = types.ModuleType(f"raises_{error.__name__}")
        other.__getattr__ = raising(error)
        sys.modules[other.__name__] = other
    yield
    for name in [name for name in sys.modules if name == MODULE or name.startswith("raises_")]:
        del sys.modules[name]


STREAMS = {
    # Names
    "no such name": named("absent"),
    "no such dotted name": named("Odd.absent.more"),
    "an attribute of an int": named("five.absent"),
    "local": named("Odd.<locals>.x"),
    "local of what is not there": named("absent.<locals>.x"),
    "local alone": named("<locals>"),
    "local first": named("<locals>.x"),
    "no name": named(""),
    "a dot": named("."),
    "two dots": named("Odd..attribute"),
    "private": named("_absent"),
    "unicode": named("\u20ac"),
    "a surrogate": named("\ud800"),
    "a quote": named('it\'s "this"'),
    "a nul": named("a\0b"),
    "no such module": named("x", "module_that_is_absent"),
    "no such submodule": named("x", "module_for_load_errors.sub"),
    "no module name": named("x", ""),
    "a relative module": named("x", ".relative"),
    "a module with a nul": named("x", "a\0b"),
    "a module with a surrogate": named("x", "\ud800"),
    **{
        f"a module that raises {error}, {name}": named(name, f"raises_{error}")
        for error in ("AttributeError", "ValueError", "KeyboardInterrupt", "SystemExit")
        for name in ("x", "x.y", "_x")
    },
    "a name that is none": text(MODULE) + b"N\x93",
    "a module that is none": b"N" + text("x") + b"\x93",
    "a module in a tuple": text(MODULE) + b"\x85" + text("x") + b"\x93",
    # NEWOBJ, NEWOBJ_EX
    **{
        f"{label} of {cls}, {arguments!r}": start + arguments + end
        for label, end, more in (
            ("NEWOBJ", b"\x81", (b"",)),
            ("NEWOBJ_EX", b"\x92", (b"}", b"N", b"]", b"}" + text("a") + b"Ns")),
        )
        for cls, start in (
            ("a class", named("Odd")),
            ("a str", text("x")),
            ("None", b"N"),
            ("an object", named("odd")),
            ("a class without a repr", named("NoRepr")),
            ("a frame", named("frame")),
            ("a function type", named("generator")),
        )
        for first in (b")", b"N", b"]", b"K\x01\x85")
        for arguments in (first + one for one in more)
    },
    # REDUCE
    "a call without a tuple": named("Odd") + b"NR",
    "a call of a str": text("x") + b")R",
    "a call that fails": named("Odd") + b"K\x01\x85R",
    **{
        f"{name} of {n}": named(name, "cloudpickle.cloudpickle") + b"(" + b"N" * n + b"tR"
        for name in FUNCTIONS
        for n in range(8)
    },
    **{f"{name} of None": named(name, "cloudpickle.cloudpickle") + b"NR" for name in FUNCTIONS},
    "a builtin type that is none": named("_builtin_type", "cloudpickle.cloudpickle")
    + text("Absent")
    + b"\x85R",
    "a module that can't be imported": named("subimport", "cloudpickle.cloudpickle")
    + text("absent.sub")
    + b"\x85R",
    # BUILD
    **{
        f"state {state!r} of {name}": named(name) + b")\x81" + state + b"b"
        for name in ("Odd", "Listlike", "SetState", "SetStateAttribute", "SetSubclass")
        for state in (
            b"K\x05",
            b"]",
            text("x"),
            b"}" + text("a") + b"Ns",
            b"N}" + text("b") + b"Ns\x86",
            b"}K\x05\x86",
            b"NN\x86",
            b"NK\x05\x86",
            b"}K\x01K\x02s",
        )
    },
    # Items
    **{
        f"{label} of {name}": named(name) + b")\x81(" + b"K\x01K\x02" + end
        for name in ("Odd", "Listlike", "Extends", "Appends", "Sets", "SetSubclass")
        for label, end in (("APPENDS", b"e"), ("SETITEMS", b"u"), ("ADDITEMS", b"\x90"))
    },
    "items of a tuple": b")(K\x01e",
    "unhashable keys": b"}(]K\x01u",
    "unhashable members": b"\x8f(]\x90",
    "unhashable members, frozen": b"(]\x91",
    "an unhashable key in between": b"}(" + text("a") + b"]]]u",
}


LEFT_TO_PICKLE = {
    name
    for name in STREAMS
    if name.startswith("local") or "that is none" in name or "in a tuple" in name
}


# From 3.14 on pickle makes an AttributeError of whatever is raised on a dotted path.
DROPPED_BY_PICKLE = {
    "a module that raises KeyboardInterrupt, x.y": KeyboardInterrupt,
    "a module that raises SystemExit, x.y": SystemExit,
}


def outcome(loads: Any, data: bytes) -> Any:
    try:
        return "loaded", type(loads(data)).__name__
    except BaseException as error:
        return (
            type(error),
            ADDRESS.sub("", str(error)),
            getattr(error, "name", None),
            getattr(error, "path", None),
        )


@pytest.mark.parametrize("name", STREAMS)
def test_errors(name: str) -> None:
    data = HEAD + STREAMS[name] + b"."
    native = _loader.engine().loads
    before = _loader.engine().loads_info()["native"]
    expected = outcome(pickle.loads, data)
    if name in DROPPED_BY_PICKLE and sys.version_info >= (3, 14):
        expected = DROPPED_BY_PICKLE[name], "x", None, None
    assert outcome(native, data) == expected
    is_native = _loader.engine().loads_info()["native"] == before + 1
    assert is_native or name in LEFT_TO_PICKLE or "surrogate" in name or "unicode" in name


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, ValueError])
def test_a_module_is_asked_what_pickle_asks(error: type[BaseException]) -> None:
    """One with cloudpickle's names is looked at by the native loads, without its __getattr__."""
    asked: dict[str, list[str]] = {}

    def loaded_by(loads: Any, module: str) -> Any:
        made: Any = types.ModuleType(module)
        asked[module] = []

        def getattr_(name: str) -> Any:
            asked[module].append(name)
            if name == "_make_cell":
                raise error(name)
            raise KeyboardInterrupt(name)

        made.__getattr__ = getattr_
        package = module.rpartition(".")[0]
        sys.modules[package], sys.modules[module] = types.ModuleType(package), made
        try:
            data = b"\x80\x04" + named("_make_cell", module) + b"N\x85R."
            return [outcome(loads, data) for _ in range(2)]
        finally:
            del sys.modules[package], sys.modules[module]

    one, two = (f"{kind}_{error.__name__}_cloudpickle.cloudpickle" for kind in "pn")
    assert loaded_by(pickle.loads, one) == loaded_by(_loader.engine().loads, two)
    assert asked[one] == asked[two] == ["_make_cell"] * 2
