"""The third path: every dump without the engine, with the reducers in Python.

The pickler is the standard library's, in C where there is one, and asks the reducers
of _reducers.py and _by_value.py as it would ask cloudpickle's: so the bytes are those
of cloudpickle on the same interpreter. A process takes this path where the engine
can't be loaded (see _loader), and an engine's process takes it for a single dump that
must not have Go frames below Python code.
"""

from __future__ import annotations

import io
import os
import sys
import types
from itertools import count

try:
    from _pickle import Pickler as _Pickler
    from _pickle import PicklingError as PicklingError
    from _pickle import load as load
    from _pickle import loads as loads
except ImportError:  # PyPy has it in Python only
    from pickle import Pickler as _Pickler
    from pickle import PicklingError as PicklingError
    from pickle import load as load
    from pickle import loads as loads

from gocloudpickle._strict import is_strict

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

HIGHEST_PROTOCOL = 5
TOO_DEEP = "Could not pickle object as excessively deep recursion required."
# CPython says so itself from 3.14 on; before, its pickler isn't whole any more when another dump
# in it returns, and the process crashes.
ALREADY_USED = (
    "this Pickler is in the middle of a dump: an object that is being pickled, or another thread, "
    "called dump again"
    if sys.version_info < (3, 14)
    else "Pickler object is already used"
)

Base: Any = _Pickler  # what cloudpickle's Pickler derives from
_IN_C = Base.__module__ == "_pickle"

# The pickler in Python looks each type up in an attribute named dispatch, which
# cloudpickle gives to its own table where the pickler is in C, for old programs.
_DISPATCH = "dispatch" if _IN_C else "_dispatch"

_started = count()  # next() is one step, where += could lose some of several threads'
_asked = 0


def dumps_made() -> int:
    """Return how many dumps have taken this path in this process."""
    global _asked
    number = next(_started) - _asked
    _asked += 1
    return number


def _count_anew() -> None:
    global _asked, _started
    _started, _asked = count(), 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_count_anew)


_explained = 0  # exceptions that have been given a path
_last_explained = 0  # the id of the last of them

# In a Pickler's __dict__: the object that reducer_override got last; max_bytes and skip
# (see _limits.py); what the engine's __init__ puts there and its dump looks for (see
# pickler_object.c), which has the memo, and what it takes to be made again after a fork.
ASKED, LIMITS, STATE = "_asked", "_limits", "_engine_state"
# The same, while it dumps: the ids of the modules that it has reduced to what they hold; what
# says that it dumps.
MODULES, BUSY = "_open_modules", "_busy"


def _explain(error: Exception, pickler: Any, obj: Any, began: int) -> Exception:
    """Give an exception of a dump its path, and return it. See _failure."""
    global _explained, _last_explained
    asked = object.__getattribute__(pickler, "__dict__").get(ASKED)
    if not isinstance(error, MemoryError):
        try:
            from gocloudpickle import _failure

            nested = _explained != began and _last_explained == id(error)
            _failure.explain_asked(error, obj, asked, pickler, nested)
        except Exception:  # the exception that there is matters more
            pass
        _explained, _last_explained = _explained + 1, id(error)
    return error


def make_pickler_class(namespace: types.ModuleType) -> Any:
    """Return a new Pickler class, whose pickles name the functions of a namespace."""
    import copyreg
    from collections import ChainMap

    from gocloudpickle import _beyond, _bind, _reducers

    shared_table: Any = copyreg.dispatch_table  # its stubs are narrower than what it takes
    own_table: dict[type, Callable[[Any], Any]] = _reducers.dispatch_table(namespace)
    beyond = _beyond.Beyond(namespace, own_table)

    class Pickler(Base):  # type: ignore[misc]
        """Pickles objects into a file, functions and classes by value where it must.

        file has a write(bytes) method. protocol is 0 to 5, negative for the highest;
        None is DEFAULT_PROTOCOL. buffer_callback takes each out-of-band buffer.

        Subclasses may define persistent_id, reducer_override (and call super's) and
        dispatch_table, which counts as it is when the Pickler is made. Objects dumped
        one after the other share one memo. strict = True, in a class or a Pickler, gives
        stock cloudpickle's results also where they are wrong; None leaves that to
        GOCLOUDPICKLE_STRICT. max_bytes is a limit for each dump, and skip replaces objects:
        see dumps.

        >>> import gocloudpickle, io, pickle
        >>> file = io.BytesIO()
        >>> gocloudpickle.Pickler(file).dump(lambda x: x + 1)
        >>> pickle.loads(file.getvalue())(1)
        2
        """

        _dispatch_table = own_table
        dispatch_table: Any = ChainMap(own_table, shared_table)
        strict: bool | None = None

        def __init__(
            self,
            file: Any,
            protocol: Any = None,
            buffer_callback: Any = None,
            *,
            max_bytes: int | None = None,
            skip: Any = None,
        ) -> None:
            if BUSY in self.__dict__:
                raise RuntimeError(ALREADY_USED)
            if protocol is None:
                protocol = HIGHEST_PROTOCOL
            limits = limits_or_none(file, buffer_callback, max_bytes, skip)
            self.__dict__[LIMITS] = limits
            if limits is not None:
                file = limits.file
            _call_init(super().__init__, file, protocol, buffer_callback)
            # Functions that share their globals share one dict here, by id.
            self.globals_ref: dict[int, dict[str, Any]] = {}
            self.proto = int(protocol)

        def dump(self, obj: Any) -> None:
            """Write one object to the file."""
            beyond.table.complete()
            _dump_and_explain(super().dump, self, obj)

        def reducer_override(self, obj: Any) -> Any:
            """Reduce a function or class; NotImplemented for any other object."""
            self.__dict__[ASKED] = obj
            if issubclass(type(obj), type) or isinstance(obj, types.FunctionType):
                return _bind.reduce(namespace, self.globals_ref, obj, is_strict(self))
            return beyond.reduce(self, obj)

    setattr(Pickler, _DISPATCH, Pickler.dispatch_table)
    Pickler._beyond = beyond
    Pickler.__module__ = "gocloudpickle"
    Pickler.__qualname__ = "Pickler"
    for method in (Pickler.__init__, Pickler.dump, Pickler.reducer_override):
        method.__qualname__ = f"Pickler.{method.__name__}"  # for the errors of wrong arguments
    return Pickler


def _call_init(init: Any, file: Any, protocol: Any, buffer_callback: Any) -> None:
    if _IN_C and isinstance(init, types.MethodWrapperType):
        # C's own, without keywords: CPython 3.12 frees the tuple of their names in another
        # interpreter than the isolated one that made it, and aborts at its end.
        init(file, protocol, True, buffer_callback)
    else:
        init(file, protocol=protocol, buffer_callback=buffer_callback)


def base_dump(pickler: Any, obj: Any) -> None:
    """Do Pickler.dump without the engine, whatever the dump method of the class is."""
    # With its class: CPython 3.12 crashes without (Objects/descrobject.c, method_get).
    _dump_and_explain(Base.dump.__get__(pickler, type(pickler)), pickler, obj)


def limits_or_none(file: Any, buffer_callback: Any, max_bytes: Any, skip: Any) -> Any:
    """Return the Limits of a Pickler, None where both arguments are None."""
    if max_bytes is None and skip is None:
        return None
    from gocloudpickle import _limits

    return _limits.Limits(file, buffer_callback, max_bytes, skip)


def _dump_and_explain(dump: Callable[[Any], None], pickler: Any, obj: Any) -> None:
    """Call a dump method that is bound to pickler, within the Pickler's limits."""
    own = object.__getattribute__(pickler, "__dict__")
    state = own.get(STATE)
    limits = own.get(LIMITS) if state is None else state.limits
    if limits is None:
        _dump_explained(dump, pickler, obj)
    else:
        limits.dump_in_python(lambda obj: _dump_explained(dump, pickler, obj), pickler, obj)


def _dump_explained(dump: Callable[[Any], None], pickler: Any, obj: Any) -> None:
    """Call a dump method that is bound to pickler, once at a time; what it raises gets its path."""
    own = object.__getattribute__(pickler, "__dict__")
    this_dump = object()
    try:
        if (
            own.setdefault(BUSY, this_dump) is not this_dump
        ):  # one step: threads can share a Pickler
            raise RuntimeError(ALREADY_USED)
        _dump_alone(own, dump, pickler, obj)
    finally:
        if own.get(BUSY) is this_dump:
            del own[BUSY]


def _dump_alone(own: dict[str, Any], dump: Callable[[Any], None], pickler: Any, obj: Any) -> None:
    next(_started)
    began = _explained
    own[MODULES] = set()
    try:
        dump(obj)
    except RecursionError as error:
        own.pop(MODULES, None)  # what explains it reduces them again
        raise _explain(PicklingError(TOO_DEEP), pickler, obj, began) from error
    except Exception as error:
        own.pop(MODULES, None)
        _explain(error, pickler, obj, began)
        raise
    finally:
        # Or the next dump that fails would take it for its own.
        own.pop(ASKED, None)
        own.pop(MODULES, None)


def dispatch_table_of(pickler: Any) -> Any:
    """Return the dispatch table in force: what the C pickler has, or the Python one would read."""
    import copyreg

    try:
        # C's descriptor: an attribute set later doesn't count.
        if _IN_C and issubclass(type(pickler), Base):  # and not the tracer of _tracer.py
            return Base.dispatch_table.__get__(pickler)
        return pickler.dispatch_table
    except AttributeError:
        return copyreg.dispatch_table


def _dump_beyond(pickler: Any, target: int, obj: Any) -> None:
    """Do base_dump, with a reducer_override that goes beyond cloudpickle's where that is in force.

    gocloudpickle's own does; an installed cloudpickle's doesn't.
    """
    from gocloudpickle import _bind

    override = None if target == 0 or is_strict(pickler) else _bind.override_of(target, pickler)
    if override is None:
        own = getattr(pickler, "_beyond", None)
        if own is not None:
            own.table.complete()
        base_dump(pickler, obj)
        return
    pickler.reducer_override = override
    try:
        base_dump(pickler, obj)
    finally:
        del pickler.reducer_override


def _dump_through(
    target: int,
    obj: Any,
    file: Any,
    protocol: Any = None,
    buffer_callback: Any = None,
    limits: Any = None,
) -> None:
    from gocloudpickle import _bind

    cls = _bind.pickler_of(target)
    if protocol is None:
        protocol = HIGHEST_PROTOCOL
    # Not through the class's own methods: those of an engine's process call the engine.
    pickler = cls.__new__(cls)
    _call_init(Base.__init__.__get__(pickler), file, protocol, buffer_callback)
    pickler.globals_ref = {}
    pickler.proto = int(protocol)
    if limits is not None:
        pickler.__dict__[LIMITS] = limits
    _dump_beyond(pickler, target, obj)


def dumps_bounded(
    obj: Any, protocol: Any, buffer_callback: Any, max_bytes: Any, skip: Any
) -> bytes:
    """Do dumps with max_bytes or skip."""
    with io.BytesIO() as file:
        dump_bounded(obj, file, protocol, buffer_callback, max_bytes, skip)
        return file.getvalue()


def dump_bounded(
    obj: Any, file: Any, protocol: Any, buffer_callback: Any, max_bytes: Any, skip: Any
) -> None:
    """Do dump with max_bytes or skip."""
    limits = limits_or_none(file, buffer_callback, max_bytes, skip)
    file = file if limits is None else limits.file
    _dump_through(0, obj, file, protocol, buffer_callback, limits)


def dumps_through(
    target: int, obj: Any, protocol: int | None = None, buffer_callback: Any = None
) -> bytes:
    """Pickle obj for the cloudpickle module of a numbered target."""
    with io.BytesIO() as file:
        _dump_through(target, obj, file, protocol, buffer_callback)
        return file.getvalue()


def dump_through(
    target: int, obj: Any, file: Any, protocol: int | None = None, buffer_callback: Any = None
) -> None:
    """Pickle obj into a file for the cloudpickle module of a numbered target."""
    _dump_through(target, obj, file, protocol, buffer_callback)


def dumps(
    obj: Any,
    protocol: int | None = None,
    buffer_callback: Any = None,
    *,
    max_bytes: int | None = None,
    skip: Any = None,
) -> bytes:
    """Serialize obj as bytes, functions and classes by value where they can't be imported.

    protocol is 0 to 5, negative for the highest; None is DEFAULT_PROTOCOL, the highest.
    buffer_callback takes each out-of-band buffer (PEP 574), from protocol 5 on.

    max_bytes is how long the payload may become, without out-of-band buffers; a longer one
    raises PayloadTooLargeError, which names the largest values. skip replaces instances of
    types and of their subclasses, such as {LockType: None}: by a value, or, where that is
    callable, by what it returns for the object.

    Raises pickle.PicklingError, TypeError or whatever an object's own __reduce__ raises
    where obj can't be pickled.

    >>> import gocloudpickle, pickle
    >>> pickle.loads(gocloudpickle.dumps(lambda x: x + 1))(1)
    2
    """
    if max_bytes is not None or skip is not None:
        return dumps_bounded(obj, protocol, buffer_callback, max_bytes, skip)
    with io.BytesIO() as file:
        _dump_through(0, obj, file, protocol, buffer_callback)
        return file.getvalue()


def dump(
    obj: Any,
    file: Any,
    protocol: int | None = None,
    buffer_callback: Any = None,
    *,
    max_bytes: int | None = None,
    skip: Any = None,
) -> None:
    """Serialize obj into file, which has a write(bytes) method. See dumps.

    >>> import gocloudpickle, io
    >>> gocloudpickle.dump(lambda: 0, io.BytesIO())
    """
    if max_bytes is not None or skip is not None:
        dump_bounded(obj, file, protocol, buffer_callback, max_bytes, skip)
        return
    _dump_through(0, obj, file, protocol, buffer_callback)


for _function in (dumps, dump):
    _function.__module__ = "gocloudpickle"


def pickler_dump(pickler: Any, obj: Any) -> None:
    """Do one dump of a Pickler object, and all its later ones, without the engine.

    The Pickler is gocloudpickle.Pickler, an installed cloudpickle's, or of a class
    derived from one of them. What the engine has in its memo comes along.
    """
    from gocloudpickle import _pickler

    state = _pickler.state_or_none(pickler)
    _pickler.leave(pickler)
    _dump_beyond(pickler, 0 if state is None else state.target, obj)


def seal_single(*arguments: bytes) -> None:
    """Nothing: gocloudpickle.sealed then does it itself."""


def open_single(*arguments: bytes) -> None:
    """Nothing: gocloudpickle.sealed then does it itself."""


def trace(
    obj: Any, protocol: Any = None, buffer_callback: Any = None, skip: Any = None, limit: int = 0
) -> tuple[Any, ...]:
    """Dump obj to nowhere and return where in the payload each object is: see _trace.py."""
    from gocloudpickle import _tracer

    return _tracer.trace(obj, protocol, buffer_callback, skip, limit or 0)
