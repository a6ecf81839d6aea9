"""Around the 1,000 items that one APPENDS, SETITEMS or ADDITEMS takes."""

from collections import OrderedDict, deque

from tests.corpus.case import Shelf

shelf = Shelf("batches")

SIZES = (0, 1, 2, 999, 1000, 1001, 1002, 1999, 2000, 2001)


class Listed(list):
    """Goes through the generic list items of __reduce_ex__."""


class Mapped(dict):
    """Goes through the generic dict items of __reduce_ex__."""


class Both:
    """List items, dict items and a state together."""

    def __init__(self, n=0):
        self.n = n
        self.seen = []
        self.pairs = {}

    def append(self, item):
        self.seen.append(item)

    def extend(self, items):
        self.seen.extend(items)

    def __setitem__(self, key, value):
        self.pairs[key] = value

    def __reduce__(self):
        return Both, (), {"n": self.n}, iter(range(self.n)), iter([(i, -i) for i in range(self.n)])


def _both(n):
    return (
        lambda: Both(n),
        lambda got: (
            got.n == n and got.seen == list(range(n)) and got.pairs == {i: -i for i in range(n)}
        ),
    )


for _n in SIZES:
    shelf.values(
        [
            (f"list_{_n}", list(range(_n))),
            (f"dict_{_n}", {i: None for i in range(_n)}),
            (f"dict_of_strings_{_n}", {f"key{i}": i for i in range(_n)}),
            (f"set_{_n}", set(range(_n))),
            (f"frozenset_{_n}", frozenset(range(_n))),
            (f"tuple_{_n}", tuple(range(_n))),
            (f"deque_{_n}", deque(range(_n))),
            (f"ordered_dict_{_n}", OrderedDict((i, None) for i in range(_n))),
        ]
    )
    shelf.add(f"list_subclass_{_n}", lambda n=_n: Listed(range(n)))
    shelf.add(f"dict_subclass_{_n}", lambda n=_n: Mapped((i, None) for i in range(n)))
    _make, _check = _both(_n)
    shelf.add(f"reduce_items_{_n}", _make, _check)
