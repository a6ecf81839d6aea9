"""Loads that are under way at once in one process, and end in any order.

load_interleaved.py greenlets|threads|finalizers    prints "done"
"""

from __future__ import annotations

import faulthandler
import gc
import os
import pickle
import random
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [ROOT, os.path.join(ROOT, "py")]

import cloudpickle  # noqa: E402
from gocloudpickle import _loader  # noqa: E402

MODULE = "module_for_interleaved_loads"
away: Callable[[], None] = lambda: None  # lets another load go on
on = False


def act() -> None:
    if on:
        away()


class SetsState:
    def __init__(self, number: int) -> None:
        self.number = number

    def __setstate__(self, state: Any) -> None:
        act()
        self.__dict__.update(state)
        act()

    def __hash__(self) -> int:
        act()
        return 5

    def __eq__(self, other: object) -> bool:
        act()
        return self is other


class Calls:
    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> Any:
        return called, (self.number,)


def called(number: int) -> int:
    act()
    return number


class Finder:
    """Switches while a name is looked up: payloads name modules that come and go."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        act()


def hook(event: str, arguments: Any) -> None:
    if event in ("pickle.find_class", "code.__new__", "function.__new__"):
        act()


def make(number: int) -> Any:
    space: dict[str, Any] = {"__name__": f"made_{number}", "n": number, "other": number * 2}
    exec(
        "import enum, abc\n"
        "def f(a, *, b=n): return n + other + b\n"
        f"class K{number}:\n    rate = n\n    def m(self): return __class__, n\n"
        f"class A{number}(abc.ABC):\n    def m(self): return n\n"
        f"class E{number}(enum.Enum):\n    ONE = {number}\n    TWO = 'two'\n",
        space,
    )
    cls, abstract, members = (space[f"{letter}{number}"] for letter in "KAE")
    return [
        space["f"],
        Calls(number),
        cls,
        SetsState(number),
        abstract,
        {SetsState(number): number},
        members,
        {SetsState(number), Calls(number)},
        lambda: (number, space["f"]),
        cls(),
        members.ONE,
    ]


def check(number: int, loaded: Any) -> None:
    f, called_, cls, state, abstract, keyed, members, both, closure, instance, one = loaded
    assert f(0) == number * 4 and called_ == number and cls.rate == number
    assert instance.m() == (cls, number) and state.number == number
    assert abstract().m() == number and list(keyed.values()) == [number]
    assert one is members(number) and number in both and closure()[0] == number
    assert closure()[1](0) == number * 4


COUNT = 12


def payloads() -> list[bytes]:
    module: Any = types.ModuleType(MODULE)
    for what in (SetsState, Calls, called):
        what.__module__ = MODULE
        setattr(module, what.__name__, what)
    sys.modules[MODULE] = module
    return [cloudpickle.dumps(make(number)) for number in range(COUNT)]


def forget_classes() -> None:
    cloudpickle.cloudpickle._DYNAMIC_CLASS_TRACKER_BY_ID.clear()
    cloudpickle.cloudpickle._DYNAMIC_CLASS_TRACKER_BY_CLASS.clear()


def loop(native: Any, data: list[bytes], times: int) -> None:
    for turn in range(times):
        for number, one in enumerate(data):
            if turn % 2:
                forget_classes()
            check(number, native(one))


def with_greenlets(native: Any, data: list[bytes]) -> None:
    global away
    import greenlet

    hub = greenlet.getcurrent()

    def switch() -> None:
        if greenlet.getcurrent() is not hub:
            hub.switch()

    away = switch
    for seed in range(6):
        choose = random.Random(seed)
        numbers = [choose.randrange(COUNT) for _ in range(20)]

        def load(number: int) -> None:
            check(number, native(data[number]))

        running = [(greenlet.greenlet(load), number) for number in numbers]
        for one, number in running:
            one.switch(number)
        while running := [pair for pair in running if not pair[0].dead]:
            choose.choice(running)[0].switch()
            if choose.random() < 0.02:
                # One that never goes on: it ends with GreenletExit.
                running.pop(choose.randrange(len(running)))
            if choose.random() < 0.05:
                forget_classes()


def with_threads(native: Any, data: list[bytes]) -> None:
    global away
    import time

    away = lambda: time.sleep(0)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            loop(native, data, 4)
        except BaseException as error:
            errors.append(error)

    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def with_finalizers(native: Any, data: list[bytes]) -> None:
    """A load in a load, from what is collected in the middle of the first."""
    count, loading = [0], list[bool]()

    class Finalized:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            count[0] += 1
            # Not within another of these, and not for ever.
            if count[0] % 3 == 0 and not loading:
                loading.append(True)
                native(data[count[0] % COUNT])
                loading.clear()
            if on:
                Finalized()

    gc.freeze()
    Finalized()
    gc.set_threshold(1, 1, 1)
    loop(native, data, 4)
    gc.set_threshold(700, 10, 10)
    assert count[0] > 20, count


def main(way: str) -> None:
    global on
    faulthandler.enable()
    faulthandler.dump_traceback_later(100, exit=True)
    native, data = _loader.engine().loads, payloads()
    for number, one in enumerate(data):
        check(number, pickle.loads(one))
    sys.meta_path.insert(0, Finder())  # type: ignore[arg-type]
    sys.addaudithook(hook)
    before = _loader.engine().loads_info()
    on = True
    {"greenlets": with_greenlets, "threads": with_threads, "finalizers": with_finalizers}[way](
        native, data
    )
    on = False
    after = _loader.engine().loads_info()
    assert after["native"] > before["native"] + 20 and after["pickle"] == before["pickle"], after
    print("done")


if __name__ == "__main__":
    main(sys.argv[1])
