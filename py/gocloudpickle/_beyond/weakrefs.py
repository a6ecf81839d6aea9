"""Weak references: alive on the worker if something else in the payload holds what they refer to.

Each is reduced to the object that it refers to. The unpickler holds that object until
the payload is loaded; who has no other reference to it then, has it no more, and a weak
reference to it is dead, as it is wherever nobody holds its object. A weak dictionary
loses such items in the same way.
"""

from __future__ import annotations

import copyreg
import types
import weakref
from _thread import allocate_lock

from gocloudpickle._beyond._parts import Call
from gocloudpickle._beyond.functools_ import is_dispatch_cache

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

    Namespace = Any
    Reduction = Any


def reduce_ref(namespace: Namespace, reference: Any) -> Reduction:
    """Reduce a weakref.ref to its object and its callback, if there is one."""
    return weakref.ref, _arguments(reference(), reference.__callback__)


def reduce_ref_subclass(namespace: Namespace, reference: Any) -> Reduction:
    """Reduce an instance of a subclass of weakref.ref, without calling what that overrides."""
    cls = type(reference)
    arguments = _arguments(weakref.ref.__call__(reference), reference.__callback__)
    return weakref.ref.__new__, (cls, *arguments), _state(cls, reference)


def reduce_weak_method(namespace: Namespace, reference: Any) -> Reduction:
    """Reduce a weakref.WeakMethod to its bound method and its callback."""
    method = reference()
    if method is None:
        method = Call(types.MethodType, copyreg.__newobj__, Call(allocate_lock))  # type: ignore[attr-defined]
        return weakref.WeakMethod, (method,)
    return weakref.WeakMethod, _given(method, _callback_of_method(reference))


def reduce_proxy(namespace: Namespace, proxy: Any) -> Reduction:
    """Reduce a weakref.proxy, which cloudpickle takes for the object itself."""
    try:
        referent = proxy.__reduce_ex__.__self__
        if type(referent) is not proxy.__class__:
            return NotImplemented
    except ReferenceError:
        referent = None
    except AttributeError:
        return NotImplemented  # the object answers with what is no method of it
    return weakref.proxy, _arguments(referent, None)


def reduce_weak_dictionary(namespace: Namespace, weak: Any) -> Reduction:
    """Reduce a WeakKeyDictionary or WeakValueDictionary to the items that it has now.

    The cache of a function of singledispatch has none to send.
    """
    if is_dispatch_cache(weak):
        return type(weak), ()
    return type(weak), (), None, None, iter(list(weak.items()))


def _arguments(referent: Any, callback: Any) -> tuple[Any, ...]:
    if referent is None:  # of a dead reference: an object that nobody else can have
        return _given(Call(allocate_lock), None)
    return _given(referent, callback)


def _given(referent: Any, callback: Any) -> tuple[Any, ...]:
    return (referent,) if callback is None else (referent, callback)


def _callback_of_method(reference: Any) -> Any:
    # WeakMethod gives weakref.ref a callback of its own, a closure over the user's.
    own = reference.__callback__
    cells = dict(zip(own.__code__.co_freevars, own.__closure__ or (), strict=False))
    return cells["callback"].cell_contents if "callback" in cells else None


def _state(cls: type, obj: Any) -> Any:
    """Return what object.__reduce_ex__ would have for a state; up to 3.10 that can't be asked."""
    attributes = getattr(obj, "__dict__", None) or None
    names = copyreg._slotnames(cls)  # type: ignore[attr-defined]
    slots = {name: getattr(obj, name) for name in names if hasattr(obj, name)}
    return (attributes, slots) if slots else attributes
