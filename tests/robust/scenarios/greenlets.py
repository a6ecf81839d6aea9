"""Greenlets: dumps of one thread that are suspended in the middle and go on in any order."""

from __future__ import annotations

import copyreg
import gc
import io
import pickle
import sys
import threading
import types
from collections import ChainMap
from collections.abc import Callable, Iterator
from typing import Any

import cloudpickle
import gocloudpickle
import greenlet

Dump = Callable[[Any], bytes]

MAINS = threading.local()


def switch() -> None:
    """Suspend this dump, if it runs in a greenlet: what it does then is the driver's choice."""
    main = getattr(MAINS, "greenlet", None)
    if main is not None and greenlet.getcurrent() is not main:
        main.switch()


class Reduces:
    def __reduce__(self) -> Any:
        switch()
        return int, (1,)


class ReducesEx:
    def __reduce_ex__(self, protocol: Any) -> Any:
        switch()
        return int, (2,)


class HasState:
    def __getstate__(self) -> Any:
        switch()
        return {"state": 3}


class HasNewArguments:
    def __getnewargs__(self) -> Any:
        switch()
        return ()


class Meta(type):
    def __getattribute__(cls, name: str) -> Any:
        if name == "__qualname__":
            switch()
        return super().__getattribute__(name)


class LooksLikeAnInstance:
    """Its class is asked for, by a property."""

    @property
    def __class__(self) -> Any:
        switch()
        return LooksLikeAnInstance


class Registered:
    pass


class Items(dict):
    def items(self) -> Any:
        switch()
        return super().items()

    def __reduce__(self) -> Any:
        def lazily() -> Iterator[Any]:
            for pair in super(Items, self).items():
                switch()
                yield pair

        return dict, (), None, None, lazily()


def reduce_registered(o: Any) -> Any:
    switch()
    return str, ("registered",)


def reduce_complex(o: complex) -> Any:
    switch()
    return complex, (1, 2)


copyreg.pickle(Registered, reduce_registered)

LAZY = types.ModuleType("lazy_module")


def lazy_getattr(name: str) -> Any:
    switch()
    if name == "late":
        return LATE
    raise AttributeError(name)


LAZY.__getattr__ = lazy_getattr
sys.modules["lazy_module"] = LAZY


def LATE() -> None:
    pass


LATE.__module__, LATE.__qualname__ = "lazy_module", "late"

DYNAMIC = Meta("DYNAMIC", (), {"__module__": "no_module", "method": lambda self: 1})

FUNCTION: Any = eval("lambda x: [x, 'of no module']")

OBJECTS: dict[str, Callable[[], Any]] = {
    "reduce": Reduces,
    "reduce_ex": ReducesEx,
    "getstate": HasState,
    "getnewargs": HasNewArguments,
    "metaclass": lambda: DYNAMIC,
    "class_property": LooksLikeAnInstance,
    "copyreg": Registered,
    "items": lambda: Items(a=1, b=2),
    "module_getattr": lambda: LATE,
}


def picklers(cp: Any) -> dict[str, Dump]:
    """Ways to dump an object that switch by themselves, whatever it is."""

    class PersistentID(cp.Pickler):
        def persistent_id(self, o: Any) -> Any:
            if o == "tail":
                switch()
            return None

    class Override(cp.Pickler):
        def reducer_override(self, o: Any) -> Any:
            switch()
            return super().reducer_override(o)

    class Table(cp.Pickler):
        dispatch_table = ChainMap({complex: reduce_complex}, cp.Pickler.dispatch_table)

    class Writes(io.BytesIO):
        def write(self, data: Any) -> int:
            switch()
            return super().write(data)

    def through(cls: Any, file: Any = io.BytesIO) -> Dump:
        def dump(o: Any) -> bytes:
            f = file()
            pickler = cls(f)
            pickler.dump(o)
            pickler.dump(["the second", o])
            return f.getvalue()

        return dump

    def buffers(o: Any) -> bytes:
        found: list[Any] = []

        def callback(b: Any) -> None:
            switch()
            found.append(b)

        data: bytes = cp.dumps([o, pickle.PickleBuffer(b"x" * 10)], buffer_callback=callback)
        assert len(found) == 1
        return data

    def to_file(o: Any) -> bytes:
        f = Writes()
        cp.dump(o, f)
        return f.getvalue()

    return {
        "persistent_id": through(PersistentID),
        "reducer_override": through(Override),
        "dispatch_table": through(Table),
        "file_write": to_file,
        "pickler_file_write": through(cp.Pickler, Writes),
        "buffer_callback": buffers,
    }


def jobs(cp: Any) -> dict[str, Callable[[], bytes]]:
    """What a greenlet does, by what in it switches."""

    def around(o: Any) -> list[Any]:
        # Large enough for a frame that ends in the middle, with much that is memoized.
        many = [("text %d" % i, i) for i in range(200)]
        return [1, FUNCTION, many, o, 2j, "tail", FUNCTION, many]

    made: dict[str, Callable[[], bytes]] = {}
    for name, make in OBJECTS.items():
        made[name] = lambda make=make: cp.dumps(around(make()))
    for name, dump in picklers(cp).items():
        made[name] = lambda dump=dump: dump(around(b"y" * 70_000))
    return made


def engine_of(installed: str) -> Any:
    if installed == "installed":
        gocloudpickle.install()
        return cloudpickle
    return gocloudpickle


def expectations() -> dict[str, bytes]:
    """The bytes of stock cloudpickle, where nothing switches. Before install()."""
    return {name: job() for name, job in jobs(cloudpickle).items()}


def drive(work: list[Callable[[], Any]], order: Callable[[list[Any], int], Any]) -> list[Any]:
    """Run greenlets, each goes on where order says; return what they returned."""
    MAINS.greenlet = greenlet.getcurrent()
    results: list[Any] = [None] * len(work)

    def run(i: int) -> None:
        results[i] = work[i]()

    alive = [greenlet.greenlet(lambda i=i: run(i)) for i in range(len(work))]
    turn = 0
    while alive:
        g = order(alive, turn)
        g.switch()
        alive = [g for g in alive if not g.dead]
        turn += 1
    return results


ORDERS: dict[str, Callable[[list[Any], int], Any]] = {
    "first_in_first_out": lambda alive, turn: alive[turn % len(alive)],
    "last_in_first_out": lambda alive, turn: alive[-1 - turn % len(alive)],
    "scattered": lambda alive, turn: alive[turn * turn * 7919 // 3 % len(alive)],
}


def hooks(installed: str) -> None:
    """Every hook, in greenlets that go on in several orders: the bytes are stock's."""
    expected = expectations()
    cp = engine_of(installed)
    for order in ORDERS.values():
        for name, job in jobs(cp).items():
            for data in drive([job] * 4, order):
                assert data == expected[name], name
        every = jobs(cp)
        for name, data in zip(every, drive(list(every.values()), order), strict=True):
            assert data == expected[name], name
    assert gocloudpickle.engine_info()["path"] != "python"


def what_runs_no_python_stays_fast(installed: str) -> None:
    """Functions and data are the engine's in greenlets, too."""
    cp = engine_of(installed)
    data = [FUNCTION, {"a": [1, 2.5, ("b", None)]}, b"bytes", {1, 2}]
    # It imports modules, and the first dump after an import asks Python for its types.
    gocloudpickle.engine_info()
    expected = cp.dumps(data)
    before = gocloudpickle.engine_info()["dumps"]
    assert drive([lambda: cp.dumps(data)] * 5, ORDERS["scattered"]) == [expected] * 5
    after = gocloudpickle.engine_info()["dumps"]
    path = gocloudpickle.engine_info()["path"]
    assert after[path] - before[path] == 5
    if path == "layout":
        assert after["python"] == before["python"]


def ended_early(how: str, order: str) -> None:
    """Greenlets that are killed or dropped inside a dump, in several orders."""
    MAINS.greenlet = greenlet.getcurrent()
    for job in jobs(gocloudpickle).values():
        waiting = [greenlet.greenlet(job) for _ in range(4)]
        for g in waiting:
            g.switch()
        while waiting:
            g = waiting.pop(0 if order == "oldest" else -1)
            if how == "killed":
                try:
                    g.throw(ValueError("killed"))
                except ValueError as error:
                    assert (
                        str(error).partition("\n")[0] == "killed"
                    )  # 3.10 has the path in the text
                while not g.dead:  # one that had more than one dump to make
                    try:
                        g.throw(ValueError("killed"))
                    except ValueError:
                        pass
            del g
            gc.collect()
        assert gocloudpickle.loads(gocloudpickle.dumps(FUNCTION))(1) == [1, "of no module"]


def main_is_in_a_dump() -> None:
    """The main greenlet may run Python code above Go: the others' dumps lie in between."""
    expected = expectations()
    every = jobs(gocloudpickle)
    main = MAINS.greenlet = greenlet.getcurrent()
    got: dict[str, bytes] = {}
    started: list[Any] = []

    class Starts:
        def __reduce__(self) -> Any:
            for name, job in every.items():
                g = greenlet.greenlet(lambda name=name, job=job: got.__setitem__(name, job()))
                started.append(g)
                g.switch()
            return int, (9,)

    class GoesOn:
        def __reduce__(self) -> Any:
            for g in started[::2]:
                g.switch()
            return int, (10,)

    assert greenlet.getcurrent() is main
    data = gocloudpickle.dumps([Starts(), FUNCTION, [GoesOn()] * 2, "end"])
    assert pickle.loads(data)[2] == [10, 10]
    while any(not g.dead for g in started):
        for g in started:
            g.switch()
    assert got == expected


def hundreds_in_threads() -> None:
    """Several threads, each with hundreds of greenlets."""
    expected = expectations()
    every = jobs(gocloudpickle)
    names = list(every) * 12
    failed: list[str] = []

    def work(n: int) -> None:
        rotated = names[n:] + names[:n]
        got = drive([every[name] for name in rotated], ORDERS["scattered"])
        failed.extend(
            name for name, data in zip(rotated, got, strict=True) if data != expected[name]
        )

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failed, failed


def thread_ends_with_suspended_dumps() -> None:
    """Nobody goes on with these; other threads dump after that."""

    def work() -> None:
        MAINS.greenlet = greenlet.getcurrent()
        left.extend(greenlet.greenlet(jobs(gocloudpickle)["reduce"]) for _ in range(3))
        for g in left:
            g.switch()

    left: list[Any] = []
    t = threading.Thread(target=work)
    t.start()
    t.join()
    for _ in range(10):
        t = threading.Thread(target=gocloudpickle.dumps, args=([Reduces(), FUNCTION],))
        t.start()
        t.join()
    left.clear()
    gc.collect()


def errors_in_greenlets() -> None:
    """What a hook raises in a greenlet arrives there, and a Pickler goes on after it."""

    class Fails:
        def __reduce__(self) -> Any:
            switch()
            raise KeyError("from the hook")

    def work() -> bytes:
        file = io.BytesIO()
        pickler = gocloudpickle.Pickler(file)
        pickler.dump([FUNCTION, "before"])
        try:
            pickler.dump([FUNCTION, Fails()])
        except KeyError as error:
            assert error.args == ("from the hook",)
        else:
            raise AssertionError("nothing was raised")
        pickler.clear_memo()
        start = file.tell()
        pickler.dump([FUNCTION, "after"])
        return file.getvalue()[start:]

    expected = gocloudpickle.dumps([FUNCTION, "after"])
    assert drive([work] * 6, ORDERS["first_in_first_out"]) == [expected] * 6


def memo_goes_along() -> None:
    """A Pickler that the engine has filled goes on where Python code runs in a greenlet."""

    def work(cp: Any) -> bytes:
        file = io.BytesIO()
        pickler = cp.Pickler(file)
        shared = ["shared", ("a", "b")]
        pickler.dump([FUNCTION, shared, {"k": shared}])
        pickler.dump([FUNCTION, shared, Reduces()])
        pickler.dump([shared, FUNCTION, Reduces()])
        return file.getvalue()

    expected = work(cloudpickle)
    assert drive([lambda: work(gocloudpickle)] * 4, ORDERS["scattered"]) == [expected] * 4


def unforeseen_switch() -> None:
    """Switches that nobody could foresee: the dump raises, and the process goes on."""

    class Main:
        parent = None

    dumped_before, release = threading.Event(), threading.Event()
    other: list[str] = []

    def dumps_later() -> None:
        gocloudpickle.dumps(FUNCTION)
        dumped_before.set()
        release.wait(30)
        other.append(gocloudpickle.engine_info()["path"])
        gocloudpickle.dumps([Reduces(), FUNCTION])

    thread = threading.Thread(target=dumps_later)
    thread.start()
    dumped_before.wait(30)
    path = gocloudpickle.engine_info()["path"]

    # As another library would that switches stacks: greenlet itself denies it.
    fake = types.ModuleType("greenlet")
    fake.getcurrent = Main
    sys.modules["greenlet"] = fake
    outcomes: list[str] = []

    def work() -> None:
        try:
            gocloudpickle.dumps([1, Reduces(), "tail"])
            outcomes.append("dumped")
        except RuntimeError as error:
            assert "switched to another stack" in str(error), error
            outcomes.append("raised")

    drive([work] * 3, ORDERS["first_in_first_out"])
    sys.modules["greenlet"] = greenlet
    assert outcomes == ["raised", "raised", "dumped"], outcomes

    info = gocloudpickle.engine_info()
    assert info["path"] == "python" and "could not return to the engine" in info["why_python"], info
    assert gocloudpickle.dumps([Reduces(), FUNCTION]) == cloudpickle.dumps([Reduces(), FUNCTION])
    file = io.BytesIO()
    gocloudpickle.Pickler(file).dump([Reduces(), FUNCTION])
    assert file.getvalue() == cloudpickle.dumps([Reduces(), FUNCTION])
    release.set()
    thread.join()
    assert other == [path], other
    for _ in range(20):  # new threads
        t = threading.Thread(target=lambda: other.append(gocloudpickle.engine_info()["path"]))
        t.start()
        t.join()
    assert other[1:] == ["python"] * 20, other
    gc.collect()


def gevent_file_yields() -> None:
    """A gevent socket's file: write yields when it is full, amid frames of one dump."""
    import gevent
    from gevent import socket

    def send(sock: Any, n: int) -> None:
        class File:
            def write(self, data: Any) -> int:
                sock.sendall(bytes(data))
                return len(data)

        for k in range(5):
            gocloudpickle.dump([lambda: n, [b"x" * 70_000 for _ in range(10)], k], File())
        sock.close()

    def receive(sock: Any, n: int) -> int:
        data = bytearray()
        while chunk := sock.recv(65536):
            data += chunk
        file, count = io.BytesIO(data), 0
        while file.tell() < len(data):
            assert pickle.load(file)[0]() == n
            count += 1
        return count

    started = []
    for n in range(6):
        a, b = socket.socketpair()
        started += [gevent.spawn(send, a, n), gevent.spawn(receive, b, n)]
    gevent.joinall(started, raise_error=True, timeout=30)
    assert [g.value for g in started[1::2]] == [5] * 6


def gevent_main_waits() -> None:
    """The main greenlet switches to the hub in the middle of its dump, while others dump."""
    import gevent

    class Sleeps:
        def __reduce__(self) -> Any:
            gevent.sleep(0.001)
            return int, (1,)

    def work() -> int:
        for _ in range(20):
            gocloudpickle.dumps([FUNCTION, Sleeps(), Sleeps()])
        return 1

    started = [gevent.spawn(work) for _ in range(10)]
    for _ in range(20):
        gocloudpickle.dumps([FUNCTION, Sleeps(), Sleeps()])
    gevent.joinall(started, raise_error=True, timeout=30)
    assert sum(g.value for g in started) == 10
    assert gocloudpickle.engine_info()["path"] != "python"
