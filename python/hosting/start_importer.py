"""Imports modules whose source a Go program carries (see start_modules.go)."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType

    Sources = dict[str, tuple[str, str, bool]]


class MemoryImporter:
    """Finds and loads modules by full name: the source, its file's name, is it a package."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname not in self._sources:
            return None
        _, file, is_package = self._sources[fullname]
        spec = ModuleSpec(fullname, self, origin=file, is_package=is_package)  # type: ignore[arg-type]
        spec.has_location = True  # __file__ is set, and tracebacks ask for the source
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.get_code(module.__name__), module.__dict__)

    # What inspect, linecache and runpy ask a loader for (PEP 302).

    def get_code(self, fullname: str) -> CodeType:
        source, file, _ = self._sources[fullname]
        return compile(source, file, "exec", dont_inherit=True)

    def get_source(self, fullname: str) -> str:
        return self._sources[fullname][0]

    def is_package(self, fullname: str) -> bool:
        return self._sources[fullname][2]


def append_finder(sources: Sources) -> None:
    """Find these modules where no other finder does."""
    sys.meta_path.append(MemoryImporter(sources))


def insert_finder(sources: Sources) -> None:
    """Find these modules before any other finder."""
    sys.meta_path.insert(0, MemoryImporter(sources))
