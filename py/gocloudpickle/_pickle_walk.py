"""Where an object is that CPython's pickler could not pickle: the python path's trail.

That pickler does not tell where it was. So its way is gone again, in its order, until
the object that it asked about last is met. The object's own reducers are not called for that
where it can be told without them what is in an object: a second call could have
effects. Only where nothing else leads to the culprit, the methods of pickle's protocol that
classes define in Python are called; never the functions of a dispatch table.
"""

from __future__ import annotations

import types
from itertools import islice

from gocloudpickle import _pickle_trail as trail
from gocloudpickle._pickle_path import is_class
from gocloudpickle._pickle_trail import Place

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    Part = tuple[Place, Any]

MAX_OBJECTS = 200_000  # that are looked at: some tenths of a second
TOO_DEEP = 10_000  # for any pickler
MAX_CALLS = 100  # of methods in Python

NOTHING: Any = object()

_ATOMS = frozenset(map(id, (str, int, float, bool, bytes, complex, type(None), bytearray)))


class Reducers:
    """What a Pickler calls to reduce objects, without what could have effects."""

    def __init__(self, pickler: Any) -> None:
        import sys

        from gocloudpickle import _python_path

        self._pickler = pickler
        own = object.__getattribute__(pickler, "__dict__")
        protocol = own.get("proto")
        self.protocol = protocol if type(protocol) is int else _python_path.HIGHEST_PROTOCOL
        reducer_override = getattr(type(pickler), "reducer_override", None)
        namespace = getattr(reducer_override, "__globals__", {}).get("__name__", "")
        self.namespace: Any = sys.modules.get(namespace)
        if not hasattr(self.namespace, "_make_function"):
            from gocloudpickle import _modules

            self.namespace = _modules.namespace()
        self._table = _python_path.dispatch_table_of(pickler)
        self._beyond = getattr(type(pickler), "_beyond", None)

    def has_memoized(self, obj: Any) -> bool:
        """Tell whether the pickler has got so far as to memoize an object."""
        from gocloudpickle import _python_path

        base = _python_path.Base
        memo = base.memo
        if not hasattr(memo, "__get__"):
            return id(obj) in self._pickler.memo
        # A Pickler whose __init__ has failed has no memo, and CPython's memo.copy() crashes. Its
        # size tells (_pickle.c, Pickler___sizeof___impl).
        if base.__sizeof__(self._pickler) <= type(self._pickler).__basicsize__:
            return False
        return id(obj) in memo.__get__(self._pickler).copy()

    def reduce(self, obj: Any, cls: type) -> Any:
        """Return what a dispatch table's reducer gives, NotImplemented where there is none.

        None where one is somebody's own.
        """
        from gocloudpickle._reducers import Reducer

        if self._beyond is not None:
            value = self._beyond.reduce(self._pickler, obj)
            if value is not NotImplemented:
                return value
        reducer = self._table.get(cls)
        if reducer is None:
            return NotImplemented
        if type(reducer) is Reducer or _is_of_stock(reducer):
            return reducer(obj)
        return None


def _is_of_stock(reducer: Any) -> bool:
    if type(reducer) is types.FunctionType:
        module = reducer.__module__
        return module in ("copyreg", "re") or str(module).endswith("cloudpickle")
    return type(reducer) in _IN_C


def find(reducers: Reducers, obj: Any, culprit: Any) -> tuple[list[Place] | None, Any]:
    """Return the places from obj to a culprit, and the culprit.

    None for the places says that they aren't found, None for the culprit that they lead to
    the one object that it must be in. NOTHING for the culprit stands for what is nested deepest.
    """
    for calls in (0, MAX_CALLS):
        walk = _Walk(reducers, calls)
        found = walk.find(obj, culprit)
        if culprit is NOTHING:
            return found, None
        if found is not None:
            return found, culprit
    return walk.opaque[0] if len(walk.opaque) == 1 else None, None


class _Walk:
    def __init__(self, reducers: Reducers, calls: int) -> None:
        self._reducers, self._calls = reducers, calls
        self._places: list[Place] = []
        self.opaque: list[list[Place]] = []  # the ways to what can't be looked into
        self._seen: dict[int, Any] = {}  # by id, which is theirs while they are here
        self._likely: list[Place] | None = None  # the way to what could be the culprit's like

    def find(self, obj: Any, culprit: Any) -> list[Place] | None:
        if obj is culprit:
            return []
        places = self._places
        deepest: list[Place] = []
        self._seen[id(obj)] = obj
        ways = [iter(self._parts(obj))]
        while ways:
            part = next(ways[-1], None)
            if part is None:
                # Seldom, since it copies: what is almost as deep will do.
                if culprit is NOTHING and len(places) > len(deepest) * 9 // 8:
                    deepest = places.copy()
                ways.pop()
                if places:
                    places.pop()
                continue
            place, value = part
            if value is culprit:
                return [*places, place]
            if self._calls and self._likely is None and type(value) is type(culprit):
                self._likely = [*places, place]  # made anew by the second call
            if id(type(value)) in _ATOMS or id(value) in self._seen:
                continue
            if len(self._seen) >= MAX_OBJECTS or culprit is NOTHING and len(places) > TOO_DEEP:
                break
            self._seen[id(value)] = value
            places.append(place)
            ways.append(iter(self._parts(value)))
        deepest = max(deepest, places, key=len)
        return deepest if culprit is NOTHING else self._likely

    def _parts(self, obj: Any) -> Iterable[Part]:
        """Return what is saved for an object, in order, each with its place."""
        cls = type(obj)
        if cls is list or cls is tuple:
            return _items(obj, obj)
        if cls is dict:
            return _pairs(obj, obj.items())
        if cls is set or cls is frozenset:
            return [(Place(trail.ELEMENT, 0, obj), item) for item in obj]
        value = self._reduced(obj, cls)
        if type(value) is not tuple or not 2 <= len(value) <= 6:
            return ()
        return _of_reduced(obj, value, self._reducers.protocol)

    def _reduced(self, obj: Any, cls: type) -> Any:
        """Return what the pickler has got for an object, or None where that can't be told."""
        from gocloudpickle import _bind

        reducers = self._reducers
        try:
            if is_class(obj) or cls is types.FunctionType:
                return _bind.reduce(reducers.namespace, {}, obj, False)
            value = reducers.reduce(obj, cls)
            if value is None:
                self.opaque.append(self._places.copy())
            if value is not NotImplemented:
                return value
            if not is_in_c(cls):
                if not self._calls:
                    return None
                self._calls -= 1
            return obj.__reduce_ex__(reducers.protocol)
        except Exception:
            return None


def _items(owner: Any, items: Iterable[Any]) -> Iterator[Part]:
    for index, item in enumerate(items):
        yield Place(trail.INDEX, index, owner), item


def _pairs(owner: Any, pairs: Iterable[tuple[Any, Any]]) -> Iterator[Part]:
    for key, value in list(pairs):
        yield Place(trail.KEY, 0, owner), key
        yield Place(trail.VALUE, 0, owner, key), value


def _of_reduced(obj: Any, value: tuple[Any, ...], protocol: int) -> Iterator[Part]:
    """Yield what save_reduce in Modules/_pickle.c saves."""
    function, args, state, items, pairs, setter = (*value, None, None, None, None)[:6]
    name = getattr(function, "__name__", "")
    if name == "__newobj__" and type(args) is tuple and args:
        yield Place(trail.CLASS, 0, obj), args[0]
        yield Place(trail.NEW_ARGUMENTS, 0, obj), args[1:]
    elif name == "__newobj_ex__" and protocol < 4 and len(args) == 3:
        import functools

        cls, positional, named = args
        made = functools.partial(cls.__new__, cls, *positional, **named)
        yield Place(trail.RECONSTRUCTOR, 0, obj), made
    elif name == "__newobj_ex__" and len(args) == 3:
        yield Place(trail.CLASS, 0, obj), args[0]
        yield Place(trail.NEW_ARGUMENTS, 0, obj), args[1]
        yield Place(trail.NEW_ARGUMENTS, 0, obj), args[2]
    else:
        yield Place(trail.RECONSTRUCTOR, 0, obj), function
        yield Place(trail.ARGUMENTS, 0, obj), args
    if items is not None:
        yield from _items(obj, islice(items, MAX_OBJECTS))
    if pairs is not None:
        yield from _pairs(obj, islice(pairs, MAX_OBJECTS))
    if setter is not None:
        yield Place(trail.SETTER, 0, obj), setter
    if state is not None:
        yield Place(trail.STATE, 0, obj), state


_IN_C = (
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.BuiltinFunctionType,
    types.ClassMethodDescriptorType,
)
_PROTOCOL = (
    "__reduce_ex__",
    "__reduce__",
    "__getstate__",
    "__getnewargs__",
    "__getnewargs_ex__",
    "__getattribute__",
    "__getattr__",
    "__iter__",
    "items",
    "__class__",
)
_own_mro = type.__dict__["__mro__"].__get__
_own_dict = type.__dict__["__dict__"].__get__


def is_in_c(cls: type) -> bool:
    """Tell whether __reduce_ex__ of an instance runs no code that its class has in Python."""
    for name in _PROTOCOL:
        if name in ("__iter__", "items") and not issubclass(cls, (list, dict)):
            continue
        for base in _own_mro(cls):
            found = _own_dict(base).get(name)
            if found is not None:
                if name == "__class__" and base is object:
                    break
                if type(found) not in _IN_C:
                    return False
                break
    return True
