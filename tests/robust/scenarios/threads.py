"""Many threads dump at once."""

from __future__ import annotations

import io
import pickle
import random
import sys
import threading
import time
from typing import Any

import gocloudpickle
from gocloudpickle._python_path import ALREADY_USED

from tests.robust.scenarios.kinds import KINDS


class Yields:
    """Lets another thread run in the middle of a dump."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __reduce__(self) -> Any:
        time.sleep(0)
        return Yields, (self.n,), None


class Releases:
    def __init__(self, *held: Any) -> None:
        self.held = held

    def __reduce__(self) -> Any:
        time.sleep(0.0002)
        return Releases, self.held


def objects() -> list[Any]:
    made = [make() for make in KINDS.values()]
    made += [[Yields(i), Releases(i, lambda i=i: i, {"a": Yields(i)})] for i in range(10)]
    return [o for o in made if picklable(o)]


def picklable(o: Any) -> bool:
    try:
        gocloudpickle.dumps(o)
    except Exception:
        return False
    return True


def run_threads(n: int, work: Any) -> None:
    errors: list[BaseException] = []
    start = threading.Barrier(n)

    def guarded(i: int) -> None:
        try:
            start.wait()
            work(i)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def at_once() -> None:
    """24 threads; each result equals the one of a single thread."""
    everything = objects()
    expected = [gocloudpickle.dumps(o) for o in everything]
    sys.setswitchinterval(1e-5)

    def work(n: int) -> None:
        order = list(range(len(everything)))
        random.Random(n).shuffle(order)
        for _ in range(3):
            for i in order:
                assert gocloudpickle.dumps(everything[i]) == expected[i], i

    run_threads(24, work)


def first_use_at_once() -> None:
    sys.setswitchinterval(1e-5)

    def work(n: int) -> None:
        from gocloudpickle import Pickler, dumps

        assert pickle.loads(dumps(lambda: n))() == n
        file = io.BytesIO()
        Pickler(file).dump([n])
        assert pickle.loads(file.getvalue()) == [n]

    run_threads(24, work)
    assert sum(gocloudpickle.engine_info()["dumps"].values()) == 48


def a_pickler_each() -> None:
    sys.setswitchinterval(1e-5)

    class Pickler(gocloudpickle.Pickler):  # type: ignore[name-defined, misc]
        def persistent_id(self, obj: Any) -> Any:
            time.sleep(0)
            return "id" if obj == "with an id" else None

    def dump(n: int, pickler_class: Any) -> bytes:
        file = io.BytesIO()
        pickler = pickler_class(file)
        shared = ["shared", Yields(0)]
        for i in range(20):
            pickler.dump([shared, "with an id", i, Yields(i), lambda: 1])
        return file.getvalue()

    expected = [dump(0, Pickler), dump(0, gocloudpickle.Pickler)]

    def work(n: int) -> None:
        for i in range(2):
            assert dump(n, (Pickler, gocloudpickle.Pickler)[i]) == expected[i]

    run_threads(24, work)


def one_pickler_for_all() -> None:
    """Threads that share a Pickler get RuntimeError, or whole dumps; never a mixture."""
    sys.setswitchinterval(1e-5)
    file = io.BytesIO()
    pickler = gocloudpickle.Pickler(file)
    refused = []
    done = []

    def work(n: int) -> None:
        for i in range(30):
            try:
                pickler.dump([n, i, Yields(i), Releases(n)])
                done.append((n, i))
            except RuntimeError as error:
                assert str(error) == ALREADY_USED
                refused.append(error)

    run_threads(24, work)
    assert refused and done, (len(refused), len(done))
    unpickler = pickle.Unpickler(io.BytesIO(file.getvalue()))
    loaded = [tuple(unpickler.load()[:2]) for _ in done]
    assert sorted(loaded) == sorted(done)


def one_object_that_changes() -> None:
    """Threads dump what other threads change: any result or exception, but no crash."""
    sys.setswitchinterval(1e-5)
    shared_list: list[Any] = [Yields(i) for i in range(50)]
    shared_dict: dict[Any, Any] = {i: [Yields(i)] for i in range(50)}
    shared_set = {(i, str(i)) for i in range(50)}
    shared_object = Releases()
    stop = threading.Event()

    def change(n: int) -> None:
        rng = random.Random(n)
        while not stop.is_set():
            shared_list[rng.randrange(len(shared_list))] = [Yields(rng.random())]  # type: ignore[arg-type]
            shared_list.append(Yields(n))
            if len(shared_list) > 100:
                del shared_list[10:60]
            shared_dict[rng.randrange(100)] = [rng.random()]
            shared_dict.pop(rng.randrange(100), None)
            shared_set.discard((rng.randrange(50), ""))
            shared_set.add((rng.randrange(1000), "n"))
            setattr(shared_object, f"a{rng.randrange(40)}", [rng.random()])
            vars(shared_object).pop(f"a{rng.randrange(40)}", None)
            time.sleep(0)

    changing = [threading.Thread(target=change, args=(n,)) for n in range(4)]
    for thread in changing:
        thread.start()

    def work(n: int) -> None:
        for _ in range(12):
            for o in (shared_list, shared_dict, shared_set, [shared_object], vars(shared_object)):
                try:
                    pickle.loads(gocloudpickle.dumps([o, Yields(1), o]))
                except (RuntimeError, ZeroDivisionError):
                    pass

    try:
        run_threads(20, work)
    finally:
        stop.set()
    for thread in changing:
        thread.join()


def short_lived() -> None:
    """Threads come and go: what Go keeps for each thread goes with it."""

    def resident() -> int:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * 4096

    def some(n: int) -> None:
        for _ in range(n):
            threads = [
                threading.Thread(target=gocloudpickle.dumps, args=([lambda: 1],)) for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    some(50)
    before = resident()
    some(250)
    grown = resident() - before
    assert grown < 4 << 20, f"{grown} bytes more after 2,000 threads"
    tasks = len(__import__("os").listdir("/proc/self/task"))
    assert tasks < 30, f"{tasks} threads are left"


def gc_in_threads() -> None:
    import gc

    def work(n: int) -> None:
        for i in range(60):
            pickler = gocloudpickle.Pickler(io.BytesIO())
            pickler.dump([Yields(i), lambda: 1, {"a": [i]}])
            pickler.itself = pickler
            del pickler
            if i % 10 == n % 10:
                gc.collect()

    gc.set_threshold(5, 2, 2)
    run_threads(12, work)
