"""Views of dicts, plain and ordered."""

from collections import ChainMap, OrderedDict, UserDict, defaultdict

from tests.corpus.case import Shelf

shelf = Shelf("views")

for _kind in (dict, OrderedDict):
    for _n in (0, 1, 3, 1001):
        for _view in ("keys", "values", "items"):
            shelf.add(
                f"{_kind.__name__}_{_view}_{_n}",
                lambda kind=_kind, n=_n, view=_view: getattr(
                    kind((str(i), i) for i in range(n)), view
                )(),
                lambda got, kind=_kind, n=_n, view=_view: (
                    type(got) is type(getattr(kind(), view)())
                    and list(got) == list(getattr({str(i): i for i in range(n)}, view)())
                ),
            )
shelf.add("keys_not_hashable_values", lambda: {"a": [1]}.values(), lambda v: list(v) == [[1]])
shelf.add(
    "values_twice_the_same",
    lambda: (lambda x: {"a": x, "b": x}.values())([1]),
    lambda v: list(v)[0] is list(v)[1],
)
shelf.add("view_shared", lambda: (lambda v: [v, v])({"a": 1}.keys()), lambda vs: vs[0] is vs[1])
shelf.add(
    "view_and_its_dict",
    lambda: (lambda d: [d, d.keys(), d.values(), d.items()])({"a": 1}),
    lambda xs: list(xs[1]) == ["a"] and list(xs[3]) == [("a", 1)],
)
shelf.add(
    "default_dict_views",
    lambda: (lambda d: [d.keys(), d.values(), d.items()])(defaultdict(int, a=1)),
    lambda vs: list(vs[2]) == [("a", 1)],
)
shelf.add(
    "ordered_dict_order",
    lambda: (lambda d: (d.move_to_end("a"), d.keys())[1])(OrderedDict(a=1, b=2)),
    lambda keys: list(keys) == ["b", "a"],
)
shelf.add(
    "values_of_instances", lambda: vars(type("Local", (), {})()).values(), lambda v: list(v) == []
)
# Views of collections.abc keep their mapping in a slot that 3.10 loses.
shelf.add(
    "chain_map_keys",
    lambda: ChainMap({"a": 1}).keys(),
    lambda keys: type(keys).__name__ == "KeysView",
)
shelf.add(
    "user_dict_values",
    lambda: UserDict(a=1).values(),
    lambda values: type(values).__name__ == "ValuesView",
)


class Ordered(OrderedDict):
    def keys(self):
        return ["own keys"]


shelf.add(
    "ordered_dict_subclass_items",
    lambda: OrderedDict.items(Ordered(a=1)),
    lambda items: list(items) == [("a", 1)],
)
