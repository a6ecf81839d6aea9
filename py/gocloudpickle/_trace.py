"""Where in a payload each object is: what explain is made of.

A trace is the record of one dump whose payload nobody keeps. It has a *node* for each save of
an object, a node's parts after it, in the order of pickling, as parallel columns. An
object that can't be pickled is noted with its exception, None is written in its place, and
the dump goes on. Temporaries, such as the state of a function, are objects like any other.

The engine makes traces (pickler/watch.go), and where there is none _tracer.py.

A part of a ten-thousandth of the payload before it is too small to be shown. It is forgotten
when it ends, with all that is in it, so a trace of any graph stays small.
"""

from __future__ import annotations

from gocloudpickle._pickle_path import type_name

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

# What an object is for the one that is being saved. In the order of pickler/watch.go.
ITEM, CALLABLE, ARGS, KWARGS, LIST_ITEMS, DICT_ITEMS, SELF, STATE = range(8)

# What became of it: saved, in the memo already, not picklable, and that once more.
SAVED, AGAIN, CULPRIT, CULPRIT_AGAIN = range(4)

# A part is large enough to be kept if it has so many bytes, and is no smaller part of the
# payload before it.
LEAST_PART, SMALL_PART = 16, 10_000
MAX_CULPRITS, MAX_KEPT = 1000, 10_000

_COLUMNS = ("begin", "end", "parent", "next", "position", "parts", "role", "kind", "first")


class Trace:
    """The nodes of one dump, by number; node 0 is what was dumped.

    objects and keys: what was saved, and of a dict's value the key, else None. begin and end:
    offsets in the payload. parent: a node, -1 for none. next: the node after all its parts.
    position: how many were saved before it in that role, of the same parent. parts: how many
    saves there were in it, with those that were forgotten. role and kind: see above. first:
    for what was met again, the node of the first time, or -1.

    reasons are what the exceptions of the nodes that are CULPRIT say, in their order; unkept is the
    number of culprits after those. total is the length of the payload, and whole is false
    where the limit has ended it.
    """

    def __init__(self, result: tuple[Any, ...]) -> None:
        self.objects, self.keys, columns, errors, self.unkept, self.total, self.whole = result
        self.reasons = tuple(e if type(e) is str else reason_of(e) for e in errors)
        numbers = memoryview(columns).cast("q").tolist()
        width = len(_COLUMNS)
        self.begin: Sequence[int] = numbers[0::width]
        self.end: Sequence[int] = numbers[1::width]
        self.parent: Sequence[int] = numbers[2::width]
        self.next: Sequence[int] = numbers[3::width]
        self.position: Sequence[int] = numbers[4::width]
        self.parts: Sequence[int] = numbers[5::width]
        self.role: Sequence[int] = numbers[6::width]
        self.kind: Sequence[int] = numbers[7::width]
        self.first: Sequence[int] = numbers[8::width]

    def size(self, node: int) -> int:
        """Return the bytes that the payload has because of a node."""
        return self.end[node] - self.begin[node]

    def parts_of(self, node: int) -> Iterator[int]:
        """Yield the nodes that were saved for a node, without those in them."""
        part, end, following = node + 1, self.next[node], self.next
        while part < end:
            yield part
            part = following[part]


def reason_of(error: BaseException) -> str:
    """Return what an exception says, unless that would take code of an object in it."""
    name = type_name(type(error))
    if not all(type(argument) is str for argument in error.args):
        return name
    text = BaseException.__str__(error)
    return f"{name}: {text}" if text else name
