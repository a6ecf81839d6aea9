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

try:
    from _pickle import load as _load
    from _pickle import loads as _loads
except ImportError:  # PyPy has them in Python only
    from pickle import load as _load
    from pickle import loads as _loads

from gocloudpickle import (  # noqa: F401 -- _strict reads the environment
    _loader,
    _loading,
    _modules,
    _strict,
)
from gocloudpickle._version import __version__

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    import os
    from types import ModuleType
    from typing import Any

    from _typeshed import ReadableBuffer

    from gocloudpickle._inspect import Inspection
    from gocloudpickle._policy import Audit, Policy

__all__ = [
    "DEFAULT_PROTOCOL",
    "CloudPickler",
    "PayloadTooLargeError",
    "Pickler",
    "PolicyError",
    "ProcessPoolExecutor",
    "__version__",
    "audit",
    "dump",
    "dumps",
    "engine_info",
    "explain",
    "inspect",
    "install",
    "installed",
    "list_registry_pickle_by_value",
    "load",
    "loads",
    "preflight",
    "refuse_unsealed",
    "register_pickle_by_value",
    "require_engine",
    "uninstall",
    "unregister_pickle_by_value",
]

# The highest there is: cloudpickle is for processes that run the same Python.
DEFAULT_PROTOCOL = 5

_modules.enable()

# pickle's own, and the engine's once it is there, which take a policy too.
load = _loading.with_policy(_load, "load")
loads = _loading.with_policy(_loads, "loads")


def __getattr__(name: str) -> Any:
    # What needs the engine, or what is slow to import, comes when it is first asked for. The
    # loader is there already, to see then whether it can import anything.
    if name in ("dumps", "dump"):
        module, for_good = _loader.implementation()
        value = getattr(module, name)
        if not for_good:
            return value
    elif name in ("Pickler", "CloudPickler"):
        _loader.engine_or_none()  # which puts itself into the class
        from gocloudpickle import _pickler

        value = _pickler.pickler_class(_modules.namespace())
    elif name in ("install", "installed", "uninstall"):
        from gocloudpickle import _install

        value = getattr(_install, name)
    elif name == "refuse_unsealed":
        from gocloudpickle.sealed import _refuse

        value = _refuse.refuse_unsealed
    elif name == "PolicyError":
        from gocloudpickle import _policy

        value = _policy.PolicyError
    elif name == "explain":
        from gocloudpickle import _explain

        value = _explain.explain
    elif name == "PayloadTooLargeError":
        from gocloudpickle import _too_large

        value = _too_large.PayloadTooLargeError
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


def inspect(data: ReadableBuffer) -> Inspection:
    """Describe what a payload holds, without loading it: nothing in it is imported or called.

    data is bytes, or what else has a buffer, of one or more pickles. The result is a list
    of one dict for each: the functions and classes in it with their signatures, what takes
    how many bytes as a tree, and what the process that loads it must be able to import. A
    damaged pickle is described as far as it can be read, with the reason in "problems".
    print() shows it to people. Raises ImportError where there is no engine.

    >>> import gocloudpickle
    >>> secret = 42
    >>> def add(x, y=1):
    ...     return x + y + secret
    >>> (described,) = gocloudpickle.inspect(gocloudpickle.dumps(add))
    >>> function = described["functions"][0]
    >>> function["signature"]
    '(x, y=1)'
    """
    from gocloudpickle import _inspect

    return _inspect.inspect(data)


def audit(data: ReadableBuffer | os.PathLike[str], policy: Policy = "functions") -> Audit:
    """Say whether a payload may be loaded, without loading it: nothing in it is imported or called.

    data is bytes, or what else has a buffer, of one or more pickles, or a pathlib.Path of a file or
    a folder, with archives, compressed files, arrays and joblib's files, which the command
    gocloudpickle reads; then findings have the path, too. policy is the name of
    a preset ("data", "ml", "functions", "trusted-imports"), the path of a file in YAML or
    JSON, the text of one, or a dict of the same form: docs/security.md has it. The result has
    the verdict ("allowed", "denied" or "inconclusive"), findings, a list of dicts that say
    what keeps it from being allowed, and json; print() shows it to people. A verdict is
    advice: loads(data, policy=...) also watches the unpickler.

    Raises ValueError for what is no policy, OSError for a file that can't be read, and
    ImportError where there is neither an engine nor the command gocloudpickle, or a path and no
    command.

    >>> import gocloudpickle, os
    >>> gocloudpickle.audit(gocloudpickle.dumps(lambda x: x + 1)).verdict
    'allowed'
    >>> gocloudpickle.audit(gocloudpickle.dumps(os.system), policy="data").verdict
    'denied'
    """
    from gocloudpickle import _policy

    return _policy.audit(data, policy)


def preflight(data: ReadableBuffer) -> None:
    """Raise one ImportError that names everything a payload needs and this process lacks.

    For a worker, before it loads what it got: nothing in the payload is loaded or called,
    but the modules that it names are imported, as loading would, and those that its
    functions import too. The error has them as data in its attribute missing. Raises
    ImportError without that attribute where there is no engine.

    >>> import gocloudpickle
    >>> gocloudpickle.preflight(gocloudpickle.dumps(lambda x: x + 1))
    """
    from gocloudpickle import _inspect

    _inspect.preflight(data)


def require_engine() -> None:
    """Raise ImportError, which says why and what to do, where the engine can't be used.

    Everything works without the engine, at cloudpickle's speed. For programs that would
    rather stop; loads the engine if need be.

    >>> import gocloudpickle
    >>> gocloudpickle.require_engine()
    """
    _loader.engine()


def engine_info() -> dict[str, Any]:
    """Tell what the engine is and what it has done; loads it if need be.

    version: of gocloudpickle. python: the interpreter's. path: "layout" where the
    engine reads objects from memory, "portable" where it uses the C API alone, with
    the reason in why_portable, and "python" where there is no engine, with the reason
    in why_python. dumps: their number by path, in this process. modules: each
    cloudpickle that is imported, whether install() switched the engine on in it, and
    if it left it alone, why.

    >>> import gocloudpickle
    >>> gocloudpickle.engine_info()["path"] in ("layout", "portable", "python")
    True
    """
    from gocloudpickle import _info

    return _info.engine_info()
