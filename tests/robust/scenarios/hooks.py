"""Where Python code can run in the middle of a dump.

A hook is a function of the module to test and an action. It gives a trigger, an object
to put into what is dumped, and a function that dumps. The action runs once per dump,
when the dump comes by.
"""

from __future__ import annotations

import collections
import copyreg
import functools
import io
import pickle
import sys
import types
from collections.abc import Callable
from types import ModuleType
from typing import Any

Action = Callable[[], Any]
Dump = Callable[[Any], bytes]
Hook = Callable[[ModuleType, Action], "tuple[Any, Dump]"]

HOOKS: dict[str, Hook] = {}


def hook(function: Hook) -> Hook:
    HOOKS[function.__name__] = function
    return function


class once:
    """An action that runs the first time only. Triggers hold it, so it pickles as a constant."""

    def __init__(self, action: Action) -> None:
        self.action: Action | None = action

    def __call__(self) -> None:
        action, self.action = self.action, None
        if action is not None:
            action()

    def __reduce__(self) -> Any:
        return int, (0,)


def plainly(m: ModuleType) -> Dump:
    return m.dumps


def through(pickler_class: Callable[..., Any]) -> Dump:
    def dump(obj: Any) -> bytes:
        file = io.BytesIO()
        pickler_class(file).dump(obj)
        return file.getvalue()

    return dump


def with_table(m: ModuleType, table: Any) -> Dump:
    class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
        dispatch_table = table

    return through(Pickler)


@hook
def reduce(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        def __reduce__(self) -> Any:
            action()
            return int, (5,)

    return Trigger(), plainly(m)


@hook
def reduce_ex(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        def __reduce_ex__(self, protocol: int) -> Any:
            action()
            return int, (protocol,)

    return Trigger(), plainly(m)


@hook
def getstate(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        def __getstate__(self) -> Any:
            action()
            return {"a": 1}

    return Trigger(), plainly(m)


@hook
def getnewargs(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger(tuple):
        def __getnewargs_ex__(self) -> Any:
            action()
            return ((1, 2),), {}

    return Trigger([1, 2]), plainly(m)


@hook
def getattribute(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        def __getattribute__(self, name: str) -> Any:
            action()
            return object.__getattribute__(self, name)

    return Trigger(), plainly(m)


@hook
def class_property(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        @property
        def __class__(self) -> type:
            action()
            return Trigger

    return Trigger(), plainly(m)


@hook
def dict_property(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        @property
        def __dict__(self) -> dict[str, Any]:
            action()
            return {"a": 1}

    return Trigger(), plainly(m)


@hook
def list_items(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        def __reduce__(self) -> Any:
            def items() -> Any:
                yield [1]
                action()
                yield [2]

            return list, (), None, items()

    return Trigger(), plainly(m)


@hook
def dict_items(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        def __reduce__(self) -> Any:
            def items() -> Any:
                yield (1, [1])
                action()
                yield (2, [2])

            return dict, (), None, None, items()

    return Trigger(), plainly(m)


@hook
def descriptor_of_state(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        __slots__ = ("a", "b")

        @property
        def c(self) -> int:
            return 1

        def __getattr__(self, name: str) -> Any:
            action()
            raise AttributeError(name)

    return Trigger(), plainly(m)


@hook
def dispatch_table_function(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        pass

    def reducer(obj: Any) -> Any:
        action()
        return int, (5,)

    table = collections.ChainMap({Trigger: reducer}, m.Pickler.dispatch_table)
    return Trigger(), with_table(m, table)


@hook
def dispatch_table_mapping(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        pass

    class Table(dict):
        def __getitem__(self, key: Any) -> Any:
            if key is Trigger:
                action()
            return m.Pickler.dispatch_table[key]

    return Trigger(), with_table(m, Table())


@hook
def copyreg_function(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        pass

    def reducer(obj: Any) -> Any:
        copyreg.dispatch_table.pop(Trigger)
        action()
        return int, (5,)

    copyreg.pickle(Trigger, reducer)  # type: ignore[arg-type]
    return Trigger(), plainly(m)


@hook
def reducer_override(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    trigger = types.SimpleNamespace()

    class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
        def reducer_override(self, obj: Any) -> Any:
            if obj is trigger:
                action()
                return int, (5,)
            return super().reducer_override(obj)

    return trigger, through(Pickler)


def _at_call(n: int) -> Hook:
    # Not at the trigger: at the nth object, whatever it is.
    def persistent_id_at(m: ModuleType, action: Action) -> tuple[Any, Dump]:
        count = 0

        class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
            def persistent_id(self, obj: Any) -> Any:
                nonlocal count
                count += 1
                if count == n:
                    action()

        return None, through(Pickler)

    return persistent_id_at


for _n in (2, 3, 4, 6):
    HOOKS[f"persistent_id_{_n}"] = _at_call(_n)


@hook
def persistent_id_given(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    trigger = types.SimpleNamespace()

    class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
        def persistent_id(self, obj: Any) -> Any:
            if obj is trigger:
                action()
                return ["an", "id"]
            return None

    return trigger, through(Pickler)


def _reducer_override_at(n: int) -> Hook:
    def reducer_override_at(m: ModuleType, action: Action) -> tuple[Any, Dump]:
        count = 0

        class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
            def reducer_override(self, obj: Any) -> Any:
                nonlocal count
                count += 1
                if count == n:
                    action()
                return NotImplemented

        return None, through(Pickler)

    return reducer_override_at


HOOKS["reducer_override_1"] = _reducer_override_at(1)
HOOKS["reducer_override_2"] = _reducer_override_at(2)


@hook
def file_write(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class File(io.BytesIO):
        def write(self, data: Any) -> int:
            action()
            return super().write(bytes(data))

    def dump(obj: Any) -> bytes:
        file = File()
        m.Pickler(file).dump(obj)
        return file.getvalue()

    return "x" * 70_000, dump


@hook
def file_write_at_frame_end(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    _, dump = file_write(m, action)
    return ["%d" % i * 20 for i in range(10_000, 10_700)], dump


@hook
def buffer_callback(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    def dump(obj: Any) -> bytes:
        data: bytes = m.dumps(obj, buffer_callback=lambda buffer: action())
        return data

    return pickle.PickleBuffer(b"buffer"), dump


@hook
def metaclass_attribute(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Meta(type):
        def __getattribute__(cls, name: str) -> Any:
            if name in ("__module__", "__name__", "__bases__", "__qualname__"):
                action()
            return super().__getattribute__(name)

    class Trigger(metaclass=Meta):
        pass

    return Trigger, plainly(m)


@hook
def metaclass_property(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Meta(type):
        @property
        def __qualname__(cls) -> str:
            action()
            return "Trigger"

    class Trigger(metaclass=Meta):
        pass

    return Trigger, plainly(m)


@hook
def module_getattr(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    module = types.ModuleType("robust_lazy")

    def __getattr__(name: str) -> Any:
        action()
        raise AttributeError(name)

    module.__getattr__ = __getattr__  # type: ignore[method-assign]

    def trigger() -> int:
        return 1

    trigger.__module__ = "robust_lazy"
    trigger.__qualname__ = "trigger"

    def dump(obj: Any) -> bytes:
        sys.modules["robust_lazy"] = module
        try:
            data: bytes = m.dumps(obj)
        finally:
            sys.modules.pop("robust_lazy", None)
        return data

    return trigger, dump


@hook
def annotations_getter(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Hint:
        def __reduce__(self) -> Any:
            action()
            return int, (5,)

    def trigger(a: Hint()) -> None:  # type: ignore[valid-type]
        pass

    trigger.__annotations__["a"] = Hint()
    return trigger, plainly(m)


@hook
def enum_member_property(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    import enum

    class Trigger(enum.Enum):
        A = 1
        B = 2

        @enum.property if sys.version_info >= (3, 11) else enum.DynamicClassAttribute  # type: ignore[misc]
        def value(self) -> int:
            action()
            return 7

    return Trigger, plainly(m)


@hook
def partial_state(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Argument:
        def __reduce__(self) -> Any:
            action()
            return int, (5,)

    return functools.partial(lambda a: a, Argument()), plainly(m)


@hook
def weakref_callback(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    # The finalizer of something that only the reduce value holds.
    class Dying:
        def __del__(self) -> None:
            action()

    class Trigger:
        def __reduce__(self) -> Any:
            dying = Dying()
            return int, (5,), None, iter([dying][:0]), None

    class TriggerWithItems:
        def __reduce__(self) -> Any:
            dying = Dying()
            return list, (), None, (lambda kept: (item for item in [1, 2] if kept))(dying)

    return [Trigger(), TriggerWithItems()], plainly(m)
