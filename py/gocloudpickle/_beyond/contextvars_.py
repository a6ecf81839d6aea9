"""Context variables, and contexts with their values.

A variable that a module has goes as that module's attribute. Any other gets an id when
it is first dumped, as a class does in the class tracker, so that it is one variable in a
payload and in a process, however often it arrives. Its default goes along; what it is set
to belongs to a context, and goes with that.
"""

from __future__ import annotations

import contextvars
import sys
import types

from gocloudpickle._beyond._travel import by_value

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

    Namespace = Any
    Reduction = Any
    Variable = contextvars.ContextVar[Any]


def reduce_variable(namespace: Namespace, variable: Variable) -> Reduction:
    """Reduce a ContextVar to its place in a module, or to its id, name and default."""
    place = _places.find(namespace, variable)
    if place is not None:
        return getattr, place
    default: tuple[Any, ...] = ()
    try:
        default = (contextvars.Context().run(variable.get),)
    except LookupError:
        pass
    arguments = namespace._lookup_class_or_track, _id_of(namespace, variable), variable.name
    return find_variable, (*arguments, *default)


def reduce_context(namespace: Namespace, context: contextvars.Context) -> Reduction:
    """Reduce a Context to its variables and their values."""
    return contextvars.Context, (), list(context.items()), None, None, fill_context


@by_value
def find_variable(namespace_function: Any, identity: str, name: str, *default: Any) -> Any:
    """Return the variable with this id, which is a new one where there was none."""
    from contextvars import ContextVar

    known = namespace_function.__globals__.setdefault("_context_variables", {})
    if identity not in known:
        new = ContextVar(name, default=default[0]) if default else ContextVar(name)
        known.setdefault(identity, new)
    return known[identity]


@by_value
def fill_context(context: Any, items: Any) -> None:
    """Set variables in a context."""
    for variable, value in items:
        context.run(variable.set, value)


_ids: dict[Variable, str] = {}  # variables stay for ever in any case, in contexts


def _id_of(namespace: Namespace, variable: Variable) -> str:
    known = namespace.__dict__.setdefault("_context_variables", {})
    identity = _ids.get(variable)
    if identity is None:
        # One that has come with a payload keeps its id.
        found = [key for key, other in list(known.items()) if other is variable]
        if not found:
            import uuid

            found = [uuid.uuid4().hex]
        identity = _ids.setdefault(variable, found[0])
    known.setdefault(identity, variable)  # for the payload, if it comes back here
    return identity


class _Places:
    """Which modules have which variables as attributes."""

    def __init__(self) -> None:
        self._found: dict[Variable, tuple[str, str]] = {}
        self._nowhere: dict[Variable, int] = {}  # with the number of modules asked

    def find(self, namespace: Namespace, variable: Variable) -> tuple[Any, str] | None:
        """Return the module and the attribute, or None if no importable module has it."""
        place = self._found.get(variable)
        if place is not None:
            module = sys.modules.get(place[0])
            if module is not None and vars(module).get(place[1]) is variable:
                if not namespace._is_registered_pickle_by_value(module):
                    return module, place[1]
            del self._found[variable]
        if self._nowhere.get(variable) == len(sys.modules):
            return None
        for name, module in sys.modules.copy().items():
            if name == "__main__" or name == "__mp_main__" or type(module) is not types.ModuleType:
                continue
            if namespace._is_registered_pickle_by_value(module):
                continue
            for attribute, value in vars(module).copy().items():
                if value is variable:
                    self._found[variable] = name, attribute
                    return module, attribute
        self._nowhere[variable] = len(sys.modules)
        return None


_places = _Places()
