"""Python code in the middle of a dump raises: the same comes of it as with stock cloudpickle.

What counts most are the exceptions that are no Exception: an interrupt that somebody's code
happens to get, an exit, a library's own. Where stock lets one through, it isn't lost. Each
is raised every time, and only the first time, so that a second look doesn't hide the loss.
"""

from __future__ import annotations

import abc
import copyreg
import enum
import functools
import io
import sys
import types
from functools import partial
from types import ModuleType
from typing import Any

from tests.robust.scenarios import hooks
from tests.robust.scenarios.batch import Case
from tests.robust.scenarios.hooks import Action, Dump, Hook, plainly, through, with_table

HOOKS = dict(hooks.HOOKS)


def hook(function: Hook) -> Hook:
    HOOKS[function.__name__] = function
    return function


class Stop(BaseException):
    """An exception of a library that nobody else may catch."""


ERRORS: dict[str, type[BaseException]] = {
    "interrupt": KeyboardInterrupt,
    "exit": SystemExit,
    "stop": Stop,
    "value": ValueError,
    "attribute": AttributeError,
    "type": TypeError,
    "key": KeyError,
    "import": ImportError,
}


class Raises:
    """An action that raises at its turns from the first on, `times` of them.

    It is part of what is dumped, where it is a constant.
    """

    def __init__(self, error: type[BaseException], times: int) -> None:
        self.error, self.times, self.armed = error, times, False

    def __call__(self) -> None:
        if self.armed and self.times:
            self.times -= 1
            raise self.error("raised on purpose")

    def __reduce__(self) -> Any:
        return int, (0,)


def a_module(name: str, kind: type[ModuleType] = ModuleType) -> Any:
    module: Any = kind(name)
    sys.modules[name] = module
    return module


def a_function(module: Any, qualname: str = "absent") -> Any:
    def function() -> int:
        return 1

    function.__module__, function.__qualname__ = module, qualname
    return function


def asking(action: Action, *names: str) -> Any:
    """A __getattribute__ that acts when it is asked for some names."""

    def getattribute(self: Any, name: str) -> Any:
        if name in names:
            action()
        return (type if issubclass(type(self), type) else object).__getattribute__(self, name)

    return getattribute


def with_getattr(action: Action, name: str = "robust_answers") -> Any:
    module = a_module(name)

    def getattr_(name: str) -> Any:
        if not name.startswith("__"):
            action()
        raise AttributeError(name)

    module.__getattr__ = getattr_
    return module


@hook
def getattr_of_any_module(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    """A function that says no module is looked for in each of them."""
    with_getattr(action)
    return a_function(None), plainly(m)


@hook
def getattr_of_any_module_for_a_class(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    with_getattr(action)
    return type("absent", (), {"__module__": None}), plainly(m)


@hook
def getattr_of_any_module_for_a_builtin(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    """CPython's own search for a module, as for a global of no module."""
    with_getattr(action)

    class Trigger:
        __module__ = None  # type: ignore[assignment]

        def __reduce__(self) -> str:
            return "absent"

    return Trigger(), plainly(m)


@hook
def getattribute_of_any_module(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Module(ModuleType):
        __getattribute__ = asking(action, "absent")

    a_module("robust_answers", Module)
    return a_function(None), plainly(m)


@hook
def getattr_of_its_module(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    with_getattr(action)
    return a_function("robust_answers"), plainly(m)


@hook
def getattr_of_its_module_dotted(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    with_getattr(action)
    return a_function("robust_answers", "absent.method"), plainly(m)


@hook
def getattribute_of_its_module(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Module(ModuleType):
        __getattribute__ = asking(action, "absent")

    a_module("robust_answers", Module)
    return a_function("robust_answers"), plainly(m)


@hook
def attributes_of_a_package(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    """A function that names a package: its loaded submodules come along."""

    class Module(ModuleType):
        __getattribute__ = asking(action, "__package__", "__path__")

    package = a_module("robust_answers", Module)
    package.__package__ = "robust_answers"
    space = {"package": package, "__name__": "__main__"}
    exec("def function(): return package.sub", space)
    return space["function"], plainly(m)


@hook
def importing_its_module(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Finder:
        def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
            if name == "robust_absent":
                action()

    sys.meta_path.insert(0, Finder())  # type: ignore[arg-type]

    class Trigger:
        __module__ = "robust_absent"

        def __reduce__(self) -> str:
            return "absent"

    return Trigger(), plainly(m)


def _metaclass(names: tuple[str, ...], m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Meta(type):
        __getattribute__ = asking(action, *names)

    return Meta("Dynamic", (), {"a": 1, "__module__": "__main__"}), plainly(m)


for _name in (
    "__qualname__ __module__ __name__ __bases__ __dict__ __doc__ __mro__ __class__ __reduce_ex__ "
    "__slots__ __abstractmethods__ _abc_impl __orig_bases__ __flags__"
).split():
    HOOKS[f"metaclass{_name}"] = partial(_metaclass, (_name,))


def _instance(names: tuple[str, ...], m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        __getattribute__ = asking(action, *names)

    return Trigger(), plainly(m)


for _name in (
    "__class__ __reduce_ex__ __reduce__ __getstate__ __dict__ __getnewargs__ __getnewargs_ex__ "
    "__slotnames__ __module__ __name__ __qualname__"
).split():
    HOOKS[f"instance{_name}"] = partial(_instance, (_name,))


class ActingMeta(type):
    """Acts when its classes are hashed or compared."""

    action: Any = None

    def __hash__(cls) -> int:
        if ActingMeta.action is not None:
            ActingMeta.action()
        return hash(types.CellType)  # that of a type that the engine looks up

    def __eq__(cls, other: object) -> bool:
        if ActingMeta.action is not None:
            ActingMeta.action()
        return cls is other


@hook
def hash_of_a_class(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    ActingMeta.action = None
    cls = ActingMeta("Dynamic", (), {"__module__": "__main__"})
    ActingMeta.action = action
    return cls, plainly(m)


def _with_key(m: ModuleType, obj: Any, action: Action) -> tuple[Any, Dump]:
    ActingMeta.action = None
    table: dict[Any, Any] = {ActingMeta("Key", (), {}): None}
    table.update(m.Pickler.dispatch_table)
    ActingMeta.action = action
    return obj, with_table(m, table)


@hook
def key_of_a_dispatch_table(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    captured = [action]
    return (lambda: captured), with_table_of(m, action)[1]


def with_table_of(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    return _with_key(m, None, action)


@hook
def key_of_copyreg(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    captured = [action]

    def dump(obj: Any) -> bytes:
        ActingMeta.action = None
        key = ActingMeta("Key", (), {})
        copyreg.dispatch_table[key] = None  # type: ignore[index]
        ActingMeta.action = action
        try:
            return bytes(m.dumps(obj))
        finally:
            ActingMeta.action = None
            del copyreg.dispatch_table[key]

    return (lambda: captured), dump


@hook
def missing_of_a_dispatch_table(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Table(dict):  # type: ignore[type-arg]
        def __missing__(self, key: Any) -> Any:
            action()
            raise KeyError(key)

        def __getitem__(self, key: Any) -> Any:
            if key is types.CellType:
                action()
            return dict.__getitem__(self, key)

    captured = [action]
    return (lambda: captured), with_table(m, Table(m.Pickler.dispatch_table))


@hook
def repr_in_an_error(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger:
        def __reduce__(self) -> str:
            return "absent"

        def __repr__(self) -> str:
            action()
            return "a trigger"

    return Trigger(), plainly(m)


@hook
def name_in_an_error(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Meta(type):
        __getattribute__ = asking(action, "__name__")

    class Trigger(metaclass=Meta):
        def __reduce__(self) -> Any:
            return 5

    return Trigger(), plainly(m)


@hook
def key_of_sys_modules(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Key(str):
        def __hash__(self) -> int:
            return hash("robust_asked")

        def __eq__(self, other: object) -> bool:
            if other == "robust_asked":
                action()
            return False

    def dump(obj: Any) -> bytes:
        key = Key("robust_key")
        sys.modules[key] = ModuleType("robust_key")
        try:
            return bytes(m.dumps(obj))
        finally:
            for name in [name for name in sys.modules if name is key]:
                del sys.modules[name]

    return a_function("robust_asked"), dump


def _state(m: ModuleType, action: Action, **parts: Any) -> tuple[Any, Dump]:
    class Trigger:
        pass

    for name, part in parts.items():
        setattr(Trigger, name, part)
    return Trigger(), plainly(m)


def acts(action: Action, result: Any) -> Any:
    def method(self: Any, *arguments: Any) -> Any:
        action()
        return result

    return method


@hook
def items_of_a_dict_subclass(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger(dict):  # type: ignore[type-arg]
        items = acts(action, ())

    return Trigger(a=1), plainly(m)


@hook
def iter_of_a_list_subclass(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Trigger(list):  # type: ignore[type-arg]
        def __iter__(self) -> Any:
            action()
            return iter(())

    return Trigger([1]), plainly(m)


@hook
def slots_of_a_class(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Slots:
        def __get__(self, instance: Any, owner: Any) -> Any:
            action()
            return ()

    cls: Any = type("Dynamic", (), {"__module__": "__main__"})
    cls.__slots__ = Slots()
    return cls, plainly(m)


@hook
def value_of_a_class(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    """An attribute of a class that compares and describes itself."""

    class Value:
        def __eq__(self, other: object) -> bool:
            action()
            return self is other

        __hash__ = None  # type: ignore[assignment]

        def __get__(self, instance: Any, owner: Any) -> Any:
            action()
            return self

        def __set_name__(self, owner: Any, name: str) -> None:
            pass

        def __reduce__(self) -> Any:
            return int, (0,)

    return type("Dynamic", (), {"a": Value(), "__module__": "__main__"}), plainly(m)


@hook
def registry_of_an_abstract_class(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Meta(abc.ABCMeta):
        __getattribute__ = asking(action, "_abc_impl", "__abstractmethods__", "__subclasshook__")

    cls = Meta("Dynamic", (), {"__module__": "__main__"})
    cls.register(type("Registered", (), {"__module__": "__main__"}))
    return cls, plainly(m)


@hook
def members_of_an_enum(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Meta(enum.EnumMeta):
        __getattribute__ = asking(action, "_member_map_", "__members__", "_member_names_")

        def __iter__(cls) -> Any:
            action()
            return super().__iter__()

    space = Meta.__prepare__("Dynamic", (enum.Enum,))
    space["ONE"], space["__module__"] = 1, "__main__"
    return Meta("Dynamic", (enum.Enum,), space), plainly(m)


@hook
def attributes_of_a_partial(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Partial(functools.partial):  # type: ignore[type-arg]
        __getattribute__ = asking(action, "__reduce_ex__", "__dict__", "func", "args")

    return Partial(print, 1), plainly(m)


@hook
def attributes_of_a_pickler(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
        @property
        def dispatch_table(self) -> Any:
            action()
            return m.Pickler.dispatch_table

    return [1, action], through(Pickler)


@hook
def write_of_a_file(m: ModuleType, action: Action) -> tuple[Any, Dump]:
    class File:
        @property
        def write(self) -> Any:
            action()
            return io.BytesIO().write

    def dump(obj: Any) -> bytes:
        m.dump(obj, File())
        return b""

    return [1, action], dump


def case(hook_name: str, error: type[BaseException], times: int, m: ModuleType) -> bytes:
    modules, finders = dict(sys.modules), list(sys.meta_path)
    action = Raises(error, times)
    try:
        obj, dump = HOOKS[hook_name](m, action)
        action.armed = True
        return dump([obj, "after"])
    finally:
        action.armed = False
        ActingMeta.action = None
        sys.meta_path[:] = finders
        for name in [name for name in sys.modules if name not in modules]:
            if name.startswith("robust_"):
                del sys.modules[name]


# What only who counts the questions sees: an error that is an answer, given once.
COUNTED = {
    "attribute getattribute once": "stock's first question is isinstance's, for the __class__",
    "key key_of_a_dispatch_table once": "the engine asks the table for cells before it saves one",
}


def cases() -> dict[str, Case]:
    made = {
        f"{label} {name} {'once' if times == 1 else 'always'}": partial(case, name, error, times)
        for name in HOOKS
        for label, error in ERRORS.items()
        for times in (1, 10**6)
    }
    return {name: case for name, case in made.items() if name not in COUNTED}
