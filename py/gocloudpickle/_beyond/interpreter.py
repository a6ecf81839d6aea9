"""Types that only the interpreter's own code names, and what it makes one object of.

``type({}.keys())`` says that it is ``builtins.dict_keys``, which nobody can import, and
``type(sys.flags)`` that it is ``sys.flags``, which is another object. cloudpickle sends
both by value, and no class that a worker can make has what their attributes refer to.
"""

from __future__ import annotations

import collections
import functools
import sys

from gocloudpickle._beyond._parts import Call

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Namespace = Any
    Reduction = Any

_OF_SYS = ("version_info", "flags", "float_info", "int_info", "hash_info", "thread_info")


def reduce_type(cls: Any) -> Reduction:
    """Reduce a type of C code to that of an object that can be made, if we know of one."""
    return (type, (_objects()[cls],)) if cls in _objects() else NotImplemented


def reduce_alone(namespace: Namespace, obj: Any) -> Reduction:
    """Reduce sys.version_info or sys.flags to its name: nothing can make a second one."""
    for name in _OF_SYS:
        if getattr(sys, name, None) is obj:
            return getattr, (sys, name)
    return NotImplemented


@functools.cache
def _objects() -> dict[type, Call]:
    """Return, by type, what makes an object of it."""
    found = {type(getattr(sys, name)): Call(getattr, sys, name) for name in _OF_SYS}
    for function, *args in _samples():
        found.setdefault(type(function(*args)), Call(function, *args))
    content: Any
    for content in ({}, collections.OrderedDict()):
        for view in (content.keys, content.values, content.items):
            found[type(view())] = Call(view)
            for function in (iter, reversed):
                found[type(function(view()))] = Call(function, Call(view))
    return found


def _samples() -> Iterator[tuple[Any, ...]]:
    content: Any
    for content in ([], (), "", "\u0100", b"", bytearray(), set(), range(0), range(1 << 64)):
        yield iter, content
    yield iter, int, 0
    yield reversed, []
