"""dumps and loads of a framework, between a pickler of its own and the outside."""

from __future__ import annotations

import types

from gocloudpickle.sealed import _process
from gocloudpickle.sealed._envelope import is_sealed

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


def dumps(
    stock: Callable[..., bytes],
    obj: Any,
    buffer_callback: Callable[[Any], Any] | None = None,
    **options: Any,
) -> bytes:
    """Pickle an object, and seal that and its out-of-band buffers if this process seals."""
    signer = _process.state().signer
    if signer is None:
        return stock(obj, buffer_callback=buffer_callback, **options)
    if signer.recipients:
        buffer_callback = None  # what travels beside it could be read
    outside: list[Any] = []

    def note(buffer: Any) -> Any:
        assert buffer_callback is not None
        in_band = buffer_callback(buffer)
        if not in_band:
            outside.append(buffer)
        return in_band

    data = stock(obj, buffer_callback=None if buffer_callback is None else note, **options)
    return signer._message(data, outside)


def loads(
    stock: Callable[..., Any], data: Any, buffers: Iterable[Any] | None = (), **options: Any
) -> Any:
    """Load what has come: sealed only, if this process has a verifier."""
    if _process.state().verifier is None and not is_sealed(memoryview(data).cast("B")):
        return stock(data, buffers=buffers, **options)
    return _process.load(stock, data, buffers, options)


def stock_of(function: types.FunctionType) -> types.FunctionType:
    """Return a function as it is now, for when its code is another one."""
    copy = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def give_code(
    function: types.FunctionType, code: types.FunctionType, call: Any
) -> Callable[[], None]:
    """Change what a function does, for those too that have it already; return what undoes it.

    Its code, which has the parameters of the old one, finds call under
    _gocloudpickle_sealed_ and the function's name.
    """
    if _parameters(function) != _parameters(code):
        raise AttributeError(f"{function.__qualname__} has other parameters", name="__code__")
    names, old = function.__globals__, function.__code__
    names["_gocloudpickle_sealed_" + function.__name__] = call
    function.__code__ = code.__code__

    def undo() -> None:
        # The name stays: another thread can be in the middle.
        if function.__code__ is code.__code__:
            function.__code__ = old

    return undo


def _parameters(function: types.FunctionType) -> tuple[Any, ...]:
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    return code.co_argcount, code.co_varnames[:count], code.co_flags & 0x0C  # *args, **kwargs


def give_names(module: Any, **values: Any) -> Callable[[], None]:
    """Set names of a module that are there; return what undoes it."""
    before = {name: getattr(module, name) for name in values}
    vars(module).update(values)

    def undo() -> None:
        for name, value in before.items():
            if vars(module).get(name) is values[name]:
                setattr(module, name, value)

    return undo


def together(undo: list[Callable[[], None]]) -> Callable[[], None]:
    """Return what undoes all of these."""

    def undo_all() -> None:
        for each in undo:
            each()

    return undo_all
