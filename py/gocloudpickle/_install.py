"""Switches the engine on inside cloudpickle modules, and off again.

There are several: PyPI's, and copies of it inside frameworks; and modules that load
with pickle what those have written. Those that are imported are patched now, the others
when they are imported.
"""

from __future__ import annotations

import os
import sys

from gocloudpickle import _finder, _import_lock, _loader
from gocloudpickle._patch import Patch
from gocloudpickle._patch_loads import LoadsPatch, QueuePatch

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType, TracebackType
    from typing import Any

    from gocloudpickle.sealed import Signer, Verifier

# joblib has none of its own from 1.6 on, pyspark's is one module from 4.0 on.
CLOUDPICKLES: tuple[str, ...] = (
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
# They name the files of the keys with which workers seal and verify: sealed/_environment.py.
SEALING = ("GOCLOUDPICKLE_SIGNING_KEY", "GOCLOUDPICKLE_VERIFYING_KEYS")

# What is below is read and changed under the import lock: fork takes it first, so that
# a child never inherits it locked. Nothing is imported under it.
_installed = False  # by install()
_blocks: set[installed] = set()  # that threads are in
_patches: list[Patch | LoadsPatch | QueuePatch] = []  # that are applied
_refused: dict[str, str] = {}  # modules that are left alone, and why


def install(*, signer: Signer | None = None, verifier: Verifier | None = None) -> None:
    """Switch the engine on inside each cloudpickle that is or will be imported.

    PyPI's cloudpickle, and the copies of it in joblib, PySpark and Ray. What was bound
    or derived from them earlier uses the engine too. Dask, and the workers of loky, load
    with it as well. A copy of another version, whose payloads differ, is left alone with
    a RuntimeWarning; engine_info() lists them all. Calling it again changes nothing.
    Where the engine can't be used it only says so, in a RuntimeWarning.

    With a sealed.Signer, what Dask, Ray, joblib, concurrent.futures and PySpark send from
    this process to others is sealed; with a sealed.Verifier, what they get from others is
    verified before it is loaded, and refused with a sealed.SealError unless it is sealed.
    docs/sealed.md says how workers get their keys, and what each framework sends by other
    ways. This needs no engine. Raises ImportError, also later from the import of a
    framework, for a release that can't be sealed.

    >>> import cloudpickle, gocloudpickle
    >>> gocloudpickle.install()
    >>> data = cloudpickle.dumps(lambda: 0)  # the engine's work
    >>> gocloudpickle.uninstall()
    """
    if signer is not None or verifier is not None:
        from gocloudpickle.sealed import _frameworks

        _frameworks.seal(signer, verifier)
    if _has_engine("install()"):
        _switch_on(_set_installed)


def _set_installed() -> None:
    global _installed
    _installed = True


def _has_engine(what: str) -> bool:
    why = _loader.why_python()
    if why is not None and not _loader.is_python_asked_for():
        import warnings

        warnings.warn(
            f"gocloudpickle's {what} leaves each cloudpickle as it is: {why}",
            RuntimeWarning,
            stacklevel=3,
        )
    return why is None


def uninstall() -> None:
    """Give each cloudpickle its own pickler back, in `with installed()` blocks too.

    Frameworks then send plain pickles again, and accept them.
    """
    frameworks = sys.modules.get("gocloudpickle.sealed._frameworks")
    if frameworks is not None:
        frameworks.unseal()
    _import_lock.run(_uninstall)


def _uninstall() -> None:
    global _installed
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
        if _has_engine("installed()"):
            _switch_on(lambda: _blocks.add(self))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _import_lock.run(_leave, self)


def _leave(block: installed) -> None:
    _blocks.discard(block)
    if not is_on():
        _switch_off()


def is_on() -> bool:
    """Tell whether modules imported from now on are patched."""
    return _installed or bool(_blocks)


def install_when_needed() -> None:
    """Install, but load the engine only when a cloudpickle is imported.

    Where it can't be loaded, each cloudpickle stays as it is, and engine_info() says why.
    """
    _import_lock.run(_watch, _set_installed)
    if any(name in sys.modules for name in TARGETS) and _loader.engine_or_none() is not None:
        _switch_on(_set_installed)


def is_to_seal() -> bool:
    """Tell whether the environment says that this process seals or verifies."""
    return any(os.environ.get(name) for name in SEALING)


def _watch(note: Callable[[], None]) -> None:
    note()
    _finder.enable(TARGETS, imported)


def _switch_on(note: Callable[[], None]) -> None:
    _import_lock.run(_watch, note)
    for name in TARGETS:
        wait_for_import(name)
        module = sys.modules.get(name)
        if module is not None:
            patch(module)


def wait_for_import(name: str) -> None:
    """Let another thread that is in the middle of importing a module end that.

    It may have begun before the finder was there.
    """
    if _being_imported(name) and not _import_lock.is_held():
        # An import waits for that thread. Packages first, see _modules.
        try:
            for end in range(1, name.count(".") + 2):
                __import__(".".join(name.split(".")[:end]))
        except Exception:
            pass  # that thread is told


def _being_imported(name: str) -> bool:
    module = sys.modules.get(name)
    if module is None:  # it is being searched for, or it isn't (Lib/importlib/_bootstrap.py)
        return _import_lock.is_searched_for(name)
    return _import_lock.is_initializing(module)


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
    try:
        engine = _loader.engine_or_none()
        why = None if engine is None else _import_lock.run(_patch, module, engine)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
    if why is None:
        return
    name = module.__name__
    _refused[name] = why
    import warnings

    warnings.warn(f"gocloudpickle leaves {name} as it is: {why}", RuntimeWarning, stacklevel=2)


def _patch(module: ModuleType, engine: ModuleType) -> str | None:
    """Patch a module, under the import lock; say why not, None where that needs no words."""
    name = module.__name__
    if not is_on() or name in _refused or any(p.is_of(module) for p in _patches):
        return None
    kind = LOADERS.get(name, Patch)
    why = kind.why_not(module)
    if why is None:
        new = kind.of(module, engine)
        why = new.why_different(engine)
        if why is None:
            new.apply()
            _patches.append(new)
    return None if why == Patch.OURS else why


def modules() -> dict[str, dict[str, Any]]:
    """Describe the modules in question that are imported, for engine_info()."""
    result: dict[str, dict[str, Any]] = _import_lock.run(_describe, _loader.why_python())
    return result


def _describe(why_python: str | None) -> dict[str, dict[str, Any]]:
    result: dict[str, dict[str, Any]] = {}
    for name in TARGETS:
        module = sys.modules.get(name)
        if module is not None:
            on = why_python is None and any(p.is_of(module) for p in _patches)
            why_off = None if on else why_python or _refused.get(name)
            result[name] = {"on": on, "why_off": why_off}
    return result
