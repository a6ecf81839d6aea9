"""Classes by value: how they are made, their slots and attributes."""

from __future__ import annotations

from tests.beyond.case import FAILS, REFUSES, RIGHT, WRONG, Case

HOOKS = "hooks that run when a class is made"
SLOTS = "classes with `__slots__`"
OVERRIDES = "attributes that are the base's own object"
OWN_DICT = "a class attribute named `__dict__`"

CASES = [
    Case(
        "a base whose __init_subclass__ requires a keyword",
        HOOKS,
        FAILS,
        """
        class Base:
            def __init_subclass__(cls, /, tag, **kw):
                super().__init_subclass__(**kw); cls.tag = tag
        class C(Base, tag="x"):
            def f(self): return self.tag
        obj = C()
        """,
        """
        assert obj.f() == "x"
        assert type(obj).__mro__[1].__name__ == "Base" and len(type(obj).__mro__) == 3
        B = type(obj).__mro__[1]
        class D(B, tag="y"): pass
        assert D.tag == "y"
        assert type(obj) in B.__subclasses__()
        """,
    ),
    Case(
        "a keyword of __init_subclass__ that has a default",
        HOOKS,
        WRONG,
        """
        class Base:
            def __init_subclass__(cls, *, abstract=False, **kw):
                super().__init_subclass__(**kw)
                if not abstract: cls.impl = cls.__name__
        class C(Base, abstract=True): pass
        obj = C
        """,
        """
        assert "impl" not in vars(obj), vars(obj)
        """,
    ),
    Case(
        "an __init_subclass__ that looks for an attribute",
        HOOKS,
        FAILS,
        """
        class Base:
            def __init_subclass__(cls):
                if not hasattr(cls, "key"): raise TypeError("no key")
        class C(Base): key = 1
        obj = C
        """,
        """
        assert obj.key == 1
        """,
    ),
    Case(
        "an __init_subclass__ that computes from an attribute",
        HOOKS,
        FAILS,
        """
        REG = {}
        class Base:
            def __init_subclass__(cls): cls.copy = cls.key * 2
        class C(Base): key = 1
        obj = C
        """,
        """
        assert obj.key == 1 and obj.copy == 2
        """,
    ),
    Case(
        "an __init_subclass__ that appends to a registry",
        HOOKS,
        WRONG,
        """
        class Base:
            registry = []
            def __init_subclass__(cls): cls.registry.append(cls)
        class C(Base): key = 1
        obj = C
        """,
        """
        assert obj.registry == [obj]
        """,
    ),
    Case(
        "an __init_subclass__ that registers under its keyword",
        HOOKS,
        FAILS,
        """
        class Base:
            registry = {}
            def __init_subclass__(cls, key): cls.registry[key] = cls
        class C(Base, key=1): pass
        class D(C, key=2): pass
        obj = D
        """,
        """
        assert obj.registry == {1: obj.__mro__[1], 2: obj}
        """,
    ),
    Case(
        "an __init_subclass__ that writes to a global",
        HOOKS,
        FAILS,
        """
        REG = []
        class Base:
            def __init_subclass__(cls, key): REG.append((cls.__name__, key))
        class C(Base, key=1): pass
        class D(C, key=2): x = 1
        obj = D
        """,
        """
        assert obj.x == 1 
        g = obj.__init_subclass__.__func__.__globals__
        assert g["REG"] == [("C", 1), ("D", 2)], g["REG"]
        """,
    ),
    Case(
        "an __init_subclass__ that counts",
        HOOKS,
        WRONG,
        """
        class Base:
            n = 0
            def __init_subclass__(cls): Base.n += 1
        class C(Base): pass
        obj = C
        """,
        """
        assert obj.n == 1, obj.n
        """,
    ),
    Case(
        "an __init_subclass__ with a keyword and slots at each level",
        HOOKS,
        FAILS,
        """
        class G:
            __slots__ = ("a",)
            def __init_subclass__(cls, tag): cls.tag = tag
        class Base(G, tag=1):
            __slots__ = ("b",)
        class C(Base, tag=2):
            __slots__ = ("c",)
        obj = C(); obj.a = 1; obj.b = 2; obj.c = 3
        """,
        """
        assert (obj.a, obj.b, obj.c, obj.tag) == (1, 2, 3, 2)
        assert not hasattr(obj, "__dict__")
        """,
    ),
    Case(
        "an __init_subclass__ with a keyword in a subclass of dict",
        HOOKS,
        FAILS,
        """
        class Base(dict):
            def __init_subclass__(cls, tag): cls.tag = tag
        class C(Base, tag=2): pass
        obj = C(a=1)
        """,
        """
        assert obj == {"a": 1} and obj.tag == 2 and isinstance(obj, dict)
        """,
    ),
    Case(
        "an __init_subclass__ with a keyword in a generic class",
        HOOKS,
        FAILS,
        """
        import typing
        T = typing.TypeVar("T")
        class Base(typing.Generic[T]):
            def __init_subclass__(cls, tag, **kw):
                super().__init_subclass__(**kw)
                cls.tag = tag
        class C(Base[int], tag=2): x: int = 1
        class D(Base[T], tag=3): x: int = 1
        obj = (C, D)
        """,
        """
        import typing
        C, D = obj
        assert C.tag == 2 and typing.get_args(C.__orig_bases__[0]) == (int,)
        assert D.tag == 3 and typing.get_args(D[str]) == (str,)
        assert len(D.__parameters__) == 1
        """,
    ),
    Case(
        "an __init_subclass__ with a keyword in an abstract class",
        HOOKS,
        FAILS,
        """
        import abc
        class Base(abc.ABC):
            def __init_subclass__(cls, tag, **kw):
                super().__init_subclass__(**kw)
                cls.tag = tag
            @abc.abstractmethod
            def f(self): ...
        class C(Base, tag=2):
            def f(self): return 1
        class A(Base, tag=3): pass
        A.register(int)
        obj = (C, A)
        """,
        """
        C, A = obj
        assert C.tag == 2 and C().f() == 1
        assert isinstance(3, A) and not isinstance("", A)
        try: A()
        except TypeError: pass
        else: raise AssertionError
        """,
    ),
    Case(
        "an __init_subclass__ that refuses every subclass",
        HOOKS,
        RIGHT,
        """
        class F:
            def __init_subclass__(cls): raise TypeError("final")
        obj = F()
        """,
        """
        try:
            class G(type(obj)): pass
        except TypeError: pass
        else: raise AssertionError
        """,
    ),
    Case(
        "a metaclass that requires a keyword",
        HOOKS,
        FAILS,
        """
        class Meta(type):
            def __new__(m, name, bases, ns, *, tag): 
                cls = super().__new__(m, name, bases, ns); cls.tag = tag; return cls
            def __init__(cls, name, bases, ns, *, tag): super().__init__(name, bases, ns)
        class C(metaclass=Meta, tag="x"):
            y = 1
        obj = C()
        """,
        """
        assert obj.tag == "x" and obj.y == 1 and type(type(obj)).__name__ == "Meta"
        """,
    ),
    Case(
        "a metaclass whose __prepare__ requires a keyword",
        HOOKS,
        FAILS,
        """
        class Meta(type):
            @classmethod
            def __prepare__(m, name, bases, *, tag): return {"prepared": tag}
            def __new__(m, name, bases, ns, tag): return super().__new__(m, name, bases, ns)
            def __init__(cls, *a, **k): pass
        class C(metaclass=Meta, tag="x"):
            y = 1
        obj = C()
        """,
        """
        assert obj.prepared == "x" and obj.y == 1
        """,
    ),
    Case(
        "a metaclass with a namespace that has no update",
        HOOKS,
        FAILS,
        """
        import collections.abc
        class NS:
            def __init__(self): self.d = {}
            def __setitem__(self, k, v): self.d[k] = v
            def __getitem__(self, k): return self.d[k]
        class Meta(type):
            @classmethod
            def __prepare__(m, name, bases): return NS()
            def __new__(m, name, bases, ns): return super().__new__(m, name, bases, getattr(ns, "d", ns))
        class C(metaclass=Meta):
            y = 1
        obj = C()
        """,
        """
        assert obj.y == 1
        """,
    ),
    Case(
        "a metaclass that looks for an attribute",
        HOOKS,
        FAILS,
        """
        class Meta(type):
            def __new__(m, name, bases, ns):
                if "y" not in ns: raise TypeError("no y")
                return super().__new__(m, name, bases, ns)
        class C(metaclass=Meta): y = 1
        obj = C()
        """,
        """
        assert obj.y == 1
        """,
    ),
    Case(
        "a metaclass that registers under an attribute",
        HOOKS,
        FAILS,
        """
        class Meta(type):
            reg = {}
            def __init__(cls, name, bases, ns):
                Meta.reg[ns["key"]] = cls
        class C(metaclass=Meta): key = 7
        obj = C
        """,
        """
        assert type(obj).reg[7] is obj
        """,
    ),
    Case(
        "an attribute of the metaclass's that has been deleted",
        HOOKS,
        WRONG,
        """
        class Meta(type):
            def __init__(cls, name, bases, ns): cls.made = 1
        class C(metaclass=Meta): y = 1
        del C.made
        obj = C()
        """,
        """
        assert not hasattr(obj, "made")
        """,
    ),
    Case(
        "a metaclass that refuses to set attributes",
        HOOKS,
        FAILS,
        """
        class Meta(type):
            def __setattr__(cls, name, value): raise AttributeError("frozen " + name)
        class C(metaclass=Meta):
            y = 1
            def f(self): return 2
        obj = C()
        """,
        """
        assert obj.y == 1 and obj.f() == 2
        try: type(obj).z = 1
        except AttributeError: pass
        else: raise AssertionError
        """,
    ),
    Case(
        "private slots",
        SLOTS,
        FAILS,
        """
        class C:
            __slots__ = ("__secret", "open")
            def __init__(self): self.__secret = 1; self.open = 2
            def get(self): return self.__secret
        obj = C()
        """,
        """
        assert obj.get() == 1 and obj.open == 2
        assert not hasattr(obj, "__dict__")
        """,
    ),
    Case(
        "one private slot",
        SLOTS,
        REFUSES,
        """
        class C:
            __slots__ = "__secret"
            def __init__(self): self.__secret = 1
            def get(self): return self.__secret
        obj = C()
        """,
        """
        assert obj.get() == 1
        """,
    ),
    Case(
        "private slots of a class with an underscore",
        SLOTS,
        FAILS,
        """
        class _C:
            __slots__ = ("__secret", "open")
            def __init__(self): self.__secret = 1; self.open = 2
            def get(self): return self.__secret
        obj = _C
        """,
        """
        c = obj()
        assert c.get() == 1 and c.open == 2
        """,
    ),
    Case(
        "private slots of the same name in a base",
        SLOTS,
        FAILS,
        """
        class B:
            __slots__ = ("__s",)
            def __init__(self): self.__s = 1
            def b(self): return self.__s
        class C(B):
            __slots__ = ("__s",)
            def __init__(self): super().__init__(); self.__s = 2
            def c(self): return self.__s
        obj = C()
        """,
        """
        assert obj.b() == 1 and obj.c() == 2
        """,
    ),
    Case(
        "slots with documentation",
        SLOTS,
        WRONG,
        """
        class C:
            __slots__ = {"a": "the a", "b": "the b"}
            def __init__(self): self.a = 1; self.b = 2
        obj = C()
        """,
        """
        import inspect
        assert obj.a == 1 and obj.b == 2 and obj.__slots__["a"] == "the a"
        assert inspect.getdoc(type(obj).a) == "the a"
        """,
    ),
    Case(
        "slots named by an iterator",
        SLOTS,
        FAILS,
        """
        class C:
            __slots__ = iter(["a", "b"])
            def __init__(self): self.a = 1; self.b = 2
        obj = C
        """,
        """
        obj=obj(); assert obj.a == 1 and obj.b == 2 and not hasattr(obj,'__dict__')
        """,
    ),
    Case(
        "slots named by a generator",
        SLOTS,
        REFUSES,
        """
        class C:
            __slots__ = (n for n in ["a", "b"])
            def __init__(self): self.a = 1; self.b = 2
        obj = C
        """,
        """
        obj=obj(); assert obj.a == 1 and obj.b == 2 and not hasattr(obj,'__dict__')
        """,
    ),
    Case(
        "a slot that a default has replaced",
        SLOTS,
        WRONG,
        """
        class C:
            __slots__ = ("a", "b")
            def __init__(self): self.a = 1
        C_b = C.b
        C.b = 7   # a default in place of the descriptor
        obj = C()
        """,
        """
        assert obj.a == 1 and obj.b == 7 and type(obj).b == 7 and type(obj).a.__objclass__ is type(obj)
        """,
    ),
    Case(
        "slots that are named later",
        SLOTS,
        WRONG,
        """
        class C:
            __slots__ = ["a"]
            def __init__(self): self.a = 1
        C.__slots__.append("zz")
        C.zz = 5
        obj = C()
        """,
        """
        assert obj.a == 1 and obj.zz == 5 and type(obj).a.__objclass__ is type(obj)
        """,
    ),
    Case(
        "no slots in a subclass of tuple",
        SLOTS,
        WRONG,
        """
        class C(tuple):
            __slots__ = ()
        obj = C([1, 2])
        """,
        """
        assert obj == (1, 2) and not hasattr(obj, "__dict__")
        """,
    ),
    Case(
        "a slot under a second name",
        SLOTS,
        FAILS,
        """
        class C:
            __slots__ = ("a",)
            def __init__(self): C.__dict__
        C.a2 = C.a
        def init(self): self.a2 = 3
        C.__init__ = init
        obj = C()
        """,
        """
        assert obj.a == 3 and obj.a2 == 3
        """,
    ),
    Case(
        "slots that a metaclass has made, which refuses __slots__",
        SLOTS,
        RIGHT,
        """
        import functools
        def new(meta, name, bases, namespace):  # as msgspec's does in C, of annotations
            if "__slots__" in namespace:
                raise TypeError("cannot define __slots__")
            fields = [name for name in ("a", "_C__b") if name in namespace]
            for name in fields:
                del namespace[name]
            return type.__new__(meta, name, bases, {**namespace, "__slots__": tuple(fields)})
        class Meta(type):
            __new__ = functools.partial(new)  # no function: a builtin has no code to look at either
        class Base(metaclass=Meta):
            def f(self):
                return 1
        class C(Base):
            a = 1
            __b = 2
        assert C.__slots__ == ("a", "_C__b")
        obj = C
        """,
        """
        assert obj().f() == 1 and type(obj).__name__ == "Meta"
        """,
    ),
    Case(
        "__slots__ that is deleted later",
        SLOTS,
        FAILS,
        """
        class C:
            __slots__ = ("a", "b")
        del C.__slots__
        obj = C
        """,
        """
        obj=obj(); obj.a=1; assert obj.a == 1
        """,
    ),
    Case(
        "a slot for weak references alone",
        SLOTS,
        WRONG,
        """
        class C:
            __slots__ = ("__weakref__",)
        obj = C()
        """,
        """
        import weakref
        assert weakref.ref(obj)() is obj and not hasattr(obj, "__dict__")
        """,
    ),
    Case(
        "a named tuple has no __dict__",
        SLOTS,
        WRONG,
        """
        import collections
        Point = collections.namedtuple("Point", "x y", defaults=[2])
        obj = Point(1)
        """,
        """
        assert obj == (1, 2) and obj.x == 1 and obj._replace(y=3).y == 3
        assert not hasattr(obj, "__dict__") and type(obj).x.__doc__ == "Alias for field number 0"
        """,
    ),
    Case(
        "a dataclass with slots",
        SLOTS,
        WRONG,
        """
        import dataclasses
        class B:
            __slots__ = ()
            def hi(self): return "hi"
        @dataclasses.dataclass(slots=True)
        class C(B):
            x: int = 1
            def hi(self): return super(type(self), self).hi() + "!"
            def __post_init__(self): pass
        obj = C(5)
        """,
        """
        assert obj.hi() == "hi!" and not hasattr(obj, "__dict__")
        """,
    ),
    Case(
        "an attribute that is set again in a subclass",
        OVERRIDES,
        WRONG,
        """
        class A: v = 1
        class B(A): v = 1
        obj = (A, B)
        """,
        """
        A, B = obj
        assert "v" in vars(B)
        A.v = 2
        assert B.v == 1
        """,
    ),
    Case(
        "an attribute that is set again below two bases",
        OVERRIDES,
        WRONG,
        """
        class A: v = 1
        class M(A): v = 2
        class B(M, A): v = 1
        class X: v = 1
        class Y: v = 2
        class Z(Y, X): v = 2
        obj = (B, Z)
        """,
        """
        B, Z = obj
        assert B.v == 1 and Z.v == 2
        assert "v" in vars(Z) and "v" in vars(B)
        """,
    ),
    Case(
        "a method that is set again in a subclass",
        OVERRIDES,
        WRONG,
        """
        class A:
            def f(self): return 1
        class M(A):
            def f(self): return 2
        class B(M):
            f = A.f
        class C(A):
            f = A.f
        obj = (B, C, A)
        """,
        """
        B, C, A = obj
        assert B().f() == 1
        A.f = lambda self: 3
        assert C().f() == 1
        """,
    ),
    Case(
        "a __doc__ taken from the base",
        OVERRIDES,
        WRONG,
        """
        class A: "doc"
        class B(A): pass
        class C(A): __doc__ = A.__doc__
        obj = (B, C)
        """,
        """
        assert obj[0].__doc__ is None
        assert obj[1].__doc__ == "doc"
        """,
    ),
    Case(
        "a __hash__ that is object's again",
        OVERRIDES,
        WRONG,
        """
        class A:
            __hash__ = None
        class B(A):
            __hash__ = object.__hash__
        class C:
            __hash__ = object.__hash__
            __eq__ = object.__eq__
            __repr__ = object.__repr__
        class D:
            __init_subclass__ = object.__init_subclass__
            __new__ = object.__new__
        class E(dict):
            __new__ = dict.__new__
            update = dict.update
        obj = (B, C, D, E)
        """,
        """
        hash(obj[0]()); hash(obj[1]()); obj[2](); 
        assert "__hash__" in vars(obj[1]), vars(obj[1])
        assert obj[3]() == {}
        assert "update" in vars(obj[3])
        """,
    ),
    Case(
        "a mixin that makes classes hashable again",
        OVERRIDES,
        WRONG,
        """
        class Base:
            def __eq__(self, other): return True
        class Hashable:
            __hash__ = object.__hash__
        class C(Hashable, Base): pass
        obj = C()
        """,
        """
        assert hash(obj) == hash(obj)
        """,
    ),
    Case(
        "a __dict__ that is a dict",
        OWN_DICT,
        WRONG,
        """
        class C:
            __dict__ = {"a": 1}
        obj = C()
        """,
        """
        assert obj.__dict__ == {"a": 1}
        """,
    ),
]
