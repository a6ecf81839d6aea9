"""What dumps(skip=...) does: objects saved as something else."""

from __future__ import annotations

import operator
import types

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

# Saved before any hook is asked, by opcodes of their own.
NEVER_ASKED = frozenset(
    {type(None), bool, int, float, str, bytes, tuple, list, dict, set, frozenset, bytearray}
)


_mro = type.__dict__["__mro__"].__get__  # what the class has, whatever its metaclass says


def reducer(skip: Mapping[type, Any]) -> Callable[[Any], Any]:
    """Return what reduces the objects to be skipped, and gives NotImplemented for others.

    An object is reduced to operator.getitem((replacement,), 0), which any process can load
    and which gives the replacement itself. It takes the object's place in the memo, so that
    an object that is met twice has one replacement.
    """
    replacements = dict(skip)
    for cls in replacements:
        if not isinstance(cls, type):
            raise TypeError(f"skip: {cls!r} is not a type")
        if cls in NEVER_ASKED:
            raise TypeError(
                f"skip: {cls.__name__} objects can't be replaced, only subclasses of it"
            )
    # What has been found for a type, by its id, and the type, so that it lives.
    by_type: dict[int, tuple[Any, type]] = {}
    # Replacements are saved as they are, also where their type is to be skipped, and so is what
    # payloads call. Held, so that no other object gets such an id.
    made: dict[int, Any] = {id(value): value for value in (*replacements.values(), *_called())}

    def reduce(obj: Any) -> Any:
        cls = type(obj)
        try:
            replacement = by_type[id(cls)][0]
        except KeyError:
            found = (replacements[base] for base in _mro(cls) if base in replacements)
            replacement = next(found, NotImplemented)
            by_type[id(cls)] = replacement, cls
        if replacement is NotImplemented or id(obj) in made:
            return NotImplemented
        value = replacement(obj) if callable(replacement) else replacement
        made[id(value)] = value
        return operator.getitem, ((value,), 0)

    return reduce


def _called() -> list[Any]:
    """Return the functions that payloads call: without them nothing could be loaded."""
    from gocloudpickle import _modules

    namespace: Any = _modules.namespace()
    functions = [
        value
        for value in vars(namespace).values()
        if type(value) is types.FunctionType and value.__module__ == namespace.__name__
    ]
    return [operator.getitem, getattr, *functions]
