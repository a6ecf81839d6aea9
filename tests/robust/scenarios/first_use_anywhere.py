"""The first use comes where it is least convenient: within an import, within itself, in a fork of either."""

from __future__ import annotations

import _imp
import gc
import importlib
import importlib.machinery
import os
import pickle
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import gocloudpickle
from gocloudpickle import _install, _loader, _modules

REFUSED = "used for the first time in the middle of an import"


def sample() -> Any:
    return [lambda: 1, (1, "text"), {"key": 2.5}]


def check_sample(payload: bytes) -> None:
    function, *rest = pickle.loads(payload)
    assert function() == 1 and rest == [(1, "text"), {"key": 2.5}]


def dumps_or_refusal() -> str:
    try:
        check_sample(gocloudpickle.dumps(sample()))
    except RuntimeError as error:
        assert REFUSED in str(error), error
        return "refused"
    return "served"


def check_later() -> None:
    """What has been got over leaves no trace."""
    check_sample(gocloudpickle.dumps(sample()))
    path = os.environ.get("GOCLOUDPICKLE_PATH") or "layout"
    info = gocloudpickle.engine_info()
    if info["path"] != path:
        # In a child whose parent has no engine to make the file with.
        assert "memfd_create" in info["why_python"] and not hasattr(os, "memfd_create"), info


class Gate:
    """A finder of one module, which lets nobody through before it is opened."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.reached, self.open = threading.Event(), threading.Event()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        assert spec is not None and spec.loader is not None
        execute = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            self.reached.set()
            self.open.wait()
            import colorsys  # noqa: F401  what isn't imported yet: this takes the import lock

            execute(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec

    def thread(self) -> threading.Thread:
        """Return a thread that is in the middle of importing the module."""
        sys.meta_path.insert(0, self)
        thread = threading.Thread(target=importlib.import_module, args=(self.name,), daemon=True)
        thread.start()
        assert self.reached.wait(20)
        return thread


def import_what_the_third_path_needs() -> None:
    import cloudpickle  # noqa: F401

    for name in _loader._WITHOUT_ENGINE:
        importlib.import_module(name)


def call_at(place: str, function: Callable[[], None]) -> None:
    """Call a function once, as the collector would, where importlib has a lock."""

    def profile(frame: Any, event: str, argument: Any) -> None:
        name = frame.f_code.co_name
        if "importlib._bootstrap" not in frame.f_code.co_filename:
            return
        if name == "__enter__":  # of _ImportLockContext
            name = frame.f_back.f_code.co_name
        took_lock = event == "c_return" and argument is _imp.acquire_lock
        if (took_lock and name == place) or (event, name, place) == (
            "call",
            "has_deadlock",
            "acquire",
        ):
            sys.setprofile(None)
            function()

    sys.setprofile(profile)


def within_an_import(place: str, module: str) -> None:
    """In one of importlib's critical sections, while another thread imports what is needed."""
    if module != "cloudpickle":
        import_what_the_third_path_needs()
    gate, said = Gate(module), []
    other = gate.thread()

    def first_use() -> None:
        threading.Timer(0.3, gate.open.set).start()
        said.append(dumps_or_refusal())

    call_at(place, first_use)
    importlib.import_module(module if place == "acquire" else "stringprep")
    sys.setprofile(None)
    other.join()
    assert len(said) == 1
    check_later()
    print(*said)


def within_an_import_alone(place: str) -> None:
    """Nobody else imports: there is nothing to wait for."""
    said: list[str] = []
    idle = threading.Event()
    threading.Thread(target=idle.wait, daemon=True).start()
    call_at(place, lambda: said.append(dumps_or_refusal()))
    import stringprep  # noqa: F401

    sys.setprofile(None)
    idle.set()
    check_later()
    print(*said)


def within_itself() -> None:
    """What runs in the middle of loading the engine dumps, too."""
    import_what_the_third_path_needs()
    from gocloudpickle import _preconditions, _python_path

    said: list[str] = []
    stock = _preconditions.why_not

    def why_not() -> Any:
        before = set(sys.modules)
        said.append(dumps_or_refusal())
        assert set(sys.modules) == before
        assert gocloudpickle.dumps is not _python_path.dumps or "dumps" not in vars(gocloudpickle)
        return stock()

    _preconditions.why_not = why_not
    check_sample(gocloudpickle.dumps(sample()))
    assert said == ["served"], said
    info = gocloudpickle.engine_info()
    assert info["dumps"]["python"] == 1 and info["why_python"] is None, info
    print("served")


def within_callbacks_of_the_collector() -> None:
    said: list[str] = []
    busy = False

    def callback(phase: str, info: dict[str, Any]) -> None:
        nonlocal busy
        if not busy:
            busy = True
            said.append(dumps_or_refusal())
            busy = False

    import cloudpickle  # noqa: F401

    gc.callbacks.append(callback)
    gc.set_threshold(1)
    said.append(dumps_or_refusal())
    gc.callbacks.clear()
    check_later()
    assert said.count("served") > 1, said
    print("served")


def within_signals(seed: str) -> None:
    """A storm of signals over the first use, with other threads at theirs."""
    failures: list[str] = []

    def use(*_: object) -> None:
        try:
            dumps_or_refusal()
        except BaseException as error:
            failures.append(repr(error))

    import cloudpickle  # noqa: F401

    signal.signal(signal.SIGALRM, use)
    threads = [threading.Thread(target=use) for _ in range(4)]
    signal.setitimer(signal.ITIMER_REAL, 0.0005 * (int(seed) + 1), 0.001)
    for thread in threads:
        thread.start()
    use()
    signal.setitimer(signal.ITIMER_REAL, 0)
    for thread in threads:
        thread.join()
    assert not failures, failures
    check_later()
    print("served")


def _in_child(work: Callable[[], None]) -> None:
    pid = os.fork()
    if pid == 0:
        _end(work)
    _reap(pid)


def _end(work: Callable[[], None]) -> None:
    try:
        work()
        os._exit(0)
    except BaseException as error:
        os.write(2, f"in a child: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(1)


def _reap(pid: int) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            assert status == 0, f"a child ended with status {status}"
            return
        time.sleep(0.01)
    os.kill(pid, signal.SIGABRT)
    os.waitpid(pid, 0)
    raise AssertionError("a child hung")


def forked_while_another_thread_imports(module: str) -> None:
    gate = Gate(module)
    gate.thread()

    def in_child() -> None:
        sys.meta_path.remove(gate)
        check_later()

    _in_child(in_child)
    gate.open.set()
    check_later()
    print("served")


def asks_for_other_threads_while_they_begin() -> None:
    # What the collector calls waits, in the middle of any allocation (up to 3.11).
    from gocloudpickle import _import_lock

    class Cycle:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            time.sleep(0.0005)

    def begin_threads() -> None:
        while not done:
            threading.Thread(target=int).start()

    done: list[bool] = []
    other = threading.Thread(target=begin_threads)
    gc.set_threshold(1)
    other.start()
    try:
        for _ in range(300):
            Cycle()
            assert not _import_lock.run(_import_lock._is_only_thread)
            assert gc.isenabled()
    finally:
        done.append(True)
        other.join()
    print("served")


def forks_within_itself(event: str, number: str) -> None:
    """What runs in the middle of loading the engine forks, and both processes go on."""
    import_what_the_third_path_needs()
    parent, pid, seen = os.getpid(), 0, 0
    armed = True

    def hook(name: str, arguments: Any) -> None:
        nonlocal armed, pid, seen
        if armed and name == event:
            seen += 1
            if seen == int(number):
                armed = False
                pid = os.fork()

    sys.addaudithook(hook)
    try:
        check_sample(gocloudpickle.dumps(sample()))
    except RuntimeError as error:
        assert os.getpid() != parent and "forked" in str(error), error
    armed = False
    if os.getpid() != parent:
        _end(check_later)
    if pid:
        _reap(pid)
    check_later()
    print("forked" if pid else f"only {seen}")


def interrupted_with_the_lock(action: str) -> None:
    """An interrupt when the import lock has just been taken gives it back."""
    import cloudpickle  # noqa: F401

    warnings.simplefilter("ignore")
    gocloudpickle.engine_info()
    actions: dict[str, Callable[[], Any]] = {
        "install": gocloudpickle.install,
        "uninstall": gocloudpickle.uninstall,
        "installed": gocloudpickle.installed().__enter__,
        "leave": lambda: gocloudpickle.installed().__exit__(None, None, None),
        "engine_info": gocloudpickle.engine_info,
        "enable": _modules.enable,
        "startup": _install.install_when_needed,
    }
    taken = 0

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal taken
        if event == "c_return" and argument is _imp.acquire_lock:
            sys.setprofile(None)
            taken += 1
            raise KeyboardInterrupt

    sys.setprofile(profile)
    try:
        actions[action]()
    except KeyboardInterrupt:
        pass
    sys.setprofile(None)
    assert taken == 1
    assert not _imp.lock_held()
    print("free")


def failed_before_a_fork() -> None:
    """A child has its parent's image of the library, though loading it failed there."""
    from gocloudpickle import _bind

    stock = _bind.bind

    def fails(engine: Any) -> None:
        raise KeyboardInterrupt

    _bind.bind = fails
    try:
        gocloudpickle.dumps(1)
    except KeyboardInterrupt:
        pass
    _bind.bind = stock
    _in_child(check_later)
    check_later()
    print("served")
