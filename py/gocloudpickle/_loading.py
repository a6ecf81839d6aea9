"""loads and load, the engine's or pickle's, as objects that others get as pickle's own."""

from __future__ import annotations

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
    """Return pickle's own loads or load, which takes a policy too."""

    def call(source: Any, /, **options: Any) -> Any:
        if "policy" not in options:
            return native(source, **options)
        from gocloudpickle import _policy

        return getattr(_policy, name)(source, **options)

    call.__doc__ = native.__doc__
    return make(native, name, call)
