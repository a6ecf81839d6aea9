"""Reductions that are wrong, one of each kind."""

import pickle

from tests.corpus.case import Shelf
from tests.corpus.reduce_protocol import Rebuilt, Reduces, set_state

shelf = Shelf("reduce_nonsense", raises=Exception)


def _nonsense(name, answer):
    shelf.add(name, lambda: Reduces(answer))
    # In a list, after other things were written already.
    shelf.add(f"{name}_deep", lambda: [1, {"a": Reduces(answer)}])


for _name, _answer in {
    "int": 5,
    "none": None,
    "list": [Rebuilt, ()],
    "bytes": b"Rebuilt",
    "not_implemented": NotImplemented,
    "tuple_0": (),
    "tuple_1": (Rebuilt,),
    "tuple_7": (Rebuilt, (), None, None, None, None, None),
    "callable_not_callable": (5, ()),
    "callable_none": (None, ()),
    "arguments_list": (Rebuilt, []),
    "arguments_none": (Rebuilt, None),
    "list_items_list": (Rebuilt, (), None, [1]),
    "list_items_int": (Rebuilt, (), None, 5),
    "dict_items_list": (Rebuilt, (), None, None, [("a", 1)]),
    "dict_items_dict": (Rebuilt, (), None, None, {"a": 1}),
    "setter_not_callable": (Rebuilt, (), 1, None, None, 5),
    "name_of_nothing": "no_such_global_anywhere",
    "name_of_another": "Reduces",
    "name_dotted_of_nothing": "Reduces.no.such",
    "name_with_locals": "f.<locals>.g",
    "name_empty": "",
}.items():
    _nonsense(_name, _answer)

for _name, _items in {
    "int": [5],
    "triple": [(1, 2, 3)],
    "single": [(1,)],
    "list_pair": [[1, 2]],
    "string": ["ab"],
    "good_then_bad": [("a", 1), 5],
    "bad_second_batch": [(i, i) for i in range(1000)] + [5],
}.items():
    _nonsense(f"dict_items_of_{_name}", lambda items=_items: (Rebuilt, (), None, None, iter(items)))


def _raising(error):
    raise error
    yield


for _error in (
    ValueError("v"),
    StopIteration(),
    KeyError("k"),
    pickle.PicklingError("p"),
    RecursionError("r"),
    AttributeError("a"),
    MemoryError(),
):
    _type = type(_error)
    shelf.add(
        f"reduce_raises_{_type.__name__}",
        lambda error=_error: Reduces(lambda: next(_raising(error))),
    )
    shelf.add(
        f"list_items_raise_{_type.__name__}",
        lambda error=_error: Reduces(lambda: (Rebuilt, (), None, _raising(error))),
    )
    shelf.add(
        f"dict_items_raise_{_type.__name__}",
        lambda error=_error: Reduces(lambda: (Rebuilt, (), None, None, _raising(error))),
    )


class Exits:
    def __reduce__(self):
        raise SystemExit(3)


class Interrupts:
    def __reduce__(self):
        raise KeyboardInterrupt


shelf.add("reduce_exits", Exits, raises=SystemExit)
shelf.add("reduce_interrupts", Interrupts, raises=KeyboardInterrupt)


class NoneReduceEx:
    __reduce_ex__ = None


class NotCallableReduce:
    __reduce_ex__ = 5


class WrongSignature:
    def __reduce_ex__(self):
        return Rebuilt, ()


class RaisingLookup:
    def __getattribute__(self, name):
        if name == "__reduce_ex__":
            raise ZeroDivisionError("lookup")
        return object.__getattribute__(self, name)


class LookupSaysNo:
    """AttributeError for __reduce_ex__ falls back to __reduce__."""

    def __getattribute__(self, name):
        if name in ("__reduce_ex__", "__reduce__"):
            raise AttributeError(name)
        return object.__getattribute__(self, name)


class RaisingGetState:
    def __getstate__(self):
        raise ZeroDivisionError("getstate")


class RaisingGetNewArgs:
    def __getnewargs__(self):
        raise ZeroDivisionError("getnewargs")


for _cls in (
    NoneReduceEx,
    NotCallableReduce,
    WrongSignature,
    RaisingLookup,
    LookupSaysNo,
    RaisingGetState,
):
    shelf.add(_cls.__name__, _cls)
shelf.add(
    "RaisingGetNewArgs",
    RaisingGetNewArgs,
    raises=lambda protocol: ZeroDivisionError if protocol >= 2 else None,
    check=lambda obj: type(obj).__name__ == "RaisingGetNewArgs",
)


class FallsBack:
    def __getattribute__(self, name):
        if name == "__reduce_ex__":
            raise AttributeError(name)
        return object.__getattribute__(self, name)

    def __reduce__(self):
        return str, ("fell back",)


shelf.add("no_reduce_ex_falls_back", FallsBack, lambda x: x == "fell back", raises=None)


class Deep:
    """Recursion without end."""

    def __reduce__(self):
        return Rebuilt, (Deep(),)


shelf.add("recursion_without_end", Deep, raises=pickle.PicklingError)
shelf.add(
    "state_setter_raises_on_load_only",
    lambda: Reduces((Rebuilt, (), 1, None, None, set_state)),
    lambda r: r.was_set == 1,
    raises=None,
)
