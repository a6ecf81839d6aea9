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


def none_opened() -> None:
    before = numbers()
    assert gocloudpickle.loads(gocloudpickle.dumps(lambda x: x + 1))(1) == 2
    assert gocloudpickle.engine_info()["dumps"]
    opened = numbers() - before
    assert not opened, f"the engine keeps open: {sorted(opened)}"
    print("no file is open")
