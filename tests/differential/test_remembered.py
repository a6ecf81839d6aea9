"""What the engine remembers of classes and code from one dump to the next, and when it no longer holds.

Each object is dumped several times, changed, and dumped again: by both picklers, byte for byte.
"""

from __future__ import annotations

import abc
import copyreg
import enum
import functools
import gc
import io
import types
from collections.abc import Callable
from typing import Any

import pytest

from tests.corpus import stock, under_test
from tests.differential.compare import explain, with_dumps

PROTOCOL = 5
Check = Callable[[Any], None]


def same(obj: Any, with_notes: bool = True) -> None:
    for _ in range(4):  # a template is made at the second dump, and followed from then on
        difference = explain(
            with_dumps(stock(), obj, PROTOCOL),
            with_dumps(under_test(), obj, PROTOCOL),
            with_notes,
        )
        assert difference is None, difference


def here(source: str, **names: Any) -> dict[str, Any]:
    """What source defines, in a module that can't be imported."""
    namespace: dict[str, Any] = {"__name__": "__main__", **names}
    exec(source, namespace)
    return namespace


def test_attribute_added_changed_removed() -> None:
    cls = here("class C:\n def f(self): return 1\n x = 1")["C"]
    same(cls)
    cls.y = 2
    same(cls)
    cls.y = [3]
    same(cls)
    cls.f = cls.__init__
    same(cls)
    del cls.x, cls.y
    same(cls)
    for name in "zyxwvutsrqponml":  # until the dict has been made anew
        setattr(cls, name, name)
        same(cls)


def test_base_takes_and_loses_the_attribute() -> None:
    made = here("class B: pass\nclass C(B): pass")
    base, cls = made["B"], made["C"]
    value = ["shared"]
    cls.x = value
    same(cls)
    base.x = value  # now inherited: not the class's own
    same(cls)
    base.x = ["another"]
    same(cls)
    del base.x
    same(cls)


def test_bases_change() -> None:
    made = here("class A: x = 1\nclass B: pass\nclass C(A): pass")
    cls = made["C"]
    cls.x = made["A"].__dict__["x"]
    same(cls)
    cls.__bases__ = (made["B"],)
    same(cls)


def test_slots_in_a_list_that_changes() -> None:
    cls = here("class C:\n __slots__ = ['a', 'b']\n c = 1")["C"]
    obj = cls()
    obj.a = 1
    same(obj)  # copyreg leaves __slotnames__ in the class
    same([cls, obj])
    cls.__slots__.append("c")
    same([cls, obj])


def test_slotnames_change() -> None:
    cls = here("class C:\n __slots__ = ('a', 'b')")["C"]
    obj = cls()
    obj.a, obj.b = [1], "two"
    same(obj)
    names = copyreg._slotnames(cls)  # type: ignore[attr-defined]
    names.remove("a")
    same(obj)
    names.append("a")
    same(obj)
    names[0] = "no such slot"
    same(obj)
    del obj.a
    same(obj)


def test_slots_then_a_method_of_pickle() -> None:
    cls = here("class C:\n __slots__ = ('a',)")["C"]
    obj = cls()
    obj.a = 1
    same(obj)
    cls.__reduce__ = lambda self: (int, (7,))
    same(obj)
    del cls.__reduce__
    same(obj)
    cls.__getstate__ = lambda self: {"a": 8}
    same(obj)
    cls.a = property(lambda self: 9)
    del cls.__getstate__
    same(obj)


def test_enum_members_by_other_names() -> None:
    cls = here("import enum\nclass E(enum.Enum):\n A = 1\n B = 2\n def f(self): return self")["E"]
    same(cls)
    cls.extra = 3
    same(cls)
    cls._member_map_ = dict(reversed(cls._member_map_.items()))
    same(cls)
    cls._member_names_.reverse()
    same(cls)
    del cls._member_names_[0]
    same(cls)


def test_enum_whose_metaclass_starts_to_answer() -> None:
    made = here(
        "import enum\nclass M(enum.EnumMeta): pass\nclass E(enum.Enum, metaclass=M):\n A = 1\n B = 2"
    )
    same(made["E"])
    made["M"].__iter__ = lambda cls: iter([cls.B])
    same(made["E"])
    del made["M"].__iter__
    same(made["E"])
    made["M"].__qualname__ = "Changed"
    same(made["E"])


def test_metaclass_starts_to_answer() -> None:
    made = here("class M(type): pass\nclass C(metaclass=M): x = 1")
    same(made["C"])
    made["M"].__getattribute__ = lambda cls, name: (
        "Other" if name == "__qualname__" else type.__getattribute__(cls, name)
    )
    same(made["C"])
    del made["M"].__getattribute__
    same(made["C"])


def test_registered_with_an_abc() -> None:
    made = here("import abc\nclass A(abc.ABC):\n @abc.abstractmethod\n def f(self): ...")
    same(made["A"])
    made["A"].register(int)
    same(made["A"])
    assert isinstance(made["A"], abc.ABCMeta)


def test_class_that_dies_and_another_at_its_place() -> None:
    for i in range(200):
        cls = here(f"class C:\n x{i % 3} = {i % 5}\n def f(self): return {i % 7}")["C"]
        copyreg._slotnames(cls)  # type: ignore[attr-defined]
        same([cls, cls()])
        del cls
        gc.collect(0)


def test_code_that_dies_and_another_at_its_place() -> None:
    for i in range(200):
        function = here(f"def f(a{i % 3}=1): return g{i % 5}, 'const{i % 7}', {i % 11}, (1, 'x')")
        same(function["f"])


def test_code_replaced() -> None:
    function = here("def f(a): return a + g\ndef h(b): return b * other")
    same(function["f"])
    function["f"].__code__ = function["h"].__code__
    same(function["f"])
    function["f"].__code__ = function["f"].__code__.replace(
        co_consts=(None, "one", ("two", b"three", 4.0, 1 << 80)), co_name="x"
    )
    same(function["f"])


def test_functions_with_the_same_constants() -> None:
    made = here("def f(a): return 'c', (1, 2), a\ndef g(a): return 'c', (1, 2), a")
    f, g = made["f"], made["g"]
    same([f, g])
    same([f.__code__.co_consts, f, g])
    same([f.__code__.co_code, f.__code__.co_linetable, f])
    same([f.__code__.co_varnames[0], f.__code__.co_filename, f, g])


@pytest.mark.parametrize("length", [100, 3000, 70_000])
def test_large_constants(length: int) -> None:
    function = here(f"def f(): return {'x' * length!r}, {b'y' * length!r}")["f"]
    same(function)
    same([function, function.__code__])


MADE = here("""
import abc, dataclasses, enum, functools, email.utils
def f(a, b=1): return g(a), 'text', b, email.utils.quote
def g(a): return a
partial = functools.partial(lambda a, b: a, 1, b=2)
class Class:
    "doc"
    def method(self): return super().method()
    prop = property(method)
class Slotted:
    __slots__ = ("first", "second")
class Enum(enum.Enum):
    A = 1
    B = "two"
class ABC(abc.ABC):
    @abc.abstractmethod
    def method(self): ...
@dataclasses.dataclass
class Data:
    a: int
    b: str = "b"
slotted = Slotted()
slotted.first, slotted.second = 1, [2]
records = [{"first": i, "second": str(i), "third": i / 2} for i in range(5)]
""")


@pytest.mark.parametrize(
    "name", ["f", "partial", "Class", "slotted", "Enum", "ABC", "Data", "records"]
)
def test_end_of_a_frame_at_any_place(name: str) -> None:
    obj = MADE[name]
    same(obj)
    size = len(stock().dumps(obj, PROTOCOL))
    for left in range(-20, size + 60, max(5, size // 100)):
        filling = 65_536 - left
        same([b"x" * (filling // 2), b"y" * (filling - filling // 2), obj])


def test_partial_changes() -> None:
    partial = functools.partial(here("f = lambda a, b: a")["f"], 1, b=2)
    same(partial)
    partial.attribute = 1  # type: ignore[attr-defined]
    same(partial)
    partial.__reduce__ = lambda: (int, (5,))  # type: ignore[method-assign]
    same(partial)


def test_keys_of_records() -> None:
    keys = ["".join(["k", str(i)]) for i in range(20)]
    records = [dict.fromkeys(keys[: i % 20], i) for i in range(60)]
    same(records)
    same([dict.fromkeys(reversed(keys)), dict.fromkeys(keys), *records])
    same([{str(i): i for i in range(5)} for _ in range(5)])
    same([{"a": 1, "b": {"a": 2, "c": {"a": 3}}}, {"a": 1, 2: 3}, {"a": "a"}])


def test_keys_of_records_after_clear_memo() -> None:
    records = [{"first": 1, "second": "x"}, {"first": 2, "second": "y"}]
    results = []
    for module in (stock(), under_test()):
        file = io.BytesIO()
        pickler = module.Pickler(file, PROTOCOL)
        for _ in range(3):
            pickler.dump(records)
            pickler.dump(["second", {"second": "first", "first": 0}])
            pickler.clear_memo()
            pickler.dump([{"second": 1, "first": 1}])
        results.append(file.getvalue())
    assert results[0] == results[1]


def test_module_attributes() -> None:
    package = types.ModuleType("differential_package")
    package.__path__ = []
    function = here("def f(): return p.below", p=package)["f"]
    same(function)
    package.__package__ = "differential_package"
    same(function)
    package.__getattr__ = lambda name: 1  # type: ignore[method-assign]
    same(function)
    assert enum.Enum


def test_getattr_of_methods_in_c(monkeypatch: pytest.MonkeyPatch) -> None:
    found = getattr
    values = [{}.get, [].append, {}.get, "text".join, object().__reduce_ex__, {}.keys]
    same(values)
    same([getattr, *values, "getattr", "builtins", getattr])
    same(["getattr", "builtins", *values, "getattr"])
    with monkeypatch.context() as changed:
        changed.setattr("builtins.getattr", lambda *args: found(*args))
        # CPython reduces a method to the function that builtins has now, whose closure
        # has the other; the engine to that one. Neither can be pickled, and the text is one.
        same(values, with_notes=False)
    with monkeypatch.context() as changed:
        changed.setitem(
            copyreg.dispatch_table, types.BuiltinFunctionType, lambda method: (str, ("method",))
        )
        same(values)
    copyreg.add_extension("builtins", "getattr", 0x7E57)
    try:
        same(values)
    finally:
        copyreg.remove_extension("builtins", "getattr", 0x7E57)
    same(values)
