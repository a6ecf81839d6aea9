"""Values of __reduce__ that the engine writes in one piece, and tables that change meanwhile."""

from __future__ import annotations

import copyreg
import functools
import io
import sys
import types
from collections import ChainMap
from collections.abc import Callable
from typing import Any

import pytest

from tests.corpus import stock, under_test
from tests.differential.compare import assert_same, with_dump, with_dumps, with_pickler

module = types.ModuleType("reduction_shapes")
SOURCE = """
import sys
from collections import OrderedDict

class Reduced:
    def __init__(self, *args):
        self.args = args

    def __reduce__(self):
        return type(self)._reduce(self)

    def _reduce(self):
        return Reduced, self.args

class Other:
    pass

class Tuple(tuple):
    pass

class Named(type):
    pass

class __newobj__:
    def __init__(self, *args):
        pass

    def __new__(cls, *args):
        return object.__new__(cls)

def function(*args):
    return Reduced(*args)

def changing(*args):
    return Reduced(*args)

class Meta(metaclass=Named):
    def __init__(self, *args):
        pass

SHARED = "".join(["sha", "red"])
KEPT = ("kept", 1)
VALUE = (Reduced, ("value",))
"""
exec(SOURCE, module.__dict__)
for kind in (
    module.Tuple,
    module.Reduced,
    module.Other,
    module.Named,
    module.__newobj__,
    module.Meta,
):
    kind.__module__ = module.__name__
for made in (module.function, module.changing):
    made.__module__ = module.__name__


@pytest.fixture(autouse=True)
def importable() -> Any:
    sys.modules[module.__name__] = module
    yield
    del sys.modules[module.__name__]


def same(make: Callable[[], Any], protocols: tuple[int, ...] = (5, 4, 2)) -> None:
    for protocol in protocols:
        for way in (with_dumps, with_dump, with_pickler):
            expected = way(stock(), make(), protocol)
            assert_same(
                expected, way(under_test(), make(), protocol), f"{way.__name__}({protocol})"
            )


def reduced(reduce: Callable[[Any], Any]) -> Callable[..., Any]:
    """A subclass of Reduced, by reference, with this reduction."""
    cls = type("Made", (module.Reduced,), {"_reduce": reduce, "__module__": module.__name__})
    module.Made = cls  # type: ignore[attr-defined]
    return cls


ATOMS = {
    "ints": (0, 255, 256),
    "negative": (-1, -(2**31), 2**31 - 1),
    "bools": (True, False, None),
    "floats": (1.5, float("inf"), -0.0),
    "texts": ("a", "", "text"),
    "shared": (module.SHARED, module.SHARED, "x"),
    "bytes": (b"", b"b", b"x" * 255),
    "long_text": ("x" * 255,),
    "longer_text": ("x" * 256,),
    "longer_bytes": (b"x" * 256,),
    "wide_text": ("é", "\u20ac" * 80),
    "large_int": (2**31,),
    "larger_int": (2**80,),
    "none": (),
    "four": (1, 2, 3, 4),
    "list": ([1],),
    "tuple": ((1,),),
    "subclasses": (type("I", (int,), {"__module__": "nowhere"}),),
    "class": (int,),
}


@pytest.mark.parametrize("atoms", sorted(ATOMS))
@pytest.mark.parametrize("callable", ["Reduced", "function", "__newobj__", "Meta", "OrderedDict"])
def test_arguments(atoms: str, callable: str) -> None:
    make = getattr(module, callable)
    cls = reduced(lambda self: (make, (*self.args,)))
    same(lambda: [cls(*ATOMS[atoms]) for _ in range(4)] + [make, cls(*ATOMS[atoms])])


VALUES: dict[str, Callable[[Any], Any]] = {
    "with_a_state": lambda self: (module.Reduced, (1,), {"a": 1}),
    "with_none": lambda self: (module.Reduced, (1,), None),
    "of_one": lambda self: (module.Reduced,),
    "the_same_value": lambda self: module.VALUE,
    "the_same_arguments": lambda self: (module.Reduced, module.KEPT),
    "own_arguments": lambda self: (module.Reduced, self.args),
    "a_list": lambda self: [module.Reduced, (1,)],
    "arguments_in_a_list": lambda self: (module.Reduced, [1]),
    "no_callable": lambda self: (module.KEPT, (1,)),
    "name": lambda self: "Reduced",
    "subclass_of_tuple": lambda self: module.Tuple((module.Reduced, (1,))),
    "arguments_of_a_subclass": lambda self: (module.Reduced, module.Tuple((1,))),
    "itself": lambda self: (module.function, (self,)),
    "newobj": lambda self: (copyreg.__newobj__, (module.Other,)),  # type: ignore[attr-defined]
}


@pytest.mark.parametrize("value", sorted(VALUES))
def test_values(value: str) -> None:
    cls = reduced(VALUES[value])
    same(lambda: [module.KEPT, [cls("a", 1) for _ in range(3)], module.KEPT, module.VALUE])


def test_frames() -> None:
    cls = reduced(lambda self: (module.Reduced, (*self.args,)))
    same(lambda: [cls("x" * 200, i, "y" * (i % 250)) for i in range(2000)], (5, 4))


def test_name_that_changes() -> None:
    """save_reduce asks the callable for its name each time."""

    def reduce(self: Any) -> Any:
        module.changing.__name__ = self.args[0]
        return module.changing, (module.Other, 1)

    cls = reduced(reduce)
    names = ["changing", "changing", "__newobj__", "changing", "__newobj_ex__", "changing"]
    same(lambda: [cls(name) for name in names])
    same(lambda: [cls(name) for name in names if name != "__newobj_ex__"])


@pytest.mark.parametrize("depth", [180, 195, 198, 199, 200, 201, 202, 400])
def test_nested(depth: int) -> None:
    cls = reduced(lambda self: (module.Reduced, (*self.args,)))

    def make() -> Any:
        value: Any = cls(1)
        for _ in range(depth):
            value = [value, cls(2)]
        return value

    same(make)


@pytest.mark.parametrize("changes", ["copyreg", "class_table", "own_table", "maps"])
def test_table_that_changes_in_between(changes: str) -> None:
    """A type that had no reducer gets one, and loses it."""

    def reducer(o: Any) -> Any:
        return module.function, ("by table",)

    def dump(picklers: types.ModuleType) -> Any:
        class Pickler(picklers.Pickler):  # type: ignore[misc, name-defined]
            dispatch_table = ChainMap({}, picklers.Pickler.dispatch_table)

        file = io.BytesIO()
        pickler = Pickler(file)
        if changes == "own_table":
            pickler.dispatch_table = ChainMap({}, Pickler.dispatch_table)
        table: Any = pickler.dispatch_table
        if changes == "copyreg":
            table = copyreg.dispatch_table

        def reduce(self: Any) -> Any:
            if changes == "maps":
                if self.args[0]:
                    table.maps.insert(0, {module.Other: reducer})
                else:
                    del table.maps[0]
            elif self.args[0]:
                table[module.Other] = reducer
            else:
                del table[module.Other]
            return module.function, (self.args[0],)

        cls = reduced(reduce)
        other = module.Other
        pickler.dump(
            [other(), other(), cls(True), other(), other(), cls(False), other(), cls(True), other()]
            + [cls(False), other()]
        )
        return file.getvalue()

    assert dump(under_test()) == dump(stock())


def test_key_that_changes_the_table() -> None:
    """A key is asked whether it equals a type, and puts that into an earlier dict."""

    class Odd:
        def __init__(self, table: dict[Any, Any]) -> None:
            self.table = table

        def __hash__(self) -> int:
            return hash(module.Other)

        def __eq__(self, other: object) -> bool:
            if other is module.Other:
                self.table[module.Other] = lambda o: (module.function, ("late",))
            return False

    def dump(picklers: types.ModuleType) -> bytes:
        first: dict[Any, Any] = {}
        file = io.BytesIO()
        pickler = picklers.Pickler(file)
        pickler.dispatch_table = ChainMap(first, {Odd(first): None}, pickler.dispatch_table)
        pickler.dump([module.Other(), module.Other(), module.Other()])
        return file.getvalue()

    assert dump(under_test()) == dump(stock())


class Counted:
    """A file that counts how often its write is asked for."""

    def __init__(self) -> None:
        self.asked = 0
        self.chunks: list[bytes] = []

    @property
    def write(self) -> Any:
        self.asked += 1
        return self.chunks.append


@pytest.mark.parametrize("derive", [False, True])
def test_write_is_asked_for_once(derive: bool) -> None:
    """On the portable path twice: what CPython's Pickler has found can't be seen there."""

    def asked(picklers: types.ModuleType) -> tuple[int, bytes]:
        file = Counted()
        base = picklers.Pickler
        pickler = type("Derived", (base,), {})(file) if derive else base(file)
        pickler.dump([1, "a"])
        pickler.dump(lambda: 0)
        return file.asked, b"".join(bytes(c) for c in file.chunks[:1])

    times, payload = asked(stock())
    assert times == 1
    engine = getattr(under_test(), "engine_info", dict)()
    if engine.get("path") == "portable":
        times = 2
    assert asked(under_test()) == (times, payload)


def test_partials() -> None:
    class Sub(functools.partial):  # type: ignore[type-arg]
        pass

    plain = functools.partial(int, "7", base=8)
    attributed = functools.partial(int, "7")
    attributed.name = "text"  # type: ignore[attr-defined]
    hiding = functools.partial(int)
    hiding.__reduce__ = lambda: (int, ())  # type: ignore[method-assign]
    hiding_ex = functools.partial(int)
    hiding_ex.__reduce_ex__ = lambda protocol: (int, (3,))  # type: ignore[method-assign]
    nested = functools.partial(plain, functools.partial(max, plain.keywords))
    for o in (plain, attributed, hiding, hiding_ex, nested, functools.partial(lambda x: x, 1)):
        same(lambda o=o: [o, o, o.args, o.keywords])
    own = functools.partial(print)
    own.__setstate__((print, (own, [own]), {"own": own}, None))
    same(lambda: own)


def test_iterators_that_raise() -> None:
    """The first two items of a batch come together."""

    def items(n: int, fails: bool) -> Any:
        yield from ((i, [i]) for i in range(n))
        if fails:
            raise LookupError(n)

    for n in (0, 1, 2, 3, 999, 1000, 1001, 1002):
        for fails in (False, True):
            lists = reduced(lambda self, n=n, f=fails: (list, (), None, items(n, f)))
            dicts = reduced(lambda self, n=n, f=fails: (dict, (), None, None, items(n, f)))
            same(lambda a=lists, b=dicts: [a(), a()])
            same(lambda a=lists, b=dicts: [b(), b()])
