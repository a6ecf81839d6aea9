"""Objects that can't be pickled, deep in others, each with the path to it.

This is run as __main__, so that what it defines goes by value.
"""

from __future__ import annotations

import collections
import copyreg
import enum
import functools
import os
import socket
import sqlite3
import sys
import threading
import types
import zlib
from dataclasses import dataclass, field
from typing import Any

LOCK = threading.Lock()


class Guard:
    def __init__(self, lock: Any) -> None:
        self.lock = lock


class Session:
    def __init__(self) -> None:
        self.name = "s"
        self.guard = threading.Lock()


class Client:
    def __init__(self) -> None:
        self.session = Session()


def make_agent() -> Any:
    client = Client()

    def agent_fn(question: str) -> Any:
        return client, question

    return agent_fn


SHARED = Client()


def uses_global() -> Any:
    return SHARED


def calls_another() -> Any:
    return uses_global()


def with_default(a: Any, b: Any = 1, c: Any = LOCK) -> Any:
    return a, b, c


def with_keyword_default(*, timeout: int = 1, lock: Any = LOCK) -> Any:
    return timeout, lock


def with_attribute() -> None: ...


with_attribute.cache = {"lock": LOCK}  # type: ignore[attr-defined]


def annotated(a: int) -> None: ...


annotated.__annotations__ = {"a": LOCK}


def in_generator() -> Any:
    yield 1


async def in_coroutine() -> None: ...


def recursive() -> Any:
    def outer(n: int) -> Any:
        return outer(n - 1) if n else lock

    lock = LOCK
    return outer


def nested_functions() -> Any:
    connection = sqlite3.connect(":memory:")

    def query() -> Any:
        def run() -> Any:
            return connection

        return run

    return query


class Slotted:
    __slots__ = ("first", "second")

    def __init__(self) -> None:
        self.first, self.second = 1, [threading.Lock()]


class SlottedAndDict(Slotted):
    def __init__(self) -> None:
        super().__init__()
        self.second = 2
        self.third = threading.Lock()


class HasClassAttribute:
    registry = {"a": LOCK}


class HasMethod:
    def method(self, lock: Any = LOCK) -> Any:
        return lock


class HasProperty:
    @property
    def value(self) -> Any:
        return SHARED


class HasStatic:
    @staticmethod
    def make(lock: Any = LOCK) -> Any:
        return lock


class Base:
    lock = LOCK


class Derived(Base):
    pass


class Reduced:
    def __reduce__(self) -> Any:
        return Guard, (1, threading.Lock())


class ReducedState:
    def __init__(self, state: Any) -> None:
        self.state = state

    def __reduce__(self) -> Any:
        return object, (), self.state


class GetsState:
    def __getstate__(self) -> Any:
        return {"lock": threading.Lock()}


class NewArguments:
    def __new__(cls, *args: Any) -> Any:
        return super().__new__(cls)

    def __getnewargs__(self) -> Any:
        return (1, threading.Lock())


class NewArgumentsByName(NewArguments):
    def __new__(cls, *args: Any, **named: Any) -> Any:
        return super().__new__(cls)

    def __getnewargs_ex__(self) -> Any:
        return (1,), {"lock": threading.Lock()}


class Raises:
    def __reduce__(self) -> Any:
        raise ValueError("not today")


class RaisesInState:
    def __getstate__(self) -> Any:
        raise KeyError("gone")


class ReturnsNonsense:
    def __reduce__(self) -> Any:
        return 7


class ReturnsShortTuple:
    def __reduce__(self) -> Any:
        return (Guard,)


class OwnList(list):
    pass


class OwnDict(dict):
    pass


class Registered:
    pass


def reduce_registered(obj: Registered) -> Any:
    return Registered, (), {"lock": LOCK}


class Color(enum.Enum):
    RED = LOCK


class Named(collections.namedtuple("Named", "left right")):
    pass


@dataclass
class Config:
    name: str = "c"
    clients: list = field(default_factory=list)


def dynamic_module() -> types.ModuleType:
    module = types.ModuleType("made_here")
    module.lock = LOCK  # type: ignore[attr-defined]
    return module


def with_cell(value: Any) -> Any:
    return types.CellType(value)


def self_containing() -> Any:
    items: list[Any] = [1]
    items.append({"items": items, "lock": LOCK})
    return items


def seen_before() -> Any:
    client = [1, 2]
    return [client, client, {"again": client, "bad": (client, LOCK)}]


class Callback:
    def on_event(self) -> None: ...

    def __init__(self) -> None:
        self.lock = threading.Lock()


def decorated() -> Any:
    def wrapped() -> None: ...

    @functools.wraps(wrapped)
    def wrapper() -> Any:
        return wrapped, LOCK

    return wrapper


CASES: list[tuple[Any, str]] = [
    (make_agent(), "make_agent.<locals>.agent_fn -> closure 'client' -> Client.session -> Session.guard"),
    (uses_global, "uses_global -> global 'SHARED' -> Client.session -> Session.guard"),
    (calls_another, "calls_another -> global 'uses_global' -> global 'SHARED' -> Client.session -> Session.guard"),
    (with_default, "with_default -> default 'c'"),
    (with_keyword_default, "with_keyword_default -> default 'lock'"),
    (with_attribute, "with_attribute -> with_attribute.cache -> key 'lock'"),
    (annotated, "annotated -> annotation 'a'"),
    (recursive(), "recursive.<locals>.outer -> closure 'lock'"),
    (nested_functions(), "nested_functions.<locals>.query -> closure 'connection'"),
    (decorated(), "decorated.<locals>.wrapped -> global 'LOCK'"),
    (lambda: LOCK, "<lambda> -> global 'LOCK'"),
    ([1, 2, LOCK], "list -> index 2"),
    ((1, (2, LOCK)), "tuple -> index 1 -> index 1"),
    ((1, 2, 3, 4, LOCK), "tuple -> index 4"),
    (list(range(2500)) + [LOCK], "list -> index 2500"),
    ({"a": {"b": LOCK}}, "dict -> key 'a' -> key 'b'"),
    ({str(i): i for i in range(1500)} | {"last": LOCK}, "dict -> key 'last'"),
    ({("x", 1): LOCK}, "dict -> key ('x', 1)"),
    ({1: {2.5: {None: LOCK}}}, "dict -> key 1 -> key 2.5 -> key None"),
    ({b"k": LOCK}, "dict -> key b'k'"),
    ({LOCK: 1}, "dict -> a key of type lock"),
    ({frozenset(): LOCK}, "dict -> key of type frozenset"),
    ({LOCK}, "set -> item of type lock"),
    (frozenset([LOCK]), "frozenset -> item of type lock"),
    (LOCK, "lock"),
    (Client(), "Client -> Client.session -> Session.guard"),
    (Slotted(), "Slotted -> Slotted.second -> index 0"),
    (SlottedAndDict(), "SlottedAndDict -> SlottedAndDict.third"),
    (HasClassAttribute(), "HasClassAttribute -> class -> HasClassAttribute.registry -> key 'a'"),
    (HasMethod, "HasMethod -> HasMethod.method -> default 'lock'"),
    (HasProperty, "HasProperty -> HasProperty.value -> property.fget -> global 'SHARED' -> Client.session -> Session.guard"),
    (HasStatic, "HasStatic -> HasStatic.make -> staticmethod.__func__ -> default 'lock'"),
    (Derived, "Derived -> base 'Base' -> Base.lock"),
    (Color, "Color -> Color.RED"),
    (Reduced(), "Reduced -> argument 1"),
    (ReducedState({"lock": LOCK}), "ReducedState -> ReducedState.lock"),
    (ReducedState([LOCK]), "ReducedState -> state -> index 0"),
    (ReducedState(LOCK), "ReducedState -> state"),
    (GetsState(), "GetsState -> GetsState.lock"),
    (NewArguments(), "NewArguments -> argument 1"),
    (NewArgumentsByName(), "NewArgumentsByName -> argument lock"),
    (Raises(), "Raises"),
    ({"r": [RaisesInState()]}, "dict -> key 'r' -> index 0"),
    ([ReturnsNonsense()], "list -> index 0"),
    ([ReturnsShortTuple()], "list -> index 0"),
    (OwnList([1, LOCK]), "OwnList -> index 1"),
    (OwnDict(a=LOCK), "OwnDict -> key 'a'"),
    (collections.deque([1, LOCK]), "deque -> index 1"),
    (collections.OrderedDict(a=1, b=LOCK), "OrderedDict -> key 'b'"),
    (collections.defaultdict(list, k=[LOCK]), "defaultdict -> key 'k' -> index 0"),
    (Registered(), "Registered -> Registered.lock"),
    (Named(1, [LOCK]), "Named -> argument 1 -> index 0"),
    (Config(clients=[Client()]), "Config -> Config.clients -> index 0 -> Client.session -> Session.guard"),
    (types.SimpleNamespace(a=[LOCK]), "SimpleNamespace -> SimpleNamespace.a -> index 0"),
    (functools.partial(uses_global), "partial -> function -> global 'SHARED' -> Client.session -> Session.guard"),
    (functools.partial(print, 1, LOCK), "partial -> argument 1"),
    (functools.partial(print, end=LOCK), "partial -> argument end"),
    (Callback().on_event, "method -> method.__self__ -> Callback.lock"),
    ([LOCK].append, "builtin_function_or_method -> builtin_function_or_method.__self__ -> index 0"),
    (types.MappingProxyType({"a": LOCK}), "mappingproxy -> key 'a'"),
    (with_cell(LOCK), "cell -> contents"),
    (dynamic_module(), "made_here -> made_here.lock"),
    (self_containing(), "list -> index 1 -> key 'lock'"),
    (seen_before(), "list -> index 2 -> key 'bad' -> index 1"),
    ({"f": [in_generator()]}, "dict -> key 'f' -> index 0"),
    (Guard(socket.socket()), "Guard -> Guard.lock"),
    (Guard(open(os.devnull, "wb")), "Guard -> Guard.lock"),
    (Guard(zlib.compressobj()), "Guard -> Guard.lock"),
    (Guard(threading.Event()), "Guard -> Guard.lock -> Event._cond -> Condition._lock"),
    (Guard(sys._getframe()), "Guard -> Guard.lock"),
]  # fmt: skip

copyreg.pickle(Registered, reduce_registered)
