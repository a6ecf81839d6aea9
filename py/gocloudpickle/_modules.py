"""The names ``cloudpickle`` and ``cloudpickle.cloudpickle`` where cloudpickle isn't installed.

Payloads say ``cloudpickle.cloudpickle._make_function``. An installed cloudpickle
answers to that, and always wins. Where there is none, a finder at the end of
sys.meta_path gives three modules:

* ``cloudpickle.cloudpickle``: the file _rebuild.py, run under this name;
* ``cloudpickle``: the package around it, with the public API of cloudpickle;
* ``cloudpickle.cloudpickle_fast``: another name for what is in the first, as
  payloads written by cloudpickle 1 and 2 say.
"""

from __future__ import annotations

import sys

from gocloudpickle import _import_lock

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

PACKAGE = "cloudpickle"
NAMESPACE = "cloudpickle.cloudpickle"
COMPATIBILITY = "cloudpickle.cloudpickle_fast"

# The version whose API and payloads these modules follow.
VERSION = "3.1.2"

PUBLIC = [
    "__version__",
    "Pickler",
    "CloudPickler",
    "dumps",
    "loads",
    "dump",
    "load",
    "register_pickle_by_value",
    "unregister_pickle_by_value",
]

# What a module must have for us to share its state and to name it in payloads.
# The last two arrived in this module with cloudpickle 3.0.
REQUIRED = (
    "_PICKLE_BY_VALUE_MODULES",
    "_get_or_create_tracker_id",
    "_make_function",
    "_make_skeleton_class",
    "_function_setstate",
    "_class_setstate",
)

_SOURCES = {
    PACKAGE: __name__,
    NAMESPACE: __name__.rpartition(".")[0] + "._rebuild",
    COMPATIBILITY: __name__,
}


class _Loader:
    """Makes one of the three modules.

    Only ``cloudpickle.cloudpickle`` has a file of its own. The other two are a few
    attributes, set here, and show this file as their source.
    """

    def __init__(self, source: ModuleSpec) -> None:
        # The loader that found gocloudpickle: it uses a bytecode cache if it has one,
        # and reads from zip files if it must.
        self._source_loader: Any = source.loader
        self._source_name = source.name

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ == NAMESPACE:
            exec(self.get_code(NAMESPACE), module.__dict__)
            return

        module.__doc__ = f"{module.__name__}, provided by gocloudpickle."
        namespace = _import(NAMESPACE)
        module.cloudpickle = namespace  # type: ignore[attr-defined]
        module.__getattr__ = lambda name: _forward(module, name)  # type: ignore[method-assign]
        module.__dir__ = lambda: sorted({*vars(module), *dir(namespace)})  # type: ignore[method-assign]
        if module.__name__ == PACKAGE:
            module.__version__ = VERSION  # type: ignore[attr-defined]
            module.__all__ = list(PUBLIC)  # type: ignore[attr-defined]

    # What inspect, linecache and runpy ask a loader for (PEP 302).

    def get_code(self, fullname: str) -> Any:
        return self._source_loader.get_code(self._source_name) if fullname == NAMESPACE else None

    def get_source(self, fullname: str) -> Any:
        return self._source_loader.get_source(self._source_name)

    def is_package(self, fullname: str) -> bool:
        return fullname == PACKAGE


class CloudpickleFinder:
    """Answers to cloudpickle's names when no other finder does."""

    # Recognises the finder of another copy of this file, as after a reload.
    answers_for_cloudpickle = True

    @classmethod
    def find_spec(
        cls,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname not in _SOURCES:
            return None
        if fullname != PACKAGE and not is_ours(sys.modules.get(PACKAGE)):
            # Half of an installed package and half of ours would not share state.
            return None
        return _find_elsewhere(cls, fullname, path, target) or _our_spec(fullname)


def _find_elsewhere(
    finder: Any,
    fullname: str,
    path: Sequence[str] | None,
    target: ModuleType | None,
) -> ModuleSpec | None:
    # The finders before ours have been asked. Some may have been added behind it:
    # setuptools does that for packages installed in editable mode.
    finders = list(sys.meta_path)
    if finder not in finders:
        return None
    for other in finders[finders.index(finder) + 1 :]:
        if hasattr(other, "find_spec") and not hasattr(other, "answers_for_cloudpickle"):
            spec = other.find_spec(fullname, path, target)
            if spec is not None:
                return spec
    return None


def _our_spec(fullname: str) -> ModuleSpec:
    from importlib.machinery import ModuleSpec, PathFinder

    name = _SOURCES[fullname]
    package = sys.modules[name.rpartition(".")[0]]
    source = PathFinder.find_spec(name, package.__path__)
    if source is None:
        raise ImportError(
            f"gocloudpickle is incomplete: {name} is not in {list(package.__path__)}; "
            "install gocloudpickle again",
            name=fullname,
        )
    loader: Any = _Loader(source)
    spec = ModuleSpec(fullname, loader, origin=source.origin, is_package=fullname == PACKAGE)
    spec.has_location = source.has_location
    return spec


def _forward(module: ModuleType, name: str) -> Any:
    # cloudpickle's package holds what a star import took from cloudpickle.cloudpickle.
    if not (name.startswith("_") and module.__name__ == PACKAGE):
        try:
            return getattr(sys.modules[NAMESPACE], name)
        except AttributeError:
            pass
    raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")


def is_ours(module: ModuleType | None) -> bool:
    """Tell whether a module was made here, and not by an installed cloudpickle."""
    spec = getattr(module, "__spec__", None)
    loader = getattr(spec, "loader", None)
    return type(loader).__name__ == "_Loader" and type(loader).__module__ == __name__


def enable() -> None:
    """Make cloudpickle's names importable. Calling it again changes nothing."""
    _import_lock.run(_add_finder)


def _add_finder() -> None:
    if not any(hasattr(finder, "answers_for_cloudpickle") for finder in sys.meta_path):
        sys.meta_path.append(CloudpickleFinder)


_checked: ModuleType | None = None


def is_ready() -> bool:
    """Tell whether namespace() returns without importing anything."""
    module = sys.modules.get(NAMESPACE)
    return module is not None and (
        module is _checked
        or _import_lock.is_imported(PACKAGE)
        and not _import_lock.is_initializing(module)
    )


def namespace() -> ModuleType:
    """Return the module ``cloudpickle.cloudpickle`` whose state is shared.

    That is the installed one if cloudpickle can be imported, and ours otherwise.
    """
    global _checked

    module = sys.modules.get(NAMESPACE)
    if module is None or module is not _checked:
        enable()
        # Not a look at sys.modules: another thread may be in the middle of importing
        # it, and an import statement waits for that thread.
        try:
            module = _import(NAMESPACE)
        except ModuleNotFoundError as error:
            package = sys.modules.get(PACKAGE)
            if error.name != NAMESPACE or package is None or NAMESPACE in sys.modules:
                raise
            raise ImportError(
                f"the module named cloudpickle ({_place(package)}) is not cloudpickle: rename "
                "it, or take the directory that contains it off sys.path",
                name=NAMESPACE,
            ) from error
        _check(module)
        _checked = module
    return module


def _import(name: str) -> ModuleType:
    # The package first. A thread that imports the package locks it, then its module; one
    # that imports the module would lock it, then its package: importlib raises an error.
    package = name.partition(".")[0]
    if sys.modules.get(package, package) is not None:  # None: the module's import says so
        __import__(package)
    __import__(name)
    return sys.modules[name]


def _place(module: ModuleType) -> str:
    # A namespace package has folders and no file.
    return getattr(module, "__file__", None) or ", ".join(getattr(module, "__path__", ["no file"]))


def _check(module: ModuleType) -> None:
    missing = [name for name in REQUIRED if not hasattr(module, name)]
    if not missing:
        return
    if _import_lock.is_initializing(module):
        raise ImportError(
            f"cloudpickle ({_place(module)}) is still being imported, by the same thread: "
            "call gocloudpickle when its import is complete",
            name=NAMESPACE,
        )
    version = getattr(sys.modules.get(PACKAGE), "__version__", "of an unknown version")
    raise ImportError(
        f"cloudpickle {version} ({_place(module)}) has no {', '.join(missing)}: gocloudpickle "
        "shares the state of an installed cloudpickle and needs 3.0 or later; "
        "upgrade it or remove it",
        name=NAMESPACE,
    )
