"""The engine's loads, as an object that others get as pickle's own."""

from __future__ import annotations

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any


def _reduce(self: Any) -> tuple[Any, tuple[str]]:
    # cloudpickle.loads is _pickle.loads. A task that names it can go to a process that
    # has no gocloudpickle, and means the same there.
    from pkgutil import resolve_name

    return resolve_name, ("_pickle:loads",)


def make(native: Any) -> Any:
    """Return `native`, the engine's function, as a callable that is pickled so."""
    namespace = {
        "__slots__": (),
        "__module__": __name__,
        "__doc__": native.__doc__,
        "__name__": "loads",
        "__wrapped__": native,  # where inspect.signature looks
        "__call__": staticmethod(native),
        "__repr__": lambda self: f"<loads of gocloudpickle, for {native!r}>",
        "__reduce__": _reduce,
    }
    return type("Loads", (), namespace)()
