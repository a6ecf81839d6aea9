"""copyreg.__newobj__ and __newobj_ex__: NEWOBJ, NEWOBJ_EX, and what they refuse."""

import copyreg
import functools

from tests.corpus.case import Either, Shelf

shelf = Shelf("newobj")


class Point:
    def __new__(cls, x=0, *rest, y=0):
        self = super().__new__(cls)
        self.x, self.y, self.rest = x, y, rest
        return self

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)


class WithArguments(Point):
    def __getnewargs__(self):
        return (self.x, "more")


class WithKeywords(Point):
    def __getnewargs_ex__(self):
        return (self.x,), {"y": self.y}


class WithKeywordsOnly(Point):
    def __getnewargs_ex__(self):
        return (), {"x": self.x, "y": self.y}


class WithNoKeywords(Point):
    def __getnewargs_ex__(self):
        return (self.x,), {}


class WithBoth(Point):
    def __getnewargs_ex__(self):
        return (self.x,), {"y": 9}

    def __getnewargs__(self):
        return ("not used",)


for _cls in (Point, WithArguments, WithKeywords, WithKeywordsOnly, WithNoKeywords, WithBoth):
    shelf.add(f"{_cls.__name__}", lambda cls=_cls: cls(3, y=4), lambda p: p.x == 3 and p.y == 4)
    shelf.add(
        f"{_cls.__name__}_twice",
        lambda cls=_cls: (lambda p: [p, p, cls(3)])(cls(3, y=4)),
        lambda ps: ps[0] is ps[1] and ps[2].x == 3,
    )


def _local(**methods):
    def make():
        return type("Local", (Point,), methods)(3, y=4)

    return make


shelf.add(
    "local_arguments",
    _local(__getnewargs__=lambda self: (self.x,)),
    lambda p: p.x == 3 and p.y == 4,
)
shelf.add(
    "local_keywords",
    _local(__getnewargs_ex__=lambda self: ((self.x,), {"y": self.y})),
    lambda p: p.x == 3 and p.y == 4,
)
for _name, _answer in {"list": [1], "none": None, "int": 5, "string": "ab"}.items():
    shelf.add(
        f"getnewargs_{_name}",
        _local(__getnewargs__=lambda self, a=_answer: a),
        lambda p: p.x == 3,
        raises=lambda protocol: TypeError if protocol >= 2 else None,
    )
for _name, _answer in {
    "none": None,
    "one": ((1,),),
    "three": ((1,), {}, 3),
    "list": [(1,), {}],
    "args_list": ([1], {}),
    "kwargs_list": ((1,), []),
    "kwargs_none": ((1,), None),
}.items():
    shelf.add(
        f"getnewargs_ex_{_name}",
        _local(__getnewargs_ex__=lambda self, a=_answer: a),
        lambda p: p.x == 3,
        raises=lambda protocol: (TypeError, ValueError) if protocol >= 2 else None,
    )


class ByHand:
    def __init__(self, answer):
        self.answer = answer

    def __reduce__(self):
        return self.answer


def _by_hand(name, function, arguments, **options):
    shelf.add(name, lambda: ByHand((function, arguments)), **options)


_by_hand(
    "newobj_other_class",
    copyreg.__newobj__,
    (Point, 1),
    raises=lambda protocol: Exception if protocol >= 2 else None,
    check=lambda p: p.x == 1,
)
# Below protocol 2 it is a plain call, that only fails when loaded.
_by_hand(
    "newobj_no_arguments",
    copyreg.__newobj__,
    (),
    raises=lambda protocol: Exception if protocol >= 2 else Either,
)
_by_hand(
    "newobj_not_a_class",
    copyreg.__newobj__,
    (5,),
    raises=lambda protocol: Exception if protocol >= 2 else Either,
)
_by_hand(
    "newobj_ex",
    copyreg.__newobj_ex__,
    (Point, (1,), {"y": 2}),
    check=lambda p: (p.x, p.y) == (1, 2),
)
for _name, _arguments in {
    "none": (),
    "two": (Point, ()),
    "four": (Point, (), {}, 1),
    "not_a_class": (5, (), {}),
    "args_list": (Point, [], {}),
    "kwargs_list": (Point, (), []),
}.items():
    _by_hand(
        f"newobj_ex_{_name}",
        copyreg.__newobj_ex__,
        _arguments,
        raises=lambda protocol: Exception if protocol >= 2 else Either,
    )
# partial() takes keywords that are not strings; loading refuses them.
_by_hand(
    "newobj_ex_odd_keywords",
    copyreg.__newobj_ex__,
    (Point, (1,), {1: 2}),
    raises=Either,
    protocols=(2, 3),
)


def __newobj__(cls, *args):
    """Only the name counts (save_reduce looks at __name__)."""
    return cls.__new__(cls, *args)


def _self_made(obj_class):
    class Local:
        def __reduce__(self):
            return __newobj__, (Local,)

    return Local()


shelf.add("newobj_of_our_own", lambda: _self_made(None), lambda obj: type(obj).__name__ == "Local")


class NamedLikeNewobj:
    """Any callable with that __name__."""

    __name__ = "__newobj__"

    def __call__(self, cls, *args):
        return cls.__new__(cls, *args)


class Called:
    def __reduce__(self):
        return NamedLikeNewobj(), (Called,)


shelf.add("newobj_by_the_name_of_an_instance", Called, lambda obj: type(obj) is Called)


class ProxyClass:
    """__class__ answers another class than type() does."""

    def __init__(self, target=None):
        self.target = target

    @property
    def __class__(self):
        return Point

    def __reduce__(self):
        return copyreg.__newobj__, (Point,)


shelf.add("newobj_of_a_lying_class", ProxyClass, lambda p: type(p) is Point)
shelf.add("partial_for_old_protocols", lambda: WithKeywords(1, y=2), lambda p: (p.x, p.y) == (1, 2))
shelf.add(
    "partial_and_new",
    lambda: [functools.partial(Point.__new__, Point, 1, y=2)],
    lambda ps: ps[0]().y == 2,
)
