"""Enumerations by value."""

import enum
import sys

from tests.corpus.case import Shelf

shelf = Shelf("enums")


class Importable(enum.Enum):
    ONE = 1
    TWO = "two"


shelf.add("importable_class", lambda: Importable)
shelf.add("importable_member", lambda: Importable.TWO, lambda m: m is Importable.TWO)


def _color():
    class Color(enum.Enum):
        """Colours."""

        RED = 1
        GREEN = 2
        BLUE = 3

    return Color


shelf.add(
    "plain_class",
    _color,
    lambda cls: (
        [m.name for m in cls] == ["RED", "GREEN", "BLUE"]
        and cls(2) is cls.GREEN
        and cls.__doc__ == "Colours."
    ),
)
shelf.add(
    "plain_member",
    lambda: _color().BLUE,
    lambda m: m.name == "BLUE" and m.value == 3 and m is type(m).BLUE,
)
shelf.add(
    "members_shared",
    lambda: (lambda c: [c.RED, c.RED, c.BLUE, c])(_color()),
    lambda xs: xs[0] is xs[1] and xs[3].BLUE is xs[2],
)
shelf.add(
    "dict_by_members",
    lambda: {m: m.value for m in _color()},
    lambda d: all(m.value == v for m, v in d.items()),
)


@shelf.case(
    lambda m: m.describe() == "RED is 1" and m.next() is type(m).GREEN and type(m).default() is m
)
def with_methods():
    class Color(enum.Enum):
        RED = 1
        GREEN = 2

        def describe(self):
            return f"{self.name} is {self.value}"

        def next(self):
            return Color(self.value + 1)

        @classmethod
        def default(cls):
            return cls.RED

    return Color.RED


# An alias is a member cloudpickle never lists, so it stays in the class dict.
@shelf.case(lambda cls: cls.A is cls.B)
def with_alias():
    class Local(enum.Enum):
        A = 1
        B = 1

    return Local


@shelf.case(lambda cls: cls.A + 1 == 2 and isinstance(cls.B, int) and cls(2) is cls.B)
def int_enum():
    class Local(enum.IntEnum):
        A = 1
        B = 2

    return Local


@shelf.case(lambda xs: (xs[0] | xs[1]).value == 3 and xs[2] == xs[0] | xs[1])
def flag():
    class Local(enum.Flag):
        A = enum.auto()
        B = enum.auto()
        BOTH = A | B

    return [Local.A, Local.B, Local.BOTH, Local.A | Local.B, Local(0)]


@shelf.case(lambda cls: (cls.A | cls.B) == 3 and isinstance(cls.A, int))
def int_flag():
    class Local(enum.IntFlag):
        A = 1
        B = 2

    return Local


if sys.version_info >= (3, 11):

    @shelf.case(lambda m: m == "a" and m.upper() == "A" and isinstance(m, str), min_python=(3, 11))
    def str_enum():
        class Local(enum.StrEnum):
            A = enum.auto()
            B = "bee"

        return Local.A

    @shelf.case(
        lambda cls: cls.A.value == 1 and cls.f() == 2 and callable(cls.f), min_python=(3, 11)
    )
    def nonmember_and_member():
        class Local(enum.Enum):
            A = 1
            f = enum.nonmember(staticmethod(lambda: 2))

        return Local

    @shelf.case(lambda cls: (cls.A | cls.B).value == 3, min_python=(3, 11))
    def flag_boundary():
        class Local(enum.Flag, boundary=enum.KEEP):
            A = 1
            B = 2

        return Local


@shelf.case(lambda m: m.value == "text" and m == "text")
def mixed_with_str():
    class Local(str, enum.Enum):
        A = "text"
        B = "other"

    return Local.A


# __init__ is not there yet when loading makes the members.
@shelf.case(lambda m: m.value == (5, "kg") and callable(type(m).__init__))
def members_with_init():
    class Local(enum.Enum):
        A = (5, "kg")
        B = (6, "g")

        def __init__(self, shift, unit):
            self.shift = shift
            self.unit = unit

    return Local.A


@shelf.case(lambda cls: cls.LIST.value == [1, 2] and cls.NESTED.value == {"a": (1, [2])})
def complex_values():
    class Local(enum.Enum):
        LIST = [1, 2]
        NESTED = {"a": (1, [2])}
        NONE = None
        OBJECT = frozenset([1])

    return Local


@shelf.case(lambda cls: cls.FIRST.value == "first" and cls.SECOND.value == "second")
def auto_with_generate_next_value():
    class Local(enum.Enum):
        def _generate_next_value_(name, start, count, last):
            return name.lower()

        FIRST = enum.auto()
        SECOND = enum.auto()

    return Local


@shelf.case(lambda cls: cls("anything") is cls.OTHER)
def missing():
    class Local(enum.Enum):
        KNOWN = 1
        OTHER = 2

        @classmethod
        def _missing_(cls, value):
            return cls.OTHER

    return Local


@shelf.case(lambda m: m.value == 1 and isinstance(m, type(m).__mro__[1]))
def inherits_behaviour():
    class Base(enum.Enum):
        def double(self):
            return self.value * 2

    class Local(Base):
        ONE = 1

    return Local.ONE


@shelf.case(lambda cls: len(list(cls)) == 2 and cls.X.value == 1)
def functional():
    return enum.Enum("Functional", "X Y", module="corpus_nowhere")


@shelf.case(lambda cls: cls.X.value == 1)
def functional_with_module_main():
    return enum.IntEnum("Functional", {"X": 1, "Y": 2}, module="__main__")


@shelf.case(lambda cls: list(cls) == [] and cls.__name__ == "Empty")
def without_members():
    class Empty(enum.Enum):
        pass

    return Empty


@shelf.case(lambda cls: len(list(cls)) == 300)
def three_hundred_members():
    return enum.Enum("Wide", [f"M{i}" for i in range(300)], module="corpus_nowhere")


@shelf.case(lambda m: str(m) == "custom RED" and format(m) and repr(m) == "<RED>")
def own_str_and_repr():
    class Local(enum.Enum):
        RED = 1

        def __str__(self):
            return f"custom {self.name}"

        def __repr__(self):
            return f"<{self.name}>"

    return Local.RED


@shelf.case(lambda cls: cls.A.f() == cls)
def method_with_class_cell():
    class Local(enum.Enum):
        A = 1

        def f(self):
            return __class__

    return Local


@shelf.case(lambda m: m.name == "A")
def member_with_extra_attribute():
    class Local(enum.Enum):
        A = 1

    Local.A.extra = 5
    return Local.A
