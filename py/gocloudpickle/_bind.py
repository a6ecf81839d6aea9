"""Ties the engine to the modules whose functions payloads name.

A door is one dumps: the module that payloads name, the Pickler class whose dispatch
table and hooks hold, and how functions and classes are reduced where a hook must see
the parts. Doors are numbered; a fresh engine image gets all of them again, in order.
"""

from __future__ import annotations

import types

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_doors: list[tuple[Any, ...]] = []


def bind(engine: ModuleType) -> None:
    """Give a new engine image its doors; number 0 is gocloudpickle's own."""
    if not _doors:
        from gocloudpickle import _by_value, _modules, _pickler

        namespace = _modules.namespace()
        cls = _pickler.pickler_class(namespace)
        table = cls._dispatch_table
        _doors.append((namespace, cls, table, _by_value.BUILTIN_TYPE_NAMES, reduce))
    for door in _doors:
        engine.bind(*door)
    _bind_loading(engine)


_has_loads = False


def _bind_loading(engine: ModuleType) -> None:
    """Give this process the loads of its first engine image.

    It is C alone and goes on in a forked child, so that one is enough. An engine in a
    Go program has none.
    """
    global _has_loads
    if not _has_loads and hasattr(engine, "loads"):
        import gocloudpickle
        from gocloudpickle import _loading

        gocloudpickle.loads = _loading.make(engine.loads)
        _has_loads = True


def add_door(engine: ModuleType, namespace: Any, cls: type, table: dict[type, Any]) -> int:
    """Make a door for another module of cloudpickle's names, and return its number."""
    door = (namespace, cls, table, namespace._BUILTIN_TYPE_NAMES, reduce)
    number: int = engine.bind(*door)
    _doors.append(door)
    assert number == len(_doors) - 1
    return number


def reduce(namespace: Any, globals_ref: dict[int, dict[str, Any]], obj: Any) -> Any:
    """Reduce a function or class to real objects, or return NotImplemented."""
    from gocloudpickle import _by_value

    if isinstance(obj, types.FunctionType):
        return _by_value.reduce_function(namespace, globals_ref, obj)
    return _by_value.reduce_class(namespace, obj)
