"""dumps and dump with max_bytes and skip."""

from __future__ import annotations

import io
import pickle
import threading
import time
import types
from collections.abc import Callable
from typing import Any

import gocloudpickle
import pytest

LOCK_TYPE: Any = type(threading.Lock())
RLOCK_TYPE: Any = type(threading.RLock())


def make() -> Any:
    names = ["x" * 100 + str(i) for i in range(3000)]
    table = list(range(50_000))
    small = [1, 2, 3]

    def function() -> Any:
        return names, table, small

    return function


FUNCTION = make()


def to_file(obj: Any, protocol: int | None = None, **arguments: Any) -> bytes:
    file = io.BytesIO()
    gocloudpickle.dump(obj, file, protocol, **arguments)
    return file.getvalue()


def by_pickler(obj: Any, protocol: int | None = None, **arguments: Any) -> bytes:
    file = io.BytesIO()
    gocloudpickle.Pickler(file, protocol, **arguments).dump(obj)
    return file.getvalue()


WAYS: list[Callable[..., bytes]] = [gocloudpickle.dumps, to_file, by_pickler]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("protocol", [0, 2, 3, 4, 5])
def test_the_limit_is_exact(way: Callable[..., bytes], protocol: int) -> None:
    for obj in (FUNCTION, b"b" * 200_000, "t" * 100, [b"b" * 100_000, "ü" * 100_000], 5):
        payload = way(obj, protocol)
        assert way(obj, protocol, max_bytes=len(payload)) == payload
        assert way(obj, protocol, max_bytes=1 << 60) == payload
        with pytest.raises(gocloudpickle.PayloadTooLargeError):
            way(obj, protocol, max_bytes=len(payload) - 1)


@pytest.mark.parametrize("way", WAYS)
def test_the_largest_values_are_named(way: Callable[..., bytes]) -> None:
    with pytest.raises(gocloudpickle.PayloadTooLargeError) as raised:
        way([FUNCTION], max_bytes=20_000)
    first, second = raised.value.largest
    assert first.path == "list -> index 0 -> closure 'names'"
    assert second.path == "list -> index 0 -> closure 'table'"
    assert first.bytes > second.bytes > 50_000 and first.type == "list"
    assert raised.value.max_bytes == 20_000
    text = str(raised.value)
    assert "max_bytes=20,000" in text and first.path in text and f"{first.bytes:,}" in text


def test_the_error_travels() -> None:
    with pytest.raises(pickle.PicklingError) as raised:
        gocloudpickle.dumps(FUNCTION, max_bytes=10)
    error = pickle.loads(pickle.dumps(raised.value))
    assert type(error) is gocloudpickle.PayloadTooLargeError
    assert str(error) == str(raised.value)
    assert [value.path for value in error.largest] == [value.path for value in raised.value.largest]


def test_it_stops_soon_after_the_limit() -> None:
    asked = 0

    class Counted:
        def __reduce__(self) -> Any:
            nonlocal asked
            asked += 1
            return bytes, (b"b" * 1000 + str(asked).encode(),)

    with pytest.raises(gocloudpickle.PayloadTooLargeError):
        gocloudpickle.dumps([Counted() for _ in range(20_000)], max_bytes=100_000)
    # Once for the payload and once for what is in it, each a mebibyte past the limit at most.
    assert asked < 4_000
    large = b"b" * 50_000_000
    started = time.process_time()
    with pytest.raises(gocloudpickle.PayloadTooLargeError) as raised:
        gocloudpickle.dumps([large, large + b"c"], max_bytes=1000)
    assert time.process_time() - started < 2
    assert raised.value.largest[0].bytes > 50_000_000


def test_buffers_out_of_band_dont_count() -> None:
    buffers: list[Any] = []
    obj = pickle.PickleBuffer(bytearray(100_000))
    payload = gocloudpickle.dumps(obj, buffer_callback=buffers.append, max_bytes=100)
    assert len(payload) < 100 and len(buffers) == 1
    with pytest.raises(gocloudpickle.PayloadTooLargeError):
        gocloudpickle.dumps(obj, max_bytes=100)


@pytest.mark.parametrize("wrong", [0, -1, "5", 5.0, 1 << 80])
def test_what_is_no_limit_is_refused(wrong: Any) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        gocloudpickle.dumps(1, max_bytes=wrong)


def test_none_is_no_limit_and_skips_nothing() -> None:
    assert gocloudpickle.dumps(FUNCTION, max_bytes=None, skip=None) == gocloudpickle.dumps(FUNCTION)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_skipped_object_is_the_replacement(way: Callable[..., bytes], protocol: int) -> None:
    lock = threading.Lock()
    obj = {"a": lock, "b": [lock, threading.Lock()], "c": 1}
    data = way(obj, protocol, skip={LOCK_TYPE: None})
    assert pickle.loads(data) == {"a": None, "b": [None, None], "c": 1}


def test_a_function_makes_the_replacement_and_one_object_has_one() -> None:
    asked = []

    def replace(lock: Any) -> Any:
        asked.append(lock)
        return [len(asked)]

    one, other = threading.Lock(), threading.Lock()
    loaded = pickle.loads(gocloudpickle.dumps([one, other, one], skip={LOCK_TYPE: replace}))
    assert loaded == [[1], [2], [1]] and loaded[0] is loaded[2]
    assert asked == [one, other]


def test_a_value_is_shared_by_all_that_it_replaces() -> None:
    shared: list[Any] = []
    locks = [threading.Lock(), threading.Lock(), shared]
    loaded = pickle.loads(gocloudpickle.dumps(locks, skip={LOCK_TYPE: shared}))
    assert loaded[0] is loaded[1] is loaded[2]


class Base:
    def __reduce__(self) -> Any:
        raise OSError("never")


class Derived(Base):
    pass


def test_subclasses_are_skipped_and_the_nearest_type_decides() -> None:
    skip = {Base: "base", Derived: "derived"}
    assert pickle.loads(gocloudpickle.dumps([Base(), Derived()], skip=skip)) == ["base", "derived"]
    assert pickle.loads(gocloudpickle.dumps(Derived(), skip={Base: 1})) == 1


@pytest.mark.parametrize("way", WAYS)
def test_what_payloads_call_is_not_skipped(way: Callable[..., bytes]) -> None:
    class Local:
        def method(self) -> None:
            pass

    skip: Any = {types.FunctionType: "function", types.BuiltinFunctionType: "builtin"}
    loaded = gocloudpickle.loads(way([Local, Local(), len, make], skip=skip))
    assert loaded[0].method == "function" and type(loaded[1]) is loaded[0]
    assert loaded[2:] == ["builtin", "function"]


def test_functions_and_classes_can_be_skipped() -> None:
    function = make()
    assert pickle.loads(gocloudpickle.dumps([function], skip={types.FunctionType: 1})) == [1]


def test_a_skipped_object_deep_in_a_closure() -> None:
    guard = threading.RLock()

    def function() -> Any:
        return guard

    assert gocloudpickle.loads(gocloudpickle.dumps(function, skip={RLOCK_TYPE: 7}))() == 7


def test_a_replacement_is_not_replaced() -> None:
    class Wrapped:
        pass

    with pytest.raises(TypeError, match="cannot pickle"):
        gocloudpickle.dumps(threading.Lock(), skip={LOCK_TYPE: threading.Lock()})
    replacement = Wrapped()
    loaded = gocloudpickle.loads(gocloudpickle.dumps([Wrapped()], skip={Wrapped: replacement}))
    assert type(loaded[0]).__name__ == "Wrapped"


@pytest.mark.parametrize("wrong", [{1: None}, {list: None}, {str: ""}, 5])
def test_what_cant_be_skipped_is_refused(wrong: Any) -> None:
    for call in (*WAYS, gocloudpickle.explain):
        with pytest.raises(TypeError):
            call([1], skip=wrong)


def test_explain_knows_skip() -> None:
    lock = threading.Lock()
    assert gocloudpickle.explain([lock]).culprits
    assert not gocloudpickle.explain([lock, lock], skip={LOCK_TYPE: None}).culprits


def test_both_at_once() -> None:
    obj = [threading.Lock(), "x" * 1000]
    with pytest.raises(gocloudpickle.PayloadTooLargeError, match="list -> index 1"):
        gocloudpickle.dumps(obj, max_bytes=500, skip={LOCK_TYPE: None})
    assert gocloudpickle.dumps(obj, max_bytes=5000, skip={LOCK_TYPE: None})


def test_errors_of_a_replacement_are_raised() -> None:
    def fails(lock: Any) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        gocloudpickle.dumps(threading.Lock(), skip={LOCK_TYPE: fails})
