"""Classes that are new to the process, and code objects: the native loads against pickle's."""

from __future__ import annotations

import abc
import contextlib
import enum
import gc
import os
import pickle
import re
import sys
import threading
import types
import warnings
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from gocloudpickle import _loader

from tests.robust import child

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
    "enum of bools and None": "import enum\nclass Made(enum.Enum):\n    A = True\n    B = None",
    "enum with a private name": "import enum\nclass Made(enum.Enum):\n    A = 1\n    __b = 2",
    "enum of objects": (
        "import enum\nclass V:\n    def __set_name__(self, cls, name): self.n = name\n"
        "class Made(enum.Enum):\n    A = V()\n    B = V()"
    ),
    "string enum": "import enum\nclass Made(getattr(enum, 'StrEnum', enum.Enum)):\n    A = 'a'",
    "enum with __new__": (
        "import enum\nclass Made(enum.Enum):\n    A = 1\n    B = 2\n"
        "    def __new__(cls, value):\n        made = object.__new__(cls)\n"
        "        made._value_ = value * 2\n        return made"
    ),
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
    with warnings.catch_warnings(record=True) as expected_warnings:
        expected = pickle.loads(data)
    again = ID.sub(b"", cloudpickle.dumps(expected))
    forget()
    with handled(), warnings.catch_warnings(record=True) as got_warnings:
        got = native(data)
    assert [*map(str, got_warnings)] == [*map(str, expected_warnings)]
    assert got is not expected and described(got) == described(expected)
    assert ID.sub(b"", cloudpickle.dumps(got)) == again
    assert native(data) is got is pickle.loads(data)  # it is in the tracker
    (own,) = [key for key, value in BY_ID.items() if value is got]
    assert BY_CLASS[got] == own


def test_the_tracker_forgets_what_dies(native: Any) -> None:
    data = cloudpickle.dumps(make(CLASSES["abstract"]))
    gc.collect()
    before = [*BY_ID.data], len(BY_CLASS.data)
    cls = native(data)
    (reference,) = [one for one in BY_ID.valuerefs() if one() is cls]
    assert type(reference) is weakref.KeyedRef and BY_ID[reference.key] is cls  # type: ignore[attr-defined]
    del cls
    gc.collect()
    assert reference() is None and ([*BY_ID.data], len(BY_CLASS.data)) == before


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
    assert pickle.loads(data) is classes[0]
    assert lock.acquire(False)
    lock.release()


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


REPLACED = """
import abc, sys
import cloudpickle, gocloudpickle
from gocloudpickle import _loader
if sys.argv[1] == "after":
    loads = _loader.engine().loads

def __new__(mcls, name, bases, namespace, /, **kwargs):
    cls = type.__new__(mcls, name, bases, namespace, **kwargs)
    setattr(cls, "marked", True)
    abc._abc_init(cls)
    return cls

class Made(abc.ABC):
    pass

data = cloudpickle.dumps(Made)
del Made
abc.ABCMeta.__new__ = __new__
loads = _loader.engine().loads
cloudpickle.cloudpickle._DYNAMIC_CLASS_TRACKER_BY_ID.clear()
assert loads(data).marked and loads(data) is loads(data)
print("done")
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_another_abcmeta_is_called(when: str) -> None:
    child.run_python(["-c", REPLACED, when]).check(says="done")


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
    "    __hash__ = type.__hash__",
    "__hash__": "    def __hash__(cls):\n        note()\n        return 7",
}


@pytest.mark.parametrize("base", ["type", "abc.ABCMeta", "type, metaclass=Over"])
@pytest.mark.parametrize("name", [*WATCHERS, "__init_subclass__", "__call__", "value"])
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
        forget()
        kept = loads(data)
        kept.append(loads(data))  # of classes that are known
        return [*seen]

    over = "    def __call__(cls, *args):\n        note()\n        return super().__call__(*args)"
    source = (
        f"import abc\nclass Over(type):\n{over if name == '__call__' else '    pass'}\n"
        f"class Meta({base}):\n{WATCHERS.get(name, '    pass')}\n"
        "class Base(metaclass=Meta):\n    def __init_subclass__(cls, **kwargs):\n"
        f"        {'note()' if name == '__init_subclass__' else 'pass'}\n"
        "class Plain(metaclass=Meta): pass\n"
        "class Value:\n    def __hash__(self): return 7\n    def __eq__(self, other):\n"
        f"        {'note()' if name == 'value' else 'pass'}\n        return self is other\n"
    )
    vars(watcher).update(note=lambda: None)
    sys.modules["watcher_for_test"] = watcher
    try:
        exec(source, vars(watcher))
        module = types.ModuleType("made_here")
        exec(
            "import enum, watcher_for_test as w\nclass One(w.Base): pass\nclass Two(w.Plain): pass\n"
            "class Three(metaclass=w.Meta): pass\nclass Four(enum.Enum):\n    A = w.Value()\n    B = 2\n    C = w.Value()\n"
            "made = [One, Two, Three, Four]",
            vars(module),
        )
        of_type = type, "Made", (vars(watcher)["Plain"],), {"__module__": "m"}, "some id", None
        call = Call(NAMESPACE._make_skeleton_class, *of_type)
        data = cloudpickle.dumps([*vars(module)["made"], call])
        vars(watcher).update(note=note)
        expected = load(pickle.loads)
        with handled():
            got = load(native)
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


def test_attributes_of_an_enum(native: Any) -> None:
    module = types.ModuleType("enum_for_test")
    exec("import enum\nclass Color(enum.Enum):\n    RED = 1\n    BLUE = 2", vars(module))
    sys.modules["enum_for_test"] = module
    module.Color.__module__ = module.__name__
    try:
        for attributes in (
            {"other": 1, "RED": 3},  # its members can't be set
            {"other": 2, "_member_map_": {"other": 1}, "BLUE": 3},
            {"_member_map_": {}, "RED": 3, "__doc__": "text", "__module__": 4},
            {"_member_map_": [], "BLUE": 5},
        ):
            call = Call(NAMESPACE._class_setstate, module.Color, (attributes, {}))
            data, outcomes = cloudpickle.dumps([call, make]), []
            for loads in (pickle.loads, native):
                before = dict(vars(module.Color))
                try:
                    outcomes.append([loads(data)[0] is module.Color])
                except Exception as error:
                    outcomes.append([type(error), str(error)])
                outcomes[-1].append(
                    {
                        key: repr(vars(module.Color)[key])
                        for key in attributes
                        if key in vars(module.Color)
                    }
                )
                for key in set(vars(module.Color)) - set(before):
                    type.__delattr__(module.Color, key)
                for key in attributes.keys() & before.keys():
                    type.__setattr__(module.Color, key, before[key])
            assert outcomes[0] == outcomes[1]
    finally:
        del sys.modules["enum_for_test"]


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


def test_bytearrays(native: Any) -> None:
    # Arrays of NumPy are made of one.
    for content in (b"", b"text", bytes(range(256)) * 500):
        one = bytearray(content)
        data = cloudpickle.dumps([lambda: 1, one, bytearray(content), one], protocol=5)
        with handled():
            _, first, second, third = native(data)
        assert first == second == content and type(first) is bytearray
        assert first is third is not second
        first.append(1)
        assert native(data)[1] == content
        for end in (len(data) - 2, data.index(b"\x96") + 5, data.index(b"\x96") + 1):
            with pytest.raises((EOFError, pickle.UnpicklingError)):
                native(data[:end])


def test_memory_of_new_classes_comes_back(native: Any) -> None:
    # typing keeps the last 128 of what a generic class is made of.
    sources = [source for name, source in CLASSES.items() if name != "generic"]
    payloads = [cloudpickle.dumps(make(source)) for source in sources]
    function = cloudpickle.dumps(
        [make, Call(types.CodeType, *arguments_of(make.__code__).values())]
    )
    cut = [data[: len(data) * 3 // 4] + b"." for data in [*payloads, function]]

    def all_of_them() -> None:
        for data in [*payloads, function, *cut]:
            forget()
            with contextlib.suppress(Exception):
                native(data)

    def counts() -> list[int]:
        gc.collect()
        objects = [type, abc.ABCMeta, enum.EnumMeta, enum.Enum, types.CodeType, BY_ID, BY_CLASS]
        return [sys.getallocatedblocks(), *map(sys.getrefcount, objects)]

    for _ in range(10):
        all_of_them()
    before = counts()
    for _ in range(20):
        all_of_them()
    after = counts()
    # 20 times some 60 payloads: less than one block for two, since what has room for the
    # classes that are alive grows now and then; and no reference.
    assert after[0] - before[0] < 600
    assert max(new - old for new, old in zip(after[1:], before[1:], strict=True)) < 20
