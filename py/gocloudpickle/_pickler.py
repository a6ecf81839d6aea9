"""The Pickler class: CPython's, with the engine in its dump method."""

from __future__ import annotations

import _pickle
import types
from os import getpid

from gocloudpickle import _loader

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

HIGHEST_PROTOCOL = 5


class EngineState:
    """The engine's half of a Pickler object, and what it takes to make it again."""

    __slots__ = ("arguments", "engine_dump", "pid", "state", "used", "write")

    def __init__(self, door: int, file: Any, protocol: Any, buffer_callback: Any) -> None:
        self.arguments = (door, protocol, buffer_callback)
        self.write = file.write
        self.pid = 0  # of the process that has the state: none yet
        self.used = False

    def of_this_process(self) -> Any:
        """Return the engine's state, made when it is needed; after a fork that is a new one."""
        pid = getpid()
        if self.pid != pid:
            if self.used:
                raise RuntimeError(
                    "this Pickler was used before a fork, and its memo did not come along: "
                    "make a new one in the child, or call clear_memo() first"
                )
            engine = _loader.engine()
            self.state = engine.new_state(*self.arguments)
            self.engine_dump = engine.pickler_dump
            self.pid = pid
        return self.state

    def dump(self, pickler: Any, obj: Any) -> None:
        """Pickle obj into the Pickler's file."""
        state = self.of_this_process()
        self.used = True
        self.engine_dump(state, pickler, obj, self.write)

    def clear(self) -> None:
        """Forget what has been pickled."""
        if self.pid == getpid():
            _loader.engine().memo_clear(self.state)
        else:
            self.pid = 0
        self.used = False


class PicklerMemoProxy:
    """The memo of a Pickler, as seen from Python. It keeps the Pickler's state alive."""

    __slots__ = ("_state",)

    def __init__(self, state: EngineState) -> None:
        self._state = state

    def clear(self) -> None:
        """Remove all items from the memo."""
        self._state.clear()

    def copy(self) -> dict[int, tuple[int, Any]]:
        """Copy the memo to a new dict: from id(obj) to (slot, obj)."""
        memo: dict[int, tuple[int, Any]] = _loader.engine().memo_get(self._state.of_this_process())
        return memo

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self.copy(),)


def state_of(pickler: Any) -> EngineState:
    """Return the engine's half of a Pickler object."""
    try:
        state: EngineState = pickler._engine_state
    except AttributeError:
        name = type(pickler).__name__
        raise _pickle.PicklingError(
            f"Pickler.__init__() was not called by {name}.__init__()"
        ) from None
    return state


def get_memo(pickler: Any) -> PicklerMemoProxy:
    """Return Pickler.memo."""
    return PicklerMemoProxy(state_of(pickler))


def set_memo(pickler: Any, memo: Any) -> None:
    """Set Pickler.memo, from a dict or from the memo of another Pickler."""
    state = state_of(pickler)
    if isinstance(memo, PicklerMemoProxy):
        memo = memo.copy()
    _loader.engine().memo_set(state.of_this_process(), memo)
    state.used = bool(memo)


_class: Any = None


def pickler_class(namespace: types.ModuleType) -> Any:
    """Return gocloudpickle.Pickler, which is made when it is first needed."""
    global _class
    if _class is None:
        _class = _make_class(namespace)
    return _class


def _make_class(namespace: types.ModuleType) -> Any:
    import copyreg
    from collections import ChainMap

    from gocloudpickle import _bind, _reducers

    shared_table: Any = copyreg.dispatch_table  # its stubs are narrower than what it takes
    own_table: dict[type, Callable[[Any], Any]] = _reducers.dispatch_table(namespace)

    class Pickler(_pickle.Pickler):
        """Pickles objects into a file, functions and classes by value where it must.

        file has a write(bytes) method. protocol is 0 to 5, negative for the highest;
        None is DEFAULT_PROTOCOL. buffer_callback takes each out-of-band buffer.

        Subclasses may define persistent_id, reducer_override (and call super's) and
        dispatch_table, which is read at each dump. Objects dumped one after the other
        share one memo.

        >>> import gocloudpickle, io, pickle
        >>> file = io.BytesIO()
        >>> gocloudpickle.Pickler(file).dump(lambda x: x + 1)
        >>> pickle.loads(file.getvalue())(1)
        2
        """

        _dispatch_table = own_table
        dispatch_table: Any = ChainMap(own_table, shared_table)
        dispatch = dispatch_table

        def __init__(self, file: Any, protocol: Any = None, buffer_callback: Any = None) -> None:
            if protocol is None:
                protocol = HIGHEST_PROTOCOL
            super().__init__(file, protocol=protocol, buffer_callback=buffer_callback)
            # Functions that share their globals share one dict here, by id.
            self.globals_ref: dict[int, dict[str, Any]] = {}
            self.proto = int(protocol)
            self._engine_state = EngineState(0, file, protocol, buffer_callback)

        def dump(self, obj: Any) -> None:
            """Write one object to the file."""
            state_of(self).dump(self, obj)

        def clear_memo(self) -> None:
            """Forget what has been pickled: later dumps don't refer to it."""
            state_of(self).clear()

        memo = property(get_memo, set_memo)

        def reducer_override(self, obj: Any) -> Any:
            """Reduce a function or class; NotImplemented for any other object."""
            if isinstance(obj, types.FunctionType) or issubclass(type(obj), type):
                return _bind.reduce(namespace, self.globals_ref, obj)
            return NotImplemented

    Pickler.__module__ = "gocloudpickle"
    Pickler.__qualname__ = "Pickler"
    return Pickler
