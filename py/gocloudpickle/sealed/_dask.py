"""Dask: what distributed.protocol.pickle makes and reads, which is all but plain data.

It pickles with pickle where it can and with cloudpickle where it must, so that the place
is its own dumps and loads. Dask's modules bind these early: they are changed in place.
Some modules use the standard library's pickle for the other end of the same messages;
these get Dask's instead.
"""

from __future__ import annotations

import pickle
import types

from gocloudpickle.sealed import _doors
from gocloudpickle.sealed._errors import SealError

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

# The code of Dask's functions while they seal.


def dumps(x, *, buffer_callback=None, protocol=5):  # type: ignore[no-untyped-def]
    return _gocloudpickle_sealed_dumps(x, buffer_callback, protocol=protocol)  # type: ignore[name-defined]  # noqa: F821


def loads(x, *, buffers=()):  # type: ignore[no-untyped-def]
    return _gocloudpickle_sealed_loads(x, buffers)  # type: ignore[name-defined]  # noqa: F821


def _change_pickle(module: Any) -> Callable[[], None]:
    stock_dumps, stock_loads = _doors.stock_of(module.dumps), _doors.stock_of(module.loads)
    undo = [
        _doors.give_code(
            module.dumps,
            dumps,  # type: ignore[arg-type]
            lambda *arguments, **options: _doors.dumps(stock_dumps, *arguments, **options),
        ),
        _doors.give_code(
            module.loads,
            loads,  # type: ignore[arg-type]
            lambda *arguments: _doors.loads(stock_loads, *arguments),
        ),
    ]
    return _doors.together(undo)


class _Refused:
    """Stands for what a refused message had in it.

    Where that is a task, running it raises why it was refused, and so fails it: raised
    where the message is read it would close the connection, with all of the others on it.
    """

    is_coro = False

    def __init__(self, error: SealError) -> None:
        self._error = error

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        raise self._error

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise self._error

    def __repr__(self) -> str:
        return f"<refused: {self._error}>"


def _change_core(module: Any) -> Callable[[], None]:
    door = module.pickle

    def loads(data: Any, *, buffers: Any = ()) -> Any:
        try:
            return door.loads(data, buffers=buffers)
        except SealError as error:
            return _Refused(error)

    return _doors.give_names(module, pickle=_pickle_with(door.dumps, loads))


def _change_user(module: Any) -> Callable[[], None]:
    from distributed.protocol import pickle as door  # type: ignore[import-not-found]

    if module.pickle is not pickle:
        raise AttributeError("its pickle is not the standard library's", name="pickle")
    return _doors.give_names(module, pickle=_pickle_with(door.dumps, door.loads))


def _pickle_with(dumps: Any, loads: Any) -> ModuleType:
    module = types.ModuleType("pickle")
    vars(module).update(dumps=dumps, loads=loads, __getattr__=lambda name: getattr(pickle, name))
    return module


TARGETS: dict[str, Callable[[Any], Callable[[], None]]] = {
    "distributed.protocol.pickle": _change_pickle,
    "distributed.protocol.core": _change_core,
    "distributed.client": _change_user,
    "distributed.scheduler": _change_user,
    "distributed.shuffle._core": _change_user,
    "distributed.shuffle._pickle": _change_user,
}
