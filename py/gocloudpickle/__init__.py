"""cloudpickle, with its engine in Go.

Python's pickle refuses lambdas, closures, inner functions and classes made at run
time. This package pickles them as cloudpickle does, byte for byte, and faster:

>>> import gocloudpickle as cloudpickle
>>> data = cloudpickle.dumps(lambda x: x * 2)
>>> cloudpickle.loads(data)(21)
42

Who can't change an import calls install() once, and cloudpickle itself uses the
engine, as do the copies of it inside joblib, PySpark and Ray. The payloads load in any
process that has cloudpickle or gocloudpickle.

The package imports in a few milliseconds; the engine is loaded when it is first used.
"""

from __future__ import annotations

from _pickle import load, loads

from gocloudpickle import _modules
from gocloudpickle._version import __version__

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

__all__ = [
    "DEFAULT_PROTOCOL",
    "CloudPickler",
    "Pickler",
    "ProcessPoolExecutor",
    "__version__",
    "dump",
    "dumps",
    "engine_info",
    "install",
    "installed",
    "list_registry_pickle_by_value",
    "load",
    "loads",
    "register_pickle_by_value",
    "uninstall",
    "unregister_pickle_by_value",
]

# The highest there is: cloudpickle is for processes that run the same Python.
DEFAULT_PROTOCOL = 5

_modules.enable()


def __getattr__(name: str) -> Any:
    # What needs the engine, or what is slow to import, comes when it is first asked for.
    if name in ("dumps", "dump"):
        from gocloudpickle import _loader

        value = getattr(_loader.engine(), name)
    elif name in ("Pickler", "CloudPickler"):
        from gocloudpickle import _loader, _pickler

        _loader.engine()  # which says so where there can be none
        value = _pickler.pickler_class(_modules.namespace())
    elif name in ("install", "installed", "uninstall"):
        from gocloudpickle import _install

        value = getattr(_install, name)
    elif name == "ProcessPoolExecutor":
        from gocloudpickle import _executor

        value = _executor.ProcessPoolExecutor
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def register_pickle_by_value(module: ModuleType) -> None:
    """Send the functions and classes of a module by value from now on.

    For a module that the loading side does not have. It must be imported. What is in
    its sub-modules goes by value too. Raises ValueError for anything else.
    """
    _modules.namespace().register_pickle_by_value(module)


def unregister_pickle_by_value(module: ModuleType) -> None:
    """Undo register_pickle_by_value. Raises ValueError for a module it wasn't called with."""
    _modules.namespace().unregister_pickle_by_value(module)


def list_registry_pickle_by_value() -> set[str]:
    """Return the names of the modules that were given to register_pickle_by_value."""
    names: set[str] = _modules.namespace().list_registry_pickle_by_value()
    return names


def engine_info() -> dict[str, Any]:
    """Tell what the engine is and what it has done; loads it if need be.

    version: of gocloudpickle. python: the interpreter's. path: "layout" where the
    engine reads objects from memory, "portable" where it uses the C API alone, with
    the reason in why_portable. dumps: their number by path, in this process.
    modules: each cloudpickle that is imported, whether install() switched the engine
    on in it, and if it left it alone, why.
    """
    from gocloudpickle import _install, _loader, _samples

    engine = _loader.engine()
    info = engine.info()
    dumps = {"layout": info["layout"], "portable": info["portable"]}
    dumps[info["path"]] -= _samples.dumps_of(engine)
    return {
        "version": __version__,
        "python": info["python"],
        "path": info["path"],
        "why_portable": info["why_portable"],
        "dumps": dumps,
        "modules": _install.modules(),
    }
