"""The functions and the Pickler take their arguments as cloudpickle's do, and refuse the same ones."""

from __future__ import annotations

import inspect
import io
import pickle
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.corpus import ALL_PROTOCOLS, stock, under_test

VALUE = {"list": [1, 2.5, "text"], "lambda": len}


def test_public_names() -> None:
    module = under_test()
    for name in "dumps dump loads load Pickler CloudPickler DEFAULT_PROTOCOL __version__ register_pickle_by_value unregister_pickle_by_value list_registry_pickle_by_value".split():
        assert hasattr(module, name), name
    assert module.DEFAULT_PROTOCOL == pickle.HIGHEST_PROTOCOL
    assert module.CloudPickler is module.Pickler
    assert issubclass(module.Pickler, pickle.Pickler)
    assert getattr(module.load, "__wrapped__", module.load) is pickle.load
    # The engine has a loads of its own: see tests/rebuild/test_load.py.
    native = getattr(sys.modules.get("gocloudpickle._engine"), "loads", None)
    assert getattr(module.loads, "__wrapped__", module.loads) in (pickle.loads, native)
    assert isinstance(module.__version__, str)


def test_the_default_protocol_is_the_highest() -> None:
    assert under_test().dumps(VALUE) == stock().dumps(VALUE)
    assert under_test().dumps(VALUE)[:2] == bytes([0x80, 5])


@pytest.mark.parametrize("protocol", [*ALL_PROTOCOLS, -1, -5, None, True, False])
def test_protocol_by_position_and_by_name(protocol: Any) -> None:
    expected = stock().dumps(VALUE, protocol)
    module = under_test()
    file = io.BytesIO()
    module.dump(VALUE, file, protocol)
    module.dump(VALUE, file, protocol=protocol)
    module.dump(obj=VALUE, file=file, protocol=protocol)
    module.Pickler(file, protocol).dump(VALUE)
    module.Pickler(file=file, protocol=protocol).dump(VALUE)
    assert file.getvalue() == expected * 5
    assert (
        module.dumps(VALUE, protocol)
        == module.dumps(VALUE, protocol=protocol)
        == module.dumps(obj=VALUE, protocol=protocol)
        == expected
    )


def test_buffer_callback_by_position_and_by_name() -> None:
    module = under_test()
    obj = [pickle.PickleBuffer(b"out of band")]
    for call in (
        lambda seen: module.dumps(obj, 5, seen.append),
        lambda seen: module.dumps(obj, buffer_callback=seen.append),
        lambda seen: module.dump(obj, io.BytesIO(), 5, seen.append),
        lambda seen: module.dump(obj, io.BytesIO(), buffer_callback=seen.append, protocol=5),
        lambda seen: module.Pickler(io.BytesIO(), 5, seen.append).dump(obj),
        lambda seen: module.Pickler(io.BytesIO(), buffer_callback=seen.append).dump(obj),
    ):
        seen: list[pickle.PickleBuffer] = []
        call(seen)
        assert [bytes(buffer) for buffer in seen] == [b"out of band"]


class Awkward:
    """An index, for protocols that aren't ints."""

    def __index__(self) -> int:
        return 4

    def __int__(self) -> int:
        return 4


class NoFile:
    pass


class AttributeFile:
    write = 5


WRONG: dict[str, Callable[[Any], Any]] = {
    "dumps without arguments": lambda m: m.dumps(),
    "dumps with four": lambda m: m.dumps(1, 5, None, None),
    "dumps with an unknown name": lambda m: m.dumps(1, fix_imports=True),
    "dumps with obj twice": lambda m: m.dumps(1, obj=1),
    "dumps with protocol twice": lambda m: m.dumps(1, 5, protocol=5),
    "dump without a file": lambda m: m.dump(1),
    "dump with five": lambda m: m.dump(1, io.BytesIO(), 5, None, None),
    "dump to no file": lambda m: m.dump(1, NoFile()),
    "dump to None": lambda m: m.dump(1, None),
    "dump to a file whose write is no function": lambda m: m.dump(1, AttributeFile()),
    "dump to a text file": lambda m: m.dump(1, io.StringIO()),
    "dump to a file opened for reading": lambda m: m.dump(1, io.BufferedReader(io.BytesIO(b""))),
    "protocol 6": lambda m: m.dumps(1, 6),
    "protocol 100": lambda m: m.dumps(1, 100),
    "protocol beyond C": lambda m: m.dumps(1, 1 << 80),
    "protocol far below zero": lambda m: m.dumps(1, -(1 << 80)),
    "protocol a string": lambda m: m.dumps(1, "5"),
    "protocol a float": lambda m: m.dumps(1, 5.0),
    "protocol bytes": lambda m: m.dumps(1, b"5"),
    "protocol with an __index__": lambda m: m.dumps(1, Awkward()),
    "protocol a list": lambda m: m.dumps(1, []),
    "buffer_callback below protocol 5": lambda m: m.dumps(1, 4, lambda b: None),
    "buffer_callback below protocol 5 by name": lambda m: m.Pickler(
        io.BytesIO(), 0, buffer_callback=print
    ),
    "buffer_callback not callable, not needed": lambda m: m.dumps(1, 5, 7),
    "buffer_callback not callable, needed": lambda m: m.dumps(pickle.PickleBuffer(b"b"), 5, 7),
    "buffer_callback that raises": lambda m: m.dumps(pickle.PickleBuffer(b"b"), 5, lambda b: 1 / 0),
    "buffer_callback whose answer raises": lambda m: m.dumps(
        pickle.PickleBuffer(b"b"), 5, lambda b: NoTruth()
    ),
    "Pickler without a file": lambda m: m.Pickler(),
    "Pickler with no file": lambda m: m.Pickler(NoFile()),
    "Pickler with fix_imports": lambda m: m.Pickler(io.BytesIO(), 2, fix_imports=False),
    "Pickler.dump without an object": lambda m: m.Pickler(io.BytesIO()).dump(),
    "Pickler.dump with two": lambda m: m.Pickler(io.BytesIO()).dump(1, 2),
    "Pickler.clear_memo with an argument": lambda m: m.Pickler(io.BytesIO()).clear_memo(1),
    "register no module": lambda m: m.register_pickle_by_value("json"),
    "register a module that is not imported": lambda m: m.register_pickle_by_value(
        type(io)("corpus_not_imported")
    ),
    "unregister no module": lambda m: m.unregister_pickle_by_value("json"),
    "unregister a module not registered": lambda m: m.unregister_pickle_by_value(io),
    "loads without arguments": lambda m: m.loads(),
    "loads of nothing": lambda m: m.loads(b""),
    "loads of text": lambda m: m.loads("text"),
    "load without a file": lambda m: m.load(),
}


class NoTruth:
    def __bool__(self) -> bool:
        raise ZeroDivisionError("on purpose")


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_raise_as_cloudpickle_does(name: str) -> None:
    def outcome(module: Any) -> Any:
        try:
            return WRONG[name](module)
        except Exception as error:
            assert str(error), f"{name}: {type(error).__name__} without a message"
            return type(error)

    expected, got = outcome(stock()), outcome(under_test())
    if isinstance(expected, pickle.Pickler):
        assert isinstance(got, pickle.Pickler)
    else:
        assert got == expected


@pytest.mark.parametrize(
    "name",
    [
        "dumps",
        "dump",
        "register_pickle_by_value",
        "unregister_pickle_by_value",
        "list_registry_pickle_by_value",
    ],
)
def test_signatures(name: str) -> None:
    def parameters(module: Any) -> list[inspect.Parameter]:
        return list(inspect.signature(getattr(module, name)).parameters.values())

    ours = [(each.name, each.default) for each in parameters(under_test()) if each.name not in OURS]
    assert ours == [(each.name, each.default) for each in parameters(stock())]
    for each in parameters(under_test()):
        assert each.name not in OURS or (each.kind, each.default) == (each.KEYWORD_ONLY, None)


OURS = {"max_bytes", "skip"}


def test_the_registry_is_a_copy() -> None:
    import colorsys

    module = under_test()
    before = module.list_registry_pickle_by_value()
    module.register_pickle_by_value(colorsys)
    try:
        listed = module.list_registry_pickle_by_value()
        assert "colorsys" in listed and type(listed) is set
        listed.clear()
        assert "colorsys" in module.list_registry_pickle_by_value()
        # One registry, whichever of the two is asked.
        assert "colorsys" in stock().list_registry_pickle_by_value()
    finally:
        module.unregister_pickle_by_value(colorsys)
    assert module.list_registry_pickle_by_value() == before


def test_the_class_tracker_is_shared() -> None:
    class Local:
        pass

    assert stock().loads(under_test().dumps(Local)) is Local
    assert under_test().loads(stock().dumps(Local)) is Local
    ours, theirs = under_test().dumps(Local), stock().dumps(Local)
    assert ours == theirs
