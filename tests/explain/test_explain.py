"""explain finds every culprit, says where it is, and what the bytes are for."""

from __future__ import annotations

import collections
import functools
import json
import os
import socket
import sqlite3
import sys
import threading
import types
from typing import Any

import gocloudpickle
import pytest


class Box:
    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


class Slotted:
    __slots__ = ("guard", "other")


def local_class(**attributes: Any) -> type:
    return type("Local", (), {"__module__": "__main__", **attributes})


def function_with(**parts: Any) -> Any:
    """Return a function that goes by value, with a part of each kind that is named."""
    captured, default, keyword = (parts.get(name) for name in ("closure", "default", "keyword"))

    def function(x: Any = default, *, y: Any = keyword) -> Any:
        return captured, x, y

    function.__qualname__ = "function"
    if "attribute" in parts:
        function.note = parts["attribute"]  # type: ignore[attr-defined]
    return function


Lock: Any = threading.Lock
LOCK = Lock()
UNPICKLABLE: Any = None
code = compile("def uses_global(): return LOCK", "a file", "exec")
namespace: dict[str, Any] = {"LOCK": LOCK, "__name__": "__main__"}
exec(code, namespace)


class CalledList(list):  # type: ignore[type-arg]
    pass


def generator() -> Any:
    yield LOCK


def partial(*args: Any, **kwargs: Any) -> Any:
    return functools.partial(len, *args, **kwargs)


# What holds the lock, and the path to it.
PLACES: dict[str, tuple[Any, str]] = {
    "alone": (Lock(), "lock"),
    "list": ([1, Lock()], "list -> index 1"),
    "tuple": (("a", Lock()), "tuple -> index 1"),
    "nested list": ([[[Lock()]]], "list -> index 0 -> index 0 -> index 0"),
    "dict": ({"a": 1, "b": Lock()}, "dict -> key 'b'"),
    "int key": ({7: Lock()}, "dict -> key 7"),
    "tuple key": ({("a", 1): Lock()}, "dict -> key ('a', 1)"),
    "odd key": ({len: Lock()}, "dict -> key of type builtin_function_or_method"),
    "as a key": ({Lock(): 1}, "dict -> a key of type lock"),
    "set": ({Lock()}, "set -> item of type lock"),
    "frozenset": (frozenset({Lock()}), "frozenset -> item of type lock"),
    "attribute": (Box(guard=Lock()), "Box -> Box.guard"),
    "attribute of attribute": (
        Box(session=Box(guard=Lock())),
        "Box -> Box.session -> Box.guard",
    ),
    "slots": (Slotted(), "Slotted -> Slotted.guard"),
    "closure": (function_with(closure=Lock()), "function -> closure 'captured'"),
    "default": (function_with(default=Lock()), "function -> default 'x'"),
    "keyword default": (function_with(keyword=Lock()), "function -> default 'y'"),
    "function attribute": (function_with(attribute=Lock()), "function -> function.note"),
    "global": (namespace["uses_global"], "uses_global -> global 'LOCK'"),
    "deeper": (
        function_with(closure=Box(table={"k": [Lock()]})),
        "function -> closure 'captured' -> Box.table -> key 'k' -> index 0",
    ),
    "class attribute": (local_class(guard=Lock()), "Local -> Local.guard"),
    "class of an instance": (local_class(guard=Lock())(), "Local -> class -> Local.guard"),
    "method's object": (Box(guard=Lock()).__init__, "method -> method.__self__ -> Box.guard"),
    "partial argument": (partial(Lock()), "partial -> argument 0"),
    "partial keyword": (partial(key=Lock()), "partial -> argument key"),
    "partial function": (
        functools.partial(function_with(closure=Lock())),
        "partial -> function -> closure 'captured'",
    ),
    "list subclass": (CalledList([Lock()]), "CalledList -> index 0"),
    "deque": (collections.deque([0, Lock()]), "deque -> index 1"),
    "ordered dict": (collections.OrderedDict(a=Lock()), "OrderedDict -> key 'a'"),
    "default dict": (
        collections.defaultdict(list, a=Lock()),
        "defaultdict -> key 'a'",
    ),
    "namespace": (types.SimpleNamespace(a=Lock()), "SimpleNamespace -> SimpleNamespace.a"),
    "module": (types.ModuleType("made"), "made -> made.guard"),
    "mapping proxy": (
        types.MappingProxyType({"a": Lock()}),
        "mappingproxy -> argument 0 -> key 'a'",
    ),
    "property": (
        property(function_with(closure=Lock())),
        "property -> property.fget -> closure 'captured'",
    ),
    "classmethod": (
        classmethod(function_with(closure=Lock())),
        "classmethod -> classmethod.__func__ -> closure 'captured'",
    ),
    "cell": (types.CellType(Lock()), "cell -> contents"),
    "exception": (ValueError("said", Lock()), "ValueError -> argument 1"),
    "user list": (collections.UserList([Lock()]), "UserList -> UserList.data -> index 0"),
    "chain map": (
        collections.ChainMap({}, {"a": Lock()}),
        "ChainMap -> ChainMap.maps -> index 1 -> key 'a'",
    ),
    "default of a function in a list": (
        [function_with(default=(Lock(),))],
        "list -> index 0 -> default 'x' -> index 0",
    ),
    "closure of a closure": (
        function_with(closure=function_with(closure={"k": Lock()})),
        "function -> closure 'captured' -> closure 'captured' -> key 'k'",
    ),
    "attribute of a class in an attribute": (
        Box(kind=local_class(guard=[Lock()])),
        "Box -> Box.kind -> Local.guard -> index 0",
    ),
}
PLACES["slots"][0].guard = Lock()
PLACES["module"][0].guard = Lock()


@pytest.mark.parametrize("place", PLACES)
def test_the_path_leads_to_the_culprit(place: str) -> None:
    obj, path = PLACES[place]
    explanation = gocloudpickle.explain(obj)
    assert [culprit.path for culprit in explanation.culprits] == [path]
    (culprit,) = explanation.culprits
    assert culprit.type == "_thread.lock"
    assert culprit.reason == "TypeError: cannot pickle '_thread.lock' object"
    assert culprit.remedy
    assert culprit.steps[0].kind == "object" and culprit.steps[-1].type == "_thread.lock"
    assert not explanation.picklable


def test_forty_culprits_at_once_each_with_its_path() -> None:
    everything = [obj for obj, _ in PLACES.values()]
    paths = [culprit.path for culprit in gocloudpickle.explain(everything).culprits]
    expected = [path.partition(" -> ")[2] for _, path in PLACES.values()]
    assert len(expected) >= 40
    assert paths == [
        " -> ".join(["list", f"index {i}", *filter(None, [path])])
        for i, path in enumerate(expected)
    ]


def test_all_culprits_are_found_at_once() -> None:
    with open(os.devnull, "w") as file, socket.socket() as connection:
        everything = Box(
            lock=threading.Lock(),
            rlock=threading.RLock(),
            event=threading.Event(),
            file=file,
            socket=connection,
            database=sqlite3.connect(":memory:"),
            generator=generator(),
            thread=threading.current_thread(),
            frame=sys._getframe(),
            good=[1, 2, 3],
        )
        explanation = gocloudpickle.explain([everything])
    paths = {culprit.path.split(" -> ")[2] for culprit in explanation.culprits}
    assert paths == {
        f"Box.{name}"
        for name in "lock rlock event file socket database generator thread frame".split()
    }
    for culprit in explanation.culprits:
        assert culprit.reason and culprit.path.startswith("list -> index 0 -> Box.")


def test_a_culprit_met_again_is_one_with_both_paths() -> None:
    lock = threading.Lock()
    explanation = gocloudpickle.explain([lock, {"again": lock}])
    (culprit,) = explanation.culprits
    assert (culprit.path, culprit.also) == ("list -> index 0", ("list -> index 1 -> key 'again'",))
    many = gocloudpickle.explain([lock] * 50)
    assert len(many.culprits) == 1 and len(many.culprits[0].also) == 10


def test_culprits_in_a_culprit_come_before_it() -> None:
    class Odd:
        def __reduce__(self) -> Any:
            return len, (LOCK,), None, 5

    explanation = gocloudpickle.explain([Odd(), generator()])
    reasons = [culprit.reason for culprit in explanation.culprits]
    assert len(reasons) == 2 and "generator" in reasons[1]
    assert "must be an iterator" in reasons[0]


def test_what_dumps_refuses_explain_names_with_the_same_words() -> None:
    class Refuses:
        def __reduce__(self) -> Any:
            raise OSError("not me")

    with pytest.raises(OSError, match="^not me"):
        gocloudpickle.dumps(Refuses())
    (culprit,) = gocloudpickle.explain(Refuses()).culprits
    assert culprit.reason == "OSError: not me"


def test_shared_values_are_counted_once_and_marked() -> None:
    shared = ["x" * 1000]
    (dict_value,) = gocloudpickle.explain([{"first": shared, "second": shared}]).tree.values
    first, second = dict_value.values
    assert (first.step, first.again) == ("key 'first'", None)
    assert second.step == "key 'second'"
    assert second.again == "list -> index 0 -> key 'first'"
    assert first.bytes > 1000 and second.bytes < 10


def test_a_value_that_contains_itself_is_marked() -> None:
    loop: list[Any] = ["x" * 100]
    loop.append(loop)
    _, again = gocloudpickle.explain(loop).tree.values
    assert again.again == "list"


def test_shared_closures_are_marked() -> None:
    table = list(range(1000))

    def one() -> Any:
        return table

    def two() -> Any:
        return table

    tree = gocloudpickle.explain([one, two]).tree
    by_step = {value.step: value for value in tree.values}
    again = {part.step: part for part in by_step["index 1"].values}["closure 'table'"]
    assert again.again == "list -> index 0 -> closure 'table'"


def test_the_largest_come_first_and_the_rest_is_counted() -> None:
    explanation = gocloudpickle.explain({"small": "s" * 50, "large": "l" * 5000, "n": 1})
    large, small = explanation.tree.values[:2]
    assert (large.step, small.step) == ("key 'large'", "key 'small'")
    tree = gocloudpickle.explain(list(range(100_000))).tree
    assert tree.values == [] and tree.unlisted == 100_000
    assert tree.rest == tree.bytes


def test_the_text_fits_in_80_columns() -> None:
    obj = {
        "a long key " * 9: Box(**{"x" * 70: LOCK}),
        "many": [list(range(10)) for _ in range(1000)],
        "control \n\x1b[31m": ["x" * 100],
    }
    text = str(gocloudpickle.explain(obj))
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert "... 990 more" in text
    assert "can't be pickled" in text
    wide = gocloudpickle.explain(obj).text(width=200, lines=5)
    assert len(wide.splitlines()) < len(text.splitlines())


def test_json_says_what_the_attributes_say() -> None:
    explanation = gocloudpickle.explain([LOCK, "x" * 100])
    data = json.loads(explanation.to_json())
    assert data == explanation.to_dict()
    assert data["picklable"] is False and data["bytes"] == explanation.bytes
    assert data["protocol"] == 5
    (culprit,) = data["culprits"]
    assert culprit["path"] == "list -> index 0"
    assert culprit["steps"][1] == {
        **{"kind": "index", "name": "0", "type": "_thread.lock", "owner": ""}
    }
    assert data["tree"]["values"][0] == {"step": "index 1", "type": "str", "bytes": 103}


def test_buffers_out_of_band_cost_nothing() -> None:
    import pickle

    buffer = pickle.PickleBuffer(bytearray(100_000))
    assert gocloudpickle.explain(buffer).bytes > 100_000
    seen: list[Any] = []
    assert gocloudpickle.explain(buffer, buffer_callback=seen.append).bytes < 100
    assert len(seen) == 1


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError):
        gocloudpickle.explain(1, 6)
    with pytest.raises(TypeError):
        gocloudpickle.explain(1, "5")
    with pytest.raises(ValueError):
        gocloudpickle.explain(1, 4, print)


def test_other_dumps_are_as_before() -> None:
    obj = function_with(closure=Box(a=1))
    before = gocloudpickle.dumps(obj)
    gocloudpickle.explain([obj, LOCK])
    assert gocloudpickle.dumps(obj) == before
