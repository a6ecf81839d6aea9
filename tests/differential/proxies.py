"""Objects whose ``__class__`` isn't their type, and classes whose metaclass answers for them.

Each keeps a log of what it was asked for. Stock cloudpickle and the module under test
must ask for the same attributes, as often, and in the same order, or a proxy that
answers otherwise each time would be pickled to other bytes.
"""

from __future__ import annotations

import abc
import collections
import concurrent.futures
import enum
import json
import types
from typing import Any

import hypothesis
import hypothesis.strategies as st

FUNCTION_ATTRIBUTES = (
    "__code__",
    "__globals__",
    "__closure__",
    "__name__",
    "__qualname__",
    "__annotations__",
    "__kwdefaults__",
    "__defaults__",
    "__module__",
    "__doc__",
    "__dict__",
)

MODULE_ATTRIBUTES = ("__package__", "__name__", "__dict__", "__file__", "__path__")

log: list[str] = []
"""What the proxies have been asked for since somebody cleared it."""


class Missing:
    """Stands for an attribute that isn't there."""


class Raises:
    """Stands for an attribute that raises when it is read."""

    def __init__(self, error: type[BaseException]) -> None:
        self.error = error


class Alternates:
    """Stands for an attribute that has another value each time it is read."""

    read: dict[int, int] = {}
    """By id, how often each has been read since all began again. They are pickled themselves."""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def next(self) -> Any:
        at = self.read.get(id(self), 0)
        self.read[id(self)] = at + 1
        return self.values[at % len(self.values)]


class Proxy:
    """Answers for `target`, but for the `attributes` given; logs each question."""

    def __init__(self, target: Any, **attributes: Any) -> None:
        object.__setattr__(self, "_target", target)
        object.__setattr__(self, "_attributes", attributes)

    def __getattribute__(self, name: str) -> Any:
        log.append(name)
        attributes = object.__getattribute__(self, "_attributes")
        if name not in attributes:
            if name in ("__reduce_ex__", "__reduce__", "__getstate__"):
                return object.__getattribute__(self, name)
            return getattr(object.__getattribute__(self, "_target"), name)
        value = attributes[name]
        if isinstance(value, Alternates):
            value = value.next()
        if isinstance(value, Raises):
            raise value.error(name)
        if value is Missing:
            raise AttributeError(name)
        return value


def reset() -> None:
    """Make the alternating attributes begin again, and the log empty."""
    log.clear()
    Alternates.read.clear()


def plain_function(a: int, b: int = 2, *, c: int = 3) -> int:
    """Something to stand in for."""
    return a + b + c


def uses_globals() -> Any:
    return json.dumps(collections.OrderedDict()), concurrent.futures.wait


def _closure() -> Any:
    package, number = concurrent, 5
    return lambda: (package.futures.thread, number)


def _by_value(function: Any) -> Any:
    """The same function, as one that no module has."""
    copy = types.FunctionType(
        function.__code__,
        dict(function.__globals__, __name__="no_such_module"),
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.attribute = "of its own"
    return copy


TARGETS: dict[str, Any] = {
    "by_reference": json.dumps,
    "by_value": _by_value(plain_function),
    "with_globals": _by_value(uses_globals),
    "closure": _closure(),
    "builtin": len,
    "module": json,
    "package": concurrent,
    "class": collections.OrderedDict,
}

WRONG_VALUES = (
    None,
    5,
    "text",
    b"bytes",
    (),
    (1, "two"),
    [],
    {},
    {"a": 1},
    {5: 6},
    object(),
    len,
    plain_function,
    plain_function.__code__,
    types.CellType(1),
    (types.CellType(concurrent), types.CellType()),
    json,
)

ERRORS = (AttributeError, TypeError, ValueError, KeyError, ZeroDivisionError, KeyboardInterrupt)

CLASSES = (
    types.FunctionType,
    types.ModuleType,
    types.CodeType,
    types.CellType,
    types.MethodType,
    types.BuiltinFunctionType,
    type,
    abc.ABCMeta,
    enum.EnumMeta,
    property,
    str,
    dict,
    int,
    object,
    5,
    None,
)


def _reduce_to_a_list(protocol: int = 0) -> Any:
    return list, ((1, 2),)


REDUCTIONS = (
    _reduce_to_a_list,
    lambda protocol=0: "len",
    lambda protocol=0: NotImplemented,
    None,
    Raises(NotImplementedError),
    Missing,
)


def _sometimes(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value, no value, an error, or one and then another."""
    simple = st.one_of(values, st.just(Missing), st.builds(Raises, st.sampled_from(ERRORS)))
    return st.one_of(simple, simple, st.builds(Alternates, simple, simple))


_CLASS = _sometimes(st.sampled_from(CLASSES))


@st.composite
def proxies(draw: Any) -> Any:
    """An object that says it is a function, a module or something else, and parts of one."""
    attributes: dict[str, Any] = {}
    if draw(st.booleans()):
        attributes["__class__"] = draw(st.one_of(st.just(types.FunctionType), _CLASS))
    names = draw(st.lists(st.sampled_from(FUNCTION_ATTRIBUTES), max_size=3))
    for name in names:
        attributes[name] = draw(_sometimes(st.sampled_from(WRONG_VALUES)))
    if draw(st.booleans()):
        attributes["__reduce_ex__"] = draw(st.sampled_from(REDUCTIONS))
    return Proxy(draw(st.sampled_from(list(TARGETS.values()))), **attributes)


@st.composite
def modules(draw: Any) -> Any:
    """A package, or what says it is one."""
    attributes: dict[str, Any] = {}
    if draw(st.booleans()):
        attributes["__class__"] = draw(st.one_of(st.just(types.ModuleType), _CLASS))
    for name in draw(st.lists(st.sampled_from(MODULE_ATTRIBUTES), max_size=2)):
        attributes[name] = draw(_sometimes(st.sampled_from((*WRONG_VALUES, "concurrent"))))
    attributes["__reduce_ex__"] = _reduce_to_a_list
    return Proxy(draw(st.sampled_from((json, concurrent, plain_function))), **attributes)


def holder(value: Any, how: str) -> Any:
    """A function that reaches value, and names submodules of it."""
    if how == "closure":
        return lambda: value.futures.thread
    space = {"value": value, "__name__": "no_such_module"}
    exec("def f():\n    return value.futures.thread, value.decoder", space)
    return space["f"]


# Metaclasses that answer for their classes.

METACLASS_ATTRIBUTES = (
    "__name__",
    "__qualname__",
    "__module__",
    "__dict__",
    "__bases__",
    "__class__",
    "__slots__",
    "__orig_bases__",
    "__mro__",
)


@st.composite
def classes(draw: Any) -> Any:
    """A class whose metaclass has properties, or a __getattribute__, or compares oddly."""
    base = draw(st.sampled_from((type, abc.ABCMeta)))
    namespace: dict[str, Any] = {}
    attributes = {
        name: draw(_sometimes(st.sampled_from((*WRONG_VALUES, *CLASSES))))
        for name in draw(st.lists(st.sampled_from(METACLASS_ATTRIBUTES), max_size=2))
    }

    def answer(name: str, value: Any) -> Any:
        if isinstance(value, Alternates):
            value = value.next()
        if isinstance(value, Raises):
            raise value.error(name)
        if value is Missing:
            raise AttributeError(name)
        return value

    how = draw(st.sampled_from(("properties", "getattribute", "getattr", "no")))
    if how == "properties":
        for name, value in attributes.items():
            namespace[name] = property(
                lambda cls, name=name, value=value: (log.append(name), answer(name, value))[1]
            )
    elif how == "getattribute":

        def getattribute(cls: Any, name: str) -> Any:
            log.append(name)
            if name in attributes:
                return answer(name, attributes[name])
            return base.__getattribute__(cls, name)

        namespace["__getattribute__"] = getattribute
    elif how == "getattr":

        def getattr_(cls: Any, name: str) -> Any:
            log.append(name)
            return answer(name, attributes.get(name, Missing))

        namespace["__getattr__"] = getattr_
    compares = draw(st.sampled_from(("identity", "unhashable", "equal", "raises", "constant hash")))
    if compares == "unhashable":
        namespace["__hash__"] = None
    elif compares == "equal":
        namespace["__eq__"] = lambda cls, other: True
        namespace["__hash__"] = lambda cls: hash(types.FunctionType)
    elif compares == "raises":

        def raises(cls: Any) -> int:
            raise ZeroDivisionError("hash")

        namespace["__hash__"] = raises
    elif compares == "constant hash":
        namespace["__hash__"] = lambda cls: 7
    body = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "__slots__": st.sampled_from(((), ("a",), ["a", "b"], "a")),
                "__module__": st.sampled_from(("no_such_module", None, 5, "json", ["json"])),
                "__qualname__": st.sampled_from(("Q", "loads", "JSONDecoder")),
                "_abc_registry": st.sampled_from(((int,), [str], None, 5)),
                "__dict__": st.sampled_from((5, property(lambda self: {}))),
                "method": st.just(plain_function),
            },
        )
    )
    try:
        return type(base)("Meta", (base,), namespace)("Class", (), body)
    except (Exception, KeyboardInterrupt):
        hypothesis.reject()  # nobody could make such a class
