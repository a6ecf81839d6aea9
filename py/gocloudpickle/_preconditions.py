"""Whether the system lets Go's runtime start here, which ends the process where it can't.

The runtime starts when the library is loaded, and asks the system for address space,
memory and threads then and later; where it gets none it has no way to say so. So these are
tried before. Where no limit is set that costs some microseconds.

The rule: with a limit of the address space (RLIMIT_AS), ADDRESS_SPACE and the stacks of
THREADS more threads must be free; with one of the data (RLIMIT_DATA), or where the system
promises no more memory than it has (vm.overcommit_memory=2), DATA and these stacks; and with
one of the number of processes or threads (RLIMIT_NPROC, pids.max of a cgroup), THREADS.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# A start reserves 0.6 GiB for its tables, an arena of 64 MiB for the heap, and another that
# the C library gives to each thread; a few hundred dumps of a million objects take 0.7 more.
ADDRESS_SPACE = 2 << 30
DATA = 256 << 20
THREADS = 16  # it has started 6 to 8 after hours of work, with GOMAXPROCS at 4
MANY = 4096  # threads that may still be started: nothing else will have used them up

_DEFAULT_STACK = 2 << 20  # glibc's, where RLIMIT_STACK is unlimited


def why_not() -> str | None:
    """Say what the system doesn't grant that Go's runtime needs, None if there is nothing."""
    return _why_no_memory() or _why_no_threads()


def _why_no_memory() -> str | None:
    import resource

    limits = {
        name: resource.getrlimit(name)[0] for name in (resource.RLIMIT_AS, resource.RLIMIT_DATA)
    }
    limited = [name for name, limit in limits.items() if limit != resource.RLIM_INFINITY]
    if not limited and not _is_strict():
        return None
    stack = resource.getrlimit(resource.RLIMIT_STACK)[0]
    stacks = THREADS * (_DEFAULT_STACK if stack == resource.RLIM_INFINITY else stack)
    if resource.RLIMIT_AS in limited and not _can_map(ADDRESS_SPACE + stacks, reserve=True):
        return f"less than {ADDRESS_SPACE + stacks >> 20} MiB of address space are free (ulimit -v)"
    if not _can_map(DATA + stacks, reserve=False):
        return f"less than {DATA + stacks >> 20} MiB of memory are free (ulimit -d, overcommit)"
    return None


def _is_strict() -> bool:
    return _number_in("/proc/sys/vm/overcommit_memory") == 2


def _can_map(size: int, reserve: bool) -> bool:
    import mmap

    protection = 0 if reserve else mmap.PROT_READ | mmap.PROT_WRITE
    try:
        mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, protection).close()
    except (OSError, OverflowError):
        return False
    return True


def _why_no_threads() -> str | None:
    # What is left of a limit can only be tried: who counts against RLIMIT_NPROC can be
    # outside of what a container sees, and who may exceed it is the kernel's business.
    if _has_many_threads() or _can_start(THREADS):
        return None
    return f"no {THREADS} more threads can be started (ulimit -u, or pids.max of a cgroup)"


def _has_many_threads() -> bool:
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    return (limit == resource.RLIM_INFINITY or limit - _all_threads() >= MANY) and (
        _left_in_cgroup() >= MANY
    )


def _all_threads() -> int:
    # Of all users, and in a container those of the host: at least as many as count.
    try:
        with open("/proc/loadavg") as file:
            return int(file.read().split()[3].partition("/")[2])
    except (OSError, ValueError, IndexError):
        return 1 << 60


def _left_in_cgroup() -> int:
    """How many more threads the cgroup of this process may have, as far as can be seen."""
    left = 1 << 60
    for folder in _pids_folders():
        limit = _number_in(f"{folder}/pids.max")
        if limit is not None:
            left = min(left, limit - (_number_in(f"{folder}/pids.current") or 0))
    return left


def _pids_folders() -> list[str]:
    try:
        with open("/proc/self/cgroup") as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    folders = []
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            root = "/sys/fs/cgroup"
        elif "pids" in controllers.split(","):
            root = "/sys/fs/cgroup/pids"
        else:
            continue
        # The path can be one of the host's, and what it leads to be what is mounted here.
        parts = path.strip("/").split("/")
        folders += [root + "/" + "/".join(parts[:n]) for n in range(len(parts) + 1)]
    return folders


def _number_in(path: str) -> int | None:
    try:
        with open(path) as file:
            return int(file.read())
    except (OSError, ValueError):  # pids.max says "max" where there is no limit
        return None


def _can_start(number: int) -> bool:
    """Tell whether so many threads can run at once."""
    import _thread

    start, new_lock = _real(_thread, "start_new_thread"), _real(_thread, "allocate_lock")
    if start is None or new_lock is None:
        return False
    go_on = new_lock()
    go_on.acquire()

    def run(done: Any) -> None:
        go_on.acquire()
        go_on.release()
        done.release()

    running = []
    try:
        for _ in range(number):
            done = new_lock()
            done.acquire()
            start(run, (done,))
            running.append(done)
    except (RuntimeError, MemoryError):
        pass
    finally:
        go_on.release()
    for done in running:
        done.acquire()
    return len(running) == number


def _real(module: Any, name: str) -> Callable[..., Any] | None:
    # gevent and eventlet put functions in its place that deal in greenlets.
    function: Callable[..., Any] = getattr(module, name)
    if type(function) is type(len):
        return function
    import sys

    monkey = sys.modules.get("gevent.monkey")
    if monkey is None:
        return None
    original: Callable[..., Any] = monkey.get_original("_thread", name)
    return original
