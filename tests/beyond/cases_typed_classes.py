"""Type aliases, typed classes and annotations."""

from __future__ import annotations

from tests.beyond.case import FAILS, REFUSES, RIGHT, WRONG, Case

ALIAS = "type alias (PEP 695)"
TYPEDDICT = "TypedDict without written bases"
NAMEDTUPLE = "generic NamedTuple"
CLASSES = "annotations of a class that have not been asked for"
UNDEFINED = "annotations with undefined names"

CASES = [
    Case(
        "type X = ...",
        ALIAS,
        FAILS,
        """
        type X = int | str
        obj = X
        """,
        """
        from typing import TypeAliasType
        assert (
            isinstance(obj, TypeAliasType)
            and obj.__name__ == "X"
            and obj.__value__ == int | str
            and obj.__type_params__ == ()
            and obj.__module__ == "__main__"
        )
        """,
        since=(3, 12),
    ),
    Case(
        "type X[T] = ...",
        ALIAS,
        FAILS,
        """
        type Pair[T] = tuple[T, T]
        obj = (Pair, Pair[int])
        """,
        """
        P, PI = obj
        (T,) = P.__type_params__
        assert (
            P.__value__ == tuple[T, T]
            and PI.__origin__ is P
            and PI.__args__ == (int,)
            and P.__parameters__ == (T,)
            and repr(T) == "T"
        )
        """,
        since=(3, 12),
    ),
    Case(
        "type alias that has itself",
        ALIAS,
        FAILS,
        """
        type Json = None | int | str | list[Json] | dict[str, Json]
        obj = Json
        """,
        """
        assert (
            obj.__value__.__args__[3].__args__[0] is obj
            and obj.__value__.__args__[4].__args__[1] is obj
        )
        """,
        since=(3, 12),
    ),
    Case(
        "type alias with parameters that has itself",
        ALIAS,
        FAILS,
        """
        type Tree[T] = T | list[Tree[T]]
        obj = Tree
        """,
        """
        (T,) = obj.__type_params__
        a = obj.__value__.__args__
        assert (
            a[0] is T and a[1].__args__[0].__origin__ is obj and a[1].__args__[0].__args__ == (T,)
        )
        """,
        since=(3, 12),
    ),
    Case(
        "type aliases that have each other",
        ALIAS,
        FAILS,
        """
        type A = int | list[B]
        type B = str | list[A]
        obj = (A, B)
        """,
        """
        A, B = obj
        assert A.__value__.__args__[1].__args__[0] is B and B.__value__.__args__[1].__args__[0] is A
        """,
        since=(3, 12),
    ),
    Case(
        "type alias with an undefined name",
        ALIAS,
        FAILS,
        """
        type A = int | Undefined
        obj = A
        """,
        """
        assert obj.__name__ == "A"
        try:
            obj.__value__
        except NameError:
            pass
        else:
            raise AssertionError
        """,
        since=(3, 12),
    ),
    Case(
        "type alias with all kinds of parameters",
        ALIAS,
        FAILS,
        """
        from typing import Callable
        type A[T: int, *Ts, **P] = Callable[P, tuple[T, *Ts]]
        obj = A
        """,
        """
        from typing import ParamSpec, TypeVarTuple
        T, Ts, P = obj.__type_params__
        assert (
            T.__bound__ is int
            and obj.__value__.__parameters__ == (P, T, Ts)
            and isinstance(Ts, TypeVarTuple)
            and isinstance(P, ParamSpec)
        )
        """,
        since=(3, 12),
    ),
    Case(
        "TypeAliasType called",
        ALIAS,
        FAILS,
        """
        from typing import TypeAliasType, TypeVar
        T = TypeVar("T")
        A = TypeAliasType("A", list[T], type_params=(T,))
        obj = (T, A)
        """,
        """
        assert (
            obj[1].__type_params__ == (obj[0],)
            and obj[1].__value__ == list[obj[0]]
            and obj[1].__module__ == "__main__"
        )
        """,
        since=(3, 12),
    ),
    Case(
        "type alias in annotations",
        ALIAS,
        FAILS,
        """
        type X = int
        def f(x: X) -> X:
            return x
        class C:
            x: X
        obj = (X, f, C)
        """,
        """
        X, f, C = obj
        assert f.__annotations__["x"] is X and C.__annotations__["x"] is X
        """,
        since=(3, 12),
    ),
    Case(
        "type alias inside a class",
        ALIAS,
        REFUSES,
        """
        class C:
            type X = int | C
            def m(self) -> X: ...
        obj = C
        """,
        """
        assert obj.X.__value__ == int | obj and obj.m.__annotations__["return"] is obj.X
        """,
        since=(3, 12),
    ),
    Case(
        "TypedDict of a TypedDict",
        TYPEDDICT,
        FAILS,
        """
        from typing import TypedDict
        class M(TypedDict, total=False):
            a: int
        class N(M):
            b: str
        obj = (M, N)
        """,
        """
        from typing import is_typeddict
        M, N = obj
        assert (
            M.__total__ is False
            and M.__optional_keys__ == {"a"}
            and N.__required_keys__ == {"b"}
            and N.__optional_keys__ == {"a"}
            and N(a=1) == {"a": 1}
            and is_typeddict(N)
        )
        """,
        before=(3, 12),
    ),
    Case(
        "TypedDict called",
        TYPEDDICT,
        FAILS,
        """
        from typing import TypedDict
        M = TypedDict("M", {"a-b": int}, total=False)
        obj = M
        """,
        """
        assert (
            obj(**{"a-b": 1}) == {"a-b": 1}
            and obj.__total__ is False
            and obj.__optional_keys__ == {"a-b"}
        )
        """,
        before=(3, 12),
    ),
    Case(
        "TypedDict",
        TYPEDDICT,
        RIGHT,
        """
        from typing import TypedDict
        class M(TypedDict):
            a: int
        obj = M
        """,
        """
        from typing import is_typeddict
        assert (
            obj(a=1) == {"a": 1}
            and obj.__annotations__ == {"a": int}
            and obj.__required_keys__ == {"a"}
            and obj.__total__ is True
            and is_typeddict(obj)
        )
        """,
        before=(3, 14),
    ),
    Case(
        "generic TypedDict",
        TYPEDDICT,
        RIGHT,
        """
        from typing import Generic, TypeVar, TypedDict
        T = TypeVar("T")
        class M(TypedDict, Generic[T]):
            a: T
        obj = (T, M, M[int])
        """,
        """
        from typing import Generic, TypedDict, is_typeddict
        T, M, MI = obj
        assert (
            M.__parameters__ == (T,)
            and M.__annotations__["a"] is T
            and MI.__origin__ is M
            and is_typeddict(M)
            and M(a=1) == {"a": 1}
            and M.__orig_bases__ == (TypedDict, Generic[T])
        )
        """,
        since=(3, 11),
        before=(3, 14),
    ),
    Case(
        "generic NamedTuple",
        NAMEDTUPLE,
        REFUSES,
        """
        from typing import Generic, NamedTuple, TypeVar
        T = TypeVar("T")
        class P(NamedTuple, Generic[T]):
            x: T
            y: int = 5
            def m(self):
                return self.x
        obj = [T, P, P[int], P(1)]
        """,
        """
        from typing import Generic, NamedTuple
        T, P, PI, p = obj
        assert (
            p == (1, 5)
            and p.m() == 1
            and isinstance(p, P)
            and P.__parameters__ == (T,)
            and PI.__origin__ is P
            and P.__annotations__["x"] is T
            and issubclass(P, tuple)
            and P._fields == ("x", "y")
            and P.__orig_bases__ == (NamedTuple, Generic[T])
        )
        """,
        since=(3, 11),
        before=(3, 12),
    ),
    Case(
        "NamedTuple",
        NAMEDTUPLE,
        RIGHT,
        """
        from typing import NamedTuple
        class P(NamedTuple):
            "doc"
            x: int
            y: str = "q"
            def m(self):
                return self.x
        obj = [P, P(1)]
        """,
        """
        P, p = obj
        assert (
            p == (1, "q")
            and p.m() == 1
            and P._fields == ("x", "y")
            and P.__annotations__ == {"x": int, "y": str}
            and P.__doc__ == "doc"
            and P._field_defaults == {"y": "q"}
        )
        """,
        before=(3, 14),
    ),
    Case(
        "runtime checkable Protocol",
        NAMEDTUPLE,
        RIGHT,
        """
        from typing import Protocol, runtime_checkable
        @runtime_checkable
        class Runner(Protocol):
            def run(self): ...
        class Impl:
            def run(self):
                pass
        obj = (Runner, Impl)
        """,
        """
        R, I = obj
        class No:
            pass
        assert issubclass(I, R) and not issubclass(No, R) and isinstance(I(), R) and R._is_protocol
        """,
        before=(3, 14),
    ),
    Case(
        "function with undefined names in annotations",
        UNDEFINED,
        REFUSES,
        """
        def f(x: Undefined, y: int) -> AlsoUndefined:
            return y
        obj = f
        """,
        """
        assert obj(1, 2) == 2
        try:
            obj.__annotations__
        except NameError:
            pass
        else:
            raise AssertionError
        import annotationlib
        assert annotationlib.get_annotations(obj, format=annotationlib.Format.STRING) == {
            "x": "Undefined",
            "y": "int",
            "return": "AlsoUndefined",
        }
        assert (
            annotationlib.get_annotations(obj, format=annotationlib.Format.FORWARDREF)["y"] is int
        )
        """,
        since=(3, 14),
    ),
    Case(
        "class with undefined names in annotations",
        UNDEFINED,
        WRONG,
        """
        class C:
            x: Undefined
            y: int
            def m(self):
                return 1
        obj = C
        """,
        """
        import annotationlib
        assert obj().m() == 1
        a = annotationlib.get_annotations(obj, format=annotationlib.Format.FORWARDREF)
        assert a["y"] is int and a["x"].__forward_arg__ == "Undefined"
        """,
        since=(3, 14),
    ),
    Case(
        "ForwardRef of deferred annotations",
        UNDEFINED,
        REFUSES,
        """
        import annotationlib
        class C:
            x: Undefined
        a = annotationlib.get_annotations(C, format=annotationlib.Format.FORWARDREF)
        def g(y: Nope): ...
        b = annotationlib.get_annotations(g, format=annotationlib.Format.FORWARDREF)
        big = bytes(100000)
        import _thread
        lock = _thread.allocate_lock()
        obj = (a["x"], b["y"])
        """,
        """
        assert obj[0].__forward_arg__ == "Undefined" and obj[1].__forward_arg__ == "Nope"
        """,
        since=(3, 14),
    ),
    Case(
        "ForwardRef",
        UNDEFINED,
        RIGHT,
        """
        from typing import ForwardRef, List, Optional
        obj = [ForwardRef("X"), Optional["X"], List["X"], ForwardRef("Y", is_argument=False)]
        """,
        """
        from typing import ForwardRef, List, Optional
        assert (
            obj[0] == ForwardRef("X")
            and obj[1] == Optional["X"]
            and obj[2] == List["X"]
            and obj[3].__forward_arg__ == "Y"
        )
        """,
    ),
    Case(
        "annotations of a class that have not been asked for",
        CLASSES,
        WRONG,
        """
        from typing import List
        class Sensor:
            name: str
            readings: List[float]
            twin: Sensor
        annotate = Sensor.__annotate__
        def __getattr__(name):
            assert name == "obj"
            Sensor.__annotate__ = annotate  # as if nobody had asked, whoever has dumped it before
            return Sensor
        """,
        """
        from typing import List, get_type_hints
        hints = {"name": str, "readings": List[float], "twin": obj}
        assert obj.__annotations__ == hints == get_type_hints(obj)
        """,
        since=(3, 14),
    ),
    Case(
        "annotations of a dataclass that have not been asked for",
        CLASSES,
        WRONG,
        """
        from dataclasses import dataclass
        @dataclass
        class Point:
            x: int
            y: "float" = 0.0
        annotate = Point.__annotate__
        def __getattr__(name):
            assert name == "obj"
            Point.__annotate__ = annotate
            return Point
        """,
        """
        assert obj(1).y == 0.0 and obj.__annotations__ == {"x": int, "y": "float"}
        """,
        since=(3, 14),
    ),
    Case(
        "annotations of a NamedTuple and a TypedDict that have not been asked for",
        CLASSES,
        WRONG,
        """
        from typing import NamedTuple, Required, TypedDict
        class Pair(NamedTuple):
            left: int
            right: str = "r"
        class Movie(TypedDict, total=False):
            title: Required[str]
        annotates = [(cls, cls.__annotate__) for cls in (Pair, Movie)]
        def __getattr__(name):
            assert name == "obj"
            for cls, annotate in annotates:
                cls.__annotate__ = annotate
            return Pair, Movie
        """,
        """
        from typing import Required, is_typeddict
        Pair, Movie = obj
        assert Pair(1) == (1, "r") and Pair.__annotations__ == {"left": int, "right": str}
        assert is_typeddict(Movie) and Movie.__required_keys__ == {"title"}
        assert Movie.__annotations__ == {"title": Required[str]}
        """,
        since=(3, 14),
    ),
    Case(
        "class that has no annotations",
        CLASSES,
        RIGHT,
        """
        class Plain:
            def method(self):
                return 1
        Plain.__annotate__
        obj = Plain
        """,
        """
        assert obj().method() == 1 and obj.__annotations__ == {}
        """,
        since=(3, 14),
    ),
]
