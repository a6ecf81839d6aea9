"""The scenarios that are likeliest to find memory errors, once more with the checks on that find them.

The whole of these tests can be run so: PYTHONMALLOC=debug GODEBUG=cgocheck=1 make test-quick.
`make test` does it, with an engine that has Go's checkptr compiled in.
"""

from __future__ import annotations

import pytest

from tests.robust import child

CHECKED = {**child.CHECKED, "PYTHONWARNINGS": "ignore"}

CORE = [
    ("fork:heap_growth", "plain"),
    ("fork:nested",),
    ("fork:inside_reduce_child_goes_on", "2"),
    ("fork:unused_in_the_child", "sys.exit"),
    ("threads:at_once",),
    ("threads:one_object_that_changes",),
    ("threads:gc_in_threads",),
    ("signals:timer_storm",),
    ("signals:interrupts", "callbacks"),
    ("exits:daemon_threads", "nested"),
    ("exits:picklers_alive",),
    ("exits:finalization", "class"),
    ("nesting:not_too_deep", "mixed"),
    ("memory:new_objects", "500", "class"),
    ("pools:executor", "fork"),
]


@pytest.mark.parametrize("scenario", CORE, ids=lambda scenario: " ".join(scenario))
def test_checked(scenario: tuple[str, ...], path: str) -> None:
    child.run(*scenario, path=path, env=CHECKED, timeout=200).check()


@pytest.mark.slow
@pytest.mark.parametrize("scenario", CORE, ids=lambda scenario: " ".join(scenario))
def test_collecting_all_the_time(scenario: tuple[str, ...], path: str) -> None:
    """Go collects its garbage at every turn, which shows what it wrongly thinks is garbage."""
    child.run(*scenario, path=path, env={**CHECKED, "GOGC": "1"}, timeout=280).check()


def test_the_checks_are_on() -> None:
    """The environment reaches the allocator, which fills new memory with 0xcd and freed memory with 0xdd."""
    program = (
        "import ctypes\n"
        "take, give = ctypes.pythonapi.PyMem_Malloc, ctypes.pythonapi.PyMem_Free\n"
        "take.restype, give.argtypes = ctypes.c_void_p, [ctypes.c_void_p]\n"
        "block = take(100)\n"
        "print(ctypes.string_at(block, 100).hex()[:8])\n"
    )
    assert child.run_python(["-c", program], env=CHECKED).check().stdout == "cdcdcdcd\n"
