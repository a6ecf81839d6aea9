"""What install() does to one cloudpickle module.

Its classes and functions are changed in place, since programs bind them early and
derive from them: the methods of Pickler, and the code of dumps and dump.
"""

from __future__ import annotations
import __future__

import sys
import types

import gocloudpickle
from gocloudpickle import _bind, _modules, _pickler, _samples
from gocloudpickle._python_path import load as stock_load
from gocloudpickle._python_path import loads as stock_loads

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# What replaces the code of cloudpickle's dumps and dump. It runs with the globals of
# their module. Who has put another class in place of Pickler gets that one.


def dumps(obj, protocol=None, buffer_callback=None):  # type: ignore[no-untyped-def]
    if Pickler is _gocloudpickle.pickler:  # type: ignore[name-defined]  # noqa: F821
        return _gocloudpickle.dumps(  # type: ignore[name-defined]  # noqa: F821
            _gocloudpickle.target,  # type: ignore[name-defined]  # noqa: F821
            obj,
            protocol,
            buffer_callback,
        )
    return _gocloudpickle.stock_dumps(obj, protocol, buffer_callback)  # type: ignore[name-defined]  # noqa: F821


def dump(obj, file, protocol=None, buffer_callback=None):  # type: ignore[no-untyped-def]
    Pickler(file, protocol=protocol, buffer_callback=buffer_callback).dump(obj)  # type: ignore[name-defined]  # noqa: F821


_ABSENT: Any = object()
_STOCK_READERS: Any = {"loads": stock_loads, "load": stock_load}


class Patch:
    """The changes to one module: made once, applied and undone as often as needed.

    The module keeps it, as _gocloudpickle: a thread can be in the middle of dumps when
    another one undoes it.
    """

    OURS = "it is gocloudpickle's own"

    @staticmethod
    def why_not(module: ModuleType) -> str | None:
        """Say why a module can't be patched, None if it can."""
        if not hasattr(module, "_dynamic_class_reduce"):
            if _modules.is_ours(module):
                return Patch.OURS
            return (
                "it is cloudpickle older than 3.0, and gocloudpickle writes the payloads of 3.1.2"
            )
        return None

    @staticmethod
    def of(module: ModuleType, engine: ModuleType) -> Patch:
        """Return the module's Patch; after a reload of the module that is a new one."""
        patch: Any = vars(module).get("_gocloudpickle")
        if type(patch) is Patch and patch.is_of(module):
            return patch
        return Patch(module, engine)

    def __init__(self, module: ModuleType, engine: ModuleType) -> None:
        self.module: Any = module
        self.pickler: Any = self.module.Pickler
        self.function: Any = self.module.dumps

        # Entries that a user has changed by now are no business of the engine's.
        table = {
            kind: reducer
            for kind, reducer in self.pickler._dispatch_table.items()
            if getattr(reducer, "__module__", None) == module.__name__
        }
        self.target = _bind.add_target(engine, module, self.pickler, table)
        self.dumps = engine.dumps_through
        # The engine's, once it is there.
        self.readers: Any = {"loads": gocloudpickle.loads, "load": gocloudpickle.load}
        self.stock_code = self.function.__code__
        self.stock_dumps = types.FunctionType(
            self.stock_code, vars(module), "dumps", self.function.__defaults__
        )
        self.engine = engine
        self.methods = _pickler.engine_methods(
            engine, self.target, self.pickler, vars(module), _is_stock_init(self.pickler.__init__)
        )
        engine.bind_override(self.target, self.methods["reducer_override"])
        self.stock = {name: vars(self.pickler).get(name, _ABSENT) for name in self.methods}
        self.compared = False

    def is_of(self, module: Any) -> bool:
        """Tell whether this is about the module as it is now."""
        return self.module is module and vars(module).get("Pickler") is self.pickler

    def why_different(self, engine: ModuleType) -> str | None:
        """Say how the engine's payloads differ from the module's own, None if they don't."""
        if not self.compared:
            name = self._first_difference(engine)
            if name is not None:
                return (
                    f"its payload of {name} is not that of cloudpickle 3.1.2, "
                    "which gocloudpickle writes"
                )
            self.compared = True
        return None

    def _first_difference(self, engine: ModuleType) -> str | None:
        before = vars(self.pickler).get("strict", _ABSENT)
        self.pickler.strict = True  # where stock is wrong our bytes are others on purpose
        try:
            return _samples.first_difference(self.stock_dumps, engine, self.target)
        finally:
            if before is _ABSENT:
                del self.pickler.strict
            else:
                self.pickler.strict = before

    def apply(self) -> None:
        """Switch the engine on."""
        self._replace_readers(_STOCK_READERS, self.readers)
        self.module._gocloudpickle = self
        self.function.__code__ = dumps.__code__
        for name, method in self.methods.items():
            setattr(self.pickler, name, method)

    def undo(self) -> None:
        """Switch it off. A Pickler that has begun with the engine goes on with it."""
        self.function.__code__ = self.stock_code
        self._replace_readers(self.readers, _STOCK_READERS)
        live = self.engine.live_picklers(self.target) > 0  # their memos are the engine's
        for name, method in self.stock.items():
            if live and name != "__init__":
                continue  # which pass other Picklers on to stock
            if method is _ABSENT:
                delattr(self.pickler, name)
            else:
                setattr(self.pickler, name, method)

    def _replace_readers(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        # In the module and in the package around it, unless they have one of their own:
        # who has replaced pickle.loads wants each payload to go through that.
        for name in (self.module.__name__, self.module.__name__.rpartition(".")[0]):
            module = sys.modules.get(name)
            for reader in old if module is not None else ():
                if vars(module).get(reader) is old[reader]:
                    vars(module)[reader] = new[reader]


class _Stock:
    def __init__(self, file, protocol=None, buffer_callback=None):  # type: ignore[no-untyped-def]
        if protocol is None:
            protocol = DEFAULT_PROTOCOL  # type: ignore[name-defined]  # noqa: F821
        super().__init__(file, protocol=protocol, buffer_callback=buffer_callback)  # type: ignore[call-arg]
        self.globals_ref = {}
        self.proto = int(protocol)


# This module has it, and it says nothing about a function's instructions.
_FUTURE = __future__.annotations.compiler_flag


def _is_stock_init(init: Any) -> bool:
    # The same instructions on the same names: then the engine can do it in C.
    ours = _Stock.__init__.__code__
    theirs = getattr(init, "__code__", None)
    return (
        theirs is not None
        and theirs.co_flags & ~_FUTURE == ours.co_flags & ~_FUTURE
        and all(
            getattr(theirs, name) == getattr(ours, name)
            for name in ("co_code", "co_names", "co_varnames", "co_freevars")
        )
    )
