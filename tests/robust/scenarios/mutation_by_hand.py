"""Mutations that need an arrangement of their own: functions, classes, modules, tables, buffers."""

from __future__ import annotations

import abc
import collections
import copyreg
import enum
import gc
import io
import pickle
import sys
import types
from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.robust.scenarios.batch import Case, own
from tests.robust.scenarios.hooks import once, through

CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    CASES[function.__name__] = function
    return function


def cases() -> dict[str, Case]:
    return CASES


class Acting:
    """Runs an action when it is pickled."""

    def __init__(self, action: Callable[[], Any]) -> None:
        self.action = action

    def __reduce__(self) -> Any:
        self.action()
        return int, (5,)


def acting(action: Callable[[], Any]) -> Acting:
    return Acting(once(action))


def function_with(globals_: dict[str, Any], source: str, name: str = "f") -> Any:
    globals_.setdefault("__builtins__", {"__build_class__": __build_class__, "object": object})
    globals_.setdefault("__name__", "robust_nowhere")
    exec(source, globals_)
    return globals_.pop(name)


# Functions.


@case
def globals_deleted(m: ModuleType) -> bytes:
    g: dict[str, Any] = {}
    f = function_with(g, "def f(): return a, b, c, d")
    g.update(a=acting(g.clear), b=["b only here"], c=("c only here",), d={"d": "only here"})
    return m.dumps(f)


@case
def globals_grown(m: ModuleType) -> bytes:
    g: dict[str, Any] = {}
    f = function_with(g, "def f(): return a, b")
    g.update(a=acting(lambda: g.update((f"new{i}", i) for i in range(3000))), b=["b"])
    return m.dumps(f)


@case
def globals_replaced_by_each_other(m: ModuleType) -> bytes:
    g: dict[str, Any] = {}
    f = function_with(g, "def f(): return a, b, c")
    g.update(a=acting(lambda: g.update(b=1, c=2)), b=["b only here"], c=("c only here",))
    return m.dumps([f, f])


@case
def function_freed_by_its_global(m: ModuleType) -> bytes:
    g: dict[str, Any] = {}
    held = [function_with(g, "def f(): return a, b"), [1]]
    g.update(a=acting(lambda: (held.clear(), g.clear(), gc.collect())), b=["b only here"])
    return m.dumps(held)


@case
def code_replaced(m: ModuleType) -> bytes:
    g: dict[str, Any] = {}
    f = function_with(g, "def f(): return a, b, 'first code'")
    other = function_with({}, "def f(): return b, 'other code'")
    g.update(a=acting(lambda: (setattr(f, "__code__", other.__code__), gc.collect())), b=["b"])
    return m.dumps([f, f.__code__])


@case
def defaults_and_attributes_replaced(m: ModuleType) -> bytes:
    def change() -> None:
        f.__defaults__ = (1, 2)
        f.__kwdefaults__ = {"k": 3}
        f.__doc__ = "other " * 3
        f.__dict__.clear()
        f.__annotations__.clear()
        f.__name__ = "other_name"
        f.__qualname__ = "other.name"
        f.__module__ = "other_module"

    def f(a: Any = ["only here"], b: Any = ("only", "here"), *, k: Any = {"only": "here"}) -> None:
        """Some text."""

    f.__dict__.update({"x": acting(change), "y": ["only here"], "z": "".join(["made", " now"])})
    return m.dumps(f)


@case
def annotations_act(m: ModuleType) -> bytes:
    def f(a: Any, b: Any) -> None:
        pass

    f.__annotations__.clear()
    f.__annotations__.update(a=acting(f.__annotations__.clear), b=["only here"])
    f.__dict__["kept"] = ["kept"]
    try:
        return m.dumps(f)
    finally:
        del f


@case
def function_dict_grows(m: ModuleType) -> bytes:
    f = function_with({}, "def f(): pass")
    f.a = acting(lambda: f.__dict__.update((f"new{i}", i) for i in range(3000)))
    f.b = ["only here"]
    return m.dumps(f)


@case
def cell_changes(m: ModuleType) -> bytes:
    def make() -> Any:
        a: Any = acting(lambda: change())
        b: Any = ["only here"]
        c: Any = ("only", ["here"])

        def change() -> None:
            nonlocal b, c
            b = 1
            del c

        return lambda: (a, b, c)

    return m.dumps(make())


@case
def cell_emptied_by_itself(m: ModuleType) -> bytes:
    cell = types.CellType()
    cell.cell_contents = [acting(lambda: delattr(cell, "cell_contents")), ["only here"]]
    return m.dumps([cell, cell])


@case
def closure_freed(m: ModuleType) -> bytes:
    cell = types.CellType()
    f = types.FunctionType((lambda: cell).__code__, {}, "f", None, (cell,))
    held = [f]
    cell.cell_contents = acting(lambda: (held.clear(), gc.collect()))
    del f
    return m.dumps([held, cell])


@case
def globals_with_keys_that_compare(m: ModuleType) -> bytes:
    class Key(str):
        def __eq__(self, other: Any) -> bool:
            act()
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    g: dict[Any, Any] = {"__builtins__": {}}
    f = function_with(g, "def f(): return first, second, third")
    act = once(lambda: (g.pop("second", None), g.update({f"n{i}": i for i in range(1000)})))
    g[Key("first")] = ["first only here"]
    g["second"] = ["second only here"]
    g[Key("third")] = ["third only here"]
    return m.dumps(f)


@case
def base_globals_act(m: ModuleType) -> bytes:
    g: dict[str, Any] = {"__name__": "robust_nowhere", "__builtins__": {}}
    f = function_with(g, "def f(): return a")
    g.update(
        a=["only here"],
        __package__=acting(g.clear),
        __path__=["only here"],
        __file__="".join(["a", "file"]),
    )
    return m.dumps(f)


@case
def globals_that_are_a_dict_subclass(m: ModuleType) -> bytes:
    class Globals(dict):  # type: ignore[type-arg]
        def __getitem__(self, key: Any) -> Any:
            self.pop("b", None)
            return super().__getitem__(key)

    g = Globals(a=["a only here"], b=["b only here"])
    return m.dumps(types.FunctionType(function_with({}, "def f(): return a, b").__code__, g))


@case
def dump_in_a_finalizer(m: ModuleType) -> bytes:
    def dump_more() -> None:
        m.dumps([lambda: 1, {"a": ["b"]}])
        gc.collect()

    finalized = acting(dump_more)

    class Dying:
        def __del__(self) -> None:
            finalized.action()

    class Returns:
        def __reduce__(self) -> Any:
            return list, (), None, ((Dying(), str(i))[1] for i in range(3))

    return m.dumps([Returns(), Returns()])


# Classes.


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


# Modules.


def _module(name: str, **attributes: Any) -> ModuleType:
    module = types.ModuleType("robust_module")
    module.__dict__.update(attributes, __name__=name)
    return module


for _label, _value in {"number": 7, "none": None, "bytes": b"b", "list": ["a"]}.items():

    def _as_global(m: ModuleType, name: Any = _value) -> bytes:
        g: dict[str, Any] = {}
        f = function_with(g, "def f(): return mod.a.b")
        g["mod"] = _module(name, __package__="robust_package")
        return m.dumps(f)

    def _as_object(m: ModuleType, name: Any = _value) -> bytes:
        return m.dumps([_module(name, a=1), "after"])

    def _while_another_goes_by_value(m: ModuleType, name: Any = _value) -> bytes:
        registered = types.ModuleType("robust_registered")
        sys.modules["robust_registered"] = registered
        m.register_pickle_by_value(registered)
        try:
            return m.dumps([_module(name, a=1), "after"])
        finally:
            m.unregister_pickle_by_value(registered)
            del sys.modules["robust_registered"]

    CASES[f"module_named_by {_label}"] = _as_object
    CASES[f"module_named_by {_label} in_globals"] = _as_global
    CASES[f"module_named_by {_label} registry"] = _while_another_goes_by_value


@case
def module_leaves_while_looked_at(m: ModuleType) -> bytes:
    def f() -> int:
        return 1

    def lazy(name: str) -> Any:
        sys.modules.pop("robust_leaving", None)
        gc.collect()
        if name == "f":
            return f
        raise AttributeError(name)

    f.__module__, f.__qualname__ = "robust_leaving", "f"
    module = types.ModuleType("robust_leaving")
    module.__getattr__ = lazy  # type: ignore[method-assign]
    registered = types.ModuleType("robust_registered")
    sys.modules.update(robust_leaving=module, robust_registered=registered)
    m.register_pickle_by_value(registered)
    del module
    try:
        return m.dumps([f, "after"])
    finally:
        m.unregister_pickle_by_value(registered)
        sys.modules.pop("robust_registered")
        sys.modules.pop("robust_leaving", None)


@case
def object_in_sys_modules_leaves(m: ModuleType) -> bytes:
    def f() -> int:
        return 1

    class Lazy:
        def __getattr__(self, name: str) -> Any:
            sys.modules.pop("robust_leaving", None)
            if name == "f":
                return f
            raise AttributeError(name)

    f.__module__, f.__qualname__ = "robust_leaving", "f"
    sys.modules["robust_leaving"] = Lazy()  # type: ignore[assignment]
    try:
        return m.dumps([f, "after"])
    finally:
        sys.modules.pop("robust_leaving", None)


@case
def modules_come_while_all_are_searched(m: ModuleType) -> bytes:
    class Lazy:
        def __getattr__(self, name: str) -> Any:
            sys.modules.update({f"robust_new_{i}": types.ModuleType("n") for i in range(300)})
            raise AttributeError(name)

    def f() -> int:
        return 1

    f.__module__ = None  # type: ignore[assignment]
    f.__qualname__ = "no_such_name_anywhere"
    sys.modules["robust_lazy"] = Lazy()  # type: ignore[assignment]
    try:
        return m.dumps([f, "after"])
    finally:
        for name in [name for name in sys.modules if name.startswith("robust_")]:
            del sys.modules[name]


@case
def module_content_changes(m: ModuleType) -> bytes:
    module = types.ModuleType("robust_dynamic")
    module.a = acting(lambda: (module.__dict__.clear(), gc.collect()))  # type: ignore[attr-defined]
    module.b = ["only here"]  # type: ignore[attr-defined]
    return m.dumps([module, module])


@case
def package_of_a_global_is_computed(m: ModuleType) -> bytes:
    class Lazy(types.ModuleType):
        def __getattribute__(self, name: str) -> Any:
            if name == "__package__":
                g.clear()
                gc.collect()
                return "robust_lazy"
            return super().__getattribute__(name)

    g: dict[str, Any] = {}
    f = function_with(g, "def f(): return mod.a, b")
    g.update(mod=Lazy("robust_lazy"), b=["only here"])
    return m.dumps(f)


@case
def global_looked_up_in_a_module_that_changes(m: ModuleType) -> bytes:
    class Thing:
        pass

    def lazy(name: str) -> Any:
        module.__dict__.pop("kept", None)
        gc.collect()
        raise AttributeError(name)

    module = types.ModuleType("robust_changing")
    module.__getattr__ = lazy  # type: ignore[method-assign]
    module.kept = Thing  # type: ignore[attr-defined]
    Thing.__module__, Thing.__qualname__ = "robust_changing", "missing.Thing"
    sys.modules["robust_changing"] = module
    try:
        return m.dumps([Thing, "after"])
    finally:
        del sys.modules["robust_changing"]


# Dispatch tables and Picklers.


@case
def chain_map_changes(m: ModuleType) -> bytes:
    class A:
        pass

    class B:
        pass

    def table() -> Any:
        return {A: lambda a: (int, (1,)), B: lambda b: (int, (2,))}

    class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
        dispatch_table = collections.ChainMap(table(), copyreg.dispatch_table)

    def change() -> None:
        Pickler.dispatch_table.maps[:] = [{A: lambda a: (int, (3,))}, {}]
        gc.collect()

    return through(Pickler)([A(), acting(change), A(), B(), acting(gc.collect), A()])


@case
def chain_map_is_replaced(m: ModuleType) -> bytes:
    class A:
        pass

    class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
        dispatch_table = collections.ChainMap({A: lambda a: (int, (1,))}, copyreg.dispatch_table)

    def change() -> None:
        Pickler.dispatch_table = collections.ChainMap({A: lambda a: (int, (2,))})
        gc.collect()

    return through(Pickler)([A(), acting(change), A(), A()])


@case
def table_entry_is_deleted_by_its_reducer(m: ModuleType) -> bytes:
    class A:
        pass

    def make() -> Any:
        def reducer(a: Any) -> Any:
            copyreg.dispatch_table.pop(A, None)
            gc.collect()
            return int, (1,)

        return reducer

    copyreg.pickle(A, make())
    return m.dumps([A(), A()])


@case
def reduce_value_parts_act(m: ModuleType) -> bytes:
    class Callable_:
        def __call__(self, *args: Any) -> Any:
            return args

        def __getattr__(self, name: str) -> Any:
            gc.collect()
            raise AttributeError(name)

    class A:
        def __reduce__(self) -> Any:
            return Callable_(), (["made now"], "".join(["a", "b"])), {"state": ["made now"]}

    return m.dumps([A(), A()])


@case
def items_are_yielded_and_forgotten(m: ModuleType) -> bytes:
    class A:
        def __reduce__(self) -> Any:
            return list, (), None, ([f"item {i}", (i, [i])] for i in range(2500)), None

    class B:
        def __reduce__(self) -> Any:
            return dict, (), None, None, ((f"key {i}", [f"value {i}"]) for i in range(2500))

    return m.dumps([A(), B()])


@case
def state_setter_acts(m: ModuleType) -> bytes:
    class Setter:
        def __call__(self, obj: Any, state: Any) -> None:
            pass

        def __reduce__(self) -> Any:
            held.clear()
            gc.collect()
            return int, (5,)

    class A:
        def __reduce__(self) -> Any:
            return object, (), ["state made now"], None, None, Setter()

    held = [A(), ["only here"]]
    return m.dumps(held)


@case
def dict_items_yield_nonsense(m: ModuleType) -> bytes:
    class A:
        def __reduce__(self) -> Any:
            return dict, (), None, None, iter([(1, 2), [3, 4], 5])

    return m.dumps(A())


@case
def pickler_is_freed_during_its_dump(m: ModuleType) -> bytes:
    file = io.BytesIO()
    held = [m.Pickler(file)]
    held.pop().dump([acting(lambda: (held.clear(), gc.collect())), ["after"]])
    return file.getvalue()


@case
def pickler_methods_are_deleted_during_its_dump(m: ModuleType) -> bytes:
    class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
        def persistent_id(self, obj: Any) -> Any:
            return "an id" if obj == "with an id" else None

        def reducer_override(self, obj: Any) -> Any:
            return super().reducer_override(obj)

    def change() -> None:
        del Pickler.persistent_id, Pickler.reducer_override
        gc.collect()

    return through(Pickler)([acting(change), "with an id", lambda: 1])


@own
@case
def same_pickler_re_entered(m: ModuleType) -> None:
    file = io.BytesIO()
    pickler = m.Pickler(file)
    raised: list[BaseException] = []

    def again() -> None:
        try:
            pickler.dump(["inner"])
        except RuntimeError as error:
            raised.append(error)

    pickler.dump([acting(again), "outer", ["outer"]])
    assert raised and "in the middle of a dump" in str(raised[0])
    assert pickle.loads(file.getvalue()) == [5, "outer", ["outer"]]
    for change in (
        lambda: pickler.clear_memo(),
        lambda: setattr(pickler, "memo", {}),
        lambda: pickler.memo.copy(),
    ):
        try:
            pickler.dump([acting(change)])
        except RuntimeError as error:
            assert "in the middle of its dump" in str(error)
        else:
            raise AssertionError("the memo changed in the middle of a dump")
    pickler.clear_memo()
    before = file.tell()
    pickler.dump(["usable"])
    assert pickle.loads(file.getvalue()[before:]) == ["usable"]


@own
@case
def same_pickler_initialized_again(m: ModuleType) -> None:
    file, other = io.BytesIO(), io.BytesIO()
    pickler = m.Pickler(file)
    pickler.dump([acting(lambda: (pickler.__init__(other), gc.collect())), "outer", ["outer"]])  # type: ignore[misc]
    assert pickle.loads(file.getvalue()) == [5, "outer", ["outer"]]
    pickler.dump(["then"])
    assert pickle.loads(other.getvalue()) == ["then"]


# Buffers and bytes.


@case
def bytearray_shrinks_while_written(m: ModuleType) -> bytes:
    data = bytearray(b"x" * 200_000)

    class File(io.BytesIO):
        def write(self, chunk: Any) -> int:
            if data:
                data.clear()
            return super().write(bytes(chunk)[:0])

    file = File()
    m.Pickler(file).dump(["some text", data, "after"])
    return file.getvalue()


@own
@case
def buffer_released_in_the_callback(m: ModuleType) -> None:
    # The C pickler reads the memory that it no longer holds.
    buffer = pickle.PickleBuffer(bytearray(b"x" * 100))

    def callback(b: Any) -> bool:
        b.release()
        return True

    try:
        m.dumps([buffer, "after"], buffer_callback=callback)
    except ValueError as error:
        assert "released" in str(error)
        return
    raise AssertionError("no exception")


@case
def buffer_released_while_written(m: ModuleType) -> bytes:
    data = bytearray(b"x" * 200_000)
    buffer = pickle.PickleBuffer(data)

    class File(io.BytesIO):
        def write(self, chunk: Any) -> int:
            buffer.release()
            data.clear()
            return super().write(b"")

    file = File()
    m.Pickler(file).dump(["some text", buffer, "after"])
    return file.getvalue()


@case
def large_text_forgotten_while_written(m: ModuleType) -> bytes:
    held = ["a" * 100_000, "\xe9" * 100_000, "\u20ac" * 100_000, "\udc80" * 100_000, b"b" * 100_000]

    class File(io.BytesIO):
        def write(self, chunk: Any) -> int:
            held.clear()
            gc.collect()
            return super().write(bytes(chunk))

    file = File()
    m.Pickler(file).dump(held)
    return file.getvalue()


@case
def every_write_empties_a_dict(m: ModuleType) -> bytes:
    held: dict[Any, Any] = {i: {f"key {j}": [j] for j in range(3000)} for i in range(5)}

    class File(io.BytesIO):
        def write(self, chunk: Any) -> int:
            for inner in held.values():
                for key in list(inner):
                    inner[key] = [f"other {key}"]
            return super().write(bytes(chunk))

    file = File()
    m.Pickler(file).dump(held)
    return file.getvalue()
