"""What the reducers of this package are made with."""

from __future__ import annotations

from gocloudpickle._by_value import lookup_module_and_qualname

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

    Namespace = Any


def is_importable(namespace: Namespace, obj: Any, name: str | None = None) -> bool:
    """Tell whether the worker finds an object where it says it is: cloudpickle's rule for functions."""
    place = lookup_module_and_qualname(obj, name)
    return place is not None and not namespace._is_registered_pickle_by_value(place[0])


class Call:
    """Stands in a reduction for what function(*args) returns: it is called when loading."""

    def __init__(self, function: Any, *args: Any) -> None:
        self._parts = function, args

    def __call__(self) -> None:
        """Be callable, as pickle wants of the first item of a reduction."""
        raise NotImplementedError

    def __reduce__(self) -> Any:
        return self._parts
