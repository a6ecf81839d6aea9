"""Code that travels with a payload, for a worker that has stock cloudpickle alone."""

from __future__ import annotations

import builtins
import types

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any


def by_value(function: Any) -> Any:
    """Return a copy of a function that every Pickler sends by value.

    It may use builtins and what it imports itself, no other globals. It says that it
    comes from ``__main__``, which nobody can import, and nothing of where gocloudpickle
    is installed, so that payloads don't depend on that.
    """
    copy = types.FunctionType(
        _without_file(function.__code__),
        {"__builtins__": vars(builtins)},
        function.__name__,
        function.__defaults__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__qualname__ = function.__qualname__
    copy.__module__ = "__main__"
    return copy


def _without_file(code: types.CodeType) -> types.CodeType:
    constants = (_without_file(c) if isinstance(c, types.CodeType) else c for c in code.co_consts)
    return code.replace(co_filename="<gocloudpickle>", co_consts=tuple(constants))
