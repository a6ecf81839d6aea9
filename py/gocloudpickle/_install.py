"""Switches the engine on inside cloudpickle modules, and off again.

There are several: PyPI's, and copies of it inside frameworks; and modules that load
with pickle what those have written. Those that are imported are patched now, the others
when they are imported.
"""

from __future__ import annotations

import _frozen_importlib
import _imp
import sys

from gocloudpickle import _finder, _loader
from gocloudpickle._patch import Patch
from gocloudpickle._patch_loads import LoadsPatch, QueuePatch

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from types import ModuleType, TracebackType
    from typing import Any

# joblib has none of its own from 1.6 on, pyspark's is one module from 4.0 on.
CLOUDPICKLES = (
    "cloudpickle.cloudpickle",
    "joblib.externals.cloudpickle.cloudpickle",
    "pyspark.cloudpickle.cloudpickle",
    "ray.cloudpickle.cloudpickle",
)
# They call pickle.loads, where the others have loads of their cloudpickle.
LOADERS: dict[str, type[LoadsPatch] | type[QueuePatch]] = {
    "distributed.protocol.pickle": LoadsPatch,
    "joblib.externals.loky.backend.queues": QueuePatch,
    "loky.backend.queues": QueuePatch,
}
TARGETS = (*CLOUDPICKLES, *LOADERS)

# What is below is read and changed under the import lock: fork takes it first, so that
# a child never inherits it locked. Nothing is imported under it.
_installed = False  # by install()
_blocks: set[installed] = set()  # that threads are in
_patches: list[Patch | LoadsPatch | QueuePatch] = []  # that are applied
_refused: dict[str, str] = {}  # modules that are left alone, and why


def install() -> None:
    """Switch the engine on inside each cloudpickle that is or will be imported.

    PyPI's cloudpickle, and the copies of it in joblib, PySpark and Ray. What was bound
    or derived from them earlier uses the engine too. Dask, and the workers of loky, load
    with it as well. A copy of another version, whose payloads differ, is left alone with
    a RuntimeWarning; engine_info() lists them all. Calling it again changes nothing.

    >>> import cloudpickle, gocloudpickle
    >>> gocloudpickle.install()
    >>> data = cloudpickle.dumps(lambda: 0)  # the engine's work
    >>> gocloudpickle.uninstall()
    """
    global _installed
    _loader.engine()  # which says so where there can be none
    with _ImportLock():
        _installed = True
    _switch_on()


def uninstall() -> None:
    """Give each cloudpickle its own pickler back, in `with installed()` blocks too."""
    global _installed
    with _ImportLock():
        _installed = False
        _blocks.clear()
        _switch_off()


class installed:
    """Switch the engine on for a with block, in all threads.

    At its end the engine is switched off, unless it was on before or is in another
    block.

    >>> import cloudpickle, gocloudpickle
    >>> with gocloudpickle.installed():
    ...     data = cloudpickle.dumps(lambda: 0)  # the engine's work
    """

    def __enter__(self) -> installed:
        _loader.engine()
        with _ImportLock():
            _blocks.add(self)
        _switch_on()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with _ImportLock():
            _blocks.discard(self)
            if not is_on():
                _switch_off()


class _ImportLock:
    def __enter__(self) -> None:
        _imp.acquire_lock()

    def __exit__(self, *exception: Any) -> None:
        _imp.release_lock()


def is_on() -> bool:
    """Tell whether modules imported from now on are patched."""
    return _installed or bool(_blocks)


def install_when_needed() -> None:
    """Install, but load the engine only when a cloudpickle is imported."""
    global _installed
    with _ImportLock():
        _installed = True
        _finder.enable(TARGETS, imported)
    if any(name in sys.modules for name in TARGETS):
        install()


def _switch_on() -> None:
    with _ImportLock():
        _finder.enable(TARGETS, imported)
    for name in TARGETS:
        if _being_imported(name):
            # Another thread is in the middle of it, and may have begun before the finder
            # was there: an import waits for that thread. Packages first, see _modules.
            try:
                for end in range(1, name.count(".") + 2):
                    __import__(".".join(name.split(".")[:end]))
            except Exception:
                pass  # that thread is told
        module = sys.modules.get(name)
        if module is not None:
            patch(module)


def _being_imported(name: str) -> bool:
    module = sys.modules.get(name)
    if module is None:  # it is being searched for, or it isn't (Lib/importlib/_bootstrap.py)
        return name in getattr(_frozen_importlib, "_module_locks", ())
    return getattr(getattr(module, "__spec__", None), "_initializing", False)


def _switch_off() -> None:
    _finder.disable()
    while _patches:
        _patches.pop().undo()
    _refused.clear()


def imported(module: ModuleType) -> None:
    """Switch the engine on in a module that has just been imported."""
    patch(module)


def patch(module: ModuleType) -> None:
    """Switch the engine on in one module, if it is to be. Never raises: frameworks import it."""
    name = module.__name__
    try:
        engine = _loader.engine()
        with _ImportLock():
            if not is_on() or name in _refused or any(p.is_of(module) for p in _patches):
                return
            kind = LOADERS.get(name, Patch)
            why = kind.why_not(module)
            if why == Patch.OURS:
                return
            if why is None:
                new = kind.of(module, engine)
                why = new.why_different(engine)
            if why is None:
                new.apply()
                _patches.append(new)
                return
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
    _refused[name] = why
    import warnings

    warnings.warn(f"gocloudpickle leaves {name} as it is: {why}", RuntimeWarning, stacklevel=2)


def modules() -> dict[str, dict[str, Any]]:
    """Describe the modules in question that are imported, for engine_info()."""
    result: dict[str, dict[str, Any]] = {}
    with _ImportLock():
        for name in TARGETS:
            module = sys.modules.get(name)
            if module is not None:
                on = any(p.is_of(module) for p in _patches)
                result[name] = {"on": on, "why_off": None if on else _refused.get(name)}
    return result
