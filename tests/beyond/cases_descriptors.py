"""Descriptors of subclasses of property, classmethod and staticmethod."""

from __future__ import annotations

from tests.beyond.case import REFUSES, WRONG, Case

SUBCLASSES = "subclasses of property, classmethod and staticmethod"
ABSTRACT_PROPERTY = "abc.abstractproperty"

CASES = [
    Case(
        "a subclass of property with an attribute",
        SUBCLASSES,
        REFUSES,
        """
        class P(property):
            def __init__(self, f, extra=None): super().__init__(f); self.extra = extra
        class C:
            x = P(lambda self: 5, extra="e")
        obj = C()
        """,
        """
        p = type(obj).__dict__["x"]
        assert obj.x == 5 and type(p).__name__ == "P" and p.extra == "e"
        """,
    ),
    Case(
        "a subclass of property with a __get__ of its own",
        SUBCLASSES,
        REFUSES,
        """
        class dec(property):
            def __init__(self, func): self.func = func
            def __get__(self, obj, cls):
                return self if obj is None else 'dec_%s' % self.func(obj)
        class C:
            def __init__(self, x): self.x = x
            @dec
            def p(self): return self.x
        obj = C("t")
        """,
        """
        assert obj.p == "dec_t"
        """,
    ),
    Case(
        "a subclass of property with slots",
        SUBCLASSES,
        REFUSES,
        """
        class P(property):
            __slots__ = ("extra",)
        def mk():
            p = P(lambda self: 5, doc="d"); p.extra = 3; return p
        class C: x = mk()
        obj = C()
        """,
        """
        p = type(obj).__dict__["x"]
        assert obj.x == 5 and p.extra == 3
        """,
    ),
    Case(
        "a subclass of property takes its getter's __doc__",
        SUBCLASSES,
        REFUSES,
        """
        class P(property): pass
        class C:
            @P
            def x(self): "the doc"; return 1
        obj = C
        """,
        """
        assert type(obj.x).__name__ == "P" and obj.x.__doc__ == "the doc" and obj().x == 1
        """,
    ),
    Case(
        "a subclass of classmethod with an attribute",
        SUBCLASSES,
        REFUSES,
        """
        class CM(classmethod):
            def __init__(self, f): super().__init__(f); self.extra = [1]
        class C:
            @CM
            def f(cls): return cls.__name__
        obj = C
        """,
        """
        m = obj.__dict__["f"]
        assert obj.f() == "C" and type(m).__name__ == "CM" and m.extra == [1]
        """,
    ),
    Case(
        "a subclass of classmethod with an argument",
        SUBCLASSES,
        REFUSES,
        """
        class CM(classmethod):
            def __init__(self, f, extra): super().__init__(f); self.extra = extra
        class C:
            f = CM(lambda cls: cls.__name__, 3)
        obj = C
        """,
        """
        m = obj.__dict__["f"]
        assert obj.f() == "C" and m.extra == 3
        """,
    ),
    Case(
        "a subclass of staticmethod with an attribute",
        SUBCLASSES,
        REFUSES,
        """
        class SM(staticmethod):
            extra = None
            def tagged(self, v): self.extra = v; return self
        class C:
            f = SM(lambda: 1).tagged(4)
        obj = C
        """,
        """
        m = obj.__dict__["f"]
        assert obj.f() == 1 and type(m).__name__ == "SM" and m.extra == 4
        """,
    ),
    Case(
        "an abc.abstractproperty stays abstract",
        ABSTRACT_PROPERTY,
        WRONG,
        """
        import abc
        class C(abc.ABC):
            @abc.abstractproperty
            def size(self): "The size."
        obj = C
        """,
        """
        import abc
        assert type(obj.__dict__["size"]) is abc.abstractproperty and obj.size.__doc__ == "The size."
        class D(obj): pass
        assert D.__abstractmethods__ == {"size"}
        """,
    ),
]
