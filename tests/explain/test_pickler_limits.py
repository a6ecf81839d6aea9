"""max_bytes and skip of Pickler objects, whose memo outlives a dump."""

from __future__ import annotations

import io
import os
import pickle
import threading
from typing import Any

import gocloudpickle
import pytest

LOCK_TYPE: Any = type(threading.Lock())
LARGE = ["x" * 100 + str(i) for i in range(300)]


def dump_all(*objects: Any, cls: Any = gocloudpickle.Pickler, **arguments: Any) -> list[Any]:
    """Dump objects by one Pickler, and load what comes of it by one Unpickler."""
    file = io.BytesIO()
    pickler = cls(file, **arguments)
    for obj in objects:
        pickler.dump(obj)
    file.seek(0)
    unpickler = pickle.Unpickler(file)
    return [unpickler.load() for _ in objects]


def test_the_limit_is_for_each_dump() -> None:
    data = gocloudpickle.dumps(["a" * 50])
    assert dump_all(*(["a" * 50] for _ in range(20)), max_bytes=len(data))


def test_what_is_in_the_memo_costs_no_more_than_a_reference() -> None:
    size = len(gocloudpickle.dumps(LARGE))
    assert dump_all(LARGE, [LARGE], max_bytes=size) == [LARGE, [LARGE]]


def test_a_pickler_goes_on_after_a_refusal() -> None:
    file = io.BytesIO()
    pickler = gocloudpickle.Pickler(file, max_bytes=1000)
    with pytest.raises(gocloudpickle.PayloadTooLargeError) as raised:
        pickler.dump(LARGE)
    assert raised.value.largest[0].path == "list"
    pickler.clear_memo()
    file.seek(0)
    file.truncate()
    pickler.dump([1, 2])
    assert pickle.loads(file.getvalue()) == [1, 2]
    with pytest.raises(gocloudpickle.PayloadTooLargeError) as raised:
        pickler.dump(LARGE)
    # What the memo has is unknown to those who take the object apart again.
    assert raised.value.largest == () and "max_bytes=1,000" in str(raised.value)


def test_a_pickler_with_hooks_names_no_values() -> None:
    class Mine(gocloudpickle.Pickler):
        def persistent_id(self, obj: Any) -> Any:
            return None

    with pytest.raises(gocloudpickle.PayloadTooLargeError) as raised:
        dump_all(LARGE, cls=Mine, max_bytes=1000)
    assert raised.value.largest == ()


def test_replacements_are_in_the_memo() -> None:
    lock, made = threading.Lock(), []

    def replace(lock: Any) -> Any:
        made.append(lock)
        return [len(made)]

    one, two = dump_all([lock], [lock, lock], skip={LOCK_TYPE: replace})
    assert one == [[1]] and two[0] is two[1] is one[0] and made == [lock]


def test_skip_is_asked_before_the_hooks_of_a_subclass() -> None:
    asked: list[Any] = []

    class Mine(gocloudpickle.Pickler):
        def reducer_override(self, obj: Any) -> Any:
            asked.append(obj)
            return super().reducer_override(obj)

    lock = threading.Lock()
    ((guard, function),) = dump_all([lock, lambda: lock], cls=Mine, skip={LOCK_TYPE: 7})
    assert guard == function() == 7
    assert lock not in asked and any(callable(obj) for obj in asked)


def test_initialized_again_without_limits() -> None:
    file = io.BytesIO()
    pickler = gocloudpickle.Pickler(file, max_bytes=1000, skip={LOCK_TYPE: 7})
    pickler.dump(threading.Lock())
    pickler.__init__(file)  # type: ignore[misc]
    pickler.dump(LARGE)
    with pytest.raises(TypeError, match="cannot pickle"):
        pickler.dump(threading.Lock())


def test_a_dump_in_a_replacement() -> None:
    file = io.BytesIO()
    inner = gocloudpickle.Pickler(file, max_bytes=100)

    def replace(lock: Any) -> Any:
        return gocloudpickle.dumps([1], max_bytes=100), inner.dump([2])

    assert dump_all([threading.Lock()], skip={LOCK_TYPE: replace}, max_bytes=1000)
    assert pickle.loads(file.getvalue()) == [2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_in_a_forked_child() -> None:
    file = io.BytesIO()
    pickler = gocloudpickle.Pickler(file, max_bytes=200, skip={LOCK_TYPE: 7})
    child = os.fork()
    if child == 0:
        try:
            pickler.dump([threading.Lock()])
            good = pickle.loads(file.getvalue()) == [7]
            try:
                pickler.dump(LARGE)
            except gocloudpickle.PayloadTooLargeError:
                os._exit(0 if good else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0


def test_it_is_an_argument_of_our_class_only() -> None:
    cloudpickle = pytest.importorskip("cloudpickle")
    with gocloudpickle.installed():
        with pytest.raises(TypeError, match="max_bytes"):
            cloudpickle.Pickler(io.BytesIO(), max_bytes=5)
