"""concurrent.futures and loky: the tasks that go to their workers, and what comes back.

A task is sealed inside of the item that takes it through the queue, and opened when the
worker runs it: what is refused is that task's exception, and the pool goes on. The
queues themselves are pipes between processes of one user, and load with pickle.
"""

from __future__ import annotations

import types

from gocloudpickle.sealed import _doors, _process
from gocloudpickle.sealed._errors import SealError, Unsigned

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class SealedCall:
    """A function, its arguments and what they are called with, in an envelope."""

    __slots__ = ("_envelope",)

    def __init__(self, envelope: bytes) -> None:
        self._envelope = envelope

    def __call__(self) -> Any:
        function, args, kwargs = _open(self._envelope)
        del self._envelope  # may be large
        return function(*args, **kwargs)


class _Refused:
    """A call that isn't made."""

    def __init__(self, error: SealError) -> None:
        self._error = error

    def __call__(self) -> Any:
        raise self._error


def _open(envelope: bytes) -> Any:
    import gocloudpickle

    return _process.load(gocloudpickle.loads, envelope, (), {})


def open_call(kind: Any, state: dict[str, Any], envelope: bytes) -> Any:
    """Make the item of a call, as unpickling it does."""
    from gocloudpickle.sealed import _environment

    _environment.seal_if_new()  # a worker that has just started
    item = object.__new__(kind)
    vars(item).update(state, fn=SealedCall(envelope), args=(), kwargs={})
    return item


def open_result(kind: Any, state: dict[str, Any], envelope: bytes) -> Any:
    """Make the item of a result."""
    item = object.__new__(kind)
    try:
        exception, result = _open(envelope)
    except SealError as error:
        exception, result = error, None
    vars(item).update(state, exception=exception, result=result)
    return item


def _reduced(item: Any, names: tuple[str, ...], opens: Any, dumps: Callable[[Any], Any]) -> Any:
    """Return how an item is pickled that has what these names say in an envelope."""
    signer = _process.state().signer
    assert signer is not None
    state = dict(vars(item))
    envelope = signer._message(bytes(dumps(tuple(state.pop(name) for name in names))))
    return opens, (type(item), state, envelope)


_CALL = ("fn", "args", "kwargs"), open_call
_RESULT = ("exception", "result"), open_result


def _change_items(module: Any) -> Callable[[], None]:
    """Let the items of calls and results refuse what is not sealed, and seal themselves.

    loky's don't seal themselves: they are pickled with the reducers of their queue.
    """
    call, result = module._CallItem, module._ResultItem
    refuse_call = _setter(lambda error: {"fn": _Refused(error), "args": (), "kwargs": {}})
    refuse_result = _setter(lambda error: {"exception": error, "result": None})
    undo = [
        _give_method(call, "__setstate__", refuse_call),
        _give_method(result, "__setstate__", refuse_result),
    ]
    if module.__name__ == "concurrent.futures.process":
        undo += [
            _give_method(call, "__reduce_ex__", _reducer(*_CALL)),
            _give_method(result, "__reduce_ex__", _reducer(*_RESULT)),
        ]
    return _doors.together(undo)


def _setter(refused: Callable[[SealError], dict[str, Any]]) -> Callable[[Any, Any], None]:
    def __setstate__(self: Any, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if _process.state().verifier is not None and not _process.is_opening():
            vars(self).update(refused(Unsigned(_process.NOT_SEALED)))

    return __setstate__


def _reducer(names: tuple[str, ...], opens: Any) -> Callable[[Any, Any], Any]:
    def __reduce_ex__(self: Any, protocol: Any) -> Any:
        if _process.state().signer is None:
            return object.__reduce_ex__(self, protocol)
        from multiprocessing.reduction import ForkingPickler

        return _reduced(self, names, opens, ForkingPickler.dumps)

    return __reduce_ex__


def _give_method(kind: Any, name: str, method: Any) -> Callable[[], None]:
    if name in vars(kind):
        raise AttributeError(f"{kind.__qualname__} has a method {name}", name=name)
    setattr(kind, name, method)

    def undo() -> None:
        if vars(kind).get(name) is method:
            delattr(kind, name)

    return undo


def _change_queues(module: Any) -> Callable[[], None]:
    """Let loky's queues seal the items that they pickle."""
    stock = module.dumps

    def dumps(obj: Any, reducers: Any = None, protocol: Any = None) -> Any:
        kind = type(obj)
        how = {"_CallItem": _CALL, "_ResultItem": _RESULT}.get(kind.__name__)
        if (
            how is None
            or _process.state().signer is None
            or not kind.__module__.endswith("loky.process_executor")
        ):
            return stock(obj, reducers, protocol)
        reduced = _reduced(obj, *how, lambda parts: stock(parts, reducers, protocol))
        return stock(_Item(reduced), reducers, protocol)

    return _doors.give_names(module, dumps=dumps)


class _Item:
    """What unpickling makes an item of."""

    __slots__ = ("_reduced",)

    def __init__(self, reduced: Any) -> None:
        self._reduced = reduced

    def __reduce__(self) -> Any:
        return self._reduced


TARGETS: dict[str, Callable[[types.ModuleType], Callable[[], None]]] = {
    "concurrent.futures.process": _change_items,
    "loky.process_executor": _change_items,
    "joblib.externals.loky.process_executor": _change_items,
    "loky.backend.queues": _change_queues,
    "joblib.externals.loky.backend.queues": _change_queues,
}
