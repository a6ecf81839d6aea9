"""A description of a loaded object, to compare what two processes have loaded.

It says everything about functions, classes and modules that a program can see and
that is the same in two processes: names, order of attributes, what is interned.
"""

from __future__ import annotations

import builtins
import sys
import types
from typing import Any


def describe(obj: Any) -> Any:
    """Return a tree of lists and strings that can go through JSON."""
    return _Describer().describe(obj)


class _Describer:
    def __init__(self) -> None:
        self.seen: dict[int, int] = {}
        self.kept: list[Any] = []  # so that no id is used twice

    def describe(self, obj: Any) -> Any:
        if isinstance(obj, (int, float, complex, str, bytes, type(None))):
            return [type(obj).__name__, repr(obj)]
        if id(obj) in self.seen:
            return ["seen", self.seen[id(obj)]]
        self.seen[id(obj)] = len(self.seen)
        self.kept.append(obj)

        if isinstance(obj, types.FunctionType):
            return ["function", self.function(obj)]
        if isinstance(obj, type):
            return ["class", self.class_(obj)]
        if isinstance(obj, types.ModuleType):
            known = obj.__name__ in sys.modules
            return ["module", obj.__name__, None if known else self.globals(vars(obj))]
        if isinstance(obj, types.CodeType):
            return ["code", obj.co_name, obj.co_code.hex(), self.items(obj.co_consts)]
        if isinstance(obj, types.CellType):
            return ["cell", self.cell(obj)]
        if isinstance(obj, (list, tuple)):
            return [type(obj).__name__, self.items(obj)]
        if isinstance(obj, (dict, types.MappingProxyType)):
            return [type(obj).__name__, self.mapping(obj)]
        if isinstance(obj, (classmethod, staticmethod)):
            return [type(obj).__name__, self.describe(obj.__func__)]
        if isinstance(obj, property):
            return ["property", self.items([obj.fget, obj.fset, obj.fdel, obj.__doc__])]
        return [self.describe(type(obj)), self.mapping(getattr(obj, "__dict__", {}))]

    def items(self, items: Any) -> Any:
        return [self.describe(item) for item in items]

    def mapping(self, mapping: Any) -> Any:
        return [
            [repr(key), isinstance(key, str) and interned(key), self.describe(value)]
            for key, value in mapping.items()
        ]

    def cell(self, cell: types.CellType) -> Any:
        try:
            return self.describe(cell.cell_contents)
        except ValueError:
            return "empty"

    def function(self, func: types.FunctionType) -> Any:
        if vars(sys.modules.get(func.__module__, func)) is func.__globals__:
            return [func.__module__, func.__qualname__]
        return [
            [func.__name__, func.__qualname__, func.__module__, func.__doc__],
            [interned(func.__name__), interned(func.__qualname__)],
            self.describe(func.__code__),
            self.items([func.__defaults__, func.__kwdefaults__, func.__annotations__]),
            self.describe(func.__closure__),
            self.globals(func.__globals__),
            self.mapping(func.__dict__),
        ]

    def globals(self, contents: dict[str, Any]) -> Any:
        return [
            list(contents),
            contents.get("__builtins__") is builtins.__dict__,
            self.mapping({key: contents[key] for key in contents if key != "__builtins__"}),
        ]

    def class_(self, cls: Any) -> Any:
        if cls.__module__ != "__main__":
            return [cls.__module__, cls.__qualname__]
        made_by_type = ("_abc_impl", "__dict__", "__weakref__")
        return [
            [cls.__name__, cls.__qualname__, [base.__qualname__ for base in cls.__mro__]],
            self.describe(type(cls)),
            self.mapping({k: v for k, v in vars(cls).items() if k not in made_by_type}),
            [name for name in vars(cls) if name in made_by_type],
        ]


def interned(text: str) -> bool:
    # Of two equal strings at most one is interned, and a copy isn't it unless there was none.
    return sys.intern("".join([text[:1], text[1:]])) is text
