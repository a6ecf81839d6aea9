"""One object of each kind that a dump treats differently, and with callbacks that can fail."""

from __future__ import annotations

import abc
import array
import collections
import dataclasses
import enum
import functools
import itertools
import logging
import pickle
import types
import typing
import weakref
from collections.abc import Callable
from typing import Any

KINDS: dict[str, Callable[[], Any]] = {}


def kind(function: Callable[[], Any]) -> Callable[[], Any]:
    KINDS[function.__name__] = function
    return function


class Reduced:
    """Anything made by __reduce__; fail is set by tests of failures."""

    count = 0
    fail_at = -1

    def __init__(self, value: Any = 5) -> None:
        self.value = value

    def __reduce__(self) -> Any:
        Reduced.count += 1
        if Reduced.count == Reduced.fail_at:
            raise ZeroDivisionError("as asked for")
        return list, (), None, iter([self.value, [self.value]])


@kind
def records() -> Any:
    return [
        {"number": i, "text": f"text {i}", "nested": (i, [i, None, True, 1.5])} for i in range(20)
    ]


@kind
def strings() -> Any:
    return [
        "ascii text",
        "latin \xe9",
        "wide \u20ac",
        "wider \U0001f600",
        "lone \udc80",
        "x" * 70_000,
        "",
        "a",
    ]


@kind
def numbers() -> Any:
    return [0, 255, 65536, -1, 2**31, -(2**63), 10**40, -(10**400), 1.5, float("inf"), 1j, True]


@kind
def binary() -> Any:
    return [
        b"",
        b"short",
        b"x" * 300,
        b"y" * 70_000,
        bytearray(b"z" * 100),
        bytearray(b"z" * 70_000),
        memoryview(b"m"),
    ]


@kind
def buffers() -> Any:
    return [
        pickle.PickleBuffer(b"read only"),
        pickle.PickleBuffer(bytearray(b"w" * 100)),
        array.array("i", [1, 2]),
    ]


@kind
def sets() -> Any:
    return [{1, 2, (3,)}, frozenset([4, (5, "six")]), set(), frozenset()]


@kind
def recursive() -> Any:
    a: list[Any] = [1]
    t = (a, {"a": a})
    a.append(t)
    return [t, a]


@kind
def function() -> Any:
    return lambda x, y=[1], *, z={"a": 1}: (x, y, z, Reduced, itertools, KINDS)


@kind
def closure() -> Any:
    a, b = ["captured"], Reduced()
    return lambda: (a, b)


@kind
def recursive_function() -> Any:
    def even(n: int) -> Any:
        return n == 0 or odd(n - 1)

    def odd(n: int) -> Any:
        return n != 0 and even(n - 1)

    even.attribute = [Reduced(), "text"]  # type: ignore[attr-defined]
    return even


@kind
def generator_function() -> Any:
    def count(n: int) -> typing.Iterator[int]:
        """Some text."""
        yield from range(n)

    return count


@kind
def code() -> Any:
    return compile("x = [i for i in range(10)]", "file", "exec")


@kind
def plain_class() -> Any:
    class Plain:
        attribute = [1, Reduced()]

        def method(self) -> Any:
            return super().__init__()

        @classmethod
        def made(cls) -> Any:
            return cls()

        @staticmethod
        def static() -> int:
            return 1

        @property
        def computed(self) -> int:
            return 1

    return Plain


@kind
def slots() -> Any:
    class Slots:
        __slots__ = ("a", "b")

    s = Slots()
    s.a, s.b = [1], Reduced()  # type: ignore[attr-defined]
    return [Slots, s]


@kind
def dataclass() -> Any:
    @dataclasses.dataclass
    class Point:
        x: int
        y: list[int] = dataclasses.field(default_factory=list)

    return [Point, Point(1)]


@kind
def enumeration() -> Any:
    class Color(enum.Enum):
        RED = 1
        GREEN = "green"

    return [Color, Color.RED]


@kind
def abstract() -> Any:
    class Base(abc.ABC):
        @abc.abstractmethod
        def method(self) -> None: ...

    class Registered:
        pass

    Base.register(Registered)
    return [Base, Registered]


@kind
def metaclass() -> Any:
    class Meta(type):
        def __call__(cls, *args: Any) -> Any:
            return super().__call__(*args)

    class WithMeta(metaclass=Meta):
        x = 1

    return [WithMeta, WithMeta()]


@kind
def generic() -> Any:
    T = typing.TypeVar("T")

    class Box(typing.Generic[T]):
        pass

    return [Box, Box[int], T]


@kind
def instances() -> Any:
    class A:
        def __init__(self, n: int) -> None:
            self.n, self.s = n, Reduced(n)

    class WithState(A):
        def __getstate__(self) -> Any:
            return {"n": self.n}

    return [A(1), A(2), WithState(3)]


@kind
def methods() -> Any:
    class A:
        def method(self) -> None: ...

    return [A().method, [].append, "text".join, int.from_bytes, A.method]


@kind
def partials() -> Any:
    return [functools.partial(lambda a, b: a, 1, b=[Reduced()]), functools.partial(int, base=2)]


@kind
def cells() -> Any:
    x, cell = ["content"], types.CellType()
    return [(lambda: x).__closure__[0], cell]  # type: ignore[index]


@kind
def dynamic_module() -> Any:
    module = types.ModuleType("robust_dynamic")
    module.f = lambda: 1  # type: ignore[attr-defined]
    module.r = Reduced()  # type: ignore[attr-defined]
    return [module, itertools, collections.abc]


@kind
def views() -> Any:
    d = {"a": [1], "b": 2}
    o = collections.OrderedDict(d)
    return [d.keys(), d.values(), d.items(), o.keys(), o.items(), types.MappingProxyType(d)]


@kind
def collections_() -> Any:
    pair = collections.namedtuple("pair", "a b")  # type: ignore[misc]
    return [
        collections.deque([1, [2]]), collections.defaultdict(list, a=[1]), collections.OrderedDict(a=1),
        collections.Counter("abc"), collections.ChainMap({}, {}), pair(1, [2]),
    ]  # fmt: skip


@kind
def reduced() -> Any:
    return [Reduced(i) for i in range(5)]


@kind
def rare() -> Any:
    return [
        logging.getLogger("robust"),
        property(lambda self: 1),
        classmethod(len),
        ...,
        NotImplemented,
        type(None),
        range(3),
    ]


@kind
def weak_set() -> Any:
    class A:
        pass

    kept = [A(), A()]
    return [weakref.WeakSet(kept), kept][:1] + [A]
