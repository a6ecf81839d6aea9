"""Enums whose members are made by more than names and values."""

from __future__ import annotations

from tests.beyond.case import FAILS, RIGHT, WRONG, Case

MADE = "Enum with __init__ or __new__"

CASES = [
    Case(
        "Enum with __init__",
        MADE,
        WRONG,
        """
        from enum import Enum
        class Planet(Enum):
            EARTH = (5.9, 6.3)
            MARS = (6.4, 3.3)
            def __init__(self, mass, radius):
                self.mass = mass
                self.radius = radius
            @property
            def ratio(self):
                return self.mass / self.radius
        obj = Planet
        """,
        """
        assert (
            obj.EARTH.mass == 5.9
            and obj.MARS.radius == 3.3
            and obj.EARTH.ratio == 5.9 / 6.3
            and obj.EARTH.value == (5.9, 6.3)
        )
        """,
    ),
    Case(
        "member of an Enum with __init__",
        MADE,
        WRONG,
        """
        from enum import Enum
        class Planet(Enum):
            EARTH = (5.9, 6.3)
            MARS = (6.4, 3.3)
            def __init__(self, mass, radius):
                self.mass = mass
                self.radius = radius
        obj = [Planet.EARTH, Planet, {Planet.MARS: 1}]
        """,
        """
        assert obj[0] is obj[1].EARTH and obj[0].mass == 5.9 and obj[2][obj[1].MARS] == 1
        """,
    ),
    Case(
        "Enum with __init__ of one argument",
        MADE,
        WRONG,
        """
        from enum import Enum
        class E(Enum):
            A = "a"
            B = "b"
            def __init__(self, v):
                self.upper = v.upper()
        obj = E
        """,
        """
        assert obj.A.upper == "A"
        """,
    ),
    Case(
        "Enum that mixes in bytes, with __new__",
        MADE,
        WRONG,
        """
        from enum import Enum
        class Coord(bytes, Enum):
            def __new__(cls, value, label, unit):
                obj = bytes.__new__(cls, [value])
                obj._value_ = value
                obj.label = label
                obj.unit = unit
                return obj
            PX = (0, "P.X", "km")
            PY = (1, "P.Y", "km")
        obj = Coord
        """,
        r"""
        assert (
            obj.PY.value == 1
            and obj.PY.label == "P.Y"
            and bytes(obj.PY) == b"\x01"
            and obj(1) is obj.PY
            and isinstance(obj.PX, bytes)
        )
        """,
    ),
    Case(
        "Enum that numbers itself, by a base",
        MADE,
        WRONG,
        """
        from enum import Enum
        class AutoNumber(Enum):
            def __new__(cls, *args):
                value = len(cls.__members__) + 1
                obj = object.__new__(cls)
                obj._value_ = value
                return obj
        class Swatch(AutoNumber):
            def __init__(self, pantone="unknown"):
                self.pantone = pantone
            A = "3497"
            B = "1246"
            C = ()
        obj = Swatch
        """,
        """
        assert (
            obj.A.value == 1
            and obj.B.pantone == "1246"
            and obj.C.pantone == "unknown"
            and obj.C.value == 3
            and obj(2) is obj.B
        )
        """,
    ),
    Case(
        "Enum that mixes in date",
        MADE,
        FAILS,
        """
        from enum import Enum
        import datetime
        class D(datetime.date, Enum):
            NY = 2024, 1, 1
            XMAS = 2024, 12, 25
        obj = D
        """,
        """
        import datetime
        assert (
            obj.NY.month == 1
            and obj.XMAS.day == 25
            and obj.XMAS == datetime.date(2024, 12, 25)
            and obj.NY.name == "NY"
            and isinstance(obj.XMAS, datetime.date)
        )
        """,
    ),
    Case(
        "Enum that mixes in timedelta",
        MADE,
        FAILS,
        """
        from enum import Enum
        import datetime
        class Period(datetime.timedelta, Enum):
            _ignore_ = "Period i"
            Period = vars()
            for i in range(3):
                Period["day_%d" % i] = i
        obj = Period
        """,
        """
        import datetime
        assert obj.day_2 == datetime.timedelta(2) and [m.name for m in obj] == [
            "day_0",
            "day_1",
            "day_2",
        ]
        """,
    ),
    Case(
        "Enum that mixes in a dataclass",
        MADE,
        FAILS,
        """
        from enum import Enum
        from dataclasses import dataclass, field
        @dataclass
        class CreatureData:
            size: str
            legs: int
            tail: bool = field(repr=False, default=True)
        class Creature(CreatureData, Enum):
            BEETLE = "small", 6
            DOG = "medium", 4
        obj = Creature
        """,
        """
        assert (
            obj.BEETLE.size == "small"
            and obj.DOG.legs == 4
            and obj.DOG.tail is True
            and obj.DOG.name == "DOG"
            and "legs=4" in repr(obj.DOG)
        )
        """,
        since=(3, 11),
    ),
    Case(
        "Enum that mixes in a frozen dataclass",
        MADE,
        WRONG,
        """
        from enum import Enum
        from dataclasses import dataclass
        @dataclass(frozen=True)
        class D:
            legs: int
        class Creature(D, Enum):
            BEETLE = 6
            DOG = 4
        obj = Creature
        """,
        """
        assert obj.BEETLE.legs == 6 and obj.DOG.name == "DOG" and hash(obj.DOG) == hash((4,))
        """,
        since=(3, 11),
    ),
    Case(
        "Enum that mixes in a class with __new__",
        MADE,
        WRONG,
        """
        from enum import Enum
        class M:
            def __new__(cls, *a):
                self = object.__new__(cls)
                self.given = a
                return self
        class E(M, Enum):
            A = 1, 2
            B = 3
        obj = E
        """,
        """
        assert obj.A.given == (1, 2) and obj.B.given == (3,)
        """,
    ),
    Case(
        "Enum with __init__ that calls super's",
        MADE,
        WRONG,
        """
        from enum import Enum
        class M:
            def __init__(self, *a):
                self.base = a
        class E(M, Enum):
            def __init__(self, v, w):
                super().__init__(v, w)
                self.w = w
            A = 1, 2
        obj = E
        """,
        """
        assert obj.A.w == 2 and obj.A.base == (1, 2)
        """,
    ),
    Case(
        "Enum with __new__ that calls super's",
        MADE,
        WRONG,
        """
        from enum import Enum
        class E(int, Enum):
            def __new__(cls, v):
                o = super().__new__(cls, v)
                o._value_ = v
                o.z = 1
                return o
            A = 1
        obj = E
        """,
        """
        assert obj.A.z == 1
        """,
    ),
    Case(
        "Enum whose members refer to it",
        MADE,
        WRONG,
        """
        from enum import Enum
        class E(Enum):
            A = 1
            def __init__(self, v):
                self.cls = type(self)
        obj = E
        """,
        """
        assert obj.A.cls is obj
        """,
    ),
    Case(
        "Enum with annotated attributes of members",
        MADE,
        WRONG,
        """
        from enum import Enum
        class E(Enum):
            label: str
            A = 1
            def __init__(self, v):
                self.label = "L%s" % v
        obj = E
        """,
        """
        assert obj.A.label == "L1" and obj.__annotations__ == {"label": str}
        """,
    ),
    Case(
        "int Enum with labels",
        MADE,
        WRONG,
        """
        from enum import Enum
        class A(int, Enum):
            def __new__(cls, v, label):
                o = int.__new__(cls, v)
                o._value_ = v
                o.label = label
                return o
            X = 1, "one"
            Y = 2, "two"
            @classmethod
            def by_label(cls, l):
                return next(m for m in cls if m.label == l)
        obj = (A, A.Y)
        """,
        """
        assert obj[0].X == 1 and obj[0].by_label("two") is obj[0].Y is obj[1] and obj[1] + 1 == 3
        """,
    ),
    Case(
        "IntEnum with labels",
        MADE,
        WRONG,
        """
        from enum import IntEnum
        class A(IntEnum):
            def __new__(cls, v, label):
                o = int.__new__(cls, v)
                o._value_ = v
                o.label = label
                return o
            X = 1, "one"
            Y = 2, "two"
        obj = (A, A.Y)
        """,
        """
        assert obj[0].X == 1 and obj[1].label == "two" and obj[1] + 1 == 3 and obj[0](2) is obj[1]
        """,
    ),
    Case(
        "StrEnum with labels",
        MADE,
        WRONG,
        """
        from enum import StrEnum
        class A(StrEnum):
            def __new__(cls, v, label):
                o = str.__new__(cls, v)
                o._value_ = v
                o.label = label
                return o
            X = "1", "one"
            Y = "2", "two"
        obj = (A, A.Y)
        """,
        """
        assert obj[0].X == "1" and obj[1].label == "two" and obj[0]("2") is obj[1]
        """,
        since=(3, 11),
    ),
    Case(
        "Flag with labels",
        MADE,
        WRONG,
        """
        from enum import Flag
        class A(Flag):
            def __new__(cls, v, label):
                o = object.__new__(cls)
                o._value_ = v
                o.label = label
                return o
            X = 1, "one"
            Y = 2, "two"
        obj = (A, A.Y, A.X)
        """,
        """
        assert obj[0].X.value == 1 and obj[1].label == "two" and obj[0](2) is obj[1]
        """,
    ),
    Case(
        "Flag with __init__",
        MADE,
        WRONG,
        """
        from enum import Flag
        class A(Flag):
            def __init__(self, *a):
                self.label = "v%s" % (a or ("",))
            X = 1
            Y = 2
        obj = (A, A.Y)
        """,
        """
        assert obj[0].X.value == 1 and obj[1].label == "v2" and obj[0](2) is obj[1]
        """,
    ),
    Case(
        "Enum with an attribute set on a member",
        MADE,
        WRONG,
        """
        from enum import Enum
        class E(Enum):
            A = 1
            B = 2
        E.A.note = "hello"
        obj = E
        """,
        """
        assert obj.A.note == "hello" and not hasattr(obj.B, "note")
        """,
    ),
    Case(
        "Enum with the doc of a member",
        MADE,
        WRONG,
        """
        from enum import Enum
        class E(Enum):
            "doc"
            A = 1
            "doc of A"
        E.A.__doc__ = "about A"
        obj = E
        """,
        """
        assert obj.__doc__ == "doc" and obj.A.__doc__ == "about A"
        """,
    ),
    Case(
        "plain Enum",
        MADE,
        RIGHT,
        """
        from enum import Enum
        class E(Enum):
            A = 1
            B = "x"
        obj = E
        """,
        """
        assert (
            obj.A.value == 1
            and obj("x") is obj.B
            and list(obj.__members__) == ["A", "B"]
            and obj.__module__ == "__main__"
            and obj.__qualname__ == "E"
        )
        """,
    ),
    Case(
        "Enum that mixes in str",
        MADE,
        RIGHT,
        """
        from enum import Enum
        class S(str, Enum):
            A = "a"
            B = "b"
        obj = S
        """,
        """
        assert (
            obj.A == "a" and isinstance(obj.A, str) and obj("b") is obj.B and obj.A.upper() == "A"
        )
        """,
    ),
    Case(
        "Enum that mixes in tuple",
        MADE,
        RIGHT,
        """
        from enum import Enum
        class P(tuple, Enum):
            A = (1, 2)
            B = (3, 4)
        obj = P
        """,
        """
        assert tuple(obj.A) == (1, 2) and obj.B[1] == 4 and obj((3, 4)) is obj.B and len(obj.A) == 2
        """,
    ),
    Case(
        "Enum that mixes in complex",
        MADE,
        RIGHT,
        """
        from enum import Enum
        class F(complex, Enum):
            I = 0, 1
            ONE = 1
        obj = F
        """,
        """
        assert obj.I * obj.I == -1
        """,
    ),
    Case(
        "Enum that mixes in methods",
        MADE,
        RIGHT,
        """
        from enum import Enum
        class M:
            def hello(self):
                return "hi " + self.name
        class E(M, Enum):
            A = 1
        obj = E
        """,
        """
        assert obj.A.hello() == "hi A"
        """,
    ),
    Case(
        "ReprEnum",
        MADE,
        RIGHT,
        """
        from enum import ReprEnum
        class E(int, ReprEnum):
            A = 1
        obj = E
        """,
        """
        assert str(obj.A) == "1" and repr(obj.A) == "<E.A: 1>"
        """,
        since=(3, 11),
    ),
    Case(
        "Enum made by _simple_enum",
        MADE,
        RIGHT,
        """
        import enum
        from enum import IntEnum
        @enum._simple_enum(IntEnum)
        class E:
            A = 1
            B = 2
            def m(self):
                return "m"
        obj = E
        """,
        """
        assert obj.A == 1 and obj.B.m() == "m"
        """,
        since=(3, 11),
    ),
    Case(
        "Enum with methods that call super's",
        MADE,
        RIGHT,
        """
        from enum import Enum
        class E(Enum):
            A = 1
            def __str__(self):
                return "my" + super().__str__()
            def c(self):
                return __class__
        obj = E
        """,
        """
        assert str(obj.A) == "myE.A" and obj.A.c() is obj
        """,
    ),
]
