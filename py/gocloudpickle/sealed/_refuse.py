"""refuse_unsealed: closes the doors through which pickles come into a process."""

from __future__ import annotations

import sys

import gocloudpickle
from gocloudpickle import (
    _finder,
    _import_lock,
    _install,
    _loader,
    _loading,
    _unpickler,
)
from gocloudpickle.sealed import _process
from gocloudpickle.sealed._envelope import MAGIC
from gocloudpickle.sealed._errors import Unsigned

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    from gocloudpickle.sealed._verify import Verifier

# The modules of cloudpickle, and the packages around them, which have the same names.
_MODULES: tuple[str, ...] = tuple(
    name for full in _install.CLOUDPICKLES for name in (full, full.rpartition(".")[0])
)
_finders: list[_finder.Finder] = []
_everywhere = False


def refuse_unsealed(verifier: Verifier | None = None, *, everywhere: bool = False) -> None:
    """Make this process refuse every pickle that isn't sealed, for the rest of its life.

    From then on loads and load of gocloudpickle, of each cloudpickle that is or will be
    imported, and the functions that install() gives to Dask, raise sealed.Unsigned for a
    plain pickle. What is sealed they verify, with verifier or else with that of install(),
    and load. What a verified pickle loads in its turn is let through. It holds for all
    threads and for forked children, and can't be undone: start another process.

    pickle.loads itself, pickle.load and pickle.Unpickler, and cloudpickle's loads where a
    program has bound it before (it is pickle.loads), stay as they are: Python's own
    modules need them. With everywhere=True they, and whatever is derived from them,
    refuse too, as soon as a plain pickle names a function or class; plain data still
    loads. multiprocessing doesn't work in such a process.

    >>> import gocloudpickle
    >>> gocloudpickle.refuse_unsealed()  # doctest: +SKIP
    >>> gocloudpickle.loads(gocloudpickle.dumps(42))  # doctest: +SKIP
    Traceback (most recent call last):
        ...
    gocloudpickle.sealed.Unsigned: it is not sealed, and this process loads nothing else...
    """
    _loader.engine_or_none()  # whose loads is then there to be replaced
    _import_lock.run(_refuse, verifier, everywhere)


def _refuse(verifier: Verifier | None, everywhere: bool) -> None:
    global _everywhere
    if verifier is not None:
        _process.change(verifier=verifier)
    if not _process.state().refuses:
        _process.change(refuses=True)
        _loading.wrap = _loads_door  # an engine that is loaded later
        kind: Any = type(gocloudpickle.loads)
        if kind.__module__ == _loading.__name__:
            # The engine's, which others have bound: Dask's module by install(), or a program.
            kind.__call__ = staticmethod(_loads_door(kind.inner))
        _close(gocloudpickle)
        for name in _MODULES:
            if name in sys.modules:
                _close(sys.modules[name])
    if not _finders:
        _finders.append(_finder.Finder(_MODULES, _close))
    if _finders[0] not in sys.meta_path:
        sys.meta_path.insert(0, _finders[0])
    if everywhere and not _everywhere:
        sys.addaudithook(_audit)
        _everywhere = True


def _close(module: ModuleType) -> None:
    """Replace a module's loads and load, unless they are closed already."""
    names = vars(module)
    for name, door in (("loads", _loads_door), ("load", _load_door)):
        function = names.get(name)
        inner: Any = getattr(function, "__wrapped__", None)
        if not callable(function) or getattr(inner, "__module__", None) == __name__:
            continue
        # The engine's stays itself for who has it. A door of its own is left alone by
        # install() and uninstall(), which look for pickle's and the engine's.
        is_ours = type(function).__module__ == _loading.__name__
        names[name] = _loading.make(door(function.inner if is_ours else function), name)


def _loads_door(original: Callable[..., Any]) -> Callable[..., Any]:
    def loads(data: Any, /, *, buffers: Any = (), **options: Any) -> Any:
        return _process.load(original, data, buffers, options)

    loads.__doc__ = original.__doc__
    return loads


def _load_door(original: Callable[..., Any]) -> Callable[..., Any]:
    def load(file: Any, *, buffers: Any = (), **options: Any) -> Any:
        if _process.is_opening():
            return original(file, buffers=buffers, **options)
        # An envelope ends with its file, other than a pickle: Verifier.load has a
        # chunk of it in memory, this all.
        data = file.read(len(MAGIC))
        if data != MAGIC:
            raise Unsigned(_process.NOT_SEALED)
        return _process.load(_unpickler.loads, data + file.read(), buffers, options)

    load.__doc__ = original.__doc__
    return load


def _audit(
    event: str,
    arguments: Any,
    is_opening: Callable[[], bool] = _process.is_opening,
    refusal: type[Unsigned] = Unsigned,
    text: str = _process.NOT_SEALED,
) -> None:
    # Of each name that a pickle is about to import (CPython raises it in _pickle.c and
    # pickle.py): the only step by which it can do more than make plain data. The defaults
    # are there when this module's names are gone, at the end of the process.
    if event == "pickle.find_class" and not is_opening():
        raise refusal(text)
