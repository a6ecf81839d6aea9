"""The rebuilders, the tracker and the registry, each test on cloudpickle and on ours."""

from __future__ import annotations

import abc
import builtins
import collections
import copy
import dataclasses
import enum
import gc
import inspect
import io
import os
import pickle
import re
import subprocess
import sys
import threading
import types
import typing
import uuid
from typing import Any

import pytest

from tests.rebuild import namespaces

pytest.importorskip("cloudpickle", "3.1.2", reason="is what we compare with")

FROZEN = {
    "subimport": "(name)",
    "dynamic_subimport": "(name, vars)",
    "instance": "(cls)",
    "_builtin_type": "(name)",
    "_make_function": "(code, globals, name, argdefs, closure)",
    "_make_empty_cell": "()",
    "_make_cell": "(value=DEFAULT)",
    "_make_skeleton_class": "(type_constructor, name, bases, type_kwargs, class_tracker_id, extra)",
    "_make_skeleton_enum": "(bases, name, qualname, members, module, class_tracker_id, extra)",
    "_make_typevar": "(name, bound, constraints, covariant, contravariant, class_tracker_id)",
    "_make_dict_keys": "(obj, is_ordered=False)",
    "_make_dict_values": "(obj, is_ordered=False)",
    "_make_dict_items": "(obj, is_ordered=False)",
    "_file_reconstructor": "(retval)",
    "_function_setstate": "(obj, state)",
    "_class_setstate": "(obj, state)",
    "_get_dataclass_field_type_sentinel": "(name)",
    "_get_or_create_tracker_id": "(class_def)",
    "_lookup_class_or_track": "(class_tracker_id, class_def)",
    "_is_registered_pickle_by_value": "(module)",
    "register_pickle_by_value": "(module)",
    "unregister_pickle_by_value": "(module)",
    "list_registry_pickle_by_value": "()",
}


@pytest.fixture(params=["stock", "ours"])
def namespace(request: pytest.FixtureRequest) -> Any:
    return getattr(namespaces, request.param)()


def without_annotations(function: Any) -> str:
    parameters = inspect.signature(function).parameters.values()
    empty = inspect.Parameter.empty
    text = str(inspect.Signature([p.replace(annotation=empty) for p in parameters]))
    return re.sub("<.*>", "DEFAULT", text)


@pytest.mark.parametrize("name", FROZEN)
def test_frozen_name(namespace: Any, name: str) -> None:
    function = getattr(namespace, name)
    assert type(function) is types.FunctionType
    assert (function.__module__, function.__qualname__) == ("cloudpickle.cloudpickle", name)
    assert function.__name__ == name
    assert without_annotations(function) == FROZEN[name]


def test_every_function_of_cloudpickle_that_loads_is_here() -> None:
    """What stock cloudpickle has and we don't belongs to the dumping side."""
    dumping = (
        *("dump", "dumps", "load", "loads", "Pickler", "CloudPickler", "is_tornado_coroutine"),
        *("_whichmodule", "_should_pickle_by_reference", "_lookup_module_and_qualname"),
        *("_extract_code_globals", "_find_imported_submodules", "_walk_global_ops"),
        *("_extract_class_dict", "_get_cell_contents", "_decompose_typevar", "_get_bases"),
        *("_class_getnewargs", "_enum_getnewargs", "_class_getstate", "_enum_getstate"),
        *("_function_getstate", "_getattribute", "_pickle_getattribute"),
    )
    stock, ours = namespaces.stock(), namespaces.ours()
    missing = {
        name
        for name, value in vars(stock).items()
        if getattr(value, "__module__", None) == stock.__name__ or name.startswith("_DYNAMIC")
        if name not in vars(ours) and not name.endswith("_reduce")
    }
    assert missing <= set(dumping)


def test_constants(namespace: Any) -> None:
    assert namespace.DEFAULT_PROTOCOL == pickle.HIGHEST_PROTOCOL
    assert namespace.CellType is types.CellType
    assert type(namespace._PICKLE_BY_VALUE_MODULES) is set
    stock = namespaces.stock()
    for name in ("BY_CLASS", "BY_ID"):
        name = f"_DYNAMIC_CLASS_TRACKER_{name}"
        assert type(getattr(namespace, name)) is type(getattr(stock, name))
    with namespace._DYNAMIC_CLASS_TRACKER_LOCK:
        pass


# Functions and cells.


def test_empty_cell_value(namespace: Any) -> None:
    sentinel = namespace._empty_cell_value
    assert sentinel.__reduce__() == "_empty_cell_value"
    assert sentinel.__reduce_ex__(2) == "_empty_cell_value"
    assert type(sentinel).__name__ == type(sentinel).__qualname__ == "_empty_cell_value"
    assert sentinel.__module__ == "cloudpickle.cloudpickle"
    assert copy.deepcopy(sentinel) is sentinel


def test_cells(namespace: Any) -> None:
    for empty in (
        namespace._make_empty_cell(),
        namespace._make_cell(),
        namespace._make_cell(namespace._empty_cell_value),
    ):
        assert type(empty) is types.CellType
        with pytest.raises(ValueError, match="empty"):
            _ = empty.cell_contents
    assert namespace._make_cell(5).cell_contents == 5
    assert namespace._make_cell(None).cell_contents is None
    assert namespace._make_empty_cell() is not namespace._make_empty_cell()


def test_make_function(namespace: Any) -> None:
    code = (lambda: len([1])).__code__
    contents: dict[str, Any] = {"a": 1}
    function = namespace._make_function(code, contents, "name", (1,), None)
    assert function.__globals__ is contents
    assert list(contents) == ["a", "__builtins__"]
    assert contents["__builtins__"] is builtins.__dict__
    assert (function.__name__, function.__defaults__, function()) == ("name", (1,), 1)
    assert namespace._make_function(code, {}, None, None, None).__name__ == code.co_name
    with pytest.raises(TypeError):
        namespace._make_function(code, None, None, None, None)
    with pytest.raises(TypeError):
        namespace._make_function(None, {}, None, None, None)


def function_with_cells(namespace: Any) -> Any:
    def outer() -> Any:
        one = two = 0

        def inner() -> Any:
            return one, two

        return inner

    code = outer().__code__
    cells = tuple(namespace._make_empty_cell() for _ in code.co_freevars)
    return namespace._make_function(code, {"old": 1}, None, None, cells)


def function_state(**changes: Any) -> dict[str, Any]:
    return {
        "__name__": "name",
        "__qualname__": "qual.name",
        "__annotations__": {"x": int},
        "__kwdefaults__": None,
        "__defaults__": (1,),
        "__module__": "somewhere",
        "__doc__": "Doc.",
        "__closure__": None,
        "_cloudpickle_submodules": [],
        "__globals__": {},
        **changes,
    }


def test_function_setstate(namespace: Any) -> None:
    function = function_with_cells(namespace)
    state = function_state(
        __globals__={"new": 2}, __closure__=(types.CellType(7), types.CellType())
    )
    attributes = {"label": 1}
    assert namespace._function_setstate(function, (attributes, state)) is None
    assert function.__globals__["new"] == 2
    assert list(function.__globals__) == ["old", "__builtins__", "new"]
    assert function.__globals__["__builtins__"] is builtins.__dict__
    assert function.__closure__[0].cell_contents == 7
    with pytest.raises(ValueError, match="empty"):
        _ = function.__closure__[1].cell_contents
    assert function.__dict__ == {"label": 1}
    assert function.__dict__ is not attributes
    assert (function.__name__, function.__qualname__) == ("name", "qual.name")
    assert (function.__module__, function.__doc__, function.__defaults__) == (
        "somewhere",
        "Doc.",
        (1,),
    )
    # These three are taken out of the state, which the unpickler may have memoized.
    assert not {"__globals__", "__closure__", "_cloudpickle_submodules"} & set(state)


@pytest.mark.parametrize("missing", ["__globals__", "__closure__", "_cloudpickle_submodules"])
def test_function_setstate_of_an_incomplete_state(namespace: Any, missing: str) -> None:
    state = function_state()
    del state[missing]
    with pytest.raises(KeyError, match=missing):
        namespace._function_setstate(function_with_cells(namespace), ({}, state))


# Modules, types, views, files.


def test_subimport(namespace: Any) -> None:
    sys.modules.pop("xml.sax.saxutils", None)
    assert namespace.subimport("xml.sax.saxutils") is sys.modules["xml.sax.saxutils"]
    with pytest.raises(ModuleNotFoundError, match="not_there"):
        namespace.subimport("not_there")


def test_dynamic_subimport(namespace: Any) -> None:
    contents = {"a": 1, "__doc__": "Doc."}
    module = namespace.dynamic_subimport("made_up", contents)
    assert type(module) is types.ModuleType
    assert (module.__name__, module.a, module.__doc__) == ("made_up", 1, "Doc.")
    assert module.__builtins__ is builtins.__dict__
    assert "__builtins__" not in contents
    assert "made_up" not in sys.modules


def test_builtin_type(namespace: Any) -> None:
    assert namespace._builtin_type("ClassType") is type
    assert namespace._builtin_type("CodeType") is types.CodeType
    assert namespace._builtin_type("LambdaType") is types.FunctionType
    with pytest.raises(AttributeError, match="NoSuchType"):
        namespace._builtin_type("NoSuchType")


def test_views(namespace: Any) -> None:
    source: dict[str, int] = {"a": 1}
    for ordered, kind in ((False, dict), (True, collections.OrderedDict)):
        sample: Any = kind(a=1)
        keys = namespace._make_dict_keys(["a", "b", "a"], ordered)
        values = namespace._make_dict_values([[1], [1]], ordered)
        items = namespace._make_dict_items(source, ordered)
        assert [type(keys), type(values), type(items)] == [
            type(sample.keys()),
            type(sample.values()),
            type(sample.items()),
        ]
        assert (list(keys), list(values), list(items)) == (
            ["a", "b"],
            [[1], [1]],
            [*source.items()],
        )
    # The plain view is of the dict itself, the ordered one of a copy.
    plain = namespace._make_dict_items(source)
    ordered_view = namespace._make_dict_items(source, True)
    source["late"] = 2
    assert (len(plain), len(ordered_view)) == (2, 1)


def test_small_ones(namespace: Any) -> None:
    copy_of_file = io.StringIO("abc")
    assert namespace._file_reconstructor(copy_of_file) is copy_of_file
    assert namespace.instance(dict) == {}
    for name in ("_FIELD", "_FIELD_CLASSVAR", "_FIELD_INITVAR"):
        sentinel = getattr(dataclasses, name)
        assert namespace._get_dataclass_field_type_sentinel(sentinel.name) is sentinel
    with pytest.raises(KeyError, match="_OTHER"):
        namespace._get_dataclass_field_type_sentinel("_OTHER")


# Classes.


def skeleton(namespace: Any, tracker_id: str | None = None, **kwargs: Any) -> Any:
    kwargs = {"metaclass": type, "bases": (object,), "body": {}, **kwargs}
    return namespace._make_skeleton_class(
        kwargs["metaclass"], "Made", kwargs["bases"], kwargs["body"], tracker_id, None
    )


def test_skeleton_class(namespace: Any) -> None:
    key = "".join(["_kw_", str(id(namespace))])
    assert not_interned(key)
    made = skeleton(namespace, body={key: 5, "__module__": "m"})
    assert (made.__name__, made.__qualname__, made.__module__) == ("Made", "Made", "m")
    assert made.__mro__ == (made, object)
    (stored,) = [name for name in vars(made) if name == key]
    assert not not_interned(stored)
    assert skeleton(namespace).__module__ == "types"


def not_interned(text: str) -> bool:
    return sys.intern("".join([text[:1], text[1:]])) is not text


def test_skeleton_class_with_metaclass_and_generic_bases(namespace: Any) -> None:
    T = typing.TypeVar("T")

    class Meta(type):
        @classmethod
        def __prepare__(mcs, name: str, bases: Any, /, **kwargs: Any) -> dict[str, object]:
            return {"prepared": bases}

    made = skeleton(namespace, metaclass=Meta, bases=(typing.Generic[T],))
    assert type(made) is Meta
    assert made.__bases__ == (typing.Generic,)
    assert made.__orig_bases__ == (typing.Generic[T],)
    assert made.prepared == (typing.Generic,)
    with pytest.raises(TypeError):
        skeleton(namespace, body={5: 1})


def test_skeleton_enum(namespace: Any) -> None:
    members = {"ONE": 1, "TWO": (2, "b")}
    made = namespace._make_skeleton_enum((enum.Enum,), "E", "outer.E", members, "mod", None, None)
    assert (made.__name__, made.__qualname__, made.__module__) == ("E", "outer.E", "mod")
    assert made.__bases__ == (enum.Enum,)
    assert {m.name: m.value for m in made} == members
    flag = namespace._make_skeleton_enum((enum.IntFlag,), "F", "F", {"A": 1}, "mod", None, None)
    assert flag.A | 2 == 3


def test_class_setstate(namespace: Any) -> None:
    made = skeleton(namespace)
    attributes = {"__doc__": "Doc.", "f": len, "_abc_impl_": 1}
    state = (attributes, {})
    assert namespace._class_setstate(made, state) is made
    assert (made.__doc__, made.f, made._abc_impl_) == ("Doc.", len, 1)
    assert list(attributes) == ["__doc__", "f", "_abc_impl_"]


def test_class_setstate_registers_with_an_abc(namespace: Any) -> None:
    made = skeleton(namespace, metaclass=abc.ABCMeta)

    class Other: ...

    namespace._class_setstate(made, ({"_abc_impl": [Other, int]}, {}))
    assert issubclass(Other, made) and isinstance(5, made) and not isinstance("", made)


@pytest.mark.parametrize(
    "attributes",
    [
        {"__firstlineno__": 7, "__module__": "m", "a": 1},
        {"__module__": "m", "__firstlineno__": 7},
    ],
)
def test_class_setstate_keeps_the_line_number(namespace: Any, attributes: dict[str, Any]) -> None:
    made = namespace._class_setstate(skeleton(namespace), (attributes, {}))
    assert (made.__firstlineno__, made.__module__) == (7, "m")


def test_typevar(namespace: Any) -> None:
    made = namespace._make_typevar("T", int, (), True, False, None)
    assert (made.__name__, made.__bound__, made.__covariant__) == ("T", int, True)
    assert made.__module__ == "cloudpickle.cloudpickle"
    constrained = namespace._make_typevar("U", None, (int, str), False, False, "an id")
    assert constrained.__constraints__ == (int, str)
    assert namespace._make_typevar("U", None, (), False, False, "an id") is constrained
    assert namespace._get_or_create_tracker_id(constrained) == "an id"


# The tracker.


def test_tracker(namespace: Any) -> None:
    class One: ...

    tracker_id = namespace._get_or_create_tracker_id(One)
    assert uuid.UUID(tracker_id).version == 4
    assert uuid.UUID(tracker_id).variant == uuid.RFC_4122
    assert uuid.UUID(tracker_id).hex == tracker_id
    assert namespace._get_or_create_tracker_id(One) == tracker_id
    assert namespace._DYNAMIC_CLASS_TRACKER_BY_CLASS[One] == tracker_id
    assert namespace._DYNAMIC_CLASS_TRACKER_BY_ID[tracker_id] is One
    assert skeleton(namespace, tracker_id) is One
    assert skeleton(namespace, "new id") is not One
    assert skeleton(namespace, None) is not skeleton(namespace, None)


def test_tracker_reuses_what_was_loaded_first(namespace: Any) -> None:
    first = skeleton(namespace, "the id")
    assert skeleton(namespace, "the id") is first
    assert namespace._get_or_create_tracker_id(first) == "the id"
    assert namespace._lookup_class_or_track("the id", int) is first
    assert namespace._lookup_class_or_track(None, int) is int
    made = namespace._make_skeleton_enum((enum.Enum,), "E", "E", {"A": 1}, "m", "enum id", None)
    again = namespace._make_skeleton_enum((enum.Enum,), "E", "E", {"A": 1}, "m", "enum id", None)
    assert again is made


def test_tracker_keeps_nothing_alive(namespace: Any) -> None:
    made = skeleton(namespace, "dies")
    assert len(namespace._DYNAMIC_CLASS_TRACKER_BY_ID) >= 1
    del made
    gc.collect()
    assert "dies" not in namespace._DYNAMIC_CLASS_TRACKER_BY_ID
    assert "dies" not in namespace._DYNAMIC_CLASS_TRACKER_BY_CLASS.values()


def test_tracker_ids_differ(namespace: Any) -> None:
    classes = [type(f"C{i}", (), {}) for i in range(200)]
    assert len({namespace._get_or_create_tracker_id(cls) for cls in classes}) == 200


def test_tracker_from_many_threads(namespace: Any) -> None:
    class Shared: ...

    found: set[str] = set()
    barrier = threading.Barrier(8)

    def look() -> None:
        barrier.wait()
        found.add(namespace._get_or_create_tracker_id(Shared))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1


def test_tracker_after_fork() -> None:
    """A child forked while the lock is held can use the tracker: ours only."""
    namespace: Any = namespaces.ours()
    with namespace._DYNAMIC_CLASS_TRACKER_LOCK:
        child = os.fork()
        if child == 0:
            # Without the care this waits for ever, and the alarm kills the child.
            import signal

            signal.alarm(5)
            namespace._get_or_create_tracker_id(int)
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0


# The registry.


def test_registry(namespace: Any) -> None:
    import xml.sax
    import xml.sax.saxutils

    namespace.register_pickle_by_value(xml.sax)
    assert namespace.list_registry_pickle_by_value() == {"xml.sax"}
    assert namespace.list_registry_pickle_by_value() is not namespace._PICKLE_BY_VALUE_MODULES
    assert namespace._is_registered_pickle_by_value(xml.sax)
    assert namespace._is_registered_pickle_by_value(xml.sax.saxutils)
    assert not namespace._is_registered_pickle_by_value(xml)
    for name in ("xml.saxon", "sax", ".xml", "", "xml.sax."):
        expected = name == "xml.sax."
        assert namespace._is_registered_pickle_by_value(types.ModuleType(name)) is expected
    namespace.register_pickle_by_value(xml.sax)
    namespace.unregister_pickle_by_value(xml.sax)
    assert namespace.list_registry_pickle_by_value() == set()


def test_registry_refuses(namespace: Any) -> None:
    unknown = types.ModuleType("unknown_module")
    for change in (namespace.register_pickle_by_value, namespace.unregister_pickle_by_value):
        with pytest.raises(ValueError, match="Input should be a module object, got 5 instead"):
            change(5)
    with pytest.raises(ValueError, match="was not imported correctly, have you used an `import`"):
        namespace.register_pickle_by_value(unknown)
    with pytest.raises(ValueError, match="is not registered for pickle by value"):
        namespace.unregister_pickle_by_value(unknown)


# Cost and other interpreters.


def test_import_is_cheap() -> None:
    """The modules that would dominate the import are not imported."""
    code = f"""
import sys, os
sys.path.insert(0, {os.path.dirname(namespaces.REBUILD)!r})
import rebuild
print(*sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"typing", "dataclasses", "logging", "uuid", "enum", "pickle", "re", "inspect"}
    heavy |= {"collections", "functools", "threading", "random", "io.open", "gocloudpickle"}
    assert heavy & set(done.stdout.split()) == set()


def test_unknown_attributes() -> None:
    with pytest.raises(AttributeError, match="'cloudpickle.cloudpickle' has no attribute 'nope'"):
        _ = namespaces.ours().nope  # type: ignore[attr-defined]
    assert {"dumps", "_make_function"} <= set(dir(namespaces.ours()))
