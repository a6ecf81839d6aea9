"""The files that the engine has open."""

from __future__ import annotations

import os

import gocloudpickle


def numbers() -> set[str]:
    """The file descriptors, with what they are open on."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        try:
            found.add(f"{number} {os.readlink(f'/proc/self/fd/{number}')}")
        except FileNotFoundError:
            pass  # the folder's own, closed by now
    return found


def use() -> None:
    assert gocloudpickle.loads(gocloudpickle.dumps(lambda x: x + 1))(1) == 2


def none_opened() -> None:
    """Neither by the first use nor by that in a forked child, which loads the engine anew."""
    before = numbers()
    use()
    opened = numbers() - before
    assert not opened, f"the engine keeps open: {sorted(opened)}"
    child = os.fork()
    if not child:
        use()
        opened = numbers() - before
        print(f"opened in the child: {sorted(opened)}", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
