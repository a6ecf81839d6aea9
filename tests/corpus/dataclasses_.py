"""Dataclasses with every option, and the sentinels of their fields."""

import dataclasses
import typing
from dataclasses import InitVar, dataclass, field

from tests.corpus.case import Shelf, refused_below_2

# The fields of a dataclass have slots, which protocols 0 and 1 refuse.
shelf = Shelf("dataclasses_", raises=refused_below_2)


def _point():
    @dataclass
    class Point:
        x: int
        y: int = 0

        def norm(self):
            return (self.x**2 + self.y**2) ** 0.5

    return Point


shelf.add(
    "plain_class",
    _point,
    lambda cls: (
        repr(cls(3, 4)).endswith("Point(x=3, y=4)")
        and cls(3, 4).norm() == 5
        and [f.name for f in dataclasses.fields(cls)] == ["x", "y"]
    ),
)
shelf.add(
    "plain_instance",
    lambda: _point()(1, 2),
    lambda obj: obj == type(obj)(1, 2) and dataclasses.asdict(obj) == {"x": 1, "y": 2},
)


def _options(**options):
    def make():
        @dataclass(**options)
        class Local:
            a: int
            b: list = field(default_factory=list)
            c: str = field(default="c", repr=False, compare=False, metadata={"unit": "m"})

        return Local

    return make


def _check_options(cls):
    obj = cls(a=1)
    names = [f.name for f in dataclasses.fields(cls)]
    assert dataclasses.fields(cls)[2].metadata["unit"] == "m"
    return names == ["a", "b", "c"] and obj.a == 1 and obj.b == [] and obj.c == "c"


for _name, _opts in {
    "frozen": {"frozen": True},
    "ordered": {"order": True},
    "unsafe_hash": {"unsafe_hash": True},
    "no_eq": {"eq": False},
    "no_repr": {"repr": False},
    "keyword_only": {"kw_only": True},
    "no_match_args": {"match_args": False},
    "slots": {"slots": True},
    "frozen_slots": {"frozen": True, "slots": True},
    "everything": {
        "frozen": True,
        "order": True,
        "kw_only": True,
        "slots": True,
        "unsafe_hash": True,
    },
}.items():
    shelf.add(f"{_name}_class", _options(**_opts), _check_options)
    shelf.add(
        f"{_name}_instance",
        lambda make=_options(**_opts): make()(a=7),
        lambda obj: obj.a == 7 and obj.b == [] and obj.c == "c",
    )


@shelf.case(lambda obj: obj.total == 7)
def init_var_and_post_init():
    @dataclass
    class Local:
        base: int
        extra: InitVar[int] = 0
        total: int = field(init=False)

        def __post_init__(self, extra):
            self.total = self.base + extra

    return Local(3, 4)


@shelf.case(
    lambda cls: (
        cls(1).a == 1 and cls.shared == [] and [f.name for f in dataclasses.fields(cls)] == ["a"]
    )
)
def class_var():
    @dataclass
    class Local:
        a: int
        shared: typing.ClassVar[list] = []

    return Local


@shelf.case(lambda obj: (obj.a, obj.b, obj.c) == (1, 2, 3))
def kw_only_sentinel():
    @dataclass
    class Local:
        a: int
        _: dataclasses.KW_ONLY
        b: int
        c: int = 3

    return Local(1, b=2)


@shelf.case(
    lambda obj: (
        dataclasses.asdict(obj) == {"a": 1, "b": 2} and isinstance(obj, type(obj).__mro__[1])
    )
)
def inheritance():
    @dataclass
    class Base:
        a: int

    @dataclass
    class Child(Base):
        b: int

    return Child(1, 2)


@shelf.case(lambda obj: obj.children[0].parent is obj)
def recursive():
    @dataclass(eq=False)
    class Node:
        parent: "Node | None" = None
        children: list = field(default_factory=list)

    root = Node()
    root.children.append(Node(root))
    return root


@shelf.case(lambda cls: cls(2).items == [2] and cls(2) == cls(2))
def generic():
    T = typing.TypeVar("T")

    @dataclass
    class Local(typing.Generic[T]):
        first: T

        @property
        def items(self) -> "list[T]":
            return [self.first]

    return Local


@shelf.case(lambda cls: cls(a=1).a == 1)
def make_dataclass():
    return dataclasses.make_dataclass("Made", [("a", int), ("b", int, field(default=2))])


@shelf.case(
    lambda cls: dataclasses.fields(cls)[0].default_factory() == "made" and cls().a == "made"
)
def lambda_as_factory():
    @dataclass
    class Local:
        a: str = field(default_factory=lambda: "made")

    return Local


@shelf.case(lambda cls: dataclasses.replace(cls(1), a=5).a == 5 and hash(cls(1)) == hash(cls(1)))
def frozen_with_methods():
    @dataclass(frozen=True)
    class Local:
        a: int

        @classmethod
        def zero(cls):
            return cls(0)

    return Local


shelf.add(
    "field_sentinels",
    lambda: [dataclasses._FIELD, dataclasses._FIELD_CLASSVAR, dataclasses._FIELD_INITVAR],
    lambda xs: xs == [dataclasses._FIELD, dataclasses._FIELD_CLASSVAR, dataclasses._FIELD_INITVAR],
)
shelf.add(
    "fields", lambda: dataclasses.fields(_point()), lambda fs: [f.name for f in fs] == ["x", "y"]
)
shelf.add("missing", lambda: dataclasses.MISSING, lambda m: m is not None)
shelf.add("kw_only_alone", lambda: dataclasses.KW_ONLY, lambda m: m is not None)
shelf.add("init_var_alone", lambda: InitVar[int], lambda v: v.type is int)


@dataclass
class Importable:
    a: int
    b: list = field(default_factory=list)


@dataclass(frozen=True, order=True)
class ImportableFrozen:
    a: int


shelf.add("importable", lambda: Importable(1, [2]))
shelf.add("importable_frozen", lambda: ImportableFrozen(1))
shelf.add("importable_class", lambda: Importable)
