"""Classes and instances that Python code changes while they are being dumped."""

from __future__ import annotations

import abc
import enum
import gc
import pickle
from types import ModuleType
from typing import Any

from tests.robust.scenarios.acting import acting, registering
from tests.robust.scenarios.batch import Case, own
from tests.robust.scenarios.hooks import through

CASES: dict[str, Case] = {}
case = registering(CASES)


@case
def class_attributes_change(m: ModuleType) -> bytes:
    class C:
        a: Any
        b = ["only here"]
        c = ("only", ["here"])

        def method(self) -> Any:
            return 1

    def change() -> None:
        del C.b
        C.c = "other"  # type: ignore[assignment]
        C.method = lambda self: 2  # type: ignore[method-assign]
        C.new = ["new"]  # type: ignore[attr-defined]
        gc.collect()

    C.a = acting(change)
    return m.dumps([C, C])


@case
def class_bases_change(m: ModuleType) -> bytes:
    class A:
        in_a = ["only here"]

    class B:
        pass

    class C(A):
        in_c = None

    def change() -> None:
        C.__bases__ = (B,)

    A.in_a.append(acting(change))  # type: ignore[arg-type]
    bases = [A]
    del A
    try:
        return m.dumps([C, B])
    finally:
        bases.clear()


@case
def class_freed_by_its_attribute(m: ModuleType) -> bytes:
    class C:
        a: Any
        b = ["only here"]

    held = [C, C()]
    C.a = acting(lambda: (held.clear(), gc.collect()))
    del C
    return m.dumps(held)


@case
def instance_changes_class_in_reduce(m: ModuleType) -> bytes:
    class A:
        def __reduce_ex__(self, protocol: int) -> Any:
            self.__class__ = B  # type: ignore[assignment]
            gc.collect()
            return object.__reduce_ex__(self, protocol)

    class B:
        pass

    a = A()
    a.x = ["x"]  # type: ignore[attr-defined]
    del A
    return m.dumps([a, a])


@case
def instance_changes_class_in_reducer_override(m: ModuleType) -> bytes:
    class A:
        pass

    class B:
        pass

    class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
        def reducer_override(self, obj: Any) -> Any:
            if type(obj).__name__ == "A":
                obj.__class__ = B
                gc.collect()
            return super().reducer_override(obj)

    a: Any = A()
    a.x = ["x"]
    del A
    return through(Pickler)([a, a])


@case
def instance_changes_class_in_the_dispatch_table(m: ModuleType) -> bytes:
    class A:
        pass

    class B:
        pass

    class Table(dict):  # type: ignore[type-arg]
        def __getitem__(self, key: Any) -> Any:
            if key.__name__ == "A":
                del key
                a.__class__ = B
                gc.collect()
                raise KeyError("A")
            return m.Pickler.dispatch_table[key]

    class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
        dispatch_table = Table()

    a: Any = A()
    a.x = ["x"]
    del A
    return through(Pickler)([a, a])


@case
def instance_dict_replaced(m: ModuleType) -> bytes:
    class A:
        pass

    a: Any = A()
    a.x = acting(lambda: (setattr(a, "__dict__", {"other": 1}), gc.collect()))
    a.y = ["only here"]
    a.z = ("only", ["here"])
    return m.dumps([a, a])


@case
def instance_attributes_deleted_one_by_one(m: ModuleType) -> bytes:
    class A:
        pass

    a: Any = A()
    a.one, a.two, a.three = (
        acting(lambda: delattr(a, "two")),
        ["two"],
        acting(lambda: setattr(a, "four", [4])),
    )
    return m.dumps(a)


@case
def instance_emptied_while_its_class_is_saved(m: ModuleType) -> bytes:
    class A:
        trigger: Any = None

    a: Any = A()
    a.x = ["only here"]
    A.trigger = acting(lambda: a.__dict__.clear())
    return m.dumps([a, a])


@case
def instance_filled_while_its_class_is_saved(m: ModuleType) -> bytes:
    class A:
        trigger: Any = None

    a: Any = A()
    A.trigger = acting(lambda: a.__dict__.update(x=[1], y=[2]))
    return m.dumps([a, a])


@case
def slots_change(m: ModuleType) -> bytes:
    class A:
        __slots__ = ("one", "two", "three")

    a: Any = A()
    a.one, a.two, a.three = acting(lambda: delattr(a, "two")), ["only here"], ["three"]
    return m.dumps([a, a])


@case
def abc_registry_changes(m: ModuleType) -> bytes:
    class Base(abc.ABC):
        trigger: Any = None

    class Sub:
        pass

    class Late:
        pass

    Base.register(Sub)
    Base.trigger = acting(lambda: (Base.register(Late), gc.collect()))
    del Sub
    return m.dumps(Base)


@case
def abc_registry_with_the_dead(m: ModuleType) -> bytes:
    class Base(abc.ABC):
        pass

    class Sub:
        pass

    Base.register(Sub)
    Base.register(type("Dying", (), {}))
    gc.collect()
    return m.dumps([Base, Sub])


@case
def enum_members_act(m: ModuleType) -> bytes:
    class E(enum.Enum):
        A = 1
        B = 2

    E.A._value_ = acting(lambda: (E._member_map_.pop("B"), E._value2member_map_.clear()))  # type: ignore[assignment]
    return m.dumps(E)


@case
def enum_member_without_a_text_for_name(m: ModuleType) -> bytes:
    class E(enum.Enum):
        A = 1
        B = 2

    E.A._name_ = 7  # type: ignore[assignment]
    return m.dumps(E)


@case
def enum_iteration_changes(m: ModuleType) -> bytes:
    class Meta(enum.EnumMeta):
        def __iter__(cls) -> Any:  # type: ignore[override]
            for member in list(super().__iter__()):
                yield member
                type.__setattr__(cls, "added", ["only here"])
                gc.collect()

    class E(enum.Enum, metaclass=Meta):
        A = 1
        B = 2

    return m.dumps(E)


def _metaclass_with(name: str, value: Any) -> Case:
    def with_property(m: ModuleType) -> bytes:
        def get(cls: type) -> Any:
            gc.collect()
            return value() if callable(value) else value

        meta = type("Meta", (type,), {name: property(get)})
        return m.dumps([meta("C", (), {"a": ["only here"]}), "after"])

    return with_property


for _name in (
    "__name__",
    "__qualname__",
    "__module__",
    "__bases__",
    "__slots__",
    "__dict__",
    "__orig_bases__",
):
    for _label, _value in {
        "number": 7,
        "none": None,
        "list": lambda: ["made", "now"],
        "tuple": lambda: ("made", 7, None),
        "objects": lambda: (object(), object()),
        "text": lambda: "".join(["made", "_now"]),
        "class": int,
    }.items():
        CASES[f"metaclass_property {_name} {_label}"] = _metaclass_with(_name, _value)


@case
def metaclass_names_in_messages(m: ModuleType) -> bytes:
    meta = type(
        "Meta",
        (type,),
        {"__name__": property(lambda cls: 7), "__qualname__": property(lambda cls: 8)},
    )

    class Bad(metaclass=meta):
        pass

    class Returns:
        def __reduce__(self) -> Any:
            return Bad()

    return m.dumps(Returns())


@own
@case
def broken_repr_in_messages(m: ModuleType) -> None:
    class Bad:
        def __repr__(self) -> str:
            raise ZeroDivisionError

        def __reduce__(self) -> Any:
            return "no_such_global"

    # PyErr_Format drops the exception of a __repr__ before 3.12, and raises it from then on.
    try:
        m.dumps(Bad())
    except (pickle.PicklingError, ZeroDivisionError):
        return
    raise AssertionError("no exception")


@case
def repr_that_mutates_in_messages(m: ModuleType) -> bytes:
    class Bad:
        def __repr__(self) -> str:
            held.clear()
            gc.collect()
            return "bad"

        def __reduce__(self) -> Any:
            return "no_such_global"

    held = [Bad(), ["only here"]]
    return m.dumps(held)


def _global_named(name: Any) -> Case:
    def named(m: ModuleType) -> bytes:
        meta = type("Meta", (type,), {"__qualname__": property(lambda cls: name)})
        thing = meta("C", (), {})

        class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
            def reducer_override(self, obj: Any) -> Any:
                return NotImplemented

        return through(Pickler)(thing)

    return named


for _label, _value in {
    "number": 7,
    "bytes": b"b",
    "none": None,
    "list": ["a"],
    "class": int,
}.items():
    CASES[f"global_named_by {_label}"] = _global_named(_value)
