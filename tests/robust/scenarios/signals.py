"""Signals while the engine works: Python's handlers stay Python's."""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import gocloudpickle

RECORDS = [{"number": i, "text": str(i) * 3, "nested": [i, (i,)]} for i in range(60_000)]


class Reduced:
    def __reduce__(self) -> Any:
        return int, (5,)


class Sleeps:
    def __reduce__(self) -> Any:
        time.sleep(0.0005)
        return int, (5,)


def check_dump() -> None:
    assert gocloudpickle.loads(gocloudpickle.dumps((lambda x: x + 1, "text")))[0](1) == 2


def interrupted(work: Callable[[], Any], delay: float) -> float:
    """Send SIGINT after delay, demand KeyboardInterrupt, and tell how long that took."""
    timer = threading.Timer(delay, os.kill, (os.getpid(), signal.SIGINT))
    start = time.monotonic()
    try:
        timer.start()
        while True:
            work()
    except KeyboardInterrupt:
        pass
    took = time.monotonic() - start
    timer.join()
    check_dump()
    return took


WORK: dict[str, Callable[[], Any]] = {
    "plain": lambda: gocloudpickle.dumps(RECORDS),
    "callbacks": lambda: gocloudpickle.dumps([Reduced() for _ in range(3000)]),
    "sleeping": lambda: gocloudpickle.dumps([Sleeps() for _ in range(3000)]),
    "functions": lambda: gocloudpickle.dumps([lambda i=i: (i, Reduced) for i in range(1000)]),
}


def interrupts(kind: str) -> None:
    check_dump()
    work = WORK[kind]
    for i in range(12):
        took = interrupted(work, random.Random(i).uniform(0.001, 0.1))
        assert took < 10, took
    if kind == "sleeping":
        # The dump itself is cut short: all of it would take more than a second.
        assert interrupted(work, 0.05) < 1


def interrupt_leaves_the_pickler_usable() -> None:
    import io
    import pickle

    file = io.BytesIO()
    pickler = gocloudpickle.Pickler(file)
    for i in range(5):
        interrupted(lambda: pickler.dump([Sleeps() for _ in range(1000)]), 0.02 + i / 200)
        pickler.clear_memo()
        start = file.seek(0, 2)
        pickler.dump(["after", i])
        assert pickle.loads(file.getvalue()[start:]) == ["after", i]


def handlers_run(name: str) -> None:
    """A handler of Python runs for every signal, sent over and over while dumps go on."""
    number = getattr(signal, name)
    counted = []
    signal.signal(number, lambda *_: counted.append(1))
    check_dump()
    stop = threading.Event()
    sent = 0

    def send() -> None:
        nonlocal sent
        while not stop.is_set():
            os.kill(os.getpid(), number)
            sent += 1
            time.sleep(0.0005)

    sender = threading.Thread(target=send)
    sender.start()
    start = time.monotonic()
    # On a busy machine few are sent in that time: then it goes on until enough were.
    while time.monotonic() < start + 0.6 or len(counted) <= 10 and sent < 300:
        gocloudpickle.dumps(RECORDS[:5000])
        gocloudpickle.dumps([Reduced() for _ in range(500)])
        gocloudpickle.dumps([lambda: 1] * 10)
    stop.set()
    sender.join()
    signal.signal(number, signal.SIG_IGN)
    assert len(counted) > 10, len(counted)
    check_dump()


def timer_storm() -> None:
    counted = []
    signal.signal(
        signal.SIGALRM, lambda *_: counted.append(gocloudpickle.dumps([lambda: 1, Reduced()]))
    )
    signal.signal(signal.SIGPROF, lambda *_: None)
    check_dump()
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    signal.setitimer(signal.ITIMER_PROF, 0.0005, 0.0005)
    end = time.monotonic() + 1
    while time.monotonic() < end:
        gocloudpickle.dumps(RECORDS[:5000])
        gocloudpickle.dumps([Reduced() for _ in range(300)])
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.setitimer(signal.ITIMER_PROF, 0)
    time.sleep(0.01)
    assert len(counted) > 20 and len(set(counted)) == 1, len(counted)


def handler_that_raises() -> None:
    """Each dump either raises what the handler raised, or is right."""

    class Alarm(Exception):
        pass

    def handler(*_: Any) -> None:
        raise Alarm

    check_dump()
    few = RECORDS[:50]
    objects = [few, [Reduced() for _ in range(200)], lambda: few]
    expected = gocloudpickle.dumps(objects)
    signal.signal(signal.SIGALRM, handler)
    raised = 0
    for i in range(300):
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.0001 + i * 0.00001)
            data = gocloudpickle.dumps(objects)
            assert data == expected
            time.sleep(0.005)
        except Alarm:
            raised += 1
    assert raised > 100, raised


def wait_for_a_blocked_signal() -> None:
    """A program blocks a signal and takes it with sigwait: no other thread may get it."""
    check_dump()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGTERM})
    gocloudpickle.dumps(RECORDS)
    for number in (signal.SIGUSR1, signal.SIGTERM) * 20:
        os.kill(os.getpid(), number)
        assert signal.sigtimedwait({number}, 5) is not None, number
        gocloudpickle.dumps(RECORDS[:100])


def dispositions() -> None:
    """What exec passes on, and what the process ignores and catches, but for Go's own faults."""

    def status() -> dict[str, int]:
        with open("/proc/self/status") as lines:
            fields = dict(line.split(":", 1) for line in lines)
        return {name: int(fields[name], 16) for name in ("SigBlk", "SigIgn", "SigCgt")}

    def child() -> str:
        program = (
            "print([l for l in open('/proc/self/status') if l.startswith(('SigBlk', 'SigIgn'))])"
        )
        return subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            restore_signals=False,
        ).stdout

    before, child_before = status(), child()
    shown = {number: signal.getsignal(number) for number in signal.valid_signals()}
    check_dump()
    gocloudpickle.dumps(RECORDS)
    after, child_after = status(), child()
    assert shown == {number: signal.getsignal(number) for number in signal.valid_signals()}
    assert before["SigBlk"] == after["SigBlk"], (before, after)
    assert child_before == child_after, (child_before, child_after)


def broken_pipe() -> None:
    check_dump()
    reading, writing = os.pipe()
    os.close(reading)
    try:
        os.write(writing, b"x")
    except BrokenPipeError:
        pass
    else:
        raise AssertionError("no BrokenPipeError")
    try:
        with os.fdopen(writing, "wb", buffering=0) as file:
            gocloudpickle.dump(RECORDS, file)
    except BrokenPipeError:
        pass
    else:
        raise AssertionError("no BrokenPipeError from a dump")
    check_dump()


def subprocesses() -> None:
    check_dump()
    gocloudpickle.dumps(RECORDS)
    for _ in range(20):
        ran = subprocess.run(
            ["/bin/sh", "-c", "echo $((6 * 7))"], capture_output=True, text=True, check=True
        )
        assert ran.stdout == "42\n"
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == -signal.SIGTERM
    assert os.system("exit 3") >> 8 == 3
    pid = os.posix_spawn(
        sys.executable, [sys.executable, "-c", "raise SystemExit(5)"], dict(os.environ)
    )
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5


def exec_after_load() -> None:
    check_dump()
    gocloudpickle.dumps(RECORDS)
    os.execv(sys.executable, [sys.executable, "-c", "print('executed')"])


def fault(when: str, name: str) -> None:
    """A fault in C: faulthandler writes its report, and the signal kills."""
    faulthandler.disable()
    if when == "before":
        faulthandler.enable()
    check_dump()
    gocloudpickle.dumps(RECORDS)
    if when == "after":
        faulthandler.enable()
    os.environ.pop("GOTRACEBACK", None)
    if name == "SIGSEGV":
        faulthandler._sigsegv()  # type: ignore[attr-defined]
    elif name == "SIGABRT":
        faulthandler._sigabrt()  # type: ignore[attr-defined]
    elif name == "SIGFPE":
        faulthandler._sigfpe()  # type: ignore[attr-defined]
    else:
        faulthandler._read_null()  # type: ignore[attr-defined]


def killed(name: str) -> None:
    check_dump()
    gocloudpickle.dumps(RECORDS)
    os.kill(os.getpid(), getattr(signal, name))
    time.sleep(10)


def registered_dump() -> None:
    check_dump()
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    os.kill(os.getpid(), signal.SIGUSR1)
    check_dump()
    print("usable")
