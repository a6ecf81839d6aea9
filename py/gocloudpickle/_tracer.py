"""Traces without the engine: the twin of pickler/watch.go, over the standard library's pickler."""

from __future__ import annotations

import pickle
import sys

from gocloudpickle._c_twin import TwinPickler
from gocloudpickle._python_path import MODULES
from gocloudpickle._trace import (
    AGAIN,
    CULPRIT,
    CULPRIT_AGAIN,
    DICT_ITEMS,
    ITEM,
    LEAST_PART,
    MAX_CULPRITS,
    MAX_KEPT,
    SAVED,
    SMALL_PART,
    reason_of,
)

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any


def trace(
    obj: Any, protocol: Any = None, buffer_callback: Any = None, skip: Any = None, limit: int = 0
) -> tuple[Any, ...]:
    """Do what the engine's function of this name does, without it."""
    from gocloudpickle import _bind, _skip

    protocol = pickle.HIGHEST_PROTOCOL if protocol is None else protocol
    pickler = _Tracer(_bind.pickler_of(0), protocol, buffer_callback, limit)
    pickler.skip = None if skip is None else _skip.reducer(skip)
    whole = True
    try:
        try:
            pickler.dump(obj)
        except _LimitReachedError:
            whole = False
        return pickler.result(whole)
    finally:
        # The exceptions refer to it, by their tracebacks. In a cycle the collector would find
        # all objects of the memo, and CPython crashes where a PickleBuffer is among them whose
        # memoryview it clears first.
        pickler.__dict__.clear()


class _LimitReachedError(BaseException):
    pass


class _Count:
    """A file that keeps nothing of what is written."""

    n = 0

    def write(self, data: Any) -> None:
        self.n += len(data)


class _Frame:
    """An object that is being saved."""

    __slots__ = ("culprits", "key", "keyed", "node", "position", "role")

    def __init__(self, node: int, keyed: bool, culprits: int) -> None:
        self.node, self.keyed, self.culprits = node, keyed, culprits
        self.role, self.position, self.key = ITEM, 0, None


def _room_for_levels() -> int:
    """Return how deep objects may nest here: of each level there are some frames of Python."""
    frames, frame = 0, sys._getframe()
    while frame is not None:
        frames, frame = frames + 1, frame.f_back  # type: ignore[assignment]
    return max(1, (sys.getrecursionlimit() - frames - 100) // 5)


class _Tracer(TwinPickler):
    def __init__(self, cls: Any, protocol: int, buffer_callback: Any, limit: int) -> None:
        self._count = _Count()
        super().__init__(self._count, protocol, buffer_callback=buffer_callback)
        self._class, self._limit, self._room = cls, limit, _room_for_levels()
        self.dispatch_table, self.strict = cls.dispatch_table, cls.strict
        self.globals_ref: dict[int, dict[str, Any]] = {}
        self.__dict__[MODULES] = set()  # it dumps once
        self.skip: Any = None
        self._frames: list[_Frame] = []
        self._first: dict[int, int] = {}
        self._culprits: dict[int, int] = {}
        self._reasons: list[str] = []
        self._unkept = self._kept = 0
        self._objects: list[Any] = []
        self._keys: list[Any] = []
        self._columns: list[list[int]] = []

    def result(self, whole: bool) -> tuple[Any, ...]:
        from array import array

        total = self._offset() if whole else self._columns[0][1]
        numbers = array("q")
        for columns in self._columns:
            numbers.extend(columns)
        return (
            *(tuple(self._objects), tuple(self._keys), numbers.tobytes()),
            *(tuple(self._reasons), self._unkept, total, whole),
        )

    def reducer_override(self, obj: Any) -> Any:
        if type(obj) in _ATOMS_AND_CONTAINERS:  # the pickler in C doesn't ask for these
            return NotImplemented
        if self.skip is not None:
            value = self.skip(obj)
            if value is not NotImplemented:
                return value
        return self._class.reducer_override(self, obj)

    def _offset(self) -> int:
        frame = self.framer.current_frame
        return self._count.n + (frame.tell() + 9 if frame is not None else 0)

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if type(obj) in _ATOMS and self._save_small(obj):
            return
        at = self._offset()
        if self._limit and at > self._limit and self._frames:
            raise _LimitReachedError
        node = self._begin(obj, at)
        try:
            if self._columns[node][7] == CULPRIT_AGAIN:
                self.write(pickle.NONE)
            elif len(self._frames) > self._room:
                self._save_deep(obj)
            elif type(obj) in _ATOMS_AND_CONTAINERS:  # no hook has a say
                self._save_builtin(obj)
            else:
                super().save(obj, save_persistent_id)
        except MemoryError:
            raise
        except Exception as error:
            self._put_aside(node, error)
        finally:
            self._end(node)

    def _save_builtin(self, obj: Any) -> None:
        self.framer.commit_frame()
        known = self.memo.get(id(obj))
        if known is not None:
            self.write(self.get(known[0]))
        else:
            self.dispatch[type(obj)](self, obj)

    def _save_small(self, obj: Any) -> bool:
        """Save an atom of less than LEAST_PART bytes, whose node nobody would keep; False for others."""
        kind, frames = type(obj), self._frames
        if self.proto < 4 or self._limit or not 0 < len(frames) <= self._room:
            return False
        known = self.memo.get(id(obj)) if kind is str else None
        if kind is str and known is None and not (len(obj) <= _SHORT and obj.isascii()):
            return False
        if kind is int and not -_LARGE_INT < obj < _LARGE_INT:
            return False
        frame = frames[-1]
        if frame.keyed:
            frame.key = obj if frame.position % 2 == 0 else None
        frame.position += 1
        self._columns[frame.node][5] += 1
        self.framer.commit_frame()
        if known is not None:
            self.write(self.get(known[0]))
        else:
            self.dispatch[kind](self, obj)
        return True

    def _save_deep(self, obj: Any) -> None:
        """Count what is nested too deep for Python's stack as one part, without its own parts."""
        from gocloudpickle import _python_path

        if id(obj) in self.memo:
            self.write(self.get(self.memo[id(obj)][0]))
            return
        file = _Count()
        _python_path._dump_through(0, obj, file, self.proto, self._buffer_callback)
        self._count.n += file.n

    def _begin(self, obj: Any, at: int) -> int:
        node, key, parent, role, position = len(self._objects), None, -1, ITEM, 0
        if self._frames:
            frame = self._frames[-1]
            parent, role, position = frame.node, frame.role, frame.position
            frame.position = position + 1
            self._columns[parent][5] += 1
            if frame.keyed and position % 2 == 0:
                frame.key = obj
            elif frame.keyed:
                key, frame.key = frame.key, None
        kind = SAVED
        if id(obj) in self._culprits:
            kind = CULPRIT_AGAIN
        elif id(obj) in self.memo:
            kind = AGAIN
        elif type(obj) not in (str, int, float) and obj is not None:
            self._first[id(obj)] = node
        self._objects.append(obj)
        self._keys.append(key)
        self._columns.append([at, 0, parent, node + 1, position, 0, role, kind, -1])
        self._frames.append(_Frame(node, type(obj) is dict, self._kept))
        return node

    def _put_aside(self, node: int, error: Exception) -> None:
        if len(self._reasons) < MAX_CULPRITS:
            self._columns[node][7] = CULPRIT
            self._culprits[id(self._objects[node])] = node
            # The exception itself is not kept: its traceback has the frames of this dump, and they
            # the Tracer.
            self._reasons.append(reason_of(error))
        else:
            self._unkept += 1
        self.write(pickle.NONE)

    def _end(self, node: int) -> None:
        frame = self._frames.pop()
        at = self._offset()
        columns, obj = self._columns[node], self._objects[node]
        columns[1], columns[3] = at, len(self._objects)
        if columns[7] == AGAIN:
            columns[8] = self._first.get(id(obj), -1)
        elif columns[7] == CULPRIT_AGAIN:
            columns[8] = self._culprits[id(obj)]
        if frame.culprits != self._kept or node == 0 or self._worth_keeping(columns, at):
            return
        for i in range(node, len(self._objects)):
            if self._columns[i][7] == SAVED:
                self._first.pop(id(self._objects[i]), None)
        del self._objects[node:], self._keys[node:], self._columns[node:]

    def _worth_keeping(self, columns: list[int], at: int) -> bool:
        begin, end, kind, first = columns[0], columns[1], columns[7], columns[8]
        if kind == SAVED:
            return self._is_large(end - begin, at)
        if kind == CULPRIT:
            worth = True
        elif self._kept >= MAX_KEPT or first < 0:
            worth = False
        elif kind == CULPRIT_AGAIN:
            worth = True
        else:
            begin, end = self._columns[first][:2]
            # The end is 0 while it is under way: it contains itself.
            worth = end == 0 or self._is_large(end - begin, at)
        self._kept += worth
        return worth

    def _is_large(self, size: int, at: int) -> bool:
        return size >= LEAST_PART and size * SMALL_PART >= at

    def saving(self, role: int) -> None:
        """Note what is saved next of an object that is reduced."""
        frame = self._frames[-1]
        frame.role, frame.position, frame.keyed = role, 0, role == DICT_ITEMS


_ATOMS = frozenset({type(None), bool, int, float, str})
_ATOMS_AND_CONTAINERS = _ATOMS | {
    *(bytes, tuple, list, dict, set, frozenset, bytearray, pickle.PickleBuffer),
}
# A str of so many ASCII characters has three bytes more in a payload, an int below this ten.
_SHORT, _LARGE_INT = LEAST_PART - 4, 1 << 63
