"""__reduce__ and __reduce_ex__ with every shape of answer, and their helpers."""

import gc
import operator
import sys

from tests.corpus.case import Shelf

shelf = Shelf("reduce_protocol")


class Rebuilt:
    """What the reductions below rebuild."""

    def __init__(self, *args):
        self.args = args
        self.items = []
        self.pairs = {}

    def append(self, item):
        self.items.append(item)

    def __setitem__(self, key, value):
        self.pairs[key] = value

    def __eq__(self, other):
        return vars(self) == vars(other)


class Extended(Rebuilt):
    def extend(self, items):
        self.items.extend(items)


class Stateful(Rebuilt):
    def __setstate__(self, state):
        self.state = state


class Reduces:
    """Reduces to whatever it is told."""

    def __init__(self, answer):
        self.answer = answer

    def __reduce__(self):
        return self.answer() if callable(self.answer) else self.answer


def set_state(obj, state):
    obj.was_set = state


def _reduces(answer):
    return lambda: Reduces(answer)


shelf.add("two", _reduces((Rebuilt, (1, 2))), lambda r: r.args == (1, 2))
shelf.add("two_no_arguments", _reduces((Rebuilt, ())), lambda r: r.args == ())
shelf.add("three", _reduces((Rebuilt, (), {"state": 1})), lambda r: r.state == 1)
shelf.add("three_none", _reduces((Rebuilt, (), None)), lambda r: r.args == ())
shelf.add("three_empty_dict", _reduces((Rebuilt, (), {})), lambda r: r.args == ())
shelf.add(
    "three_false",
    _reduces((Stateful, (), False)),
    lambda r: not hasattr(r, "state") or r.state is False,
)
shelf.add("three_any_state", _reduces((Stateful, (), ["any", 1])), lambda r: r.state == ["any", 1])
shelf.add(
    "three_pair_of_dicts",
    _reduces((Rebuilt, (), ({"a": 1}, {"b": 2}))),
    lambda r: r.a == 1 and r.b == 2,
)
shelf.add("three_pair_with_none", _reduces((Rebuilt, (), (None, {"b": 2}))), lambda r: r.b == 2)
shelf.add(
    "four", _reduces(lambda: (Rebuilt, (), None, iter([1, 2, 3]))), lambda r: r.items == [1, 2, 3]
)
shelf.add(
    "four_one_item", _reduces(lambda: (Rebuilt, (), None, iter([1]))), lambda r: r.items == [1]
)
shelf.add("four_no_items", _reduces(lambda: (Rebuilt, (), None, iter([]))), lambda r: r.items == [])
shelf.add(
    "four_generator",
    _reduces(lambda: (Extended, (), None, (i * i for i in range(5)))),
    lambda r: r.items == [0, 1, 4, 9, 16],
)
shelf.add(
    "five",
    _reduces(lambda: (Rebuilt, (), None, None, iter([("a", 1), ("b", 2)]))),
    lambda r: r.pairs == {"a": 1, "b": 2},
)
shelf.add(
    "five_one_pair",
    _reduces(lambda: (Rebuilt, (), None, None, iter([("a", 1)]))),
    lambda r: r.pairs == {"a": 1},
)
shelf.add(
    "five_no_pairs", _reduces(lambda: (Rebuilt, (), None, None, iter([]))), lambda r: r.pairs == {}
)
shelf.add(
    "five_everything",
    _reduces(lambda: (Rebuilt, (7,), {"s": 1}, iter([1, 2]), iter([("a", 1), ("b", 2)]))),
    lambda r: (r.args, r.s, r.items, r.pairs) == ((7,), 1, [1, 2], {"a": 1, "b": 2}),
)
shelf.add(
    "six", _reduces((Rebuilt, (), "state", None, None, set_state)), lambda r: r.was_set == "state"
)
shelf.add("six_none", _reduces((Rebuilt, (), {"a": 1}, None, None, None)), lambda r: r.a == 1)
shelf.add(
    "six_without_state",
    _reduces((Rebuilt, (), None, None, None, set_state)),
    lambda r: not hasattr(r, "was_set"),
)
shelf.add(
    "six_everything",
    _reduces(lambda: (Rebuilt, (7,), ["st"], iter([1]), iter([("a", 1)]), set_state)),
    lambda r: (r.args, r.was_set, r.items, r.pairs) == ((7,), ["st"], [1], {"a": 1}),
)
shelf.add(
    "six_local_setter",
    _reduces((Rebuilt, (), "state", None, None, lambda obj, state: setattr(obj, "local", state))),
    lambda r: r.local == "state",
)
shelf.add("callable_builtin", _reduces((operator.add, (40, 2))), lambda x: x == 42)
shelf.add("callable_lambda", _reduces((lambda a, b: a * b, (6, 7))), lambda x: x == 42)
shelf.add(
    "callable_class_local",
    lambda: Reduces((type("Made", (Rebuilt,), {}), (1,))),
    lambda r: r.args == (1,),
)
shelf.add("callable_bound_method", _reduces(("%s-%s".__mod__, (("a", "b"),))), lambda x: x == "a-b")
shelf.add(
    "shared", lambda: (lambda r: [r, r])(Reduces((Rebuilt, ([1],)))), lambda rs: rs[0] is rs[1]
)
shelf.add(
    "tuple_subclass_as_answer",
    lambda: Reduces(type("T", (tuple,), {})((Rebuilt, (1,)))),
    lambda r: r.args == (1,),
)
# 3.14 pickles the name as the object it is, which STACK_GLOBAL then refuses.
shelf.add(
    "string_subclass_as_answer",
    lambda: NAMED,
    lambda r: r is NAMED,
    unloadable=(4, 5) if sys.version_info >= (3, 14) else (),
)


class Name(str):
    pass


class Named:
    def __reduce__(self):
        return Name("NAMED")


NAMED = Named()


class PerProtocol:
    def __init__(self, protocol=None):
        self.protocol = protocol

    def __reduce_ex__(self, protocol):
        return PerProtocol, (protocol,)


shelf.add("reduce_ex_gets_the_protocol", PerProtocol, lambda r: r.protocol in range(6))


class Both:
    """__reduce_ex__ is asked first."""

    def __init__(self, who=None):
        self.who = who

    def __reduce__(self):
        return Both, ("reduce",)

    def __reduce_ex__(self, protocol):
        return Both, ("reduce_ex",)


shelf.add("reduce_ex_before_reduce", Both, lambda r: r.who == "reduce_ex")


@shelf.case(lambda r: r.who == "on the instance")
def reduce_ex_on_the_instance():
    # The lookup goes through the instance, not the type.
    obj = Both()
    obj.__reduce_ex__ = lambda protocol: (Both, ("on the instance",))
    return obj


@shelf.case(lambda x: x == "static")
def reduce_static_and_class_method():
    class Local:
        @staticmethod
        def __reduce_ex__(protocol):
            return str, ("static",)

    return Local()


@shelf.case(lambda r: r.x == 1 and r.y == 2)
def getstate_dict():
    class Local:
        def __getstate__(self):
            return {"x": 1, "y": 2}

    return Local()


@shelf.case(lambda r: r.got == (1, 2))
def getstate_tuple_with_setstate():
    class Local:
        def __getstate__(self):
            return (1, 2)

        def __setstate__(self, state):
            self.got = state

    return Local()


for _state in (None, False, 0, "", (), [], {}, "text", 5):

    def _make_state(state=_state):
        class Local:
            def __getstate__(self):
                return state

            def __setstate__(self, got):
                self.got = got

        return Local()

    shelf.add(
        f"getstate_{_state!r}",
        _make_state,
        lambda r, state=_state: not hasattr(r, "got") or r.got == state,
    )


@shelf.case(lambda r: r.a == 1)
def getstate_on_a_parent():
    class Parent:
        def __getstate__(self):
            return {"a": 1}

    class Child(Parent):
        pass

    return Child()


@shelf.case(lambda xs: xs[0].state is xs[1])
def state_shared_with_another_object():
    shared = {"k": []}
    return [Reduces((Stateful, (), shared)), shared]


class Cyclic:
    """Its state holds it."""

    def __init__(self):
        self.me = self

    def __reduce__(self):
        return _new_cyclic, (), self.__dict__


def _new_cyclic():
    return Cyclic.__new__(Cyclic)


shelf.add("state_holds_the_object", Cyclic, lambda c: c.me is c)


class CyclicArguments:
    """Its arguments hold it, which recurses: nothing is memoized before the arguments."""

    def __reduce__(self):
        return CyclicArguments, (self,)


shelf.add("arguments_hold_the_object", CyclicArguments, raises=Exception)


class CyclicList:
    """Reached again while its arguments are written, through a list that is memoized."""

    def __init__(self, holder=None):
        self.holder = [self] if holder is None else holder

    def __reduce__(self):
        return CyclicList, (self.holder,)


shelf.add(
    "arguments_reach_the_object_through_a_list",
    lambda: CyclicList().holder,
    lambda holder: type(holder[0]).__name__ == "CyclicList",
)
shelf.add(
    "arguments_reach_the_object_through_a_list_2",
    CyclicList,
    lambda c: type(c).__name__ == "CyclicList",
)


@shelf.case(lambda r: r.items[0] is r)
def items_hold_the_object():
    def answer():
        return Rebuilt, (), None, iter([obj])

    obj = Reduces(answer)
    return obj


@shelf.case(lambda r: r.pairs["me"] is r)
def pairs_hold_the_object():
    def answer():
        return Rebuilt, (), None, None, iter([("me", obj)])

    obj = Reduces(answer)
    return obj


class Freshly:
    """A reduction made of temporary objects: their memo slots must not be given to others."""

    def __init__(self, depth=0):
        self.depth = depth

    def __reduce__(self):
        return Rebuilt, (
            [self.depth],
            {"d": [self.depth]},
            Freshly(self.depth - 1) if self.depth else None,
        )


shelf.add(
    "temporary_objects",
    lambda: [Freshly(50), Freshly(50)],
    lambda rs: rs[0].args[0] == [50] and rs[1].args[2].args[0] == [49],
)


class KeepsArguments:
    """As an argument of Rebuilt, keeps the tuple of them."""

    def __init__(self, kept):
        self.kept = kept

    def __reduce__(self):
        tuples = [t for t in gc.get_referrers(self) if type(t) is tuple]
        self.kept[:] = [t for t in tuples if t[1:] == ("mark",)]
        return Rebuilt, ()


@shelf.case(lambda r: r[1][0][0] is r[0].args[0] and r[1][0][1] == "mark")
def arguments_kept_while_they_are_saved():
    kept = []
    return [Reduces(lambda: (Rebuilt, (KeepsArguments(kept), "mark"))), kept]


@shelf.case(lambda r: r[1][0][0] is r[0].args[0] and r[1][0][1] == "mark")
def arguments_kept_when_they_are_made():
    kept = []

    def answer():
        kept[:] = [([], "mark")]
        return Rebuilt, kept[0]

    return [Reduces(answer), kept]


@shelf.case(lambda r: [x.args for x in r] == [("own",), ("class",), ("ex",), ("class",)])
def reduce_of_instances_beside_that_of_the_class():
    class Here:
        def __reduce__(self):
            return Rebuilt, ("class",)

    own, ex = Here(), Here()
    own.__reduce__ = lambda: (Rebuilt, ("own",))
    ex.__reduce_ex__ = lambda protocol: (Rebuilt, ("ex",))
    return [own, Here(), ex, Here()]


@shelf.case(lambda r: [x.args for x in r] == [("first",), ("second",), ("third",)])
def reduce_of_a_class_that_changes():
    class Here:
        pass

    def first(self):
        Here.__reduce__ = second
        return Rebuilt, ("first",)

    def second(self):
        Here.__reduce_ex__ = third
        return Rebuilt, ("second",)

    def third(self, protocol):
        Here.__reduce__ = first
        del Here.__reduce_ex__
        return Rebuilt, ("third",)

    Here.__reduce__ = first
    return [Here(), Here(), Here()]
