"""Modules: by reference, and dynamic ones by value."""

import collections.abc
import contextlib
import json
import os
import sys
import types
import xml.etree.ElementTree

from tests.corpus.case import Shelf

shelf = Shelf("modules")

shelf.values(
    [
        ("builtin", sys),
        ("package", json),
        ("path", os.path),
        ("submodule", xml.etree.ElementTree),
        ("several", [os, os, json, sys]),
        ("abc", collections.abc),
    ]
)
shelf.add("builtins_module", lambda: sys.modules["builtins"])
shelf.add("this_one", lambda: sys.modules[__name__])


def _dynamic(
    source="x = 1\ndef get():\n    return x\n", name="corpus_dynamic_module", **attributes
):
    module = types.ModuleType(name, "A module made at run time.")
    exec(compile(source, "<corpus>", "exec"), module.__dict__)
    vars(module).update(attributes)
    return module


shelf.add(
    "dynamic",
    _dynamic,
    lambda m: (
        m.get() == 1
        and m.__name__ == "corpus_dynamic_module"
        and m.__doc__ == "A module made at run time."
    ),
)
shelf.add("dynamic_twice", lambda: (lambda m: [m, m])(_dynamic()), lambda ms: ms[0] is ms[1])
shelf.add(
    "dynamic_never_filled",
    lambda: types.ModuleType("corpus_empty"),
    lambda m: m.__name__ == "corpus_empty",
)
shelf.add("dynamic_function", lambda: _dynamic().get, lambda f: f() == 1)
shelf.add(
    "dynamic_with_class",
    lambda: _dynamic("class C:\n    def f(self):\n        return C\n"),
    lambda m: m.C().f().__name__ == "C",
)
shelf.add(
    "dynamic_with_plain_data",
    lambda: _dynamic("", data=[1, {"a": (2,)}], other=json),
    lambda m: m.data == [1, {"a": (2,)}] and m.other is json,
)
shelf.add(
    "dynamic_renamed_after",
    lambda: (lambda m: (setattr(m, "__name__", "renamed"), m)[1])(_dynamic()),
    lambda m: m.__name__ == "renamed",
)
shelf.add(
    "dynamic_with_strange_builtins",
    lambda: _dynamic("", __builtins__={"only": len}),
    lambda m: "len" in m.__builtins__ if isinstance(m.__builtins__, dict) else True,
)


def _holding_itself():
    module = _dynamic()
    module.me = module
    return module


# A dynamic module is memoized after its state: holding itself recurses for ever.
shelf.add("dynamic_holding_itself", _holding_itself, raises=Exception)


@contextlib.contextmanager
def _in_sys_modules():
    sys.modules["corpus_registered"] = _dynamic(name="corpus_registered")
    try:
        yield
    finally:
        sys.modules.pop("corpus_registered", None)


shelf.add(
    "dynamic_in_sys_modules",
    lambda: sys.modules["corpus_registered"],
    lambda m: m is sys.modules["corpus_registered"],
    setup=_in_sys_modules,
)
shelf.add(
    "function_of_dynamic_in_sys_modules",
    lambda: sys.modules["corpus_registered"].get,
    lambda f: f() == 1,
    setup=_in_sys_modules,
)


class SubModule(types.ModuleType):
    """A subclass of module has no reducer of cloudpickle's."""


shelf.add("subclass", lambda: SubModule("corpus_sub"), raises=TypeError)
shelf.add("in_a_closure", lambda: (lambda m: lambda: m.get())(_dynamic()), lambda f: f() == 1)
shelf.add(
    "in_globals",
    lambda: types.FunctionType((lambda: mod.get()).__code__, {"mod": _dynamic(), "__name__": "x"}),  # noqa: F821
    lambda f: f() == 1,
)
shelf.add(
    "name_not_a_string",
    lambda: (lambda m: (setattr(m, "__name__", 5), m)[1])(_dynamic()),
    raises=Exception,
)
