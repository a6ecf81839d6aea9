"""Descriptors of subclasses of property, classmethod and staticmethod, with what they have besides."""

from __future__ import annotations

import abc
import copyreg

from gocloudpickle._beyond._travel import by_value

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

    Namespace = Any
    Reduction = Any


def reduce_abstract_property(namespace: Namespace, prop: Any) -> Reduction:
    """Reduce an abc.abstractproperty, of which cloudpickle makes a property."""
    # Its __doc__ is one of its attributes.
    return abc.abstractproperty, (prop.fget, prop.fset, prop.fdel), vars(prop) or None


def reduce_property_subclass(namespace: Namespace, prop: Any) -> Reduction:
    """Reduce an instance of a subclass of property, without calling what that overrides."""
    names = ("fget", "fset", "fdel", "__doc__")
    parts = tuple(vars(property)[name].__get__(prop) for name in names)
    return property.__new__, (type(prop),), (parts, *state_of(prop)), None, None, fill_property


def reduce_method_subclass(namespace: Namespace, method: Any) -> Reduction:
    """Reduce an instance of a subclass of classmethod or staticmethod, likewise."""
    base = classmethod if isinstance(method, classmethod) else staticmethod
    parts = base, vars(base)["__func__"].__get__(method)
    return base.__new__, (type(method),), (parts, *state_of(method)), None, None, fill_method


def state_of(obj: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the __dict__ and the slots of an object, whatever its class overrides."""
    names = copyreg._slotnames(type(obj))  # type: ignore[attr-defined]
    slots = {}
    for name in names:
        try:
            slots[name] = object.__getattribute__(obj, name)
        except AttributeError:  # the slot is empty
            continue
    try:
        return dict(object.__getattribute__(obj, "__dict__")), slots
    except AttributeError:
        return {}, slots


@by_value
def fill_property(prop: Any, state: Any) -> None:
    """Give a new instance of a subclass of property its functions and its state."""
    parts, attributes, slots = state
    if any(parts):
        property.__init__(prop, *parts)
    if attributes:
        object.__getattribute__(prop, "__dict__").update(attributes)
    for name, value in slots.items():
        object.__setattr__(prop, name, value)


@by_value
def fill_method(method: Any, state: Any) -> None:
    """Give a new instance of a subclass of classmethod or staticmethod likewise."""
    (base, function), attributes, slots = state
    base.__init__(method, function)
    if attributes:
        object.__getattribute__(method, "__dict__").update(attributes)
    for name, value in slots.items():
        object.__setattr__(method, name, value)
