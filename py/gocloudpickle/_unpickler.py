"""loads and load where they aren't native: pickle's unpickler, with our functions for cloudpickle's.

An installed cloudpickle makes the functions and classes of a payload, so that its registry and
its class tracker are shared. Two of its functions have something to add: the one that makes
functions must not take another Python's code, and the one that sets a class's attributes
must leave alone what has been set here. Payloads that name neither cost what they cost in pickle.
"""

from __future__ import annotations

import types

from gocloudpickle import _strict

try:
    from _pickle import Unpickler, loads as pickle_loads, load as pickle_load  # isort: skip

    IN_C = True
except ImportError:  # PyPy has them in Python only
    from pickle import Unpickler, loads as pickle_loads, load as pickle_load  # isort: skip

    IN_C = False

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

_Base: Any = Unpickler
_IS_STOCK = _strict.ENVIRONMENT or not IN_C

# Looking for a name in a short payload takes less time than making an unpickler.
SHORT = 4096
NAME = b"cloudpickle"

# What functions of cloudpickle refer to that do no more than ours do: those of 1.6 to 3.1.2.
_USUAL = {
    "_make_function": {"__builtins__", "types", "FunctionType", "_make_empty_cell"},
    "_class_setstate": {
        *("items", "setattr", "sys", "version_info", "__firstlineno__", "register"),
    },
}


class FindsOurs:
    """What an unpickler finds in place of an installed cloudpickle's functions."""

    stream: Any = None  # has check(), for the code in it

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)  # type: ignore[misc]
        if name in _WANTED and "cloudpickle" in module and not _IS_STOCK:
            return self._ours(name, found)
        return found

    def _ours(self, name: str, found: Any) -> Any:
        if name == "_builtin_type":  # which says CodeType to the unpickler
            if self.stream is not None:
                self.stream.check()
            return found
        ours = rebuild_module()
        if type(found) is not types.FunctionType or found.__globals__ is vars(ours):
            return found
        code = found.__code__
        if code.co_freevars or not _USUAL[name].issuperset(code.co_names):
            return found  # somebody's own
        return getattr(ours, name)


_WANTED = frozenset([*_USUAL, "_builtin_type"])


_rebuild_module: Any = None


def rebuild_module() -> Any:
    """Return the module with our functions: the one that the engine binds as well."""
    global _rebuild_module
    if _rebuild_module is None:
        from gocloudpickle import _bind

        try:
            _rebuild_module = _bind._class_records()
        except ImportError:  # a cloudpickle that is too old for dumps
            from gocloudpickle import _rebuild

            return _rebuild
    return _rebuild_module


class OurUnpickler(FindsOurs, _Base):  # type: ignore[misc]
    """pickle's unpickler in C, whose find_class only names cost anything."""


class Whole:
    """A file of the bytes that loads gets. The unpickler reads them where they are.

    That it asks a file's peek for some bytes, and takes as many as it gets, is what
    io.BufferedReader says of peek (Modules/_pickle.c, _Unpickler_ReadFromFile).
    """

    __slots__ = ("_data", "_left")

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = self._left = data

    def peek(self, size: int) -> bytes | memoryview:
        left, self._left = self._left, b""
        return left

    def read(self, size: int) -> bytes:
        return b""  # what it has peeked at, or what is behind the end

    def readline(self) -> bytes:
        return b""

    def check(self) -> None:
        from gocloudpickle import _foreign

        _foreign.check(self._data)


class Frames:
    """A file whose frames are looked at before they are run, once a stream names CodeType.

    It has no peek: so the unpickler reads each frame by itself, and no opcode in two.
    """

    def __init__(self, file: Any) -> None:
        self._read = file.read
        self.readline = file.readline
        readinto = getattr(file, "readinto", None)
        if readinto is not None:
            self.readinto = readinto
        self._last = b""
        self._is_checked = False

    def read(self, size: int) -> Any:
        data = self._last = self._read(size)
        if self._is_checked:
            self._check_last()
        return data

    def check(self) -> None:
        self._is_checked = True
        self._check_last()

    def _check_last(self) -> None:
        from gocloudpickle import _foreign

        if isinstance(self._last, bytes):
            _foreign.check_part(self._last)


def loads(data: Any, /, **options: Any) -> Any:
    """Do what pickle.loads does."""
    if _IS_STOCK or (options and not _are_usual(options)):
        return pickle_loads(data, **options)
    if type(data) is not bytes:
        try:
            data = memoryview(data).cast("B")
        except (TypeError, BufferError):
            return pickle_loads(data, **options)  # which says what is wrong, if anything
    elif len(data) <= SHORT and NAME not in data:
        return pickle_loads(data, **options)
    unpickler = _unpickler(whole := Whole(data), options)
    unpickler.stream = whole
    return unpickler.load()


def load(file: Any, /, **options: Any) -> Any:
    """Do what pickle.load does."""
    if _IS_STOCK or (options and not _are_usual(options)) or not _is_file(file):
        return pickle_load(file, **options)
    if not _is_framed(file):
        return _unpickler(file, options).load()
    unpickler = _unpickler(frames := Frames(file), options)
    unpickler.stream = frames
    return unpickler.load()


def _unpickler(file: Any, options: dict[str, Any]) -> Any:
    # Without keywords where there are none: CPython 3.12 frees the tuple of their names in another
    # interpreter than the isolated one that made it, and aborts at its end.
    return OurUnpickler(file, **options) if options else OurUnpickler(file)


def _are_usual(options: dict[str, Any]) -> bool:
    """Tell whether these are arguments that pickle takes: of others its own function complains."""
    for name, value in options.items():
        if name in ("encoding", "errors"):
            if type(value) is not str:
                return False
        elif name == "fix_imports":
            if type(value) is not bool:
                return False
        elif name != "buffers":
            return False
    return True


def _is_file(file: Any) -> bool:
    return hasattr(file, "read") and hasattr(file, "readline")


def _is_framed(file: Any) -> bool:
    """Tell whether a file's next pickle is of protocol 4 or later, as far as that shows.

    Of an older one the unpickler reads each opcode by itself.
    """
    try:
        if hasattr(file, "peek"):
            head = file.peek(2) or b""
        elif file.seekable():
            at = file.tell()
            head = file.read(2) or b""
            file.seek(at)
        else:
            return True
    except (AttributeError, NotImplementedError, OSError):
        return True
    return len(head) < 2 or head[0] != 0x80 or head[1] >= 4
