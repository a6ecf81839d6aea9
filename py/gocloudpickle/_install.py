"""Switches the engine on inside cloudpickle modules, and off again.

cloudpickle's classes and functions are changed in place, since programs bind them
early and derive from them: the methods of Pickler, and the code of dumps and dump.
"""

from __future__ import annotations

import sys
import threading

from gocloudpickle import _bind, _loader
from gocloudpickle._pickler import EngineState, PicklerMemoProxy, set_memo, state_of

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

TARGETS = ("cloudpickle.cloudpickle",)

_lock = threading.RLock()
_installed: dict[str, Patch] = {}

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


class Patch:
    """What install did to one module."""

    def __init__(self, module: ModuleType) -> None:
        import types

        engine = _loader.engine()
        self.module: Any = module
        self.pickler: Any = self.module.Pickler
        self.door = _bind.add_door(engine, module, self.pickler, self.pickler._dispatch_table)
        self.dumps = engine.dumps_through
        self.stock_code = self.module.dumps.__code__
        self.stock_dumps = types.FunctionType(
            self.stock_code, vars(module), "dumps", self.module.dumps.__defaults__
        )
        self.stock = {name: vars(self.pickler).get(name) for name in self._methods()}

    def apply(self) -> None:
        self.module._gocloudpickle = self
        self.module.dumps.__code__ = dumps.__code__
        for name, method in self._methods().items():
            setattr(self.pickler, name, method)

    def undo(self) -> None:
        self.module.dumps.__code__ = self.stock_code
        for name, method in self.stock.items():
            if method is None:
                delattr(self.pickler, name)
            else:
                setattr(self.pickler, name, method)
        del self.module._gocloudpickle

    def _methods(self) -> dict[str, Any]:
        stock = getattr(self, "stock", {})
        base = self.pickler.__mro__[1]
        patch = self

        def __init__(
            pickler: Any, file: Any, protocol: Any = None, buffer_callback: Any = None
        ) -> None:
            stock["__init__"](pickler, file, protocol, buffer_callback)
            if protocol is None:
                protocol = patch.module.DEFAULT_PROTOCOL
            pickler._engine_state = EngineState(patch.door, file, protocol, buffer_callback)

        def dump(pickler: Any, obj: Any) -> Any:
            # A Pickler that was made before install goes on as it began.
            if "_engine_state" not in pickler.__dict__:
                return stock["dump"](pickler, obj)
            return state_of(pickler).dump(pickler, obj)

        def clear_memo(pickler: Any) -> None:
            base.clear_memo(pickler)
            if "_engine_state" in pickler.__dict__:
                state_of(pickler).clear()

        def get_memo(pickler: Any) -> Any:
            if "_engine_state" not in pickler.__dict__:
                return base.memo.__get__(pickler)
            return PicklerMemoProxy(state_of(pickler))

        return {
            "__init__": __init__,
            "dump": dump,
            "clear_memo": clear_memo,
            "memo": property(get_memo, set_memo),
        }


def install() -> None:
    """Switch the engine on inside each cloudpickle that is imported.

    Calling it again takes in what has been imported since.

    >>> import cloudpickle, gocloudpickle
    >>> gocloudpickle.install()
    >>> data = cloudpickle.dumps(lambda: 0)  # the engine's work
    >>> gocloudpickle.uninstall()
    """
    with _lock:
        for name in TARGETS:
            module = sys.modules.get(name)
            if module is None or name in _installed or not hasattr(module, "_dynamic_class_reduce"):
                continue
            patch = Patch(module)
            patch.apply()
            _installed[name] = patch


def uninstall() -> None:
    """Give each cloudpickle its own pickler back."""
    with _lock:
        while _installed:
            _installed.popitem()[1].undo()
