"""Callables of functools that pickle as a name which the worker may lack."""

from __future__ import annotations

import functools
import gc
import threading
from weakref import WeakKeyDictionary, WeakValueDictionary

from gocloudpickle._beyond._parts import Call, is_importable

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

    Namespace = Any
    Reduction = Any


def reduce_lru_cache(namespace: Namespace, cached: Any) -> Reduction:
    """Reduce what lru_cache or cache has made to the function and the parameters.

    Its own __reduce__ gives its qualified name, which a worker lacks that has not run
    the same ``__main__``. The cache starts empty, as in any new process.
    """
    if is_importable(namespace, cached):
        return NotImplemented
    attributes = dict(vars(cached))
    parameters, function = attributes.pop("cache_parameters", None), attributes.get("__wrapped__")
    if getattr(parameters, "__globals__", None) is not vars(functools):
        return NotImplemented  # what it caches by isn't known: somebody has replaced that
    if not any(part is function for part in gc.get_referents(cached)):
        return NotImplemented  # nor what it calls
    values = parameters()
    make = Call(functools.lru_cache, values["maxsize"], values["typed"])
    # The attributes come after: where the function refers to the wrapper, it is still
    # without a name when lru_cache copies that.
    return make, (function,), attributes


def reduce_cached_property(namespace: Namespace, prop: Any) -> Reduction:
    """Reduce a cached_property without its lock, which it has up to 3.11."""
    if type(prop) is not functools.cached_property:
        return _reduce_cached_property_subclass(prop)
    attributes = dict(vars(prop))
    if type(attributes.pop("lock", None)) is not _RLOCK:
        return NotImplemented
    return functools.cached_property, (attributes.get("func"),), attributes


def _reduce_cached_property_subclass(prop: Any) -> Reduction:
    """Reduce it as object does, with a new lock in its state."""
    cls: Any = type(prop)
    if cls.__reduce_ex__ is not object.__reduce_ex__:
        return NotImplemented
    reduction = object.__reduce_ex__(prop, 4)  # which calls a __reduce__ of its own, if it has one
    if type(reduction) is not tuple or len(reduction) < 3:
        return NotImplemented
    state = reduction[2]
    attributes, *slots = state if type(state) is tuple and len(state) == 2 else (state,)
    if type(attributes) is not dict or type(attributes.get("lock")) is not _RLOCK:
        return NotImplemented
    attributes = {**attributes, "lock": Call(threading.RLock)}
    return *reduction[:2], (attributes, *slots) if slots else attributes, *reduction[3:]


_RLOCK = type(threading.RLock())


def reduce_partialmethod(namespace: Namespace, method: Any) -> Reduction:
    """Reduce a partialmethod: from 3.14 on its __new__ needs the function."""
    if "__new__" not in vars(functools.partialmethod):
        return NotImplemented
    # The state has the arguments; a function that is a partialmethod would be taken apart.
    return functools.partialmethod, (functools.partialmethod.__get__,), dict(vars(method))


def reduce_cmp_key(namespace: Namespace, key: Any) -> Reduction:
    """Reduce what cmp_to_key has returned, or what that has made of an object."""
    parts = gc.get_referents(key)  # there is no other way to the function
    if parts and parts[0] is type(key):
        del parts[0]
    function, *wrapped = parts
    if not wrapped:
        return functools.cmp_to_key, (function,)
    return Call(functools.cmp_to_key, function), tuple(wrapped)


# singledispatch.
#
# A dispatched function is a closure over its registry and over a cache with weak keys,
# which cloudpickle can't pickle. It goes by value, as any closure does, with an empty
# cache. So the functions that share the registry still share it when loaded, and its
# attribute registry, a view, shows it. Cache and registry are known by the functions that
# close over them, which are saved before.

_caches: WeakValueDictionary[int, Any] = WeakValueDictionary()
"""Caches by their ids, and by those of the registries, which live as long."""


def note_dispatch_cache(func: Any) -> None:
    """Remember the cache and the registry of a function inside singledispatch."""
    try:
        cache, registry = (
            func.__closure__[func.__code__.co_freevars.index(name)].cell_contents
            for name in ("dispatch_cache", "registry")
        )
    except ValueError:  # it is another function, or a cell is empty
        return
    if type(cache) is WeakKeyDictionary:
        _caches[id(cache)] = _caches[id(registry)] = cache


def is_dispatch_cache(weak: Any) -> bool:
    """Tell whether a WeakKeyDictionary is such a cache."""
    return _caches.get(id(weak)) is weak


def reduce_registry_view(namespace: Namespace, view: Any) -> Reduction:
    """Reduce the view of a registry to one of the very registry, where cloudpickle copies it."""
    shown = gc.get_referents(view)
    if len(shown) != 1 or id(shown[0]) not in _caches:
        return NotImplemented
    return type(view), (shown[0],)
