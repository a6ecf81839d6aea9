"""What install() does to one cloudpickle module.

Its classes and functions are changed in place, since programs bind them early and
derive from them: the methods of Pickler, and the code of dumps and dump.
"""

from __future__ import annotations

import _pickle
import sys
import types
from weakref import WeakSet

import gocloudpickle
from gocloudpickle import _bind, _modules, _samples
from gocloudpickle._pickler import EngineState, PicklerMemoProxy, set_memo, state_of

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# What replaces the code of cloudpickle's dumps and dump. It runs with the globals of
# their module. Who has put another class in place of Pickler gets that one.


def dumps(obj, protocol=None, buffer_callback=None):  # type: ignore[no-untyped-def]
    if Pickler is _gocloudpickle.pickler:  # type: ignore[name-defined]  # noqa: F821
        return _gocloudpickle.dumps(  # type: ignore[name-defined]  # noqa: F821
            _gocloudpickle.door,  # type: ignore[name-defined]  # noqa: F821
            obj,
            protocol,
            buffer_callback,
        )
    return _gocloudpickle.stock_dumps(obj, protocol, buffer_callback)  # type: ignore[name-defined]  # noqa: F821


def dump(obj, file, protocol=None, buffer_callback=None):  # type: ignore[no-untyped-def]
    Pickler(file, protocol=protocol, buffer_callback=buffer_callback).dump(obj)  # type: ignore[name-defined]  # noqa: F821


_ABSENT: Any = object()


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
        known: Any = vars(module).get("_gocloudpickle")
        if type(known) is Patch and known.is_of(module):
            return known
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
        self.door = _bind.add_door(engine, module, self.pickler, table)
        self.dumps = engine.dumps_through
        self.loads: Any = gocloudpickle.loads  # the engine's, once it is there
        self.stock_code = self.function.__code__
        self.stock_dumps = types.FunctionType(
            self.stock_code, vars(module), "dumps", self.function.__defaults__
        )
        self.live: WeakSet[Any] = WeakSet()  # Picklers made with the engine
        self.methods = self._methods()
        self.stock = {name: vars(self.pickler).get(name, _ABSENT) for name in self.methods}
        self.compared = False

    def is_of(self, module: Any) -> bool:
        """Tell whether this is about the module as it is now."""
        return self.module is module and vars(module).get("Pickler") is self.pickler

    def why_different(self, engine: ModuleType) -> str | None:
        """Say how the engine's payloads differ from the module's own, None if they don't."""
        if not self.compared:
            name = _samples.first_difference(self.stock_dumps, engine, self.door)
            if name is not None:
                return (
                    f"its payload of {name} is not that of cloudpickle 3.1.2, "
                    "which gocloudpickle writes"
                )
            self.compared = True
        return None

    def apply(self) -> None:
        """Switch the engine on."""
        self._replace_loads(_pickle.loads, self.loads)
        self.module._gocloudpickle = self
        self.function.__code__ = dumps.__code__
        for name, method in self.methods.items():
            setattr(self.pickler, name, method)

    def undo(self) -> None:
        """Switch it off. A Pickler that has begun with the engine goes on with it."""
        self.function.__code__ = self.stock_code
        self._replace_loads(self.loads, _pickle.loads)
        live = bool(self.live)  # their memos are the engine's
        for name, method in self.stock.items():
            if live and name != "__init__":
                continue  # which pass other Picklers on to stock
            if method is _ABSENT:
                delattr(self.pickler, name)
            else:
                setattr(self.pickler, name, method)

    def _replace_loads(self, old: Any, new: Any) -> None:
        # In the module and in the package around it, unless they have one of their own:
        # who has replaced pickle.loads wants each payload to go through that.
        for name in (self.module.__name__, self.module.__name__.rpartition(".")[0]):
            module = sys.modules.get(name)
            if module is not None and vars(module).get("loads") is old:
                vars(module)["loads"] = new

    def _methods(self) -> dict[str, Any]:
        patch = self
        base = self.pickler.__mro__[1]
        stock_init, stock_dump = self.pickler.__init__, self.pickler.dump

        def __init__(
            pickler: Any, file: Any, protocol: Any = None, buffer_callback: Any = None
        ) -> None:
            stock_init(pickler, file, protocol, buffer_callback)
            if protocol is None:
                protocol = patch.module.DEFAULT_PROTOCOL
            patch.live.add(pickler)
            pickler._engine_state = EngineState(patch.door, file, protocol, buffer_callback)

        def dump(pickler: Any, obj: Any) -> Any:
            # A Pickler that was made before install goes on as it began.
            if "_engine_state" not in pickler.__dict__:
                return stock_dump(pickler, obj)
            return state_of(pickler).dump(pickler, obj)

        def clear_memo(pickler: Any) -> None:
            base.clear_memo(pickler)
            if "_engine_state" in pickler.__dict__:
                state_of(pickler).clear()

        def get_memo(pickler: Any) -> Any:
            if "_engine_state" not in pickler.__dict__:
                return base.memo.__get__(pickler)
            return PicklerMemoProxy(state_of(pickler))

        def set_memo_of(pickler: Any, memo: Any) -> None:
            if "_engine_state" not in pickler.__dict__:
                base.memo.__set__(pickler, memo)
            else:
                set_memo(pickler, memo)

        return {
            "__init__": __init__,
            "dump": dump,
            "clear_memo": clear_memo,
            "memo": property(get_memo, set_memo_of),
        }
