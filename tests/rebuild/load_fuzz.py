"""Mutated payloads, loaded by pickle and by the native loads: the same comes of both.

    load_fuzz.py SEED COUNT [collecting]    prints "done"

With collecting, garbage is collected at every allocation: see collecting.py.

A process of its own: what a mutated payload does is anybody's guess, and a crash has
to be seen as one.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import random
import re
import resource
import sys
from collections.abc import Callable
from typing import Any

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [ROOT, os.path.join(ROOT, "py")]

import cloudpickle  # noqa: E402
from gocloudpickle import _loader  # noqa: E402

from tests.rebuild.collecting import at_every_allocation  # noqa: E402
from tests.rebuild.payload_samples import SAMPLES  # noqa: E402

OPCODES = b"()NRbtue]}0\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94as"
# A sample that has one of these runs code of its own when it is loaded, and what mutated
# bytecode does is no matter of ours.
RUNS_CODE = re.compile(
    r"metaclass|__(new|init|init_subclass|set_name|prepare|mro|hash|eq|call|reduce|setstate)\w*__"
)
ADDRESS = re.compile("0x[0-9a-f]+")


def payloads() -> list[bytes]:
    made = []
    for sample in SAMPLES:
        if sample.name in ("standard_output", "file") or RUNS_CODE.search(sample.make):
            continue
        program: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        exec(compile(sample.make, f"<{sample.name}>", "exec", dont_inherit=True), program)
        made.append(cloudpickle.dumps(program["made"], protocol=5))
    return made


def flip(data: bytearray, at: int, choose: random.Random, others: list[bytes]) -> None:
    data[at] = choose.randrange(256)


def another_opcode(data: bytearray, at: int, choose: random.Random, others: list[bytes]) -> None:
    data[at] = choose.choice(OPCODES)


def insert(data: bytearray, at: int, choose: random.Random, others: list[bytes]) -> None:
    data[at:at] = bytes([choose.choice(OPCODES)])


def insert_get(data: bytearray, at: int, choose: random.Random, others: list[bytes]) -> None:
    data[at:at] = bytes([ord("h"), choose.randrange(60)])


def cut(data: bytearray, at: int, choose: random.Random, others: list[bytes]) -> None:
    del data[at : at + choose.randrange(1, 6)]


def copy(data: bytearray, at: int, choose: random.Random, others: list[bytes]) -> None:
    source = choose.choice(others)
    start = choose.randrange(len(source))
    data[at:at] = source[start : start + choose.randrange(1, 40)]


Mutation = Callable[[bytearray, int, random.Random, list[bytes]], None]
MUTATIONS: list[Mutation] = [flip, another_opcode, insert, insert_get, cut, copy]


def mutate(choose: random.Random, seeds: list[bytes]) -> bytes:
    data = bytearray(choose.choice(seeds))
    del data[2:11]  # the frame: its length would be wrong
    for _ in range(choose.choice((1, 1, 1, 2, 3))):
        choose.choice(MUTATIONS)(data, choose.randrange(2, len(data)), choose, seeds)
    return bytes(data)


def outcome(loads: Any, data: bytes, fresh: bool) -> Any:
    if fresh:
        forget_classes()
    try:
        loaded = load(loads, data)
    except Exception as error:
        return type(error).__name__, ADDRESS.sub("", str(error))
    try:
        again = cloudpickle.dumps(loaded)
    except Exception as error:
        again = type(error)
    return type(loaded).__name__, again


def load(loads: Any, data: bytes) -> Any:
    return loads(data)


def forget_classes() -> None:
    cloudpickle.cloudpickle._DYNAMIC_CLASS_TRACKER_BY_ID.clear()
    cloudpickle.cloudpickle._DYNAMIC_CLASS_TRACKER_BY_CLASS.clear()


def survives_with_pickle(data: bytes, fresh: bool) -> bool:
    """Tell whether pickle.loads itself gets over it: some mutated objects crash CPython."""
    pid = os.fork()
    if pid == 0:
        faulthandler.disable()
        with at_every_allocation(load):
            outcome(pickle.loads, data, fresh)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def main(seed: int, count: int, collecting: bool) -> None:
    faulthandler.enable()
    faulthandler.dump_traceback_later(200, exit=True)
    choose, seeds, native = random.Random(seed), payloads(), _loader.engine().loads
    # A memo number of four bytes makes pickle take gigabytes.
    with open("/proc/self/statm") as file:
        size = int(file.read().split()[0]) * resource.getpagesize() + (256 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    before = _loader.engine().loads_info()["native"]
    for number in range(count):
        fresh = number % 2 == 0  # of each class: it is made, not found
        data = mutate(choose, seeds)
        if collecting and not survives_with_pickle(data, fresh):
            continue
        if collecting:
            with at_every_allocation(load):
                outcome(native, data, fresh)
            continue
        # Twice: what is in the process may have been changed by the one before.
        expected = [outcome(pickle.loads, data, fresh), outcome(pickle.loads, data, fresh)]
        got = outcome(native, data, fresh)
        again = outcome(pickle.loads, data, fresh)
        if expected[0] == expected[1] == again != got:
            print(f"{number}: {data.hex()}\n  pickle {again}\n  native {got}")
            sys.exit(1)
    assert _loader.engine().loads_info()["native"] > before + count // 30
    print("done")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), "collecting" in sys.argv)
