"""The interpreter ends while the engine is in use, at every point where it can."""

from __future__ import annotations

import abc
import atexit
import gc
import io
import os
import signal
import sys
import threading
import time
import weakref
from typing import Any

import gocloudpickle

RECORDS = [{"number": i, "text": str(i) * 3} for i in range(5000)]


class Reduced:
    def __reduce__(self) -> Any:
        time.sleep(0)
        return int, (5,)


class Sleeps:
    def __reduce__(self) -> Any:
        time.sleep(0.001)
        return int, (5,)


def check_dump() -> None:
    assert gocloudpickle.loads(gocloudpickle.dumps((lambda x: x + 1, "text")))[0](1) == 2


def daemon_threads(kind: str) -> None:
    """Threads that are in the middle of dumps when the interpreter ends."""
    make = {
        "plain": lambda: RECORDS,
        "callbacks": lambda: [Reduced() for _ in range(100)],
        "sleeping": lambda: [Sleeps() for _ in range(100)],
        "nested": lambda: [Nested(5)],
    }[kind]

    def work() -> None:
        while True:
            gocloudpickle.dumps(make())

    for _ in range(8):
        threading.Thread(target=work, daemon=True).start()
    time.sleep(0.1)
    print("the end")


class Nested:
    def __init__(self, depth: int) -> None:
        self.depth = depth

    def __reduce__(self) -> Any:
        time.sleep(0.0002)
        if self.depth:
            gocloudpickle.dumps([Nested(self.depth - 1)])
        return int, (5,)


def daemon_threads_with_picklers() -> None:
    class File:
        def write(self, data: Any) -> None:
            time.sleep(0.0002)

    def work() -> None:
        pickler = gocloudpickle.Pickler(File())
        while True:
            pickler.dump([RECORDS, lambda: 1, Reduced()])

    for _ in range(8):
        threading.Thread(target=work, daemon=True).start()
    time.sleep(0.1)
    print("the end")


class DumpsMuch:
    """Dumps for a while when it dies, long enough for other threads to want the GIL meanwhile."""

    def __del__(
        self,
        dumps: Any = gocloudpickle.dumps,
        what: Any = [{"n": i, "t": str(i)} for i in range(20_000)],
        write: Any = os.write,
        sleep: Any = time.sleep,
    ) -> None:
        for _ in range(30):
            dumps(what)
            sleep(0.002)
        write(1, b"dumped in the end\n")


def daemon_threads_then_finalizers() -> None:
    """Threads were ended inside Go; the engine goes on after that."""

    def work() -> None:
        while True:
            gocloudpickle.dumps([Sleeps() for _ in range(20)])

    for _ in range(12):
        threading.Thread(target=work, daemon=True).start()
    time.sleep(0.1)
    sys.kept = DumpsMuch()  # type: ignore[attr-defined]
    print("the end", flush=True)


def in_atexit() -> None:
    def at_exit(n: int) -> None:
        check_dump()
        gocloudpickle.dumps(RECORDS)
        print("atexit", n)

    for n in range(3):
        atexit.register(at_exit, n)
    check_dump()


def first_use_in_atexit() -> None:
    atexit.register(lambda: (check_dump(), print("atexit")))


class Dumper:
    """Dumps when it dies, with everything it needs at hand."""

    def __init__(self, what: Any, say: str) -> None:
        self.what, self.say = what, say

    def __del__(
        self,
        dumps: Any = gocloudpickle.dumps,
        write: Any = os.write,
        exception: Any = BaseException,
        repr: Any = repr,
    ) -> None:
        try:
            dumps(self.what)
            result = "bytes"
        except exception:
            result = "raised"
        write(1, f"{self.say} {result}\n".encode())


class Plain:
    pass


def finalization(kind: str) -> None:
    """Finalizers that run while modules are torn down, and after."""
    check_dump()
    what = {
        "plain": [1, "text", {"a": (1.5, b"x")}],
        "function": [lambda: RECORDS[:3]],
        "class": [type("Dynamic", (), {"f": lambda self: 1})],
        "instance": [Plain(), Reduced()],
        "lock": [threading.Lock()],
    }[kind]
    holders: Any = [Dumper(what, "global")]
    globals()["kept"] = holders
    sys.kept = Dumper(what, "sys")  # type: ignore[attr-defined]
    import builtins
    import types

    builtins.kept = Dumper(what, "builtins")  # type: ignore[attr-defined]
    os.kept = Dumper(what, "os")  # type: ignore[attr-defined]
    gocloudpickle.kept = Dumper(what, "gocloudpickle")  # type: ignore[attr-defined]
    module = types.ModuleType("robust_torn_down")
    module.kept = Dumper(what, "module")  # type: ignore[attr-defined]
    sys.modules["robust_torn_down"] = module
    cycle: Any = [Dumper(what, "cycle")]
    cycle.append(cycle)
    weak = weakref.ref(gocloudpickle, lambda _: os.write(1, b"the package died\n"))
    sys.weak = weak  # type: ignore[attr-defined]


class Loader:
    """Loads when it dies, with everything it needs at hand, and dumps what came of it."""

    def __init__(self, payloads: list[bytes], say: str) -> None:
        self.payloads, self.say = payloads, say

    def __del__(
        self,
        dumps: Any = gocloudpickle.dumps,
        write: Any = os.write,
        exception: Any = BaseException,
    ) -> None:
        for payload in self.payloads:
            try:
                loaded = self.loads(payload)  # type: ignore[attr-defined]
                dumps(loaded)
                result = "loaded"
            except exception:
                result = "raised"
            write(1, f"{self.say} {result}\n".encode())


def finalization_loads(kind: str) -> None:
    """As finalization, with the native loads."""
    import builtins
    import enum
    import types

    number = 5
    abstract: Any = abc.ABCMeta("Abstract", (), {"f": abc.abstractmethod(lambda self: 1)})
    made: Any = {
        "function": lambda a, *, b=RECORDS[0]: (number, os, a, b),
        "class": type("Dynamic", (), {"f": lambda self: number}),
        "enum": enum.Enum("Dynamic", {"ONE": 1, "TWO": "two"}),
        "abstract": abstract,
        "module": (lambda: 1, types, enum),
        "instance": type("Dynamic", (), {"__slots__": ("a",)})(),
    }[kind]
    payloads = [gocloudpickle.dumps(made)]
    del made, abstract  # so that they are made anew where the tracker is still there
    gc.collect()
    # What is not known, or not well: a module, a name, a stream that ends early.
    payloads.append(payloads[0].replace(b"cloudpickle.cloudpickle", b"cloudpickle.cloudpickld"))
    payloads.append(payloads[0].replace(b"_make_function", b"_make_functiom"))
    payloads.append(payloads[0][:-30] + b".")
    Loader.loads = staticmethod(gocloudpickle.loads.__wrapped__)  # type: ignore[attr-defined]
    gocloudpickle.loads(payloads[0])

    globals()["kept"] = Loader(payloads, "global")
    sys.kept = Loader(payloads, "sys")  # type: ignore[attr-defined]
    builtins.kept = Loader(payloads, "builtins")  # type: ignore[attr-defined]
    os.kept = Loader(payloads, "os")  # type: ignore[attr-defined]
    gocloudpickle.kept = Loader(payloads, "gocloudpickle")  # type: ignore[attr-defined]
    module: Any = types.ModuleType("robust_torn_down")
    module.kept, module.cycle = Loader(payloads, "module"), [module, Loader(payloads, "cycle")]
    sys.modules["robust_torn_down"] = module


def picklers_alive() -> None:
    """Picklers with memos, in cycles and in globals, when the interpreter ends."""
    for n in range(50):
        pickler = gocloudpickle.Pickler(io.BytesIO())
        pickler.dump([RECORDS[:50], lambda: n, Plain()])
        pickler.itself = pickler
        pickler.finalizer = Dumper([n], "pickler")
        globals()[f"kept{n}"] = pickler
    sys.kept = gocloudpickle.Pickler(io.BytesIO())  # type: ignore[attr-defined]
    sys.kept.dump([sys.kept.__class__])  # type: ignore[attr-defined]


class Exits:
    def __init__(self, status: Any) -> None:
        self.status = status

    def __reduce__(self) -> Any:
        sys.exit(self.status)


def exit_in_reduce(where: str) -> None:
    check_dump()
    if where == "main":
        gocloudpickle.dumps([RECORDS, Exits(7)])
    elif where == "nested":

        class Outer:
            def __reduce__(self) -> Any:
                return bytes, (gocloudpickle.dumps([Exits(7)]),)

        gocloudpickle.dumps([Outer()])
    elif where == "thread":
        thread = threading.Thread(target=lambda: gocloudpickle.dumps([Exits(3)]))
        thread.start()
        thread.join()
        check_dump()
        sys.exit(7)
    elif where == "os._exit":

        class Leaves:
            def __reduce__(self) -> Any:
                os._exit(7)

        gocloudpickle.dumps([RECORDS, Leaves()])
    elif where == "pickler":
        gocloudpickle.Pickler(io.BytesIO()).dump([RECORDS, Exits(7)])


def interrupt_in_reduce() -> None:
    class Interrupts:
        def __reduce__(self) -> Any:
            raise KeyboardInterrupt

    gocloudpickle.dumps([RECORDS, Interrupts()])


def killed_by_ctrl_c() -> None:
    """Nobody handles KeyboardInterrupt: the process dies of SIGINT, as Python programs do."""
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    while True:
        gocloudpickle.dumps(RECORDS)


def threads_not_joined() -> None:
    """The interpreter waits for threads that are no daemons; they dump to the end."""

    def work() -> None:
        time.sleep(0.05)
        for _ in range(20):
            check_dump()
            gocloudpickle.dumps([RECORDS, Reduced()])
        os.write(1, b"done\n")

    check_dump()
    for _ in range(4):
        threading.Thread(target=work).start()


def installed() -> None:
    import cloudpickle

    gocloudpickle.install()
    cloudpickle.dumps(lambda: 1)
    sys.kept = Dumper([lambda: 1], "installed")  # type: ignore[attr-defined]


def loaded_by_a_thread_that_ended() -> None:
    thread = threading.Thread(target=check_dump)
    thread.start()
    thread.join()
    check_dump()
    for _ in range(50):
        thread = threading.Thread(target=check_dump)
        thread.start()
        thread.join()
    gc.collect()


def nothing() -> None:
    """Imported and never used."""


def used_once() -> None:
    gocloudpickle.dumps(1)
