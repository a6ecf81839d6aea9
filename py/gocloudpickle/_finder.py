"""Tells when a module has been imported: a finder, first in sys.meta_path.

It finds nothing itself. It asks the finders behind it, and lets the loader that they
name do its work; then it calls back. Once a module is imported, nothing in it shows
that the finder was there.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


class _Watch:
    """Wraps the loader of a module's spec until that module has been executed."""

    def __init__(self, loader: Any, imported: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._imported = imported

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        # First, since the module's own code may look at them.
        spec: Any = module.__spec__
        if spec is not None and spec.loader is self:
            spec.loader = self._loader
        if module.__loader__ is self:
            module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._imported(module)

    # Until then it is the loader to whoever asks: for its source, its resources, ...

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # what isinstance asks
        return type(self._loader)


class Finder:
    """Watches for the import of some modules."""

    def __init__(self, names: Sequence[str], imported: Callable[[ModuleType], None]) -> None:
        self._names = frozenset(names)
        self._imported = imported

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname not in self._names:
            return None
        finders = list(sys.meta_path)
        if self not in finders:  # disabled, by another thread
            return None
        for finder in finders[finders.index(self) + 1 :]:
            if not hasattr(finder, "find_spec"):
                continue
            spec: ModuleSpec | None = finder.find_spec(fullname, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Watch(spec.loader, self._imported)  # type: ignore[assignment]
                return spec
        return None


_finder: Finder | None = None

# Both are called under the import lock.


def enable(names: Sequence[str], imported: Callable[[ModuleType], None]) -> None:
    """Call imported with each of these modules once it is imported, or reloaded."""
    global _finder
    if _finder is None:
        _finder = Finder(names, imported)
    elif sys.meta_path and sys.meta_path[0] is _finder:
        return
    elif _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    sys.meta_path.insert(0, _finder)


def disable() -> None:
    """Watch no more."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
