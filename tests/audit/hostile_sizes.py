"""Small payloads that would take all memory, or never end, when they are loaded."""

from __future__ import annotations

import collections
import functools
import itertools
import math
import operator
import pickle
import random
import struct
import time
import zlib
from typing import Any

from tests.audit.streams import call, whole

HUGE = 10**10


class Call:
    """What is pickled as a call."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.call = function, args

    def __reduce__(self) -> Any:
        return self.call


def repeated(times: int, function: Any, first: Any, *others: Any) -> Any:
    """Make first grow in as many steps, none of which makes much of what it gets."""
    return functools.reduce(lambda value, _: Call(function, value, *others), range(times), first)


def doubled(value: Any) -> Any:
    for _ in range(30):
        value = Call(operator.add, value, value)
    return value


CALLS: dict[str, Any] = {
    "bytes": Call(bytes, HUGE),
    "bytearray": Call(bytearray, HUGE),
    "mul": Call(operator.mul, "a", HUGE),
    "mul, the other way round": Call(operator.mul, HUGE, b"a"),
    "imul": Call(operator.imul, [0], HUGE),
    "mul of a mul": repeated(4, operator.mul, "a" * 100, 1000),
    "str.__mul__": Call(str.__mul__, "a", HUGE),
    "add, doubled": doubled("a" * 1000),
    "pow": Call(pow, 9, HUGE),
    "operator.pow": Call(operator.pow, 9, HUGE),
    "int.__pow__": Call(int.__pow__, 9, HUGE),
    "lshift": Call(operator.lshift, 1, HUGE * 10),
    "factorial": Call(math.factorial, 10**8),
    "to_bytes": Call(int.to_bytes, 1, HUGE, "big"),
    "ljust": Call(str.ljust, "a", HUGE),
    "center of bytes": Call(bytes.center, b"a", HUGE),
    "expandtabs": Call(str.expandtabs, "\t" * 10, HUGE),
    "replace": Call(str.replace, "a" * 10_000, "a", "b" * 10_000),
    "translate": Call(str.translate, "a" * 10_000, {97: "b" * 10_000}),
    "join": Call(str.join, "a" * 10_000, ["b"] * 10_000),
    "join of an iterator": Call(str.join, "", Call(itertools.repeat, "ab", HUGE)),
    "format": Call(format, 1, f"0{HUGE}d"),
    "str.format": Call(str.format, f"{{:{HUGE}}}", 1),
    "%": Call(operator.mod, f"%0{HUGE}d", 1),
    "% with *": Call(operator.mod, "%*d", (HUGE, 1)),
    "struct": Call(struct.pack, f"{HUGE}x"),
    "randbytes": Call(random.randbytes, HUGE),
    "list": Call(list, range(HUGE)),
    "tuple": Call(tuple, range(HUGE)),
    "set": Call(set, range(HUGE)),
    "deque": Call(collections.deque, range(HUGE)),
    "Counter": Call(collections.Counter, range(HUGE)),
    "dict.fromkeys": Call(dict.fromkeys, range(HUGE)),
    "sorted": Call(sorted, range(HUGE)),
    "sum": Call(sum, range(HUGE)),
    "max": Call(max, range(HUGE)),
    "list.extend": Call(list.extend, [], range(HUGE)),
    "set.update": Call(set.update, set(), range(HUGE)),
    "repeat": Call(list, Call(itertools.repeat, 1, HUGE)),
    "count": Call(list, Call(itertools.count)),
    "cycle": Call(list, Call(itertools.cycle, [1])),
    "islice": Call(list, Call(itertools.islice, Call(itertools.count), HUGE)),
    "accumulate": Call(list, Call(itertools.accumulate, Call(itertools.repeat, 1, HUGE))),
    "product": Call(list, Call(itertools.product, *[range(1000)] * 4)),
    "permutations": Call(list, Call(itertools.permutations, range(20))),
    "combinations": Call(list, Call(itertools.combinations, range(60), 30)),
    "map": Call(list, Call(map, str, range(HUGE))),
    "zip": Call(list, Call(zip, Call(itertools.count), range(HUGE))),
    "enumerate": Call(list, Call(enumerate, range(HUGE))),
    "iter that never ends": Call(list, Call(iter, int, 1)),
    "zlib": Call(zlib.decompress, zlib.compress(b"0" * 10**8)),
    "sleep": Call(time.sleep, HUGE),
}

NUMBER = b"J\xff\xff\xff\x7f"

SIZES = [(name, pickle.dumps(value)) for name, value in CALLS.items()] + [
    ("numpy.zeros", whole(call("numpy", "zeros", NUMBER))),
    ("numpy.ones of a shape", whole(call("numpy", "ones", b"(" + NUMBER + NUMBER + b"t"))),
    (
        "numpy's _reconstruct",
        whole(
            call(
                "numpy._core.multiarray",
                "_reconstruct",
                b"\x8c\x05numpy\x8c\x07ndarray\x93",
                NUMBER + b"\x85",
                b"C\x01b",
            )
        ),
    ),
]

# The same in what a class does when its instance is loaded.
ON_LOAD = [
    "'a' * 10**10",
    "10**10**10",
    "1 << 10**11",
    "[0] * 10**10",
    "list(range(10**10))",
    "'a'.ljust(10**10)",
    "f'{1:10000000000}'",
    "for _ in range(10**12): pass",
]
