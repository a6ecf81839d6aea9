"""Plain containers: shared, nested, and holding themselves."""

from collections import (
    ChainMap,
    Counter,
    OrderedDict,
    UserDict,
    UserList,
    UserString,
    defaultdict,
    deque,
)

from tests.corpus.case import Shelf

shelf = Shelf("containers")

for _n in range(6):
    shelf.values(
        [
            (f"tuple_{_n}", tuple(range(_n))),
            (f"list_{_n}", list(range(_n))),
            (f"dict_{_n}", {i: str(i) for i in range(_n)}),
            (f"set_{_n}", set(range(_n))),
            (f"frozenset_{_n}", frozenset(range(_n))),
        ]
    )
shelf.values(
    [
        ("tuple_nested", ((), ((),), ((), ()), (((),),))),
        ("tuple_of_every_size", tuple(tuple(range(n)) for n in range(8))),
        ("list_mixed", [None, True, 1, 2.5, "s", b"b", (), [], {}, set(), frozenset()]),
        (
            "dict_mixed_keys",
            {None: 0, True: 1, 2: 2, 3.5: 3, "s": 4, b"b": 5, (): 6, frozenset(): 7},
        ),
        ("dict_of_dicts", {"a": {"b": {"c": {"d": {}}}}}),
        ("set_of_frozensets", {frozenset(), frozenset([1]), frozenset([1, 2])}),
        ("ordered_dict", OrderedDict([("z", 1), ("a", 2)])),
        ("ordered_dict_empty", OrderedDict()),
        ("default_dict", defaultdict(list, {"a": [1]})),
        ("default_dict_no_factory", defaultdict(None, {"a": [1]})),
        ("counter", Counter("mississippi")),
        ("deque", deque([1, 2, 3])),
        ("deque_bounded", deque([1, 2, 3], maxlen=2)),
        ("chain_map", ChainMap({"a": 1}, {"b": 2})),
        ("user_dict", UserDict(a=1)),
        ("user_list", UserList([1, 2])),
        ("user_string", UserString("text")),
        ("range", range(1, 10, 3)),
        ("slice_free_range_huge", range(10**30)),
        (
            "records",
            [
                {"id": i, "name": f"name {i}", "tags": ["a", "b"], "score": i / 7}
                for i in range(300)
            ],
        ),
    ]
)
shelf.add("default_dict_lambda", lambda: defaultdict(lambda: 41), lambda d: d["x"] + 1 == 42)
shelf.add(
    "ordered_dict_moved",
    lambda: (d := OrderedDict(a=1, b=2, c=3), d.move_to_end("a"))[0],
    lambda d: list(d) == ["b", "c", "a"],
)


@shelf.case()
def dict_with_holes():
    # Deleting leaves dummies among the entries that a reader has to step over.
    data = {f"k{i}": i for i in range(40)}
    for i in range(0, 40, 3):
        del data[f"k{i}"]
    data["again"] = 0
    return data


@shelf.case()
def dict_general_keys_with_holes():
    data = {(i if i % 2 else str(i)): i for i in range(40)}
    del data[1], data["2"]
    return data


@shelf.case()
def dict_popitem_everything():
    data = {"a": 1, "b": 2}
    data.popitem()
    data.popitem()
    return data


@shelf.case(
    lambda got: (
        got[0] == {"a": 1, "b": 2}
        and got[1] == {"a": 3, "b": 4}
        and got[2] == {"b": 6, "a": 5, "c": 7}
    )
)
def split_dicts():
    # Instances of one class share their keys table.
    class Point:
        def __init__(self, a, b):
            self.a = a
            self.b = b

    first, second, third = Point(1, 2), Point(3, 4), Point(5, 6)
    del third.a
    third.a = 5
    third.c = 7
    return [first.__dict__, second.__dict__, third.__dict__]


@shelf.case()
def set_with_holes():
    data = set(range(100))
    for i in range(0, 100, 2):
        data.discard(i)
    data.add("text")
    return data


@shelf.case(lambda x: x[0] is x[1] and x[0] == [1])
def list_shared():
    inner = [1]
    return [inner, inner]


@shelf.case(lambda x: x[0] is x[1] and x[0] == (1, [2]))
def tuple_shared():
    inner = (1, [2])
    return [inner, inner]


@shelf.case(lambda x: x["a"] is x["b"] is x["c"]["d"])
def dict_shared_values():
    inner = {"x": []}
    return {"a": inner, "b": inner, "c": {"d": inner}}


@shelf.case(lambda x: x[0] is x)
def list_of_itself():
    data = []
    data.append(data)
    return data


@shelf.case(lambda x: x["self"] is x)
def dict_of_itself():
    data = {}
    data["self"] = data
    return data


@shelf.case(lambda t: t[0][0] is t)
def tuple_recursive_through_list():
    data = ([],)
    data[0].append(data)
    return data


def _recursive_tuple(size):
    def make():
        inner = []
        data = (inner, *range(size - 1))
        inner.append(data)
        return data

    return make


for _n in (1, 2, 3, 4, 5):
    shelf.add(f"tuple_recursive_{_n}", _recursive_tuple(_n), lambda t: t[0][0] is t)
    shelf.add(
        f"tuple_recursive_{_n}_from_inside",
        lambda n=_n: _recursive_tuple(n)()[0],
        lambda x: x[0][0] is x,
    )


@shelf.case(lambda t: t[0]["t"] is t)
def tuple_recursive_through_dict():
    data = ({},)
    data[0]["t"] = data
    return data


@shelf.case(lambda x: x[0] is x[1][0][0] or x[0][0] is x[1])
def tuples_recursive_in_each_other():
    a, b = [], []
    ta, tb = (a, 1), (b, 2)
    a.append(tb)
    b.append(ta)
    return [ta, b[0][0], tb]


class Node:
    """Hashes by identity, so that a set may hold an owner of that set."""

    def __init__(self, child=None):
        self.child = child


@shelf.case(lambda s: next(iter(s)).child is s)
def set_recursive():
    node = Node()
    data = {node}
    node.child = data
    return data


@shelf.case(lambda node: node.child == {node})
def set_recursive_from_inside():
    node = Node()
    node.child = {node}
    return node


@shelf.case(lambda s: next(iter(s)).child is s)
def frozenset_recursive():
    node = Node()
    data = frozenset([node])
    node.child = data
    return data


@shelf.case(lambda node: next(iter(node.child)) is node)
def frozenset_recursive_from_inside():
    node = Node()
    node.child = frozenset([node])
    return node


@shelf.case(lambda d: next(iter(d)).child is d)
def dict_key_recursive():
    node = Node()
    data = {node: 1}
    node.child = data
    return data


@shelf.case(lambda d: d[0] is d)
def deque_of_itself():
    data = deque()
    data.append(data)
    return data


@shelf.case(lambda d: d["self"] is d)
def ordered_dict_of_itself():
    data = OrderedDict()
    data["self"] = data
    return data


@shelf.case(lambda d: d["self"] is d and d.default_factory is list)
def default_dict_of_itself():
    data = defaultdict(list)
    data["self"] = data
    return data


@shelf.case(lambda node: node.child.child.child is node)
def instances_in_a_ring():
    a, b, c = Node(), Node(), Node()
    a.child, b.child, c.child = b, c, a
    return a


@shelf.case()
def nested_100_deep():
    data = []
    for i in range(100):
        data = [data, (i,), {i: data}] if i % 10 == 0 else [data]
    return data


@shelf.case(lambda xs: xs[0] is xs[1] and xs[2] is xs[3] and xs[0] == frozenset("ab"))
def sets_shared():
    frozen, thawed = frozenset("ab"), {1, 2}
    return [frozen, frozen, thawed, thawed]


@shelf.case()
def empties_are_not_shared():
    return [[], [], {}, {}, set(), set(), frozenset(), frozenset(), (), ()]
