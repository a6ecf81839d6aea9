"""Classes that are new to the process, and code objects: the native loads against pickle's."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import re
import sys
import threading
import types
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from gocloudpickle import _loader

cloudpickle = pytest.importorskip("cloudpickle", "3.1.2", reason="is what we compare with")
if os.environ.get("GOCLOUDPICKLE_PATH") == "portable":
    pytest.skip("the loading side has one path: tested with the other", allow_module_level=True)

NAMESPACE: Any = cloudpickle.cloudpickle
ID = re.compile(rb"[0-9a-f]{32}")  # of the class tracker
BY_ID: Any = NAMESPACE._DYNAMIC_CLASS_TRACKER_BY_ID
BY_CLASS: Any = NAMESPACE._DYNAMIC_CLASS_TRACKER_BY_CLASS


@pytest.fixture(scope="module")
def native() -> Any:
    return _loader.engine().loads


@contextlib.contextmanager
def handled() -> Iterator[None]:
    before = _loader.engine().loads_info()["native"]
    yield
    assert _loader.engine().loads_info()["native"] > before


def forget() -> None:
    BY_ID.clear()
    BY_CLASS.clear()


def make(source: str, name: str = "Made") -> Any:
    space: dict[str, Any] = {"__name__": "made_here"}
    exec(source, space)
    return space[name]


# What a class that is new may run while it is made, and how it tells.
CLASSES = {
    "plain": "class Made:\n    x = 1\n    def m(self): return __class__",
    "of two bases": "class A: pass\nclass B: pass\nclass Made(A, B): pass",
    "of a builtin": "class Made(dict):\n    def __missing__(self, key): return key",
    "exception": "class Made(ValueError):\n    pass",
    "slots": "class Made:\n    __slots__ = ('a', '__weakref__')",
    "__dict__": "class Made:\n    @property\n    def __dict__(self): return {}",
    "abstract": "import abc\nclass Made(abc.ABC):\n    @abc.abstractmethod\n    def m(self): ...",
    "of an abstract one": (
        "from collections.abc import Mapping\nclass Made(Mapping):\n    def __len__(self): return 0"
    ),
    "registered": "import abc\nclass Made(abc.ABC): pass\nMade.register(dict)",
    "metaclass": "class Meta(type):\n    def hello(cls): return 1\nclass Made(metaclass=Meta): pass",
    "metaclass's metaclass": (
        "class Over(type):\n    pass\nclass Meta(type, metaclass=Over): pass\n"
        "class Made(metaclass=Meta): pass"
    ),
    "metaclass of ABCMeta": (
        "import abc\nclass Meta(abc.ABCMeta): pass\nclass Made(metaclass=Meta): pass"
    ),
    "generic": "import typing\nT = typing.TypeVar('T')\nclass Made(typing.Generic[T]): pass",
    "named tuple": "import typing\nclass Made(typing.NamedTuple):\n    a: int\n    b: str = ''",
    "typed dict": "import typing\nclass Made(typing.TypedDict):\n    a: int",
    "protocol": "import typing\nclass Made(typing.Protocol):\n    def m(self): ...",
    "enum": "import enum\nclass Made(enum.Enum):\n    A = 1\n    B = 'b'\n    def m(self): return 1",
    "enum of tuples": "import enum\nclass Made(enum.Enum):\n    A = 1, 2\n    B = 3, 4",
    "enum with an alias": "import enum\nclass Made(enum.Enum):\n    A = 1\n    B = 1",
    "int enum": "import enum\nclass Made(enum.IntEnum):\n    A = 1\n    B = 2",
    "flag": "import enum\nclass Made(enum.Flag):\n    A = 1\n    B = 2\n    C = 3",
    "enum of strings": "import enum\nclass Made(str, enum.Enum):\n    A = 'a'",
    "enum without members": "import enum\nclass Made(enum.Enum):\n    def m(self): return 1",
}


def described(cls: Any) -> Any:
    """All of a class that does not depend on when it was made."""
    usual = {"__dict__", "__weakref__", "_abc_impl"}
    return (
        type(cls).__name__,
        [base.__name__ for base in cls.__mro__],
        [(key, type(value).__name__) for key, value in vars(cls).items() if key not in usual],
        cls.__module__,
        cls.__qualname__,
        sorted(getattr(cls, "__abstractmethods__", ())),
        [key is sys.intern(str(key)) for key in vars(cls)],
    )


@pytest.mark.parametrize("name", CLASSES)
def test_a_new_class(name: str, native: Any) -> None:
    data = cloudpickle.dumps(make(CLASSES[name]))
    forget()
    expected = pickle.loads(data)
    again = ID.sub(b"", cloudpickle.dumps(expected))
    forget()
    with handled():
        got = native(data)
    assert got is not expected and described(got) == described(expected)
    assert ID.sub(b"", cloudpickle.dumps(got)) == again
    assert native(data) is got is pickle.loads(data)  # it is in the tracker
    (own,) = [key for key, value in BY_ID.items() if value is got]
    assert BY_CLASS[got] == own


def test_the_tracker_forgets_what_dies(native: Any) -> None:
    data = cloudpickle.dumps(make(CLASSES["abstract"]))
    gc.collect()
    before = dict(BY_ID), dict(BY_CLASS)
    cls = native(data)
    (reference,) = [one for one in BY_ID.valuerefs() if one() is cls]
    assert type(reference) is weakref.KeyedRef and BY_ID[reference.key] is cls  # type: ignore[attr-defined]
    del cls
    gc.collect()
    assert reference() is None and (dict(BY_ID), dict(BY_CLASS)) == before


def test_a_class_that_died_is_made_again(native: Any) -> None:
    # Its reference is still there, and dead, while somebody walks the tracker.
    data = cloudpickle.dumps(make(CLASSES["plain"]))
    walk = BY_ID.values()
    next(walk, None)
    gc.collect()
    cls = native(data)
    assert pickle.loads(data) is cls and [one for one in BY_ID.values() if one is cls] == [cls]
    del walk


def test_the_trackers_lock_is_taken(native: Any) -> None:
    data = cloudpickle.dumps(make(CLASSES["plain"]))
    gc.collect()
    lock = NAMESPACE._DYNAMIC_CLASS_TRACKER_LOCK
    classes: list[Any] = []
    thread = threading.Thread(target=lambda: classes.append(native(data)))
    with lock:
        thread.start()
        thread.join(0.2)
        assert not classes
        assert thread.is_alive()
    thread.join()
    assert pickle.loads(data) is classes[0] and not lock.locked()


def test_another_tracker_is_used(native: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = cloudpickle.dumps(make(CLASSES["plain"]))
    known = native(data)
    mine: Any = weakref.WeakValueDictionary()
    monkeypatch.setattr(NAMESPACE, "_DYNAMIC_CLASS_TRACKER_BY_ID", mine)
    cls = native(data)
    assert cls is not known and list(mine.values()) == [cls]
    monkeypatch.undo()
    monkeypatch.setattr(
        NAMESPACE, "_lookup_class_or_track", lambda id, cls: types.SimpleNamespace()
    )
    forget()
    assert type(native(data)) is type(pickle.loads(data)) is types.SimpleNamespace


# Code that is run by making a class, and may look at the stack.
WATCHERS = {
    "__new__": "    def __new__(cls, *args, **kwargs):\n"
    "        note()\n        return super().__new__(cls, *args, **kwargs)",
    "__init__": "    def __init__(cls, *args, **kwargs):\n"
    "        note()\n        super().__init__(*args, **kwargs)",
    "__prepare__": "    @classmethod\n    def __prepare__(cls, *args, **kwargs):\n"
    "        note()\n        return {}",
    "mro": "    def mro(cls):\n        note()\n        return super().mro()",
    "__eq__": "    def __eq__(cls, other):\n        note()\n        return cls is other\n"
    "    def __hash__(cls): return 7",
    "__hash__": "    def __hash__(cls):\n        note()\n        return 7",
}


@pytest.mark.parametrize("base", ["type", "abc.ABCMeta", "type, metaclass=Over"])
@pytest.mark.parametrize("name", [*WATCHERS, "__init_subclass__", "__call__"])
def test_what_watches_sees_the_same_stack(name: str, base: str, native: Any) -> None:
    watcher = types.ModuleType("watcher_for_test")
    seen: list[Any] = []

    def note() -> None:
        frame: Any = sys._getframe(1)
        names = []
        while frame.f_code is not load.__code__:
            names.append((frame.f_code.co_name, os.path.basename(frame.f_code.co_filename)))
            frame = frame.f_back
        seen.append(names)

    def load(loads: Any) -> Any:
        seen.clear()
        made = loads(data)
        return [*seen], made

    over = "    def __call__(cls, *args):\n        note()\n        return super().__call__(*args)"
    source = (
        f"import abc\nclass Over(type):\n{over if name == '__call__' else '    pass'}\n"
        f"class Meta({base}):\n{WATCHERS.get(name, '    pass')}\n"
        "class Base(metaclass=Meta):\n    def __init_subclass__(cls, **kwargs):\n"
        f"        {'note()' if name == '__init_subclass__' else 'pass'}\n"
        "class Plain(metaclass=Meta): pass\n"
    )
    vars(watcher).update(note=lambda: None)
    sys.modules["watcher_for_test"] = watcher
    try:
        exec(source, vars(watcher))
        module = types.ModuleType("made_here")
        exec(
            "import watcher_for_test as w\nclass One(w.Base): pass\nclass Two(w.Plain): pass\n"
            "made = [One, Two]",
            vars(module),
        )
        data = cloudpickle.dumps(vars(module)["made"])
        vars(watcher).update(note=note)
        forget()
        expected, _ = load(pickle.loads)
        forget()
        with handled():
            got, _ = load(native)
    finally:
        forget()
        del sys.modules["watcher_for_test"]
    assert got == expected
    assert expected or (name == "__call__" and "Over" not in base)


def test_bases_that_are_no_types(native: Any) -> None:
    marker = types.ModuleType("bases_for_test")
    source = (
        "class Stands:\n    def __mro_entries__(self, bases): return (dict,)\nstands = Stands()\n"
        "class One(type): pass\nclass Two(type): pass\n"
        "class OfOne(metaclass=One): pass\nclass OfTwo(metaclass=Two): pass\n"
    )
    exec(source, vars(marker))
    sys.modules["bases_for_test"] = marker
    make_skeleton = NAMESPACE._make_skeleton_class
    try:
        for bases, meta in [
            ((marker.stands,), type),
            ((marker.OfOne,), type),  # the metaclass of the base is taken
            ((marker.OfOne, marker.OfTwo), type),  # a conflict
            ((marker.OfOne,), marker.Two),
            ((3,), type),
            ((bool,), type),
            ((dict, list), type),
            ((object, object), type),
            ((), int),
        ]:
            data = cloudpickle.dumps(
                Call(make_skeleton, meta, "Made", bases, {"__module__": "m"}, "some id", None)
            )
            outcomes = []
            for loads in (pickle.loads, native):
                forget()
                try:
                    made = loads(data)
                    mro = [base.__name__ for base in made.__mro__]
                    outcomes.append((type(made), mro, list(vars(made))))
                except Exception as error:
                    outcomes.append((type(error), str(error)))
            assert outcomes[0] == outcomes[1]
    finally:
        forget()
        del sys.modules["bases_for_test"]


class Call:
    """Is pickled as a call."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.reduced = function, arguments

    def __reduce__(self) -> Any:
        return self.reduced


def arguments_of(code: types.CodeType) -> dict[str, Any]:
    """The arguments of types.CodeType, in its order."""
    names = "argcount posonlyargcount kwonlyargcount nlocals stacksize flags code consts names "
    names += (
        "varnames filename name qualname firstlineno linetable exceptiontable freevars cellvars"
    )
    return {
        name: getattr(code, f"co_{name}") for name in names.split() if hasattr(code, f"co_{name}")
    }


SHARED = ("value",)
CHANGES: list[dict[str, Any]] = [
    {},
    *({name: -1} for name in ("argcount", "posonlyargcount", "kwonlyargcount", "nlocals")),
    *({name: -1} for name in ("stacksize", "flags", "firstlineno")),
    *({name: 2**40} for name in ("argcount", "flags", "firstlineno")),
    *({name: None} for name in ("argcount", "code", "consts", "names", "filename", "freevars")),
    {"argcount": True},
    {"argcount": 1.0},
    {"argcount": 9},
    {"posonlyargcount": 5},
    {"nlocals": 7},
    {"code": b""},
    {"code": b"x"},
    {"code": "text"},
    {"code": bytearray(b"ab")},
    {"consts": [None]},
    {"consts": ()},
    {"consts": (None, "name", ("inner", "not a name"), frozenset(["word"]))},
    {"names": ("a", 1)},
    {"names": ["a"]},
    {"names": SHARED, "varnames": SHARED},
    {"names": ("caf\xe9", "\ud800", "")},
    {"varnames": (b"value",)},
    {"varnames": ("value", "value")},
    {"filename": b"file"},
    {"filename": "\ud800"},
    {"name": 1},
    {"name": "\0"},
    {"firstlineno": 0},
    {"linetable": None},
    {"linetable": b""},
    {"freevars": ("value",)},
    {"freevars": ("a", "b")},
    {"cellvars": ("value",)},
    {"cellvars": (1,)},
]


@pytest.mark.parametrize("change", CHANGES, ids=repr)
def test_code(change: dict[str, Any], native: Any) -> None:
    def function(value: Any, /, other: Any = 1, *, last: Any = 2) -> Any:
        return value, [other, last, "text"]

    arguments = {**arguments_of(function.__code__), **change}
    data = cloudpickle.dumps([Call(types.CodeType, *arguments.values()), make])
    outcomes = []
    for loads in (pickle.loads, native):
        try:
            code = loads(data)[0]
            outcomes.append(
                [code, arguments_of(code), [[sys.intern(name) is name for name in code.co_names]]]
            )
        except Exception as error:
            outcomes.append([type(error), str(error)])
    assert outcomes[0] == outcomes[1]


def test_a_code_object_of_too_few_arguments(native: Any) -> None:
    arguments = [*arguments_of(make.__code__).values()]
    for cut in (arguments[:-3], [*arguments, 1], []):
        data = cloudpickle.dumps([make, Call(types.CodeType, *cut)])
        with pytest.raises(TypeError) as expected:
            pickle.loads(data)
        with pytest.raises(TypeError) as got:
            native(data)
        assert str(got.value) == str(expected.value)


def test_names_that_others_have_too(native: Any) -> None:
    names = ("spelt_here_only", "value")
    arguments = {**arguments_of(make.__code__), "names": names}
    data = cloudpickle.dumps([make, Call(types.CodeType, *arguments.values()), names])
    _, code, loaded = native(data)
    _, expected, _ = pickle.loads(data)
    assert code.co_names == loaded == names == expected.co_names
    assert code.co_names is not loaded  # the interpreter interns the names in its own tuple
