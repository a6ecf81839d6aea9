"""A garbage collection at every allocation, by whose callback everything is looked at.

Up to CPython 3.11 whatever allocates a container may collect, and so run anybody's code
(_PyObject_GC_Alloc in Modules/gcmodule.c); from 3.12 on that happens between bytecodes. Who
has by then shown the collector a container without its items, a tuple with NULL in it, has
ended the process. CPython does that itself, in tuple(generator) (its issue 59313): so only
what is found while a function of C runs, called by a function under test, is touched.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any


def touch(objects: list[Any]) -> None:
    """Read every item of the containers among some objects, as anybody may."""
    for o in objects:
        kind = type(o)
        if kind is tuple or kind is list:
            for item in o:
                type(item)
        elif kind is dict:
            for key, value in list(o.items()):
                type(key), type(value)
        elif kind is set or kind is frozenset:
            for item in list(o):
                type(item)


def touch_all() -> None:
    """Touch what the collector knows, if it was a function under test that allocated."""
    if sys._getframe(2).f_code in callers:
        touch(gc.get_objects())


class Finalized:
    """Looks at everything when it is collected, too; then there is another of it."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        if callers:
            touch_all()
            Finalized()


callers: set[CodeType] = set()


@contextlib.contextmanager
def at_every_allocation(*functions: FunctionType) -> Iterator[None]:
    """Collect so while these functions call what is tested.

    What there is already is left out, or it would take for ever.
    """

    def callback(phase: str, info: dict[str, int]) -> None:
        touch_all()

    threshold = gc.get_threshold()
    gc.collect()
    gc.freeze()
    callers.update(function.__code__ for function in functions)
    Finalized()
    gc.callbacks.append(callback)
    gc.set_threshold(1, 1, 1)
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
        callers.clear()
        gc.callbacks.remove(callback)
        gc.unfreeze()
