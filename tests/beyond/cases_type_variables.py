"""Type variables, new types and the type parameters of functions."""

from __future__ import annotations

from tests.beyond.case import FAILS, REFUSES, RIGHT, WRONG, Case

NEWTYPE = "NewType"
PARAMSPEC = "ParamSpec and TypeVarTuple"
TYPEVAR = "TypeVar with a default, or inferred variance"
PARAMETERS = "type parameters of functions"

CASES = [
    Case(
        "NewType",
        NEWTYPE,
        FAILS,
        """
        from typing import NewType
        UserId = NewType("UserId", int)
        obj = UserId
        """,
        """
        assert (
            obj.__name__ == "UserId"
            and obj.__supertype__ is int
            and obj(5) == 5
            and obj.__module__ == "__main__"
            and repr(obj) == "__main__.UserId"
            and obj.__qualname__ == "UserId"
        )
        """,
    ),
    Case(
        "NewTypes of NewTypes",
        NEWTYPE,
        FAILS,
        """
        from typing import List, NewType
        A = NewType("A", int)
        B = NewType("B", A)
        L = NewType("L", List[A])
        obj = (A, B, L)
        """,
        """
        from typing import List
        assert obj[1].__supertype__ is obj[0] and obj[2].__supertype__ == List[obj[0]]
        """,
    ),
    Case(
        "NewType inside a function",
        NEWTYPE,
        REFUSES,
        """
        from typing import NewType
        def mk():
            class C:
                pass
            N = NewType("N", C)
            return N, C
        obj = mk()
        """,
        """
        assert obj[0].__supertype__ is obj[1]
        """,
    ),
    Case(
        "NewType in annotations",
        NEWTYPE,
        FAILS,
        """
        from typing import NewType
        UserId = NewType("UserId", int)
        def f(x: UserId) -> "UserId":
            return UserId(x)
        class C:
            u: UserId
            def m(self, u: UserId):
                return u
        obj = (UserId, f, C)
        """,
        """
        U, f, C = obj
        assert (
            f.__annotations__["x"] is U
            and f(3) == 3
            and C.__annotations__["u"] is U
            and C.m.__annotations__["u"] is U
        )
        """,
    ),
    Case(
        "NewType in generic aliases",
        NEWTYPE,
        FAILS,
        """
        from typing import Dict, NewType, Optional
        UserId = NewType("UserId", int)
        obj = [list[UserId], Optional[UserId], UserId | None, Dict[str, UserId], UserId]
        """,
        """
        from typing import Dict, Optional
        U = obj[-1]
        assert obj == [list[U], Optional[U], U | None, Dict[str, U], U]
        """,
    ),
    Case(
        "NewType in a dataclass",
        NEWTYPE,
        FAILS,
        """
        from typing import NewType
        import dataclasses
        UserId = NewType("UserId", int)
        @dataclasses.dataclass
        class D:
            u: UserId
        obj = (UserId, D)
        """,
        """
        import dataclasses
        assert dataclasses.fields(obj[1])[0].type is obj[0] and obj[1](3).u == 3
        """,
    ),
    Case(
        "NewType with attributes",
        NEWTYPE,
        FAILS,
        """
        from typing import NewType
        UserId = NewType("UserId", int)
        UserId.__doc__ = "about"
        UserId.extra = 4
        obj = UserId
        """,
        """
        assert obj.__doc__ == "about" and obj.extra == 4
        """,
    ),
    Case(
        "ParamSpec",
        PARAMSPEC,
        FAILS,
        """
        from typing import Callable, Concatenate, ParamSpec
        P = ParamSpec("P")
        obj = [P, Callable[P, int], Concatenate[int, P], P.args, P.kwargs]
        """,
        """
        from typing import Callable, Concatenate
        P = obj[0]
        assert (
            P.__name__ == "P"
            and obj[1] == Callable[P, int]
            and obj[1].__parameters__ == (P,)
            and obj[2] == Concatenate[int, P]
            and obj[3] == P.args
            and obj[3].__origin__ is P
            and obj[4].__origin__ is P
            and obj[3] is not obj[4]
        )
        """,
    ),
    Case(
        "decorator with a ParamSpec",
        PARAMSPEC,
        FAILS,
        """
        from typing import Callable, ParamSpec, TypeVar
        import functools
        P = ParamSpec("P")
        R = TypeVar("R")
        def deco(f: Callable[P, R]) -> Callable[P, R]:
            @functools.wraps(f)
            def w(*args: P.args, **kwargs: P.kwargs) -> R:
                return f(*args, **kwargs)
            return w
        @deco
        def add(a: int, b: int) -> int:
            return a + b
        obj = (deco, add, P)
        """,
        """
        d, a, P = obj
        assert a(1, 2) == 3 and d(len)("abc") == 3 and d.__annotations__["f"].__parameters__[0] is P
        """,
    ),
    Case(
        "ParamSpec with a bound",
        PARAMSPEC,
        FAILS,
        """
        from typing import ParamSpec
        P = ParamSpec("P", bound=int, covariant=True)
        obj = P
        """,
        """
        assert obj.__bound__ is int and obj.__covariant__
        """,
    ),
    Case(
        "ParamSpec with a default",
        PARAMSPEC,
        FAILS,
        """
        from typing import ParamSpec
        P = ParamSpec("P", default=[int, str])
        E = ParamSpec("E", default=...)
        obj = (P, E)
        """,
        """
        assert obj[0].__default__ == [int, str] and obj[1].__default__ is ...
        """,
        since=(3, 13),
    ),
    Case(
        "TypeVarTuple",
        PARAMSPEC,
        FAILS,
        """
        from typing import Generic, TypeVarTuple, Unpack
        Ts = TypeVarTuple("Ts")
        class A(Generic[Unpack[Ts]]):
            pass
        obj = [Ts, Unpack[Ts], tuple[Unpack[Ts]], A, A[int, str]]
        """,
        """
        from typing import Unpack
        Ts = obj[0]
        assert (
            Ts.__name__ == "Ts"
            and obj[1] == Unpack[Ts]
            and obj[2] == tuple[Unpack[Ts]]
            and obj[3].__parameters__ == (Ts,)
            and obj[4].__args__ == (int, str)
        )
        """,
        since=(3, 11),
    ),
    Case(
        "TypeVarTuple with a star",
        PARAMSPEC,
        FAILS,
        """
        from typing import TypeVarTuple
        Ts = TypeVarTuple("Ts")
        def f(*args: *Ts) -> tuple[*Ts]:
            return args
        obj = [Ts, f, tuple[int, *Ts]]
        """,
        """
        from typing import Unpack
        Ts = obj[0]
        assert (
            obj[1](1, 2) == (1, 2)
            and obj[1].__annotations__["return"] == tuple[Unpack[Ts]]
            or obj[1].__annotations__["return"] == tuple.__class_getitem__((*Ts,))
        )
        assert obj[2].__parameters__ == (Ts,)
        """,
        since=(3, 11),
    ),
    Case(
        "TypeVarTuple with a default",
        PARAMSPEC,
        FAILS,
        """
        from typing import TypeVarTuple, Unpack
        Ts = TypeVarTuple("Ts", default=Unpack[tuple[int, str]])
        obj = Ts
        """,
        """
        from typing import Unpack
        assert obj.__default__ == Unpack[tuple[int, str]]
        """,
        since=(3, 13),
    ),
    Case(
        "ParamSpec in collections.abc.Callable",
        PARAMSPEC,
        FAILS,
        """
        from typing import Concatenate, ParamSpec, TypeVar
        import collections.abc as c
        T = TypeVar("T")
        P = ParamSpec("P")
        obj = [c.Callable[[int], T], c.Callable[P, T], c.Callable[Concatenate[int, P], T], T, P]
        """,
        """
        from typing import Concatenate
        import collections.abc as c
        T, P = obj[-2:]
        assert (
            obj[0] == c.Callable[[int], T]
            and obj[1] == c.Callable[P, T]
            and obj[2] == c.Callable[Concatenate[int, P], T]
            and obj[1][[int], str] == c.Callable[[int], str]
        )
        """,
    ),
    Case(
        "class generic in a ParamSpec",
        PARAMSPEC,
        FAILS,
        """
        from typing import Generic, ParamSpec, TypeVar
        P = ParamSpec("P")
        T = TypeVar("T")
        class X(Generic[T, P]):
            pass
        obj = [X, X[int, [int, str]], X[int, ...], P, T]
        """,
        """
        X, a, b, P, T = obj
        assert (
            a.__args__ == (int, (int, str)) and b.__args__[1] is ... and X.__parameters__ == (T, P)
        )
        """,
    ),
    Case(
        "TypeVar with infer_variance",
        TYPEVAR,
        WRONG,
        """
        from typing import TypeVar
        T = TypeVar("T", infer_variance=True)
        obj = T
        """,
        """
        assert obj.__infer_variance__ is True and repr(obj) == "T"
        """,
        since=(3, 12),
    ),
    Case(
        "TypeVar with a default",
        TYPEVAR,
        WRONG,
        """
        from typing import Generic, TypeVar
        T = TypeVar("T", default=int)
        N = TypeVar("N", default=None)
        Z = TypeVar("Z")
        class C(Generic[T]):
            pass
        obj = (T, C, N, Z)
        """,
        """
        T, C, N, Z = obj
        assert (
            T.__default__ is int
            and T.has_default()
            and C[()] == C[int]
            and N.has_default()
            and N.__default__ in (None, type(None))
            and not Z.has_default()
        )
        """,
        since=(3, 13),
    ),
    Case(
        "TypeVar with the default of typing_extensions",
        TYPEVAR,
        WRONG,
        """
        from typing import List, TypeVar
        def with_default(parameter, default):  # as typing_extensions does
            parameter.has_default = lambda: default is not NotImplemented
            parameter.__default__ = default
            return parameter
        T = with_default(TypeVar("T", bound=object), int)
        U = with_default(TypeVar("U", covariant=True), List[T])
        obj = (T, U)
        """,
        """
        T, U = obj
        from typing import List
        assert (
            T.has_default()
            and T.__default__ is int
            and T.__bound__ is object
            and U.__covariant__
            and U.__default__ == List[T]
            and T.__module__ == U.__module__ == "__main__"
        )
        """,
        before=(3, 13),
    ),
    Case(
        "ParamSpec with the default of typing_extensions",
        PARAMSPEC,
        FAILS,
        """
        from typing import ParamSpec
        P = ParamSpec("P")
        P.has_default = lambda: True
        P.__default__ = [int]
        obj = P
        """,
        """
        assert obj.has_default() and obj.__default__ == [int] and obj.__module__ == "__main__"
        """,
        before=(3, 13),
    ),
    Case(
        "TypeVar with the inferred variance of typing_extensions",
        TYPEVAR,
        WRONG,
        """
        from typing import TypeVar
        T = TypeVar("T", int, str)
        T.__infer_variance__ = True
        obj = T
        """,
        """
        assert obj.__infer_variance__ is True and obj.__constraints__ == (int, str)
        """,
        before=(3, 12),
    ),
    Case(
        "TypeVar with inferred variance and the default of typing_extensions",
        TYPEVAR,
        WRONG,
        """
        from typing import TypeVar
        T = TypeVar("T", infer_variance=True)
        T.has_default = lambda: True
        T.__default__ = str
        obj = T
        """,
        """
        assert obj.__infer_variance__ is True and obj.has_default() and obj.__default__ is str
        """,
        since=(3, 12),
        before=(3, 13),
    ),
    Case(
        "TypeVar whose default has another one",
        TYPEVAR,
        WRONG,
        """
        from typing import TypeVar
        T = TypeVar("T", default=int)
        U = TypeVar("U", default=list[T])
        obj = (T, U)
        """,
        """
        assert obj[1].__default__ == list[obj[0]]
        """,
        since=(3, 13),
    ),
    Case(
        "class C[T: int = bool]",
        TYPEVAR,
        WRONG,
        """
        class C[T: int = bool]:
            pass
        obj = C
        """,
        """
        (T,) = obj.__type_params__
        assert T.__bound__ is int and T.__default__ is bool and obj[()].__args__ == (bool,)
        """,
        since=(3, 13),
    ),
    Case(
        "class C[T: C]",
        TYPEVAR,
        REFUSES,
        """
        class C[T: C]:
            def m(self) -> T: ...
        obj = C
        """,
        """
        (T,) = obj.__type_params__
        assert T.__bound__ is obj and obj.m.__annotations__["return"] is T
        """,
        since=(3, 12),
    ),
    Case(
        "def f[T: Sequence[T]]",
        TYPEVAR,
        REFUSES,
        """
        from typing import Sequence
        def f[T: Sequence[T]](x: T):
            return x
        obj = f
        """,
        """
        from typing import Sequence
        (T,) = obj.__type_params__
        assert T.__bound__ == Sequence[T]
        """,
        since=(3, 12),
    ),
    Case(
        "class C[T: Undefined]",
        TYPEVAR,
        REFUSES,
        """
        class C[T: Undefined]:
            pass
        obj = C
        """,
        """
        (T,) = obj.__type_params__
        try:
            T.__bound__
        except NameError:
            pass
        else:
            raise AssertionError
        """,
        since=(3, 14),
    ),
    Case(
        "plain TypeVar",
        TYPEVAR,
        RIGHT,
        """
        from typing import Callable, TypeVar
        T = TypeVar("T")
        obj = [T, list[T], Callable[[T], T]]
        """,
        """
        T = obj[0]
        assert (
            T.__name__ == "T"
            and obj[1] == list[T]
            and obj[1].__parameters__ == (T,)
            and repr(T) == "~T"
        )
        """,
    ),
    Case(
        "TypeVar with a bound or constraints",
        TYPEVAR,
        RIGHT,
        """
        from typing import TypeVar
        class B:
            pass
        T = TypeVar("T", bound=B)
        K = TypeVar("K", int, str)
        CO = TypeVar("CO", covariant=True)
        CN = TypeVar("CN", contravariant=True)
        obj = [T, B, K, CO, CN]
        """,
        """
        T, B, K, CO, CN = obj
        assert (
            T.__bound__ is B
            and K.__constraints__ == (int, str)
            and CO.__covariant__
            and CN.__contravariant__
            and repr(CO) == "+CO"
        )
        """,
    ),
    Case(
        "TypeVar with a forward bound",
        TYPEVAR,
        RIGHT,
        """
        from typing import Generic, TypeVar
        T = TypeVar("T", bound="Node")
        class Node(Generic[T]):
            pass
        obj = (T, Node)
        """,
        """
        T, N = obj
        assert T.__bound__.__forward_arg__ == "Node" and N.__parameters__ == (T,)
        """,
    ),
    Case(
        "def f[T]",
        PARAMETERS,
        WRONG,
        """
        def f[T](x: T) -> T:
            return x
        obj = f
        """,
        """
        (T,) = obj.__type_params__
        assert (
            obj(3) == 3
            and obj.__annotations__ == {"x": T, "return": T}
            and obj.__annotations__["x"] is T
            and T.__name__ == "T"
            and repr(T) == "T"
            and T.__infer_variance__
        )
        """,
        since=(3, 12),
    ),
    Case(
        "def f with parameters of all kinds",
        PARAMETERS,
        REFUSES,
        """
        from typing import Callable
        class B:
            pass
        def f[T: B, K: (int, str), *Ts, **P](x: T, k: K, *a: *Ts) -> Callable[P, T]:
            return x
        obj = (f, B)
        """,
        """
        from typing import Callable
        f, B = obj
        T, K, Ts, P = f.__type_params__
        assert (
            T.__bound__ is B
            and K.__constraints__ == (int, str)
            and f.__annotations__["x"] is T
            and f.__annotations__["return"] == Callable[P, T]
        )
        """,
        since=(3, 12),
    ),
    Case(
        "def f with defaults of parameters",
        PARAMETERS,
        WRONG,
        """
        def f[T = int, *Ts = *tuple[int, str], **P = [int]](x: T):
            return x
        obj = f
        """,
        """
        T, Ts, P = obj.__type_params__
        assert (
            T.__default__ is int and P.__default__ == [int] and Ts.__default__.__args__[0]
            if 0
            else T.has_default() and P.has_default() and Ts.has_default()
        )
        """,
        since=(3, 13),
    ),
    Case(
        "def f[T] with a closure",
        PARAMETERS,
        WRONG,
        """
        from typing import cast
        def outer[T](x: T):
            def inner(y: T) -> T:
                z: T = y
                return cast(T, z)
            return inner
        obj = (outer, outer(1))
        """,
        """
        o, i = obj
        assert i(2) == 2 and o(5)(6) == 6 and i.__annotations__["y"] is o.__type_params__[0]
        """,
        since=(3, 12),
    ),
    Case(
        "class C[T] with a method [U]",
        PARAMETERS,
        WRONG,
        """
        class C[T]:
            x: T
            def __init__(self, x: T):
                self.x = x
            def m[U](self, u: U) -> tuple[T, U]:
                return (self.x, u)
        obj = (C, C[int], C(1))
        """,
        """
        from typing import Generic
        C, CI, c = obj
        (T,) = C.__type_params__
        (U,) = C.m.__type_params__
        assert (
            C.__parameters__ == (T,)
            and C.__init__.__annotations__["x"] is T
            and C.m.__annotations__["return"] == tuple[T, U]
            and c.m(2) == (1, 2)
            and CI.__origin__ is C
            and C.__annotations__["x"] is T
            and repr(T) == "T"
            and C.__orig_bases__ == (Generic[T],)
        )
        """,
        since=(3, 12),
    ),
    Case(
        "instance of C[T] with the T of a function",
        PARAMETERS,
        WRONG,
        """
        class Foo[T]:
            pass
        def bar[B]():
            return Foo[B]()
        obj = (Foo, bar, bar())
        """,
        """
        Foo, bar, x = obj
        assert x.__orig_class__.__args__[0] is bar.__type_params__[0]
        """,
        since=(3, 12),
    ),
    Case(
        "class generic in the T of a function",
        PARAMETERS,
        WRONG,
        """
        from typing import Generic
        def f[T](cls: type[T]) -> list[T]:
            class Inner(Generic[T]):
                x: T
            return Inner
        obj = (f, f(int))
        """,
        """
        f, I = obj
        assert I.__parameters__ == f.__type_params__
        """,
        since=(3, 12),
    ),
    Case(
        "Annotated",
        NEWTYPE,
        RIGHT,
        """
        from typing import Annotated, TypeVar
        class Meta:
            def __init__(s, v):
                s.v = v
            def __eq__(s, o):
                return s.v == o.v
            def __hash__(s):
                return hash(s.v)
        T = TypeVar("T")
        A = Annotated[int, Meta(3), "x"]
        B = Annotated[list[T], Meta(4)]
        def f(a: A, b: B): ...
        obj = (A, B, f, T, Meta)
        """,
        """
        from typing import Annotated, get_type_hints
        A, B, f, T, Meta = obj
        assert (
            A == Annotated[int, Meta(3), "x"]
            and B.__parameters__ == (T,)
            and f.__annotations__["a"] == A
            and get_type_hints(f, include_extras=True)["a"] == A
            and get_type_hints(f)["a"] is int
            and B[int] == Annotated[list[int], Meta(4)]
        )
        """,
    ),
]
