"""The engine in Pickler objects: gocloudpickle.Pickler, and an installed cloudpickle's.

The class is _python_path's, a pickler in Python over CPython's, and so complete without
this. Where there is an engine, it does the work of dump and has the memo.
"""

from __future__ import annotations

import types

from gocloudpickle import _by_value, _loader, _python_path
from gocloudpickle._python_path import HIGHEST_PROTOCOL, LIMITS, STATE, Base

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# The methods that __init__ and dump of the engine stand for, by class.
_stock: dict[Any, dict[str, Any]] = {}


def engine_methods(
    engine: Any, target: int, cls: Any, defaults: dict[str, Any], direct: bool
) -> dict[str, Any]:
    """Make the methods that put the engine into a Pickler class.

    defaults has DEFAULT_PROTOCOL. direct says that the class's __init__ does what the
    engine knows, and need not be called.
    """
    names = ("__init__", "dump", "clear_memo", "reducer_override")
    stock = _stock.setdefault(cls, {name: getattr(cls, name) for name in names})
    override = override_of_class(cls, stock["reducer_override"])
    _natives[cls][:] = engine.pickler_reduce, engine.PicklerState
    if engine.pickler_state not in _held_states:
        _held_states.append(engine.pickler_state)
    methods: dict[str, Any] = engine.pickler_methods(
        target, cls, stock["__init__"], override, stock["reducer_override"], defaults, direct
    )
    return {**methods, "clear_memo": clear_memo, "memo": memo, "reducer_override": override}


_overrides: dict[Any, Any] = {}
# Find the state of a Pickler of one image of the engine, where it isn't in the dict: after a fork
# there is another image, which doesn't know it.
_held_states: list[Callable[[Any], Any]] = []
_natives: dict[Any, list[Any]] = {}  # what they call, and what that returns for stock's to go on


def override_of_class(cls: Any, stock: Any = None) -> Any:
    """Return the reducer_override that a class gets, None if it has not been made.

    It is one for all images of the engine. It takes an object of any class, as a function does.
    """
    if cls not in _overrides and stock is not None:
        native: list[Any] = []
        _natives[cls] = native

        def reducer_override(self: Any, obj: Any) -> Any:
            reduce, left = native
            value = reduce(self, obj)
            return stock(self, obj) if value is left else value

        for name in ("__module__", "__qualname__", "__doc__"):
            setattr(reducer_override, name, getattr(stock, name, None))
        _overrides[cls] = reducer_override
    return _overrides.get(cls)


def stock_method(pickler: Any, name: str) -> Any:
    """Return what a method of a Pickler would be without the engine."""
    for cls in type(pickler).__mro__:
        if cls in _stock:
            return _stock[cls][name]
    return getattr(Base, name)


def no_class(pickler: Any, *args: Any, **kwargs: Any) -> None:
    """Do __init__ of a Pickler whose class this image of the engine has not seen."""
    stock_method(pickler, "__init__")(pickler, *args, **kwargs)


def state_or_none(pickler: Any) -> Any:
    """Return the state of a Pickler, None for one that was made without the engine."""
    state = _own_dict(pickler).get(STATE)
    for find in _held_states:
        if state is not None:
            break
        state = find(pickler)
    return state


def usable(pickler: Any, state: Any) -> Any:
    """Return the state for this process, None where the Pickler goes on without the engine.

    After a fork that is a new one.
    """
    if state.left:
        return None
    engine = _loader.engine_or_none()
    if engine is not None and type(state) is engine.PicklerState:
        return state
    if state.used:
        raise RuntimeError(
            "this Pickler was used before a fork, and its memo did not come along: "
            "make a new one in the child, or call clear_memo() first"
        )
    if engine is None:
        state.left = True
        return None
    new = engine.new_state(
        state.target, state.write, state.protocol, state.buffer_callback, state.limits
    )
    for name in ("globals_ref", "proto"):
        value = getattr(state, name)
        if value is not None:  # it has been read, or set
            setattr(new, name, value)
    _own_dict(pickler)[STATE] = new
    return new


def init(pickler: Any, *args: Any, **kwargs: Any) -> None:
    """Do what __init__ of the engine leaves to this: gocloudpickle's own with max_bytes or skip."""
    own = _own_dict(pickler)
    own.pop(STATE, None)
    stock_method(pickler, "__init__")(pickler, *args, **kwargs)
    limits, engine = own.get(LIMITS), _loader.engine_or_none()
    if limits is not None and engine is not None:
        own[STATE] = engine.new_state(
            0, limits.file.write, pickler.proto, limits.buffer_callback, limits
        )


def dump(pickler: Any, *args: Any, **kwargs: Any) -> Any:
    """Do what dump of the engine leaves to this."""
    state = state_or_none(pickler)
    # A Pickler that was made before install goes on as it began.
    if state is None or len(args) != 1 or kwargs:
        if state is None or not (not args and len(kwargs) == 1 and "obj" in kwargs):
            return stock_method(pickler, "dump")(pickler, *args, **kwargs)
        args = (kwargs["obj"],)
    state = usable(pickler, state)
    if state is None:
        _python_path.base_dump(pickler, args[0])
    elif state.limits is not None:
        engine = _loader.engine()
        state.limits.dump(lambda obj: engine.pickler_dump(state, pickler, obj), pickler, args[0])
    else:
        _loader.engine().pickler_dump(state, pickler, args[0])
    return None


def too_deep(pickler: Any, error: RecursionError) -> None:
    """Raise what dump makes of a file's RecursionError."""
    raise _python_path.PicklingError(_python_path.TOO_DEEP) from error


def leave(pickler: Any) -> None:
    """Give the engine's memo to CPython's half of the Pickler, which goes on from here.

    For good: Python code could see a memo that went to and fro.
    """
    state = state_or_none(pickler)
    if state is None or state.left:
        return
    if state.used:
        state = usable(pickler, state)
        memo, slots, functions_globals = _loader.engine().memo_whole(state)
        for slot, function_globals in functions_globals.items():
            # What the engine has written for them, and has not made.
            base = _by_value.base_globals(function_globals)
            pickler.globals_ref[id(function_globals)] = base
            memo[id(base)] = slot, base
        # Slots that the engine has given to what it has not made. CPython takes the
        # memo's length for the next slot (memo_put in Modules/_pickle.c).
        taken = {slot for slot, _ in memo.values()}
        free = (slot for slot in range(slots) if slot not in taken)
        while len(memo) < slots:
            nothing = object()
            memo[id(nothing)] = next(free, 0), nothing
        Base.memo.__set__(pickler, memo)
    # The state stays, since it keeps the functions' globals alive: their ids are taken.
    state.left = True


def clear_memo(pickler: Any) -> None:
    """Forget what has been pickled: later dumps don't refer to it."""
    stock_method(pickler, "clear_memo")(pickler)
    state = state_or_none(pickler)
    if state is None or state.left:
        return
    state.used = not _is_of_this_process(state)  # which forgets it, by usable
    if not state.used:
        _loader.engine().memo_clear(state)
    state.used = False


def _is_of_this_process(state: Any) -> bool:
    engine = _loader.engine_or_none()
    return engine is not None and type(state) is engine.PicklerState


class PicklerMemoProxy:
    """The memo of a Pickler, as seen from Python. It keeps the Pickler alive."""

    __slots__ = ("_pickler",)

    def __init__(self, pickler: Any) -> None:
        self._pickler = pickler

    def clear(self) -> None:
        """Remove all items from the memo."""
        clear_memo(self._pickler)

    def copy(self) -> dict[int, tuple[int, Any]]:
        """Copy the memo to a new dict: from id(obj) to (slot, obj)."""
        state = usable(self._pickler, state_or_none(self._pickler))
        memo: dict[int, tuple[int, Any]]
        if state is None:
            memo = Base.memo.__get__(self._pickler).copy()
        else:
            memo = _loader.engine().memo_get(state)
        return memo

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self.copy(),)


def _get_memo(pickler: Any) -> Any:
    if state_or_none(pickler) is None:
        return Base.memo.__get__(pickler)
    return PicklerMemoProxy(pickler)


def _set_memo(pickler: Any, memo: Any) -> None:
    state = state_or_none(pickler)
    if state is not None:
        if isinstance(memo, PicklerMemoProxy):
            memo = memo.copy()
        state = usable(pickler, state)
    if state is None:
        Base.memo.__set__(pickler, memo)
        return
    _loader.engine().memo_set(state, memo)
    state.used = bool(memo)


def _delete_memo(pickler: Any) -> None:
    raise TypeError("attribute deletion is not supported")  # what CPython's Pickler raises


memo = property(_get_memo, _set_memo, _delete_memo)


def _own_dict(pickler: Any) -> dict[str, Any]:
    own: dict[str, Any] = object.__getattribute__(pickler, "__dict__")
    return own


_class: Any = None


def pickler_class(namespace: types.ModuleType) -> Any:
    """Return gocloudpickle.Pickler, which is made when it is first needed."""
    global _class
    if _class is None:
        _class = _python_path.make_pickler_class(namespace)
    return _class


def use_engine(engine: Any, cls: Any) -> None:
    """Put an image of the engine into gocloudpickle.Pickler."""
    defaults = {"DEFAULT_PROTOCOL": HIGHEST_PROTOCOL}
    for name, method in engine_methods(engine, 0, cls, defaults, direct=True).items():
        setattr(cls, name, method)
