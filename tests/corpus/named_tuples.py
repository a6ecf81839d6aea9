"""namedtuple and typing.NamedTuple."""

import collections
import sys
import typing

from tests.corpus.case import Shelf

shelf = Shelf("named_tuples")


class Importable(typing.NamedTuple):
    x: int
    y: str = "y"


Old = collections.namedtuple("Old", "a b")

shelf.add("importable", lambda: Importable(1))
shelf.add("importable_old", lambda: Old(1, 2))
shelf.add("importable_class", lambda: [Importable, Old])
shelf.add(
    "local_old_class",
    lambda: collections.namedtuple("Local", "a b", defaults=[2]),
    lambda cls: cls(1) == (1, 2) and cls._fields == ("a", "b"),
)
shelf.add(
    "local_old",
    lambda: collections.namedtuple("Local", "a b")(1, [2]),
    lambda t: t.a == 1 and t.b == [2] and t._replace(a=3).a == 3,
)
shelf.add("local_no_fields", lambda: collections.namedtuple("Local", "")(), lambda t: t == ())
shelf.add(
    "local_renamed_fields",
    lambda: collections.namedtuple("Local", "class def ok", rename=True)(1, 2, 3),
    lambda t: t._0 == 1 and t.ok == 3,
)


@shelf.case(lambda t: t.x == 1 and t.y == "y" and t.swap() == ("y", 1))
def local_with_methods():
    class Local(typing.NamedTuple):
        """Doc."""

        x: int
        y: str = "y"

        def swap(self):
            return self.y, self.x

    return Local(1)


@shelf.case(lambda t: t == (1, 2) and t.sum == 3)
def subclass_of_a_named_tuple():
    class Local(collections.namedtuple("Base", "a b")):
        @property
        def sum(self):
            return self.a + self.b

    return Local(1, 2)


@shelf.case(lambda t: t.me[0] is t)
def recursive():
    Local = collections.namedtuple("Local", "me")
    inner = []
    obj = Local(inner)
    inner.append(obj)
    return obj


@shelf.case(lambda ts: type(ts[0]) is type(ts[1]) and ts == [(1, 2), (3, 4)])
def two_of_one_class():
    Local = collections.namedtuple("Local", "a b")
    return [Local(1, 2), Local(3, 4)]


# Until 3.11 the class keeps Generic.__class_getitem__ as its own, which has another name.
@shelf.case(
    lambda cls: cls(1).x == 1,
    raises=lambda protocol: Exception if sys.version_info < (3, 12) else None,
    min_python=(3, 11),
)
def generic_named_tuple():
    T = typing.TypeVar("T")

    class Local(typing.NamedTuple, typing.Generic[T]):
        x: T

    return Local
