"""Modules that come, leave and change while what names them is being dumped."""

from __future__ import annotations

import gc
import sys
import types
from types import ModuleType
from typing import Any

from tests.robust.scenarios.acting import acting, function_with, registering
from tests.robust.scenarios.batch import Case

CASES: dict[str, Case] = {}
case = registering(CASES)


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
