"""Functions that Python code changes while they are being dumped."""

from __future__ import annotations

import gc
import types
from types import ModuleType
from typing import Any

from tests.robust.scenarios.acting import acting, function_with, registering
from tests.robust.scenarios.batch import Case
from tests.robust.scenarios.hooks import once

CASES: dict[str, Case] = {}
case = registering(CASES)


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
