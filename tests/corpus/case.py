"""One kind of object, how to make it and how to recognise it after loading."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

ALL_PROTOCOLS = (0, 1, 2, 3, 4, 5)


class Either(Exception):
    """Says that a case may fail or not, as the reference decides: a payload is compared, not loaded."""


def refused_below_2(protocol: int) -> type[BaseException] | None:
    """For objects that copyreg knows no way for before protocol 2; which of them fail is the reference's matter."""
    return Either if protocol < 2 else None


Setup = Callable[[], contextlib.AbstractContextManager[Any]]
Failure = type[BaseException] | tuple[type[BaseException], ...]


@dataclass(frozen=True)
class Case:
    """An object of the corpus.

    `check` gets what came out of the payload and says whether it is right; it
    runs in a process that did not make the object.  Without it the loaded
    object has to equal a newly made one.  `raises` is what stock cloudpickle
    raises, or a function from the protocol to that (or None).
    """

    name: str
    make: Callable[[], Any]
    check: Callable[[Any], object] | None = None
    protocols: tuple[int, ...] = ALL_PROTOCOLS
    min_python: tuple[int, int] = (3, 10)
    max_python: tuple[int, int] = (3, 99)
    raises: Failure | Callable[[int], Failure | None] | None = None
    setup: Setup = contextlib.nullcontext
    requires: tuple[str, ...] = ()
    buffers: bool = False
    """Holds buffers that protocol 5 can take out of band."""
    repeatable: bool = True
    """Two objects made by `make` give equal payloads, tracker ids aside."""

    unloadable: tuple[int, ...] = ()
    """Protocols whose payload even stock cloudpickle's loading side refuses."""

    better: bool = False
    """Where the dump isn't strict, ours loads all the same: docs/beyond-cloudpickle.md."""

    def why_not(self) -> str | None:
        """Why this case says nothing on this interpreter, or None."""
        version = sys.version_info[:2]
        if version < self.min_python:
            return "needs Python %d.%d or later" % self.min_python
        if version > self.max_python:
            return "needs Python %d.%d or earlier" % self.max_python
        for name in self.requires:
            if importlib.util.find_spec(name) is None:
                return f"needs {name}, which is not installed"
        return None

    def failure(self, protocol: int) -> Failure | None:
        """The exception stock cloudpickle is known to raise, or None."""
        if self.raises is None:
            return None
        if isinstance(self.raises, (type, tuple)):
            return self.raises
        return self.raises(protocol)

    def verify(self, loaded: Any) -> None:
        if self.check is None:
            expected = self.make()
            assert type(loaded) is type(expected), (type(loaded), type(expected))
            assert loaded == expected, (
                f"{self.name}: loaded {loaded!r:.200}, expected {expected!r:.200}"
            )
        else:
            assert self.check(loaded), f"{self.name}: the check refused {loaded!r:.200}"


class Shelf:
    """The cases of one file.  `shelf.case(...)` decorates a factory."""

    def __init__(self, kind: str, **common: Any) -> None:
        self.kind = kind
        self.common = common
        self.cases: list[Case] = []

    def add(
        self,
        name: str,
        make: Callable[[], Any],
        check: Callable[[Any], object] | None = None,
        **options: Any,
    ) -> None:
        full = f"{self.kind}.{name}"
        if any(case.name == full for case in self.cases):
            raise ValueError(f"two cases are called {full}; give one of them another name")
        self.cases.append(Case(full, make, check, **{**self.common, **options}))

    def case(
        self, check: Callable[[Any], object] | None = None, **options: Any
    ) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
        def keep(make: Callable[[], Any]) -> Callable[[], Any]:
            self.add(make.__name__, make, check, **options)
            return make

        return keep

    def values(self, named: Iterable[tuple[str, Any]], **options: Any) -> None:
        """Plain values, compared by ==."""
        for name, value in named:
            self.add(name, lambda value=value: value, **options)


def namespace(source: str, name: str | None = "corpus_dynamic", **more: Any) -> dict[str, Any]:
    """Run source as a module that nobody can import; its globals."""
    space: dict[str, Any] = dict(more)
    if name is not None:
        space["__name__"] = name
    # A fixed file name keeps co_filename, and so the payload, the same everywhere.
    # It must not inherit this file's __future__ imports.
    exec(compile(source, "<corpus>", "exec", dont_inherit=True), space)
    return space


def from_source(
    source: str, result: str = "result", name: str | None = "corpus_dynamic", **more: Any
) -> Callable[[], Any]:
    """A factory that runs source and returns one of its globals.

    Syntax that an interpreter is too old for only fails when it is made.
    """
    return lambda: namespace(source, name, **more)[result]
