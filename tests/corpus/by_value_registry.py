"""Modules registered to be pickled by value."""

import contextlib
import importlib
import sys
import types

from tests.corpus.case import Shelf

shelf = Shelf("by_value_registry")


@contextlib.contextmanager
def _registered(*names):
    """Register with every pickler that is imported, and clean up after."""
    picklers = [sys.modules[n] for n in ("cloudpickle", "gocloudpickle") if n in sys.modules]
    modules = [importlib.import_module(name) for name in names]
    added = []
    try:
        for module in modules:
            for pickler in picklers:
                if module.__name__ not in pickler.list_registry_pickle_by_value():
                    pickler.register_pickle_by_value(module)
                    added.append((pickler, module))
        yield
    finally:
        for pickler, module in reversed(added):
            if module.__name__ in pickler.list_registry_pickle_by_value():
                pickler.unregister_pickle_by_value(module)


LOCAL = "tests.corpus.registered"


def _setup(*names):
    return lambda: _registered(*names)


def _registered_module():
    return importlib.import_module(LOCAL)


shelf.add(
    "function",
    lambda: _registered_module().function,
    lambda f: f(1) == 12 and f is not _registered_module().function,
    setup=_setup(LOCAL),
)
shelf.add(
    "class", lambda: _registered_module().Class, lambda cls: cls().get() == 12, setup=_setup(LOCAL)
)
shelf.add(
    "instance",
    lambda: _registered_module().Class(),
    lambda obj: obj.get() == 12,
    setup=_setup(LOCAL),
)
shelf.add(
    "enum", lambda: _registered_module().Choice.A, lambda m: m.name == "A", setup=_setup(LOCAL)
)
shelf.add(
    "type_var", lambda: _registered_module().T, lambda t: t.__name__ == "T", setup=_setup(LOCAL)
)
shelf.add(
    "module",
    lambda: _registered_module(),
    lambda m: m.__name__ == LOCAL and m is not _registered_module(),
    setup=_setup(LOCAL),
)
shelf.add(
    "parent_registered",
    lambda: _registered_module().function,
    lambda f: f(1) == 12,
    setup=_setup("tests.corpus"),
)
shelf.add(
    "grandparent_registered",
    lambda: _registered_module().Class,
    lambda cls: cls().get() == 12,
    setup=_setup("tests"),
)
shelf.add(
    "sibling_registered",
    lambda: _registered_module().function,
    lambda f: f is _registered_module().function,
    setup=_setup("tests.corpus.strings"),
)
shelf.add(
    "not_registered",
    lambda: [_registered_module().function, _registered_module().T],
    lambda xs: xs[0] is _registered_module().function,
)
shelf.add(
    "uses_a_module_not_registered",
    lambda: _registered_module().uses_json,
    lambda f: f([1]) == "[1]",
    setup=_setup(LOCAL),
)
shelf.add(
    "stdlib_function",
    lambda: importlib.import_module("textwrap").dedent,
    lambda f: f("  a") == "a",
    setup=_setup("textwrap"),
)
shelf.add(
    "small_module",
    lambda: sys.modules["corpus_small"],
    lambda m: isinstance(m, types.ModuleType) and m.x == 1,
    setup=lambda: _small(),
)


@contextlib.contextmanager
def _small():
    module = types.ModuleType("corpus_small")
    module.x = 1
    sys.modules["corpus_small"] = module
    try:
        with _registered("corpus_small"):
            yield
    finally:
        sys.modules.pop("corpus_small", None)
