"""What the engine remembers of Pickler classes and objects, and when it no longer holds."""

from __future__ import annotations

import collections
import io
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from tests.corpus import under_test
from tests.oracles.picklers import CLASS, FUNCTION, SPECIAL, Special, both

OBJECTS = [FUNCTION, CLASS, SPECIAL, [SPECIAL, "text", "text"], 5]


def fresh(pickler_class: Any, protocol: int) -> bytes:
    """Dump the objects with a new Pickler."""
    file = io.BytesIO()
    pickler = pickler_class(file, protocol)
    for obj in OBJECTS:
        pickler.dump(obj)
    return file.getvalue()


def reduce_special(obj: Special) -> Any:
    return complex, (obj.x, 0)


def override(self: Any, obj: Any) -> Any:
    return (
        reduce_special(obj)
        if type(obj) is Special
        else super(type(self), self).reducer_override(obj)
    )


class Descriptor:
    """A dispatch_table that is computed."""

    def __get__(self, obj: Any, kind: Any = None) -> Any:
        return collections.ChainMap({Special: reduce_special}, kind.__mro__[1].dispatch_table)


def answers_itself(self: Any, name: str) -> Any:
    if name == "reducer_override":
        return lambda obj: override(self, obj)
    return object.__getattribute__(self, name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reducer_override", lambda base: override),
        (
            "dispatch_table",
            lambda base: collections.ChainMap({Special: reduce_special}, base.dispatch_table),
        ),
        ("dispatch_table", lambda base: {**base.dispatch_table, Special: reduce_special}),
        ("dispatch_table", lambda base: Descriptor()),
        ("persistent_id", lambda base: lambda self, obj: "id" if obj is SPECIAL else None),
        ("__getattribute__", lambda base: answers_itself),
    ],
    ids=["reducer_override", "ChainMap", "dict", "descriptor", "persistent_id", "getattribute"],
)
def test_class_changed_between_picklers(name: str, value: Callable[[Any], Any]) -> None:
    """What a class, or a base of it, gets and loses counts for Picklers made from then on."""

    def build(m: Any) -> Any:
        class Base(m.Pickler):  # type: ignore[misc]
            pass

        class Sub(Base):
            pass

        def run(protocol: int) -> bytes:
            out = [fresh(Sub, protocol), fresh(Sub, protocol)]
            for changed in (Sub, Base):
                setattr(changed, name, value(m.Pickler))
                out += [fresh(Sub, protocol), fresh(Base, protocol)]
                delattr(changed, name)
                out += [fresh(Sub, protocol)]
            return pickle.dumps(out)

        return run

    both(build, (2, 5))


def test_many_classes() -> None:
    """More classes than are remembered, used in turns."""

    def build(m: Any) -> Any:
        classes = []
        for i in range(12):
            table = collections.ChainMap(
                {Special: lambda obj, i=i: (int, (i,))}, m.Pickler.dispatch_table
            )
            classes.append(type(f"Sub{i}", (m.Pickler,), {"dispatch_table": table}))
        return lambda protocol: pickle.dumps(
            [fresh(c, protocol) for _ in range(3) for c in classes]
        )

    both(build, (5,))


@pytest.mark.parametrize("kind", [dict, collections.ChainMap, collections.UserDict])
def test_dispatch_table_of_the_object(kind: Any) -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            def __init__(self, file: Any, protocol: int) -> None:
                # The C pickler reads it in its __init__.
                self.dispatch_table = kind({**m.Pickler.dispatch_table, Special: reduce_special})
                super().__init__(file, protocol)

        return lambda protocol: fresh(Sub, protocol)

    both(build, (2, 5))


def test_states_are_used_again() -> None:
    """A Pickler leaves nothing to the one that comes after it."""
    pickler_class = under_test().Pickler
    expected = fresh(pickler_class, 5)

    def use(prepare: Callable[[Any], Any], protocol: int = 5) -> None:
        pickler = pickler_class(io.BytesIO(), protocol)
        prepare(pickler)
        for obj in OBJECTS:
            try:
                pickler.dump(obj)
            except (TypeError, pickle.PicklingError, ZeroDivisionError):
                pass

    def fails(*_: Any) -> Any:
        raise ZeroDivisionError

    for prepare in (
        lambda pickler: setattr(pickler, "fast", True),
        lambda pickler: setattr(pickler, "persistent_id", lambda obj: 7),
        lambda pickler: setattr(pickler, "persistent_id", fails),
        lambda pickler: setattr(pickler, "reducer_override", fails),
        lambda pickler: setattr(pickler, "dispatch_table", {}),
        lambda pickler: setattr(pickler, "memo", {id(CLASS): (3, CLASS)}),
        lambda pickler: pickler.dump([str(i) for i in range(10_000)]),
    ):
        for protocol in (0, 5):
            use(prepare, protocol)
            assert fresh(pickler_class, 5) == expected
            assert pickle.loads(under_test().dumps(["a", "a"])) == ["a", "a"]
            assert under_test().dumps(OBJECTS[3]) == pickle.dumps(OBJECTS[3], 5)
