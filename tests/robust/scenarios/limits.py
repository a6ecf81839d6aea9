"""Limits of the process under which Go's runtime can't start, or could not go on."""

from __future__ import annotations

import io
import os
import pickle
import resource
import sys
import threading
from typing import Any

import cloudpickle
import gocloudpickle

FUNCTION: Any = eval("lambda x: [x, 'of no module']")


class Nested:
    """Dumps in its __reduce__, so many times one in the other."""

    def __init__(self, levels: int) -> None:
        self.levels = levels

    def __reduce__(self) -> Any:
        if self.levels == 0:
            return int, (1,)
        return len, (gocloudpickle.dumps(Nested(self.levels - 1)),)


def check(path: str, why: str = "") -> None:
    """Demand that all works, on that path."""
    data = [FUNCTION, {"a": [1, 2.5]}, Nested(2)]
    assert gocloudpickle.dumps(data) == cloudpickle.dumps(data)
    file = io.BytesIO()
    gocloudpickle.Pickler(file).dump(data)
    assert pickle.loads(file.getvalue())[0](1) == [1, "of no module"]
    info = gocloudpickle.engine_info()
    assert path == "any" or (info["path"] == "python") == (path == "python"), info
    assert why in (info["why_python"] or ""), info


def limit(name: int, megabytes: int) -> None:
    resource.setrlimit(name, (megabytes << 20, resource.getrlimit(name)[1]))


def address_space(megabytes: str, path: str) -> None:
    limit(resource.RLIMIT_AS, int(megabytes))
    check(path, "address space" if path == "python" else "")


def data(megabytes: str, path: str) -> None:
    limit(resource.RLIMIT_DATA, int(megabytes))
    check(path, "memory" if path == "python" else "")


def stack(kilobytes: str) -> None:
    """What the main thread's stack may have, as little as the interpreter starts with."""
    size = resource.RLIM_INFINITY if kilobytes == "unlimited" else int(kilobytes) << 10
    resource.setrlimit(resource.RLIMIT_STACK, (size, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    os.execv(sys.executable, [sys.executable, "-m", "tests.robust.scenario", "limits:check", "any"])


def taken(name: int) -> int:
    """Tell how many bytes of what a limit is for this process has."""
    field = {resource.RLIMIT_AS: "VmSize:", resource.RLIMIT_DATA: "VmData:"}[name]
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith(field))


def set_later(limited: str, kind: str, left: str) -> None:
    """The engine is there, and then a limit that leaves it so many MiB."""
    gocloudpickle.dumps(lambda: 1)
    obj: Any
    if kind == "functions":
        obj = [eval(f"lambda x: x + {i}") for i in range(20_000)]
    elif kind == "classes":
        obj = [type(f"C{i}", (), {"f": lambda self: 1}) for i in range(3_000)]
    else:
        obj = None
        for _ in range(50_000):
            obj = [obj]
    name = {"address space": resource.RLIMIT_AS, "data": resource.RLIMIT_DATA}[limited]
    old = resource.getrlimit(name)
    resource.setrlimit(name, (taken(name) + (int(left) << 20), old[1]))
    expected = (
        (MemoryError,) if kind != "deep" else (MemoryError, pickle.PicklingError, RecursionError)
    )
    for _ in range(2):
        try:
            gocloudpickle.dumps(obj)
        except expected:
            pass
    resource.setrlimit(name, old)
    assert gocloudpickle.loads(gocloudpickle.dumps(lambda: 2))() == 2


def step_by_step(kind: str) -> None:
    """Memory ends at each place of a dump that fails, its end included."""
    gocloudpickle.dumps(lambda: 1)
    obj: Any = threading.Lock()
    if kind == "deep":
        for _ in range(50_000):
            obj = [obj]
    else:
        obj = [*([[i], (i, i)] for i in range(20_000)), obj]
    pickler = gocloudpickle.Pickler(type("File", (), {"write": lambda self, chunk: None})())
    old = resource.getrlimit(resource.RLIMIT_DATA)
    raised = set()
    for left in [*range(0, 1 << 20, 64 << 10), *range(1 << 20, 6 << 20, 512 << 10)]:
        for dump in (gocloudpickle.dumps, pickler.dump):
            gocloudpickle.dumps(FUNCTION)  # keeps memory for Go's threads again
            resource.setrlimit(resource.RLIMIT_DATA, (taken(resource.RLIMIT_DATA) + left, old[1]))
            try:
                dump(obj)
            except (MemoryError, pickle.PicklingError, TypeError) as error:
                raised.add(type(error))
            except RuntimeError as error:
                assert "can't be called here" in str(error), error
            finally:
                resource.setrlimit(resource.RLIMIT_DATA, old)
    if kind == "deep":
        assert pickle.PicklingError in raised, raised  # soon, on 3.10 and 3.11
    else:
        assert raised == {MemoryError, TypeError}, raised
    pickler.dump([FUNCTION])
    assert pickler.memo.copy()


def fork_under_a_limit() -> None:
    """There is space for one engine, and in the child, which inherits that one, for no other."""
    limit(resource.RLIMIT_AS, 3000)
    check("engine")
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            check("python", "address space")
            grandchild = os.fork()
            if grandchild == 0:
                check("python", "address space")
                os._exit(42)
            assert os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1]) == 42
            status = 42
        except BaseException as error:
            print(type(error), error, flush=True)
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 42
    check("engine")


def threads(number: str, path: str) -> None:
    """RLIMIT_NPROC, which holds for those without the privilege to exceed it."""
    command = [sys.executable, "-m", "tests.robust.scenario", "limits:check", path]
    if path == "python":
        command.append("threads")
    if os.geteuid() == 0:
        privileges = ["--ruid", "65534", "--euid", "0", "--bounding-set=-sys_resource,-sys_admin"]
        os.execvp("setpriv", ["setpriv", *privileges, "prlimit", f"--nproc={number}", *command])
    os.execvp("prlimit", ["prlimit", f"--nproc={number}", *command])


def started_by_gevent() -> None:
    """Threads are tried although gevent has put something else in the place of their start."""
    from gevent import monkey

    monkey.patch_all()
    from gocloudpickle import _preconditions

    assert _preconditions._can_start(4)
    check("any")


def environment() -> None:
    """What Go's runtime ends a process for: the engine does not see it, the program does."""
    names = ("GOMEMLIMIT", "GODEBUG", "GOMAXPROCS")
    before = [os.environ.get(name) for name in names]
    check("engine")
    assert [os.environ.get(name) for name in names] == before
    for name, value in zip(names, before, strict=True):
        assert os.popen(f"echo ${name}").read().strip() == (value or "")


def small_stacks() -> None:
    """Dumps in threads of any size do, and nested ones end with an error."""
    gocloudpickle.dumps(FUNCTION)
    expected = cloudpickle.dumps([FUNCTION, Nested(0)])
    outcomes: dict[int, list[Any]] = {}

    def work(size: int) -> None:
        assert gocloudpickle.dumps([FUNCTION, Nested(0)]) == expected
        pickler = gocloudpickle.Pickler(io.BytesIO())
        pickler.dump([FUNCTION])
        pickler.clear_memo()
        if size < 256:
            return  # the interpreter itself would not find the stack's end
        for levels in (10, 40, 100, 300, 3000):
            try:
                gocloudpickle.dumps(Nested(levels))
            except (pickle.PicklingError, RecursionError) as error:
                outcomes.setdefault(size, []).append(type(error).__name__)

    sizes = (64, 128, 256, 512, 1024)
    for size in sizes:
        threading.stack_size(size << 10)
        thread = threading.Thread(target=work, args=(size,))
        thread.start()
        thread.join()
    assert all(outcomes[size][-1] == "PicklingError" for size in sizes[2:]), outcomes
    assert gocloudpickle.engine_info()["path"] != "python"
