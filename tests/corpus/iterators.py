"""Iterators, where the interpreter lets them be pickled."""

import collections
import itertools
import sys

from tests.corpus.case import Shelf

shelf = Shelf("iterators")


def _advanced(iterator, n=1):
    for _ in range(n):
        next(iterator)
    return iterator


BUILTIN = {
    "list": (lambda: iter([1, 2, 3]), [1, 2, 3]),
    "list_advanced": (lambda: _advanced(iter([1, 2, 3])), [2, 3]),
    "list_exhausted": (lambda: _advanced(iter([1]), 1), []),
    "list_reversed": (lambda: reversed([1, 2, 3]), [3, 2, 1]),
    "tuple": (lambda: _advanced(iter((1, 2, 3))), [2, 3]),
    "str": (lambda: _advanced(iter("abc")), ["b", "c"]),
    "str_wide": (lambda: _advanced(iter("a\u20acc")), ["\u20ac", "c"]),
    "bytes": (lambda: iter(b"ab"), [97, 98]),
    "bytearray": (lambda: iter(bytearray(b"ab")), [97, 98]),
    "range": (lambda: _advanced(iter(range(5)), 2), [2, 3, 4]),
    "range_huge": (lambda: _advanced(iter(range(10**30, 10**30 + 3))), [10**30 + 1, 10**30 + 2]),
    "dict": (lambda: iter({"a": 1, "b": 2}), ["a", "b"]),
    "dict_values": (lambda: iter({"a": 1, "b": 2}.values()), [1, 2]),
    "dict_items": (lambda: iter({"a": 1}.items()), [("a", 1)]),
    "dict_reversed": (lambda: reversed({"a": 1, "b": 2}), ["b", "a"]),
    "set": (lambda: iter({1}), [1]),
    "deque": (lambda: iter(collections.deque([1, 2])), [1, 2]),
    "ordered_dict": (lambda: iter(collections.OrderedDict(a=1)), ["a"]),
    "enumerate": (lambda: _advanced(enumerate("abc")), [(1, "b"), (2, "c")]),
    "zip": (lambda: _advanced(zip("abc", [1, 2, 3])), [("b", 2), ("c", 3)]),
    "map": (lambda: map(lambda x: x * 2, [1, 2]), [2, 4]),
    "filter": (lambda: filter(None, [0, 1, 2]), [1, 2]),
    "callable": (lambda: iter([1, 2, 3].pop, 1), [3, 2]),
    "sequence_protocol": (lambda: iter(Sequence()), [0, 10, 20]),
    "reversed_sequence": (lambda: reversed(range(3)), [2, 1, 0]),
}


class Sequence:
    def __getitem__(self, i):
        if i > 2:
            raise IndexError
        return i * 10


for _name, (_make, _left) in BUILTIN.items():
    shelf.add(_name, _make, lambda it, left=_left: list(it) == left)
shelf.add("generator", lambda: (i for i in range(3)), raises=TypeError)
shelf.add("zip_strict", lambda: zip([1], [2], strict=True), lambda it: list(it) == [(1, 2)])

# Pickling of itertools objects is deprecated since 3.12 and gone in 3.14.
ITERTOOLS = {
    "count": (lambda: _advanced(itertools.count(5, 2)), [7, 9]),
    "count_float": (lambda: itertools.count(0.5), [0.5, 1.5]),
    "count_huge": (lambda: itertools.count(10**30), [10**30, 10**30 + 1]),
    "cycle": (lambda: _advanced(itertools.cycle([1, 2, 3])), [2, 3, 1]),
    "repeat": (lambda: itertools.repeat("x"), ["x", "x"]),
    "repeat_times": (lambda: itertools.repeat("x", 2), ["x", "x"]),
    "chain": (lambda: itertools.chain([1], [2, 3]), [1, 2, 3]),
    "chain_advanced": (lambda: _advanced(itertools.chain([1], [2, 3])), [2, 3]),
    "accumulate": (lambda: _advanced(itertools.accumulate([1, 2, 3])), [3, 6]),
    "compress": (lambda: itertools.compress("abc", [1, 0, 1]), ["a", "c"]),
    "dropwhile": (lambda: itertools.dropwhile(bool, [1, 0, 2]), [0, 2]),
    "takewhile": (lambda: itertools.takewhile(bool, [1, 0, 2]), [1]),
    "filterfalse": (lambda: itertools.filterfalse(bool, [1, 0]), [0]),
    "islice": (lambda: itertools.islice([1, 2, 3, 4], 1, 3), [2, 3]),
    "starmap": (lambda: itertools.starmap(pow, [(2, 3)]), [8]),
    "zip_longest": (lambda: itertools.zip_longest([1], [2, 3], fillvalue=0), [(1, 2), (0, 3)]),
    "product": (lambda: _advanced(itertools.product("ab", [1, 2])), [("a", 2), ("b", 1), ("b", 2)]),
    "permutations": (
        lambda: _advanced(itertools.permutations("abc", 2)),
        [("a", "c"), ("b", "a"), ("b", "c"), ("c", "a"), ("c", "b")],
    ),
    "combinations": (lambda: _advanced(itertools.combinations("abc", 2)), [("a", "c"), ("b", "c")]),
    "combinations_with_replacement": (
        lambda: itertools.combinations_with_replacement("ab", 2),
        [("a", "a"), ("a", "b"), ("b", "b")],
    ),
    "groupby": (lambda: itertools.groupby("aab"), None),
    "tee": (lambda: itertools.tee([1, 2])[0], [1, 2]),
}
for _name, (_make, _left) in ITERTOOLS.items():
    _check = (
        (lambda it: [k for k, _ in it] == ["a", "b"])
        if _left is None
        else (lambda it, left=_left: list(itertools.islice(it, len(left))) == left)
    )
    shelf.add(f"itertools_{_name}", _make, _check, max_python=(3, 13))
    if sys.version_info >= (3, 14):
        # repeat has kept no reduce of its own either; cycle, count and the rest raise TypeError.
        shelf.add(f"itertools_{_name}_gone", _make, raises=TypeError, min_python=(3, 14))
shelf.add("pairwise", lambda: itertools.pairwise([1, 2, 3]), raises=TypeError)
