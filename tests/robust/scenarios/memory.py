"""Memory over many dumps: what one dump leaves behind adds up here."""

from __future__ import annotations

import gc
import io
import itertools
import sys
from collections.abc import Callable
from typing import Any

import gocloudpickle

from tests.robust.scenarios.kinds import KINDS, Reduced

LIMIT = 4 << 20
Work = Callable[[], Any]


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def growth(work: Work, n: int) -> int:
    """How much memory n calls add, after as many to warm up.

    Go's heap has ups and downs of some megabytes: what is gone up once is measured
    again, since a leak goes on.
    """
    for _ in range(max(200, n // 5)):
        work()
    least = sys.maxsize
    for _ in range(3):
        gc.collect()
        before = resident()
        for i in range(n):
            work()
            if i % 2000 == 0:
                gc.collect()
        gc.collect()
        least = min(least, resident() - before)
        if least < LIMIT:
            break
    return least


def attempt(o: Any) -> Work:
    def work() -> None:
        try:
            gocloudpickle.dumps(o)
        except Exception:
            pass

    return work


def failing(o: Any) -> Work:
    numbers = itertools.count()

    class Fails:
        def write(self, data: Any) -> None:
            raise OSError("full")

    class Refuses(gocloudpickle.Pickler):  # type: ignore[name-defined, misc]
        def persistent_id(self, obj: Any) -> Any:
            if next(numbers) % 7 == 0:
                raise ZeroDivisionError

    def work() -> None:
        for way in (lambda: gocloudpickle.dump(o, Fails()), lambda: Refuses(io.BytesIO()).dump(o)):
            try:
                way()
            except Exception:
                pass

    return work


def one_pickler(o: Any) -> Work:
    class Null:
        def write(self, data: Any) -> None:
            pass

    pickler = gocloudpickle.Pickler(Null())

    def work() -> None:
        try:
            pickler.dump(o)
        except Exception:
            pass
        pickler.clear_memo()

    return work


def new_function() -> None:
    namespace: dict[str, Any] = {}
    exec("def f(a=[1]): return g(a)\ndef g(a): return [a, lambda: a]", namespace)
    gocloudpickle.dumps(namespace["f"])
    namespace.clear()


def new_class() -> None:
    cls = type("Dynamic", (), {"f": lambda self: 1, "x": [1]})
    gocloudpickle.dumps([cls, cls()])


def new_pickler() -> None:
    pickler = gocloudpickle.Pickler(io.BytesIO())
    pickler.dump([lambda: 1, [1, 2, 3]])
    pickler.itself = pickler


def new_module_name() -> None:
    name = f"robust_module_{next(_numbers)}"
    sys.modules[name] = type(sys)(name)
    try:
        gocloudpickle.dumps(lambda: sys.modules)
    except Exception:
        pass
    del sys.modules[name]


def garbage_from_errors() -> None:
    for wrong in ((), (1, 2, 3, 4, 5), (1, 99)):
        try:
            gocloudpickle.dumps(*wrong)
        except (TypeError, ValueError):
            pass


_numbers = itertools.count()

NEW: dict[str, Work] = {
    "function": new_function,
    "class": new_class,
    "pickler": new_pickler,
    "errors": garbage_from_errors,
}


def kinds(n: str, *names: str) -> None:
    report = []
    for name in names or KINDS:
        o = KINDS[name]()
        for way in (attempt, failing, one_pickler):
            times = (
                int(n) if name not in ("strings", "binary", "buffers") else max(300, int(n) // 20)
            )
            grown = growth(way(o), times)
            if grown > LIMIT:
                report.append(f"{name}, {way.__name__}: {grown} bytes more after {times} dumps")
    assert not report, "\n".join(report)


def new_objects(n: str, name: str) -> None:
    grown = growth(NEW[name], int(n))
    assert grown < LIMIT, f"{grown} bytes more after {n} times"


def first_use() -> None:
    """What the engine itself takes."""
    import cloudpickle

    cloudpickle.dumps([lambda: 1, type("C", (), {})])
    gc.collect()
    before = resident()
    gocloudpickle.dumps([lambda: 1, type("C", (), {})])
    grown = resident() - before
    assert grown < 10 << 20, f"{grown} bytes more after first use"


def no_copy_left() -> None:
    """The buffers that a large dump needs go back."""
    large = [bytes([i]) * 1_000_000 for i in range(50)] + [[str(i) for i in range(100_000)]]
    work = attempt(large)
    for _ in range(3):
        work()
    gc.collect()
    before = resident()
    for _ in range(10):
        work()
    gc.collect()
    grown = resident() - before
    assert grown < 24 << 20, f"{grown} bytes more"
    assert Reduced.fail_at == -1
