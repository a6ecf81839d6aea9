"""One round of the soak: `python -m tests.soak.work SEED SECONDS [ACTIVITIES]`."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import pickle
import random
import signal
import sys
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.corpus import stock, under_test, usable_cases
from tests.differential.compare import with_dumps, with_pickler

# Objects that dumping changes, for which threads get in each other's way, or that take
# most of the round.
LEFT_OUT = (
    "files.",
    "unpicklable.",
    "reduce_nonsense.",
    "iterators.",
    "buffers.",
    "modules.",
    "framing.",
    "reduce_protocol.arguments_kept_when_they_are_made",
    "reduce_protocol.reduce_of_a_class_that_changes",
)
MOST_BYTES = 60_000
KEPT = 250
WARM_UP = 0.3
"""Of the round: memory is allowed to grow until then, caches are filled."""
GROWTH = 48 << 20
FIRST_USE = "is used for the first time in the middle of an import"
"""What finalizers and the like may be told until the first dump is over: see _loader._load."""


class Sample:
    """An object, and the bytes that stock cloudpickle makes of it."""

    def __init__(self, name: str, obj: Any, protocol: int, payload: bytes) -> None:
        self.name, self.obj, self.protocol, self.payload = name, obj, protocol, payload


def loads_again(payload: bytes) -> bool:
    """Tell whether a payload can be loaded in between: a tracked class gets its attributes anew."""
    return b"_make_skeleton_" not in payload


def samples(chosen: random.Random) -> list[Sample]:
    found: list[Sample] = []
    cases = [
        case
        for case in usable_cases()
        if case.setup is contextlib.nullcontext and not case.name.startswith(LEFT_OUT)
    ]
    chosen.shuffle(cases)
    for case in cases[:KEPT]:
        protocol = chosen.choice(case.protocols)
        if case.failure(protocol) is not None:
            continue
        obj = case.make()
        with_pickler(stock(), obj, protocol)
        first, again = (with_dumps(stock(), obj, protocol) for _ in range(2))
        if first.payload is None or first.payload != again.payload:
            continue
        if len(first.payload) <= MOST_BYTES:
            if loads_again(first.payload):
                # Imports what loading needs: up to 3.11 a signal handler must not (gh-106176).
                pickle.loads(first.payload)
            found.append(Sample(case.name, obj, protocol, first.payload))
    return found


class Round:
    def __init__(self, seed: int, seconds: float) -> None:
        self.random = random.Random(seed)
        self.end = time.monotonic() + seconds
        self.seconds = seconds
        self.counts: Counter[str] = Counter()
        self.failures: list[str] = []
        self.samples = samples(self.random)
        self.small = [sample for sample in self.samples if len(sample.payload) < 2000]
        self.ours = under_test()

    def over(self) -> bool:
        return time.monotonic() > self.end or len(self.failures) > 5

    def fail(self, where: str) -> None:
        self.failures.append(f"{where}:\n{traceback.format_exc()[-3000:]}")

    def dump(self, chosen: random.Random, where: str, among: list[Sample] | None = None) -> None:
        """One dump in one of the ways, compared; or a load."""
        sample = chosen.choice(among or self.samples)
        try:
            way = chosen.randrange(4)
            if way == 0:
                file = io.BytesIO()
                self.ours.dump(sample.obj, file, sample.protocol)
                payload = file.getvalue()
            elif way == 1:
                file = io.BytesIO()
                pickler = self.ours.Pickler(file, sample.protocol)
                pickler.dump(sample.obj)
                payload = file.getvalue()
            else:
                payload = self.ours.dumps(sample.obj, sample.protocol)
            if payload != sample.payload:
                self.failures.append(
                    f"{where}: other bytes of {sample.name}, protocol {sample.protocol}"
                )
            if way == 3 and loads_again(payload):
                self.ours.loads(payload)
            self.counts[where] += 1
        except BaseException as error:
            if isinstance(error, RuntimeError) and FIRST_USE in str(error):
                self.counts["refused first uses"] += 1
                return
            if isinstance(error, KeyError) and error.args == (threading.get_ident(),):
                # Up to Python 3.11: importlib, when a finalizer imports in the middle of an
                # import (gh-106176).
                self.counts["imports lost by importlib"] += 1
                return
            self.fail(f"{where}: {sample.name}, protocol {sample.protocol}")

    # The activities. Each begins what it does and returns what ends it.

    def threads(self) -> Callable[[], None]:
        def work(seed: int) -> None:
            chosen = random.Random(seed)
            while not self.over():
                self.dump(chosen, "dumps in threads")

        started = [threading.Thread(target=work, args=(self.random.random(),)) for _ in range(3)]
        for thread in started:
            thread.start()
        return lambda: [thread.join() for thread in started] and None

    def timers(self) -> Callable[[], None]:
        chosen = random.Random(self.random.random())

        def handler(signum: int, frame: Any) -> None:
            self.dump(chosen, "dumps in signal handlers", self.small)

        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.007)
        return lambda: signal.setitimer(signal.ITIMER_REAL, 0) and None

    def finalizers(self) -> Callable[[], None]:
        chosen = random.Random(self.random.random())
        round_ = self

        class Last:
            def __init__(self) -> None:
                self.itself = self

            def __del__(self) -> None:
                round_.dump(chosen, "dumps in finalizers", round_.small)

        def work() -> None:
            while not self.over():
                Last()
                [[] for _ in range(200)]
                time.sleep(0.001)

        thread = threading.Thread(target=work)
        thread.start()
        return thread.join

    def callbacks(self) -> Callable[[], None]:
        chosen = random.Random(self.random.random())
        busy = threading.local()

        def callback(phase: str, info: dict[str, Any]) -> None:
            if info["generation"] > 0 or chosen.random() < 0.2:
                if not getattr(busy, "yes", False):
                    busy.yes = True
                    self.dump(chosen, "dumps in callbacks of the collector", self.small)
                    busy.yes = False

        gc.set_threshold(300)
        gc.callbacks.append(callback)
        return lambda: gc.callbacks.remove(callback)

    def greenlets(self) -> Callable[[], None]:
        import greenlet

        chosen = random.Random(self.random.random())

        class Switches:
            def __reduce__(self) -> Any:
                greenlet.getcurrent().parent.switch()
                return list, ((1, 2),)

        def one() -> None:
            loaded = pickle.loads(self.ours.dumps([Switches(), Switches(), lambda: chosen]))
            if loaded[:2] != [[1, 2], [1, 2]]:
                self.failures.append(f"dumps in greenlets: {loaded!r:.200}")
            self.counts["dumps in greenlets"] += 1

        def work() -> None:
            try:
                while not self.over():
                    living = [greenlet.greenlet(one) for _ in range(4)]
                    while living:
                        current = chosen.choice(living)
                        current.switch()
                        self.dump(chosen, "dumps between greenlets", self.small)
                        living = [g for g in living if not g.dead]
            except BaseException:
                self.fail("greenlets")

        thread = threading.Thread(target=work)
        thread.start()
        return thread.join

    def forks(self) -> Callable[[], None]:
        """In the main thread, until the end: its children dump, and one of three forks again."""
        chosen = random.Random(self.random.random())

        def until_the_end() -> None:
            while not self.over():
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # 3.12 says that there are threads
                    pid = os.fork()
                if pid == 0:
                    self.in_child(chosen, depth=0)
                self.wait(pid)
                self.dump(chosen, "dumps between forks")

        return until_the_end

    def in_child(self, chosen: random.Random, depth: int) -> None:
        status = 1
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
            gc.callbacks.clear()
            before = len(self.failures)
            for _ in range(5):
                self.dump(chosen, "dumps in a child")
            if depth < 2 and chosen.random() < 0.3:
                pid = os.fork()
                if pid == 0:
                    self.in_child(chosen, depth + 1)
                self.wait(pid)
            for text in self.failures[before:]:
                print(text, file=sys.stderr, flush=True)
            status = 1 if len(self.failures) > before else 0
        finally:
            os._exit(status)

    def wait(self, pid: int) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                if status:
                    self.failures.append(
                        f"a child ended with status {status}: see the errors it printed"
                    )
                self.counts["children"] += 1
                return
            time.sleep(0.002)
        os.kill(pid, signal.SIGABRT)  # faulthandler shows where it is
        os.waitpid(pid, 0)
        self.failures.append("a child hung for a minute")

    def watch(self) -> Callable[[], None]:
        """Memory after the warm-up and at the end."""
        import psutil

        process = psutil.Process()
        resident: list[int] = []

        def work() -> None:
            while time.monotonic() < self.end - (1 - WARM_UP) * self.seconds and not self.over():
                time.sleep(0.05)
            while not self.over():
                resident.append(process.memory_info().rss)
                time.sleep(0.2)

        thread = threading.Thread(target=work)
        thread.start()

        def done() -> None:
            thread.join()
            third = max(1, len(resident) // 3)
            if len(resident) > 10 and min(resident[-third:]) > max(resident[:third]) + GROWTH:
                megabytes = [n >> 20 for n in resident[:: max(1, len(resident) // 12)]]
                self.failures.append(f"memory grows: {megabytes} MiB")

        return done


ACTIVITIES = ("threads", "timers", "finalizers", "callbacks", "greenlets", "watch", "forks")


def main(seed: int, seconds: float, only: str = "") -> None:
    sys.setswitchinterval(5e-4)
    warnings.simplefilter("ignore")
    round_ = Round(seed, seconds)
    round_.end = time.monotonic() + seconds  # making the samples is not part of it
    without, ends = [], []
    for name in only.split(",") if only else ACTIVITIES:
        try:
            ends.append(getattr(round_, name)())
        except ImportError as error:
            without.append(f"{name}: {error}")
    if not any(end.__name__ == "until_the_end" for end in ends):
        while not round_.over():
            time.sleep(0.05)
    for end in reversed(ends):
        end()
    info = round_.ours.engine_info() if hasattr(round_.ours, "engine_info") else {}
    result = {
        "python": sys.version.split()[0],
        "path": info.get("path"),
        "without": without,
        "counts": round_.counts,
        "failures": round_.failures,
    }
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:])
