"""Forks: the child of a process that has used the engine."""

from __future__ import annotations

import gc
import io
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import gocloudpickle

RECORDS = [{"number": i, "text": str(i) * 3, "nested": [i, (i,)]} for i in range(15_000)]
EXPECTED = 42


def in_child(
    work: Callable[[], Any], leave: Callable[[int], Any] = os._exit, limit: float = 20
) -> None:
    """Fork, work in the child, and demand that it leaves with EXPECTED in time."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = EXPECTED
        finally:
            if status != EXPECTED or leave is os._exit:
                sys.excepthook(*sys.exc_info()) if sys.exc_info()[1] else None  # type: ignore[arg-type]
                os._exit(status)
        leave(status)
        raise AssertionError("it did not leave")
    wait_for(pid, limit)


def wait_for(pid: int, limit: float = 20) -> None:
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            assert code == EXPECTED, f"the child left with {code}"
            return
        time.sleep(0.01)
    os.kill(pid, 6)  # faulthandler shows where it hangs
    os.waitpid(pid, 0)
    raise AssertionError("the child hung")


def check_dump() -> None:
    assert gocloudpickle.loads(gocloudpickle.dumps((lambda x: x + 1, "text")))[0](1) == 2


class Null:
    def write(self, data: Any) -> None:
        pass


def grow(times: int = 4) -> None:
    # The Go heap grows far past what the parent had: a Pickler's memo keeps all it has
    # seen, and is moved again and again, so that Go must collect its garbage.
    pickler = gocloudpickle.Pickler(Null())
    for n in range(times):
        pickler.dump([[(f"text {n} {i}", [i]) for i in range(10_000)], RECORDS])
    assert len(gocloudpickle.dumps([RECORDS, 1])) > len(gocloudpickle.dumps(RECORDS)) > 300_000
    gc.collect()
    check_dump()


def many_threads() -> None:
    failed = []

    def work(n: int) -> None:
        try:
            for i in range(20):
                data = gocloudpickle.dumps([RECORDS[:300], n, i, lambda: n + i])
                assert gocloudpickle.loads(data)[3]() == n + i
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "a thread hangs"
    assert not failed, failed


def prepare(installed: str) -> None:
    if installed == "installed":
        import cloudpickle

        gocloudpickle.install()
        cloudpickle.dumps(lambda: 1)
    check_dump()
    stir()


def stir() -> None:
    """Give Go a past: threads that idle, and a heap that has been collected. Without it, Go may survive a fork."""
    threads = [threading.Thread(target=grow, args=(1,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def heap_growth(installed: str) -> None:
    prepare(installed)
    in_child(grow)
    check_dump()


def threads_in_the_child(installed: str) -> None:
    prepare(installed)
    in_child(many_threads)
    many_threads()


def through_install(installed: str) -> None:
    import cloudpickle

    prepare(installed)

    def work() -> None:
        before = gocloudpickle.engine_info()["dumps"]
        assert cloudpickle.loads(cloudpickle.dumps((lambda: RECORDS[:10], 1)))[1] == 1
        after = gocloudpickle.engine_info()["dumps"]
        assert sum(after.values()) == sum(before.values()) + (installed == "installed"), (
            before,
            after,
        )

    in_child(work)
    gocloudpickle.uninstall()
    in_child(lambda: cloudpickle.dumps(lambda: 1))
    in_child(lambda: (gocloudpickle.install(), cloudpickle.dumps(lambda: 1), grow()))


def bound_before_the_fork() -> None:
    # The functions of the old image were kept by name, as "from gocloudpickle import dumps" does.
    from gocloudpickle import dump, dumps

    dumps(1)
    stir()

    def work() -> None:
        for _ in range(3):
            dumps(RECORDS)
        file = io.BytesIO()
        dump([lambda: 1], file, protocol=4)
        assert gocloudpickle.loads(file.getvalue())[0]() == 1
        try:
            dumps(threading.Lock())
        except TypeError:
            pass
        else:
            raise AssertionError("a lock was pickled")
        try:
            dumps()  # type: ignore[call-arg]
        except TypeError:
            pass
        else:
            raise AssertionError("dumps() without an argument")

    in_child(work)


def nested() -> None:
    check_dump()
    stir()

    def level(n: int) -> None:
        check_dump()
        gocloudpickle.dumps(RECORDS)
        if n:
            in_child(lambda: level(n - 1))
            grow()

    in_child(lambda: level(2))


def first_use_in_the_child() -> None:
    import gocloudpickle as late

    assert "_engine" not in vars(late)
    in_child(grow)
    in_child(many_threads)
    check_dump()


def siblings() -> None:
    check_dump()
    stir()
    pids = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                grow()
                status = EXPECTED
            finally:
                os._exit(status)
        pids.append(pid)
    for pid in pids:
        wait_for(pid)


def unused_in_the_child(how: str) -> None:
    prepare("plain")
    # An object of the engine is alive, and dies in the child.
    pickler = gocloudpickle.Pickler(io.BytesIO())
    pickler.dump([lambda: 1, RECORDS[:10]])
    leave: Callable[[int], Any] = {"os._exit": os._exit, "sys.exit": sys.exit}[how]
    pid = os.fork()
    if pid == 0:
        if how == "sys.exit":
            del pickler
            gc.collect()
        leave(EXPECTED)
    wait_for(pid)


def used_in_the_child(how: str) -> None:
    prepare("plain")
    leave: Callable[[int], Any] = {"os._exit": os._exit, "sys.exit": sys.exit}[how]
    pid = os.fork()
    if pid == 0:
        grow()
        leave(EXPECTED)
    wait_for(pid)
    check_dump()


def pickler_made_before(used: str) -> None:
    file = io.BytesIO()
    pickler = gocloudpickle.Pickler(file)
    stir()
    shared = ["shared"]
    if used == "used":
        pickler.dump(shared)

    def work() -> None:
        start = file.tell()
        if used == "used":
            # Its memo did not come along. Anything but a clear refusal would be a wrong stream.
            try:
                pickler.dump([shared])
            except RuntimeError as error:
                assert "fork" in str(error)
            else:
                raise AssertionError("the memo of another process was used")
            assert file.tell() == start
            pickler.clear_memo()
        pickler.dump([shared, lambda: 7])
        assert pickle.loads(file.getvalue()[start:])[1]() == 7
        pickler.dump([shared])
        grow()
        gc.collect()

    in_child(work)
    pickler.dump([RECORDS[:3]])
    unpickler = pickle.Unpickler(io.BytesIO(file.getvalue()))  # one, as the dumps share a memo
    loaded = [unpickler.load() for _ in range(2 if used == "used" else 1)]
    assert loaded[-1] == [RECORDS[:3]], loaded


class Forks:
    """Forks when it is pickled; the child works, or goes back into the dump."""

    def __init__(self, work: Callable[[], Any] | None) -> None:
        self.work = work
        self.pid = -1

    def __reduce__(self) -> Any:
        self.pid = os.fork()
        if self.pid == 0 and self.work is not None:
            status = 1
            try:
                self.work()
                status = EXPECTED
            finally:
                os._exit(status)
        return int, (5,)


def inside_reduce_child_leaves() -> None:
    check_dump()
    stir()
    forks = Forks(grow)
    data = gocloudpickle.dumps([RECORDS[:1000], forks, RECORDS])
    wait_for(forks.pid)
    assert pickle.loads(data) == [RECORDS[:1000], 5, RECORDS]


def inside_reduce_child_goes_on(threads: str) -> None:
    """The child goes back into a dump that began in the parent: it ends, one way or the other."""
    check_dump()
    stir()
    stop = threading.Event()

    def keep_busy() -> None:
        while not stop.is_set():
            gocloudpickle.dumps(RECORDS[:2000])

    busy = [threading.Thread(target=keep_busy) for _ in range(int(threads))]
    for thread in busy:
        thread.start()
    forks = Forks(None)
    parent = os.getpid()
    data = None
    error = None
    try:
        data = gocloudpickle.dumps(
            [RECORDS, forks, [lambda: 5], [Forkless() for _ in range(500)], RECORDS]
        )
    except RuntimeError as raised:
        error = raised
    if os.getpid() != parent:
        assert data is not None or "fork" in str(error), error
        grow()
        os._exit(EXPECTED)
    try:
        wait_for(forks.pid)
    finally:
        stop.set()
    for thread in busy:
        thread.join()
    assert data is not None, error
    assert pickle.loads(data)[1] == 5
    check_dump()


class Forkless:
    def __reduce__(self) -> Any:
        return int, (6,)


def inside_reduce_of_an_inner_dump() -> None:
    """Two dumps are under way, one inside the other, when the fork comes."""
    check_dump()
    stir()
    forks = Forks(None)
    parent = os.getpid()

    class Outer:
        def __reduce__(self) -> Any:
            try:
                return bytes, (gocloudpickle.dumps([RECORDS, forks, RECORDS]),)
            except RuntimeError:
                return bytes, (b"",)

    try:
        gocloudpickle.dumps([RECORDS[:100], Outer(), RECORDS])
        error = None
    except RuntimeError as raised:
        error = raised
    if os.getpid() != parent:
        assert error is None or "fork" in str(error), error
        grow()
        os._exit(EXPECTED)
    wait_for(forks.pid)
    assert error is None, error
    check_dump()


def inside_file_write() -> None:
    check_dump()
    stir()
    pids = []

    class File(io.BytesIO):
        def write(self, data: Any) -> int:
            if not pids:
                pids.append(os.fork())
                if pids[0] == 0:
                    pids.append(0)
                    grow()
                    os._exit(EXPECTED)
            return super().write(data)

    file = File()
    pickler = gocloudpickle.Pickler(file)
    pickler.dump(RECORDS)
    wait_for(pids[0])
    assert pickle.loads(file.getvalue()) == RECORDS


def in_a_thread_while_others_dump() -> None:
    check_dump()
    stir()
    stop = threading.Event()
    errors: list[BaseException] = []

    def keep_busy() -> None:
        while not stop.is_set():
            gocloudpickle.dumps([RECORDS[:2000], [Forkless() for _ in range(50)], lambda: 1])

    def fork_here() -> None:
        try:
            for _ in range(3):
                in_child(grow)
        except BaseException as error:
            errors.append(error)

    busy = [threading.Thread(target=keep_busy) for _ in range(6)]
    forking = threading.Thread(target=fork_here)
    for thread in [*busy, forking]:
        thread.start()
    forking.join()
    stop.set()
    for thread in busy:
        thread.join()
    assert not errors, errors
    check_dump()


def normal_end_of_the_forking_thread(engine: str) -> None:
    """The thread that forked is the child's only one, and ends there like any thread."""
    check_dump()
    pids = []

    def fork_here() -> None:
        gocloudpickle.dumps(RECORDS[:100])
        pid = os.fork()
        if pid:
            pids.append(pid)
        elif engine == "used":
            check_dump()

    thread = threading.Thread(target=fork_here)
    thread.start()
    thread.join()
    end = time.monotonic() + (5 if engine == "used" else 30)
    while time.monotonic() < end:
        done, status = os.waitpid(pids[0], os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 0, status
            return
        time.sleep(0.01)
    os.kill(pids[0], 9)
    raise AssertionError("the child hung")


def exec_in_the_child() -> None:
    prepare("plain")
    pid = os.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", f"import sys; sys.exit({EXPECTED})"])
    wait_for(pid)


def while_a_thread_has_the_class_tracker() -> None:
    """Stock cloudpickle's lock is held by a thread that is not in the child."""
    from cloudpickle import cloudpickle

    check_dump()

    def use_the_tracker() -> None:
        class Local:
            pass

        assert gocloudpickle.loads(gocloudpickle.dumps(Local)) is Local

    with cloudpickle._DYNAMIC_CLASS_TRACKER_LOCK:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                thread = threading.Thread(target=use_the_tracker, daemon=True)
                thread.start()
                thread.join(20)
                status = 1 if thread.is_alive() else EXPECTED
            finally:
                os._exit(status)
    wait_for(pid)
