"""max_bytes and skip of a Pickler: what its dumps do about them."""

from __future__ import annotations

from gocloudpickle import _skip, _too_large
from gocloudpickle._python_path import dispatch_table_of

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_MISSING = object()


class Limits:
    """What a Pickler was made with.

    file is what it is to write to. skip is what reduces the objects to be skipped, during
    a dump, and else None: the engine asks for it there.
    """

    __slots__ = ("_max_bytes", "_types", "_used", "buffer_callback", "file", "skip")

    def __init__(
        self,
        file: Any,
        buffer_callback: Any,
        max_bytes: int | None,
        types: Mapping[type, Any] | None,
    ) -> None:
        self._max_bytes = _too_large.check_max_bytes(max_bytes)
        self._types, self._used = types, False
        self.buffer_callback = buffer_callback
        self.file = _too_large.Limited(file.write, self._max_bytes) if self._max_bytes else file
        self.skip: Any = None
        if types is not None:
            _skip.reducer(types)  # which refuses what can't be skipped

    def dump(self, dump: Callable[[Any], None], pickler: Any, obj: Any) -> None:
        """Call dump with obj, which is what pickler does without limits."""
        outer, first = self.skip, not self._used
        self._used = True
        # A new one for each dump: what it has made would stay alive with it.
        self.skip = None if self._types is None else _skip.reducer(self._types)
        if self._max_bytes:
            self.file.begin(self._max_bytes)
        try:
            dump(obj)
            return
        except _too_large.LimitReachedError:
            pass
        finally:
            self.skip = outer
        if not first or _has_hooks(pickler):
            raise _too_large.error(self._max_bytes)
        _too_large.refuse(obj, pickler.proto, self.buffer_callback, self._max_bytes, self._types)

    def dump_in_python(self, dump: Callable[[Any], None], pickler: Any, obj: Any) -> None:
        """Do dump where there is no engine that would ask for skip."""
        if self._types is None:
            self.dump(dump, pickler, obj)
            return
        own = object.__getattribute__(pickler, "__dict__")

        def dump_skipping(obj: Any) -> None:
            outer = own.get("reducer_override", _MISSING)
            override = pickler.reducer_override

            def skip_first(obj: Any) -> Any:
                value = self.skip(obj)
                return override(obj) if value is NotImplemented else value

            own["reducer_override"] = skip_first
            try:
                dump(obj)
            finally:
                own.pop("reducer_override", None)
                if outer is not _MISSING:
                    own["reducer_override"] = outer

        self.dump(dump_skipping, pickler, obj)


def _has_hooks(pickler: Any) -> bool:
    """Tell whether a Pickler saves what gocloudpickle.dumps doesn't, so that explain can't know."""
    from gocloudpickle import _bind

    cls = _bind.pickler_of(0)
    own = object.__getattribute__(pickler, "__dict__")
    if type(pickler) is not cls or "reducer_override" in own or "persistent_id" in own:
        return True
    if dispatch_table_of(pickler) is not cls.dispatch_table:
        return True
    # Up to 3.12 it is an attribute in C, which is only there once it is set.
    return not callable(cls.persistent_id) and hasattr(pickler, "persistent_id")
