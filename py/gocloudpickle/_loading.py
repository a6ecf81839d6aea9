"""loads and load, the engine's or pickle's unpickler's, as objects that others get as pickle's own."""

from __future__ import annotations

import sys

from gocloudpickle import _strict, _unpickler

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# What refuse_unsealed puts around the engine's, where that is loaded later.
wrap: Callable[[Any], Any] | None = None


def _reduce(self: Any) -> tuple[Any, tuple[str]]:
    # cloudpickle.loads is _pickle.loads. A task that names it can go to a process that
    # has no gocloudpickle, and means the same there.
    from pkgutil import resolve_name

    return resolve_name, (f"_pickle:{self.__name__}",)


def make(native: Any, name: str = "loads", call: Any = None) -> Any:
    """Return `native`, which stands for pickle's function of that name, as a callable pickled so.

    It calls `call`, if that is given, in native's place.
    """
    inner = staticmethod(native if call is None else call)
    namespace = {
        "__slots__": (),
        "__module__": __name__,
        "__doc__": native.__doc__,
        "__name__": name,
        "__wrapped__": native,  # where inspect.signature looks
        "__call__": inner,
        "inner": inner,  # stays where refuse_unsealed puts a door in front of it
        "__repr__": lambda self: f"<{name} of gocloudpickle, for {native!r}>",
        "__reduce__": _reduce,
    }
    return type("Loads", (), namespace)()


def with_policy(native: Any, name: str) -> Any:
    """Return the loads or load of a process without an engine, which takes a policy too."""
    # Not as globals, which are None for the last finalizers of a process.
    ours = native if _strict.ENVIRONMENT else getattr(_unpickler, name)
    is_finalizing, short, word = sys.is_finalizing, _unpickler.SHORT, _unpickler.NAME

    def call(*source: Any, **options: Any) -> Any:
        if not options and len(source) == 1:
            (data,) = source
            if (type(data) is bytes and len(data) <= short and word not in data) or is_finalizing():
                return native(data)
            return ours(data)
        if "policy" in options:
            from gocloudpickle import _policy

            return getattr(_policy, name)(*source, **options)
        if len(source) != 1 or is_finalizing():
            return native(*source, **options)
        return ours(*source, **options)

    call.__doc__ = native.__doc__
    return make(native, name, call)
