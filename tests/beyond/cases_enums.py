"""Enums that differ from what their members' names and values make."""

from __future__ import annotations

from tests.beyond.case import FAILS, REFUSES, RIGHT, WRONG, Case

ALIASES = "Enum with aliases, composite or zero flags"
NEXT = "Enum with _generate_next_value_"
META = "Enum with a metaclass of its own"
NAMES = "Enum that overrides name or value"
FUNCTIONS = "Enum with functions as members"
VALUES = "Enum with several values for a member"
KEYWORDS = "Enum whose base takes keywords"

CASES = [
    Case(
        "Enum that is abstract",
        META,
        FAILS,
        """
        from enum import Enum, EnumMeta
        import abc
        class M(EnumMeta, abc.ABCMeta):
            pass
        class B(abc.ABC):
            @abc.abstractmethod
            def f(self): ...
        class E(B, Enum, metaclass=M):
            A = 1
            def f(self):
                return "f"
        obj = E
        """,
        """
        assert obj.A.f() == "f"
        """,
    ),
    Case(
        "Enum with an alias",
        ALIASES,
        WRONG,
        """
        from enum import Enum
        class E(Enum):
            A = 1
            B = 1
            C = 2
        obj = E
        """,
        """
        assert (
            obj.B is obj.A
            and obj["B"] is obj.A
            and list(obj.__members__) == ["A", "B", "C"]
            and [m.name for m in obj] == ["A", "C"]
        )
        """,
    ),
    Case(
        "Enum with an alias and __init__",
        ALIASES,
        WRONG,
        """
        from enum import Enum
        class E(Enum):
            A = 1, 2
            B = 1, 2
            C = 2, 3
            def __init__(self, x, y):
                self.x = x
        obj = E
        """,
        """
        assert (
            obj.B is obj.A
            and obj["B"] is obj.A
            and list(obj.__members__) == ["A", "B", "C"]
            and obj.C.x == 2
        )
        """,
    ),
    Case(
        "Flag with named combinations",
        ALIASES,
        WRONG,
        """
        from enum import Flag
        class P(Flag):
            R = 1
            W = 2
            X = 4
            RWX = 7
            NONE = 0
        obj = (P, P.RWX, P.R | P.W)
        """,
        """
        P = obj[0]
        assert (
            P.RWX.value == 7
            and P(7) is P.RWX
            and P["RWX"] is P.RWX
            and P.NONE.name == "NONE"
            and P(0) is P.NONE
            and obj[1] is P.RWX
            and list(P.__members__) == ["R", "W", "X", "RWX", "NONE"]
            and obj[2] | P.X is P.RWX
        )
        """,
        since=(3, 11),
    ),
    Case(
        "Flag whose combination comes first",
        ALIASES,
        WRONG,
        """
        from enum import Flag
        class P(Flag):
            ALL = 3
            R = 1
            W = 2
        obj = P
        """,
        """
        assert list(obj.__members__) == ["ALL", "R", "W"] and obj.ALL is obj.R | obj.W
        """,
        since=(3, 11),
    ),
    Case(
        "Flag with auto and a combination",
        ALIASES,
        WRONG,
        """
        from enum import Flag, auto
        class P(Flag):
            R = auto()
            W = auto()
            RW = R | W
        obj = P
        """,
        """
        assert obj.RW is obj.R | obj.W and obj.RW.name == "RW"
        """,
        since=(3, 11),
    ),
    Case(
        "IntFlag without single bits",
        ALIASES,
        FAILS,
        """
        from enum import IntFlag
        class P(IntFlag):
            RANK_0 = 11
            RANK_1 = 37
            RANK_2 = 389
        obj = (P, P.RANK_1, P.RANK_0 | P.RANK_2)
        """,
        """
        P = obj[0]
        assert (
            obj[1] is P.RANK_1
            and P.RANK_1 == 37
            and P.RANK_1.name == "RANK_1"
            and list(P.__members__) == ["RANK_0", "RANK_1", "RANK_2"]
            and obj[2] == 11 | 389
        )
        """,
        since=(3, 11),
    ),
    Case(
        "_generate_next_value_ as a staticmethod",
        NEXT,
        WRONG,
        """
        from enum import Enum, auto
        class Name(Enum):
            @staticmethod
            def _generate_next_value_(name, start, count, last):
                return name.lower()
            A = auto()
            BEE = auto()
        obj = Name
        """,
        """
        assert (
            obj.A.value == "a"
            and obj("bee") is obj.BEE
            and obj._generate_next_value_("X", 1, 0, []) == "x"
        )
        """,
    ),
    Case(
        "_generate_next_value_ as a function",
        NEXT,
        WRONG,
        """
        from enum import Enum, auto
        class Name(Enum):
            def _generate_next_value_(name, start, count, last):
                return name.lower()
            A = auto()
            BEE = auto()
        obj = Name
        """,
        """
        assert (
            obj.A.value == "a"
            and obj("bee") is obj.BEE
            and obj._generate_next_value_("X", 1, 0, []) == "x"
        )
        """,
    ),
    Case(
        "_generate_next_value_ of a base without members",
        NEXT,
        WRONG,
        """
        from enum import Enum, auto
        class Base(Enum):
            def _generate_next_value_(name, start, count, last):
                return name.lower()
        class Name(Base):
            A = auto()
            BEE = auto()
        obj = (Base, Name)
        """,
        """
        from enum import auto
        assert obj[1].A.value == "a"
        class X(obj[0]):
            NEW = auto()
        assert X.NEW.value == "new"
        """,
    ),
    Case(
        "Enum with its own metaclass",
        META,
        WRONG,
        """
        from enum import Enum, EnumMeta
        class M(EnumMeta):
            def __getattr__(cls, name):
                if name.startswith("x_"):
                    return cls[name[2:].upper()]
                raise AttributeError(name)
        class E(Enum, metaclass=M):
            A = 1
            C = 2
        obj = E
        """,
        """
        assert obj.x_a is obj.A
        """,
    ),
    Case(
        "Enum with its base's metaclass",
        META,
        WRONG,
        """
        from enum import Enum, EnumMeta
        class M(EnumMeta):
            def __contains__(cls, x):
                try:
                    cls(x)
                except ValueError:
                    return False
                return True
        class B(Enum, metaclass=M):
            pass
        class E(B):
            A = 1
            C = 2
        obj = E
        """,
        """
        assert 1 in obj and 3 not in obj and obj.A.value == 1 and type(obj).__name__ == "M"
        """,
    ),
    Case(
        "Enum whose metaclass iterates otherwise",
        META,
        REFUSES,
        """
        from enum import Enum, EnumMeta
        class M(EnumMeta):
            def __iter__(cls):
                return iter([m.value for m in super().__iter__()])
        class E(Enum, metaclass=M):
            A = 1
            C = 2
        obj = E
        """,
        """
        assert list(obj) == [1, 2] and obj.A.name == "A"
        """,
    ),
    Case(
        "Enum that overrides name and value",
        NAMES,
        REFUSES,
        """
        from enum import Enum
        class E(Enum):
            A = 1
            @property
            def value(self):
                return "v"
            @property
            def name(self):
                return "n"
        obj = E
        """,
        """
        assert obj.A.value == "v" and obj.A._value_ == 1 and obj.A.name == "n" and obj["A"] is obj.A
        """,
    ),
    Case(
        "Enum that overrides value",
        NAMES,
        WRONG,
        """
        from enum import Enum
        class E(Enum):
            A = 1
            B = 2
            @property
            def value(self):
                return self._value_ * 10
        obj = E
        """,
        """
        assert obj.A.value == 10 and obj.A._value_ == 1 and obj(1) is obj.A
        """,
    ),
    Case(
        "Enum that overrides value by DynamicClassAttribute",
        NAMES,
        WRONG,
        """
        from enum import Enum
        import types
        class E(Enum):
            A = 1
            B = 2
            @types.DynamicClassAttribute
            def value(self):
                return self._value_ * 10
            @types.DynamicClassAttribute
            def extra(self):
                return "x"
        obj = E
        """,
        """
        assert obj.A.value == 10 and obj.A._value_ == 1 and obj.A.extra == "x"
        """,
    ),
    Case(
        "Enum of functions",
        FUNCTIONS,
        WRONG,
        """
        from enum import Enum, member
        def f(x):
            return x + 1
        class E(Enum):
            F = member(f)
            L = member(lambda x: x * 2)
            def __call__(self, x):
                return self.value(x)
        obj = E
        """,
        """
        assert obj.F(1) == 2 and obj.L(4) == 8 and len(obj) == 2
        """,
        since=(3, 11),
    ),
    Case(
        "Enum with a decorated function as a member",
        FUNCTIONS,
        WRONG,
        """
        from enum import Enum, member
        class E(Enum):
            A = 1
            @member
            def F(self):
                return "f"
        obj = E
        """,
        """
        assert obj.F.value(None) == "f" and len(obj) == 2
        """,
        since=(3, 11),
    ),
    Case(
        "Enum of partials",
        FUNCTIONS,
        WRONG,
        """
        from enum import Enum, member
        import functools
        def add(a, b):
            return a + b
        class E(Enum):
            ADD = member(functools.partial(add))
            MUL = member(functools.partial(max))
            def __call__(self, *a):
                return self.value(*a)
        obj = E
        """,
        """
        assert obj.ADD(2, 3) == 5 and obj.MUL(2, 3) == 3 and len(obj) == 2
        """,
        since=(3, 13),
    ),
    Case(
        "Enum found by other values",
        VALUES,
        WRONG,
        """
        from enum import Enum
        class E(Enum):
            A = 1, "one"
            B = 2, "two"
            def __new__(cls, v, *al):
                o = object.__new__(cls)
                o._value_ = v
                for a in al:
                    cls._value2member_map_[a] = o
                return o
        obj = E
        """,
        """
        assert obj("one") is obj.A and obj(2) is obj.B
        """,
    ),
    Case(
        "Enum with _add_alias_ and _add_value_alias_",
        VALUES,
        WRONG,
        """
        from enum import Enum
        class E(Enum):
            A = 1
            B = 2
            def __init__(self, v):
                pass
        E.A._add_alias_("AA")
        E.B._add_value_alias_(22)
        obj = E
        """,
        """
        assert obj.AA is obj.A and obj(22) is obj.B and obj["AA"] is obj.A
        """,
        since=(3, 13),
    ),
    Case(
        "Enum whose __init__ calls _add_value_alias_",
        VALUES,
        WRONG,
        """
        from enum import Enum
        class E(Enum):
            A = 1, "one"
            B = 2, "two"
            def __new__(cls, v, *al):
                o = object.__new__(cls)
                o._value_ = v
                return o
            def __init__(self, v, *al):
                self._add_value_alias_(al[0])
        obj = E
        """,
        """
        assert obj("one") is obj.A and obj(2) is obj.B
        """,
        since=(3, 13),
    ),
    Case(
        "Enum whose base's __init_subclass__ wants a keyword",
        KEYWORDS,
        FAILS,
        """
        from enum import Enum
        class B(Enum):
            def __init_subclass__(cls, *, tag, **kw):
                super().__init_subclass__(**kw)
                cls.tag = tag
        class E(B, tag="t"):
            A = 1
        obj = E
        """,
        """
        assert obj.tag == "t" and obj.A.value == 1
        """,
    ),
    Case(
        "Flag with unnamed combinations",
        ALIASES,
        RIGHT,
        """
        from enum import Flag
        class P(Flag):
            R = 1
            W = 2
            X = 4
        obj = (P, P.R | P.W, P(0), ~P.X)
        """,
        """
        assert (
            obj[1] == (obj[0].R | obj[0].W)
            and obj[1] is (obj[0].R | obj[0].W)
            and obj[2] is obj[0](0)
            and obj[3] == obj[1]
        )
        """,
    ),
    Case(
        "IntFlag with negative values",
        ALIASES,
        RIGHT,
        """
        from enum import IntFlag
        class P(IntFlag):
            R = 1
            W = 2
        obj = (P, ~P.R, P(-1))
        """,
        """
        P = obj[0]
        assert obj[1] == ~P.R and obj[2] == P(-1)
        """,
    ),
    Case(
        "IntFlag with values outside",
        ALIASES,
        RIGHT,
        """
        from enum import IntFlag
        class P(IntFlag):
            R = 1
            W = 2
            X = 4
        obj = (P, P.R | P.W, P(8), P(9), P(0))
        """,
        """
        P = obj[0]
        assert (
            obj[1] == 3
            and isinstance(obj[1], P)
            and obj[2] == 8
            and isinstance(obj[2], P)
            and obj[3] == 9
            and isinstance(obj[3], P)
            and obj[4] == 0
            and isinstance(obj[4], P)
            and P.R | 8 == 9
        )
        """,
    ),
    Case(
        "Flag with a boundary",
        ALIASES,
        RIGHT,
        """
        from enum import EJECT, Flag
        class P(Flag, boundary=EJECT):
            R = 1
            W = 2
            X = 4
        obj = P
        """,
        """
        from enum import FlagBoundary
        assert obj._boundary_ is FlagBoundary.EJECT
        try:
            r = obj(8)
        except ValueError:
            r = "err"
        w = {"STRICT": "err", "CONFORM": obj(0), "EJECT": 8, "KEEP": None}["EJECT"]
        if w is None:
            assert isinstance(r, obj) and r.value == 8
        else:
            assert r == w and type(r) == type(w)
        """,
        since=(3, 11),
    ),
    Case(
        "IntFlag with a boundary",
        ALIASES,
        RIGHT,
        """
        from enum import IntFlag, STRICT
        class P(IntFlag, boundary=STRICT):
            R = 1
            W = 2
            X = 4
        obj = P
        """,
        """
        from enum import FlagBoundary
        assert obj._boundary_ is FlagBoundary.STRICT
        try:
            r = obj(8)
        except ValueError:
            r = "err"
        w = {"STRICT": "err", "CONFORM": obj(0), "EJECT": 8, "KEEP": None}["STRICT"]
        if w is None:
            assert isinstance(r, obj) and r.value == 8
        else:
            assert r == w and type(r) == type(w)
        """,
        since=(3, 11),
    ),
    Case(
        "Enum with nonmember",
        FUNCTIONS,
        RIGHT,
        """
        from enum import Enum, nonmember
        class E(Enum):
            A = 1
            limit = nonmember(10)
            names = nonmember({"a": 1})
        obj = E
        """,
        """
        assert obj.limit == 10 and obj.names == {"a": 1} and len(obj) == 1
        """,
        since=(3, 11),
    ),
    Case(
        "Enum with members named name and value",
        NAMES,
        RIGHT,
        """
        from enum import Enum
        class E(Enum):
            name = 1
            value = 2
        obj = E
        """,
        """
        assert obj["name"].value == 1 and obj["value"].value == 2
        """,
        since=(3, 11),
    ),
    Case(
        "Enum with values that have no hash",
        VALUES,
        RIGHT,
        """
        from enum import Enum
        class E(Enum):
            A = [1, 2]
            B = {"k": 1}
        obj = E
        """,
        """
        assert obj.A.value == [1, 2] and obj([1, 2]) is obj.A and obj({"k": 1}) is obj.B
        """,
    ),
    Case(
        "Enum whose base has __init_subclass__",
        KEYWORDS,
        RIGHT,
        """
        from enum import Enum
        class B(Enum):
            def __init_subclass__(cls, **kw):
                super().__init_subclass__(**kw)
                cls.tag = cls.__name__ + "!"
        class E(B):
            A = 1
        obj = E
        """,
        """
        assert obj.tag == "E!" and obj.A.value == 1
        """,
    ),
    Case(
        "Enum with verify",
        ALIASES,
        RIGHT,
        """
        from enum import CONTINUOUS, Enum, UNIQUE, verify
        @verify(UNIQUE, CONTINUOUS)
        class E(Enum):
            A = 1
            B = 2
        obj = E
        """,
        """
        assert obj.B.value == 2
        """,
        since=(3, 11),
    ),
]
