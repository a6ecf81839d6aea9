"""The first use of the engine fails, at each point where it can, and is tried again."""

from __future__ import annotations

import builtins
import os
import pickle
import sys
import types
import warnings
from collections.abc import Callable
from typing import Any

import cloudpickle
import gocloudpickle
from gocloudpickle import _python_path


class Stop(BaseException):
    """What nobody may catch but who raised it."""


ERRORS = (ImportError, KeyboardInterrupt, MemoryError, Stop)
ATTEMPTS = 5
"""More than a table of names could be filled with, once."""

# Imported before there is anything to fail; what is imported by and by is no concern here.
MODULES = (
    "_pickle _thread abc builtins codecs collections copyreg _compat_pickle enum functools types weakref "
    "gocloudpickle._bind gocloudpickle._loader gocloudpickle._modules gocloudpickle._pickler "
    "gocloudpickle._reducers gocloudpickle._by_value gocloudpickle._loading cloudpickle.cloudpickle"
).split()


class Fault:
    """Raises at the event with a number, from 0: an import, or a look at a module's attribute."""

    def __init__(self) -> None:
        self.error: type[BaseException] | None = None
        self.at = self.seen = 0

    def arm(self, error: type[BaseException] | None, at: int) -> None:
        self.error, self.at, self.seen = error, at, 0

    def event(self) -> None:
        self.seen += 1
        if self.error is not None and self.seen == self.at + 1:
            raise self.error("injected")


def watch(fault: Fault) -> None:
    stock_import = builtins.__import__

    def import_(name: str, *arguments: Any, **options: Any) -> Any:
        fault.event()
        return stock_import(name, *arguments, **options)

    class Watched(types.ModuleType):
        def __getattribute__(self, name: str) -> Any:
            if not (name.startswith("__") and name.endswith("__")):
                fault.event()
            return object.__getattribute__(self, name)

    builtins.__import__ = import_
    for name in MODULES:
        __import__(name)
        sys.modules[name].__class__ = Watched


def use() -> bytes:
    """Use the engine, for the first time if it isn't there."""
    from gocloudpickle import _loader

    # An ImportError decides that this process does without the engine.
    dumps: Callable[[Any], bytes] = getattr(_loader.engine_or_none() or _python_path, "dumps")
    return dumps([lambda: 1, (1, "text"), {"key": 2.5}, print])


def in_a_child(work: Callable[[], None]) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status:
        raise AssertionError(f"a child ended with {status}")


def _check(expected: bytes, error: type[BaseException]) -> None:
    def made() -> Any:
        return [lambda: 1, (1, "text"), {"key": 2.5}, print]

    assert pickle.loads(use())[0]() == 1
    assert gocloudpickle.dumps([1, "a"]) == expected
    # With the loading side, and a second target after the first.
    function, kept = gocloudpickle.loads(cloudpickle.dumps((lambda: 2, made()[1:])))
    assert function() == 2 and kept[2] is print
    warnings.simplefilter("ignore")
    gocloudpickle.install()
    assert cloudpickle.loads(cloudpickle.dumps(lambda: 3))() == 3
    info = gocloudpickle.engine_info()
    without = error is ImportError and info["why_python"] == "injected"
    assert info["modules"]["cloudpickle.cloudpickle"]["on"] != without


def fails_at_each_point(step: str) -> None:
    """At each import and attribute: every step-th, with the errors in turn."""
    fault = Fault()
    expected = cloudpickle.dumps([1, "a"])
    watch(fault)

    def count() -> None:
        fault.arm(None, 0)
        use()
        os.write(write, str(fault.seen).encode())

    read, write = os.pipe()
    in_a_child(count)
    events = int(os.read(read, 20))
    assert events > 50, events

    def fails(at: int, error: type[BaseException]) -> None:
        failed = 0
        for _ in range(ATTEMPTS):
            fault.arm(error, at)
            try:
                use()
                break  # some failures are got over
            except (error, pickle.PicklingError):
                # The engine asks the C pickler how it writes a name, and that makes such
                # an error of whatever an import raises (save_global in _pickle.c).
                failed += 1
        fault.arm(None, 0)
        _check(expected, error)
        if failed == 0 and error in (KeyboardInterrupt, Stop):
            raise AssertionError(f"{error.__name__} at event {at} was lost")

    for number, at in enumerate(range(0, events, int(step))):
        chosen = ERRORS if step == "1" else (ERRORS[number % len(ERRORS)],)
        for error in chosen:
            try:
                in_a_child(lambda: fails(at, error))
            except AssertionError as problem:
                raise AssertionError(f"{error.__name__} at event {at}: {problem}") from None
    print("tried", events)


def imports_nothing_under_the_lock() -> None:
    """A thread that imports holds a module's lock, and may wait for the import lock."""
    from gocloudpickle import _loader

    under_the_lock: list[str] = []
    stock_load = _loader._load_image

    def load_image() -> Any:
        before = set(sys.modules)
        module = stock_load()
        under_the_lock.extend(set(sys.modules) - before)
        return module

    _loader._load_image = load_image
    gocloudpickle.dumps(lambda: 1)
    assert under_the_lock in ([], ["gocloudpickle._engine"]), under_the_lock
    print("only the engine")
