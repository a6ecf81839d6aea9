"""concurrent.futures.ProcessPoolExecutor, for functions that pickle refuses.

multiprocessing pickles what it sends between processes itself. So functions, arguments
and results are sent inside objects of this module, whose __reduce__ is the engine's
dumps: it runs where multiprocessing pickles, and unpickling gives what is inside.
"""

from __future__ import annotations

import concurrent.futures.process
import copyreg
import io
from collections import ChainMap
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing.context import BaseContext
from multiprocessing.reduction import ForkingPickler
from typing import Any, TypeVar

import gocloudpickle

TYPE_CHECKING = False  # typing.TYPE_CHECKING as a constant
if TYPE_CHECKING:
    from typing import ParamSpec

    P = ParamSpec("P")
T = TypeVar("T")

# What can be sent by pickle as fast, and needs no engine in the worker.
_ATOMS = frozenset({type(None), bool, int, float, complex, str, bytes})


class ProcessPoolExecutor(concurrent.futures.process.ProcessPoolExecutor):
    """The executor of concurrent.futures, for any function that cloudpickle can send.

    Lambdas, closures and what a script or notebook defines may be the function, the
    arguments, the results, the exceptions and the initializer, with each start method.
    Everything else is as in concurrent.futures. The workers need gocloudpickle.

    >>> import gocloudpickle
    >>> with gocloudpickle.ProcessPoolExecutor(max_workers=1) as pool:
    ...     list(pool.map(lambda x: x * 2, [1, 2, 3]))
    [2, 4, 6]
    """

    def __init__(
        self,
        max_workers: int | None = None,
        mp_context: BaseContext | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
        *,
        max_tasks_per_child: int | None = None,
    ) -> None:
        if initializer is not None:
            if not callable(initializer):
                raise TypeError("initializer must be a callable")
            initializer, initargs = _Initializer(initializer, initargs), ()
        # Python 3.10 doesn't know the argument.
        options: dict[str, Any] = {}
        if max_tasks_per_child is not None:
            options["max_tasks_per_child"] = max_tasks_per_child
        super().__init__(max_workers, mp_context, initializer, initargs, **options)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return super().submit(_Task(fn, args, kwargs))

    submit.__doc__ = concurrent.futures.process.ProcessPoolExecutor.submit.__doc__


class _Task:
    """A call, in the process that wants it and in the worker."""

    __slots__ = ("args", "fn", "kwargs")

    def __init__(self, fn: Any, args: Any, kwargs: Any) -> None:
        self.fn, self.args, self.kwargs = fn, args, kwargs

    def __reduce__(self) -> tuple[Any, ...]:
        return _load_task, (_dumps((self.fn, self.args, self.kwargs)),)

    def __call__(self) -> Any:
        try:
            result = self.fn(*self.args, **self.kwargs)
        except BaseException as error:
            # Without the frame of this function, which concurrent.futures hasn't.
            traceback = error.__traceback__ and error.__traceback__.tb_next
            raised = _raised(error).with_traceback(traceback)
        else:
            return result if type(result) in _ATOMS else _Sent(result)
        raise raised  # here, where it gets no other __context__


class _Initializer:
    """A call of the user's initializer, which forked workers have as it is."""

    __slots__ = ("fn", "args")

    def __init__(self, fn: Any, args: Any) -> None:
        self.fn, self.args = fn, args

    def __reduce__(self) -> tuple[Any, ...]:
        return _load_initializer, (_dumps((self.fn, self.args)),)

    def __call__(self) -> None:
        self.fn(*self.args)


class _Sent:
    """What is inside of it, to the process that unpickles it."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __reduce__(self) -> tuple[Any, ...]:
        return _load_result, (_dumps(self.value),)


def _load_task(payload: bytes) -> _Task:
    return _Task(*gocloudpickle.loads(payload))


def _load_initializer(payload: bytes) -> _Initializer:
    return _Initializer(*gocloudpickle.loads(payload))


def _load_result(payload: bytes) -> Any:
    # gocloudpickle.loads itself would be sent as pickle's.
    return gocloudpickle.loads(payload)


class _Raised(BaseException):
    """An exception on its way back. concurrent.futures sends its traceback as text."""

    original: BaseException

    def __reduce__(self) -> tuple[Any, ...]:
        return _load_result, (_dumps(self.original),)

    def __str__(self) -> str:
        return str(self.original)


def _raised(error: BaseException) -> _Raised:
    # The text has the class's name in it: that of the original's.
    kind = type(error)
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    wrapper: _Raised = type(kind.__name__, (_Raised,), names)()
    wrapper.original = error
    # The text has the exceptions before it, too.
    wrapper.__cause__ = error.__cause__
    wrapper.__context__ = error.__context__
    wrapper.__suppress_context__ = error.__suppress_context__
    notes = getattr(error, "__notes__", None)
    if notes is not None:
        wrapper.__notes__ = notes  # type: ignore[attr-defined] # PEP 678
    return wrapper


def _dumps(obj: Any) -> bytes:
    file = io.BytesIO()
    _TaskPickler(file).dump(obj)
    return file.getvalue()


class _TaskPickler(gocloudpickle.Pickler):
    """cloudpickle's pickler, which also knows what multiprocessing can send.

    That is what it has registered reducers for, such as sockets and connections.
    """

    dispatch_table = ChainMap(
        gocloudpickle.Pickler.dispatch_table.maps[0],
        ForkingPickler._extra_reducers,  # type: ignore[attr-defined]
        copyreg.dispatch_table,
    )
