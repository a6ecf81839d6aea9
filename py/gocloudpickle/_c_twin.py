"""The standard library's pickler in Python, made to write what the one in C writes.

They differ in batches: the one in Python ends some elsewhere, and reads a thousand items of an
iterator before it saves the first. In protocol 0 it memoizes another str than the one it has
saved, where there is something to escape. Of what an object's __reduce__ returns it refuses less, and
one thing that is right: classes that differ with __newobj_ex__. Here all that is as in Modules/_pickle.c.
"""

from __future__ import annotations

import functools
import pickle
import sys

from gocloudpickle._trace import ARGS, CALLABLE, DICT_ITEMS, KWARGS, LIST_ITEMS, SELF, STATE

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

_Base: Any = pickle._Pickler

_END: Any = object()


class TwinPickler(_Base):  # type: ignore[misc]
    """A pickler in Python whose payloads are those of the one in C, but for where frames end."""

    def saving(self, role: int) -> None:
        """Hear what is saved next, for an object that is reduced: a role of _trace.py."""

    def save_reduce(
        self,
        func: Any,
        args: Any,
        state: Any = None,
        listitems: Any = None,
        dictitems: Any = None,
        state_setter: Any = None,
        *,
        obj: Any = None,
    ) -> None:
        """Save what __reduce__ has returned, as save_reduce in C."""
        _check_reduction(func, args, listitems, dictitems, state_setter)
        self._save_making(func, args, obj)
        if obj is not None:
            if id(obj) in self.memo:  # its arguments have led back to it
                self.write(pickle.POP + self.get(self.memo[id(obj)][0]))
                return
            self.memoize(obj)
        if listitems is not None:
            self.saving(LIST_ITEMS)
            self._save_batches(listitems, pickle.APPEND, pickle.APPENDS, self.save)
        if dictitems is not None:
            self.saving(DICT_ITEMS)
            self._save_batches(dictitems, pickle.SETITEM, pickle.SETITEMS, self._save_pair)
        if state is None:
            return
        if state_setter is None:
            self.saving(STATE)
            self.save(state)
            self.write(pickle.BUILD)
            return
        for role, part in (CALLABLE, state_setter), (SELF, obj), (STATE, state):
            self.saving(role)
            self.save(part)
        self.write(pickle.TUPLE2 + pickle.REDUCE + pickle.POP)

    def _save_making(self, func: Any, args: tuple[Any, ...], obj: Any) -> None:
        name = getattr(func, "__name__", "") if self.proto >= 2 else ""
        parts: tuple[tuple[int, Any], ...] = (CALLABLE, func), (ARGS, args)
        opcode = pickle.REDUCE
        if isinstance(name, str) and name == "__newobj_ex__":
            cls, positional, keywords = _newobj_ex_arguments(args)
            if self.proto >= 4:
                parts = (CALLABLE, cls), (ARGS, positional), (KWARGS, keywords)
                opcode = pickle.NEWOBJ_EX
            else:
                make = functools.partial(cls.__new__, cls, *positional, **keywords)
                parts = (ARGS, make), (CALLABLE, ())
        elif isinstance(name, str) and name == "__newobj__":
            cls = _newobj_class(args, obj)
            parts, opcode = ((CALLABLE, cls), (ARGS, args[1:])), pickle.NEWOBJ
        for role, part in parts:
            self.saving(role)
            self.save(part)
        self.write(opcode)

    def save_global(self, obj: Any, name: Any = None) -> None:
        """Save an object by name; what its __reduce__ has returned may be of a subclass of str."""
        # Up to 3.13 the pickler in C saves the parts of name.split("."), which are of str itself.
        if isinstance(name, str) and sys.version_info < (3, 14):
            name = str.__str__(name)
        super().save_global(obj, name)

    def _save_str(self, obj: str) -> None:
        if self.bin:
            _Base.save_str(self, obj)
            return
        text = obj.replace("\\", "\\u005c")
        for char in "\0\n\r\x1a":
            text = text.replace(char, f"\\u{ord(char):04x}")
        self.write(pickle.UNICODE + text.encode("raw-unicode-escape") + b"\n")
        self.memoize(obj)

    def _save_buffer(self, obj: pickle.PickleBuffer) -> None:
        if self.proto < 5:
            raise pickle.PicklingError("PickleBuffer can only be pickled with protocol >= 5")
        with obj.raw() as raw:  # BufferError for what isn't contiguous
            readonly = raw.readonly
            if self._buffer_callback is not None and not self._buffer_callback(obj):
                self.write(pickle.NEXT_BUFFER + (pickle.READONLY_BUFFER if readonly else b""))
                return
            data = raw.tobytes()
        n = len(data)
        if not readonly:
            opcode = pickle.BYTEARRAY8 + n.to_bytes(8, "little")
        elif n < 1 << 8:
            opcode = pickle.SHORT_BINBYTES + n.to_bytes(1, "little")
        elif n < 1 << 32:
            opcode = pickle.BINBYTES + n.to_bytes(4, "little")
        else:
            opcode = pickle.BINBYTES8 + n.to_bytes(8, "little")
        if n >= self.framer._FRAME_SIZE_TARGET:
            self._write_large_bytes(opcode, data)
        else:
            self.write(opcode + data)
        self.memoize(obj)  # and not its content, as the pickler in Python

    def _save_pair(self, pair: Any) -> None:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError("dict items iterator must return 2-tuples")
        key, value = pair
        self.save(key)
        self.save(value)

    def _save_batches(
        self, items: Iterable[Any], one: bytes, many: bytes, save: Callable[[Any], None]
    ) -> None:
        """Save what an iterator gives, as batch_list and batch_dict do."""
        iterator = iter(items)
        while True:
            first, item = next(iterator, _END), _END
            if first is _END:
                return
            if self.bin:
                item = next(iterator, _END)
            if item is _END:
                save(first)
                self.write(one)
                if self.bin:
                    return
                continue
            self.write(pickle.MARK)
            save(first)
            n = 1
            while item is not _END:
                save(item)
                n += 1
                if n == self._BATCHSIZE:
                    break
                item = next(iterator, _END)
            self.write(many)
            if n < self._BATCHSIZE:
                return

    def _save_list(self, obj: list[Any]) -> None:
        self.write(pickle.EMPTY_LIST if self.bin else pickle.MARK + pickle.LIST)
        self.memoize(obj)
        if not self.bin:
            self._save_batches(obj, pickle.APPEND, pickle.APPENDS, self.save)
        elif len(obj) == 1:
            self.save(obj[0])
            self.write(pickle.APPEND)
        elif obj:
            # As batch_list_exact: by index, since an item's __reduce__ can change the list.
            at = 0
            while at < len(obj):
                end = at + self._BATCHSIZE
                self.write(pickle.MARK)
                while at < min(end, len(obj)):
                    self.save(obj[at])
                    at += 1
                self.write(pickle.APPENDS)

    def _save_dict(self, obj: dict[Any, Any]) -> None:
        self.write(pickle.EMPTY_DICT if self.bin else pickle.MARK + pickle.DICT)
        self.memoize(obj)
        if not self.bin:
            self._save_batches(obj.items(), pickle.SETITEM, pickle.SETITEMS, self._save_pair)
        elif len(obj) == 1:
            for pair in obj.items():
                self._save_pair(pair)
                self.write(pickle.SETITEM)
                break
        elif obj:
            self._save_whole_batches(iter(obj.items()), pickle.SETITEMS, self._save_pair)

    def _save_set(self, obj: set[Any]) -> None:
        if self.proto < 4:
            self.save_reduce(set, (list(obj),), obj=obj)
            return
        self.write(pickle.EMPTY_SET)
        self.memoize(obj)
        if obj:
            self._save_whole_batches(iter(obj), pickle.ADDITEMS, self.save)

    def _save_whole_batches(
        self, items: Iterator[Any], many: bytes, save: Callable[[Any], None]
    ) -> None:
        """Save items as batch_dict_exact and save_set do: after a full batch there is another."""
        n = self._BATCHSIZE
        while n == self._BATCHSIZE:
            self.write(pickle.MARK)
            n = 0
            for item in items:
                save(item)
                n += 1
                if n == self._BATCHSIZE:
                    break
            self.write(many)

    dispatch = {
        **_Base.dispatch,
        str: _save_str,
        list: _save_list,
        dict: _save_dict,
        set: _save_set,
        pickle.PickleBuffer: _save_buffer,
    }


def _check_reduction(
    func: Any, args: Any, list_items: Any, dict_items: Any, state_setter: Any
) -> None:
    """Refuse what the C pickler refuses, and the one in Python doesn't."""
    wrong = (
        "first item of the tuple returned by __reduce__ must be callable"
        if not callable(func)
        else "second item of the tuple returned by __reduce__ must be a tuple"
        if not isinstance(args, tuple)
        else "fourth element of the tuple returned by __reduce__ must be an iterator"
        if list_items is not None and not hasattr(type(list_items), "__next__")
        else "fifth element of the tuple returned by __reduce__ must be an iterator"
        if dict_items is not None and not hasattr(type(dict_items), "__next__")
        else "sixth element of the tuple returned by __reduce__ must be a function"
        if state_setter is not None and not callable(state_setter)
        else None
    )
    if wrong is not None:
        raise pickle.PicklingError(wrong)


def _newobj_ex_arguments(args: tuple[Any, ...]) -> tuple[type, tuple[Any, ...], dict[str, Any]]:
    if len(args) != 3:
        raise pickle.PicklingError(
            f"length of the NEWOBJ_EX argument tuple must be exactly 3, not {len(args)}"
        )
    kinds = ("first", type, "class"), ("second", tuple, "tuple"), ("third", dict, "dict")
    for arg, (place, kind, word) in zip(args, kinds, strict=True):
        if not issubclass(type(arg), kind):
            raise pickle.PicklingError(
                f"{place} item from NEWOBJ_EX argument tuple must be a {word}, "
                f"not {type(arg).__name__}"
            )
    return args


def _newobj_class(args: tuple[Any, ...], obj: Any) -> type:
    if not args:
        raise pickle.PicklingError("__newobj__ arglist is empty")
    cls: type = args[0]
    if not hasattr(cls, "__new__"):
        raise pickle.PicklingError("args[0] from __newobj__ args has no __new__")
    if obj is not None and obj.__class__ is not cls:
        raise pickle.PicklingError("args[0] from __newobj__ args has the wrong class")
    return cls
