"""Ties the engine to the modules whose functions payloads name.

A target is what a dump is for: the module that payloads name, the Pickler class whose dispatch
table and hooks apply, and how functions and classes are reduced where a hook must see
the parts. Targets are numbered; a fresh engine image gets all of them again, in order.
"""

from __future__ import annotations

import _thread
import os
import types

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_targets: list[tuple[Any, ...]] = []


def bind(engine: ModuleType) -> None:
    """Give a new engine image its targets; number 0 is gocloudpickle's own."""
    from gocloudpickle import _modules, _pickler

    if not _targets:
        _add_own_target()
    _pickler.use_engine(engine, _pickler.pickler_class(_modules.namespace()))
    for number, target in enumerate(_targets):
        engine.bind(number, *target)
        override = _pickler.override_of_class(target[1])
        if override is not None:
            engine.bind_override(number, override)
    _bind_loading(engine)


def _add_own_target() -> None:
    from gocloudpickle import _by_value, _modules, _pickler

    namespace = _modules.namespace()
    cls = _pickler.pickler_class(namespace)
    table = cls._dispatch_table
    _replace_tracker_lock(namespace)
    names = _by_value.BUILTIN_TYPE_NAMES
    _targets.append((namespace, cls, table, names, reduce, cls._beyond))


_own_locks: list[Any] = []


def _replace_tracker_lock(namespace: Any) -> None:
    """Give a class tracker a lock that its thread can take twice, and that forks don't keep.

    A signal handler or a finalizer that dumps or loads a class can run while its thread is
    in the tracker. And another thread can be there at a fork.
    """
    name = "_DYNAMIC_CLASS_TRACKER_LOCK"
    old = getattr(namespace, name, None)
    if any(old is lock for lock in _own_locks):
        return
    if type(old) is type(_thread.allocate_lock()):  # not gevent's, nor one of a later version
        setattr(namespace, name, _thread.RLock())
    lock = getattr(namespace, name, None)
    reinit = getattr(lock, "_at_fork_reinit", None)  # as threading does with its own
    if reinit is not None and hasattr(os, "register_at_fork"):  # not on Windows
        _own_locks.append(lock)
        os.register_at_fork(after_in_child=reinit)


def pickler_of(target: int) -> Any:
    """Return the Pickler class of a target: number 0 is there without an engine too."""
    if not _targets:
        _add_own_target()
    return _targets[target][1]


_has_loads = False


def _bind_loading(engine: ModuleType) -> None:
    """Give this process the loads of its first engine image.

    It is C alone and goes on in a forked child, so that one is enough. An engine in a
    Go program has none.
    """
    global _has_loads
    if not _has_loads and hasattr(engine, "loads"):
        import gocloudpickle
        from gocloudpickle import _loading, _unpickler

        records = _class_records()
        if not records._IS_STRICT:
            engine.bind_records(records)
            engine.bind_unpickler(_unpickler.loads)
        native = engine.loads if _loading.wrap is None else _loading.wrap(engine.loads)
        gocloudpickle.loads = _loading.make(native)
        _has_loads = True


def _class_records() -> Any:
    """Return the module that knows what has been set on classes here.

    It is the one that rebuilds them, unless that is an installed cloudpickle.
    """
    from gocloudpickle import _modules

    namespace = _modules.namespace()
    if hasattr(namespace, "_CLASS_RECORDS"):
        return namespace
    from gocloudpickle import _rebuild

    return _rebuild


def note_class(namespace: Any, cls: Any) -> None:
    """See a class that has just got its tracker id: what is set on it from now on stays.

    Our own tracker sees that itself.
    """
    if not hasattr(namespace, "_CLASS_RECORDS"):
        _class_records()._note_class(cls)


def add_target(engine: ModuleType, namespace: Any, cls: type, table: dict[type, Any]) -> int:
    """Make a target for another module of cloudpickle's names, and return its number."""
    from gocloudpickle import _beyond

    names = namespace._BUILTIN_TYPE_NAMES
    target = (namespace, cls, table, names, reduce, _beyond.Beyond(namespace, table))
    _replace_tracker_lock(namespace)
    number = len(_targets)
    engine.bind(number, *target)
    _targets.append(target)
    return number


def reduce(
    namespace: Any, globals_ref: dict[int, dict[str, Any]], obj: Any, strict: bool = True
) -> Any:
    """Reduce a function or class to real objects, or return NotImplemented.

    Whoever calls has asked whether obj is a function or a class: an object can answer
    isinstance() otherwise each time.
    """
    from gocloudpickle import _by_value

    if issubclass(type(obj), type):
        return _by_value.reduce_class(namespace, obj, strict)
    return _by_value.reduce_function(namespace, globals_ref, obj, strict)


def override_of(target: int, pickler: Any) -> Any:
    """Return a reducer_override for a Pickler of an installed cloudpickle, None if it has its own.

    For a dump without the engine, which would go beyond cloudpickle by itself.
    """
    from gocloudpickle._python_path import ASKED

    namespace, cls, *_, beyond = _targets[target]
    found = getattr(pickler, "reducer_override", None)
    stock = vars(cls).get("reducer_override")
    if getattr(found, "__func__", None) is not stock or stock.__module__ != namespace.__name__:
        return None
    beyond.table.complete()
    own = object.__getattribute__(pickler, "__dict__")

    def reducer_override(obj: Any) -> Any:
        own[ASKED] = obj
        if issubclass(type(obj), type) or isinstance(obj, types.FunctionType):
            return reduce(namespace, pickler.globals_ref, obj, strict=False)
        return beyond.reduce(pickler, obj)

    return reducer_override
