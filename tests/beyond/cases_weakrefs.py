"""Weak references and what is made of them."""

from __future__ import annotations

from tests.beyond.case import REFUSES, RIGHT, WRONG, Case

REF = "weakref.ref and its subclasses"
PROXY = "weakref.proxy"
DICTIONARIES = "WeakKeyDictionary and WeakValueDictionary"

CASES = [
    Case(
        "references after their object",
        REF,
        REFUSES,
        """
        import weakref
        class N: pass
        n = N()
        obj = (n, weakref.ref(n), weakref.ref(n))
        """,
        """
        n, r, r2 = obj
        assert r() is n and r2() is n
        """,
    ),
    Case(
        "a reference before its object",
        REF,
        REFUSES,
        """
        import weakref
        class N: pass
        n = N()
        obj = (weakref.ref(n), n)
        """,
        """
        r, n = obj
        assert r() is n
        """,
    ),
    Case(
        "a reference to what nothing else refers to",
        REF,
        REFUSES,
        """
        import weakref
        class N: pass
        n = N()
        obj = [weakref.ref(n)]
        """,
        """
        import gc; gc.collect()
        assert obj[0]() is None
        """,
    ),
    Case(
        "a dead reference",
        REF,
        REFUSES,
        """
        import weakref
        class N: pass
        obj = [weakref.ref(N())]
        """,
        """
        assert obj[0]() is None
        """,
    ),
    Case(
        "children that refer to their parent",
        REF,
        REFUSES,
        """
        import weakref
        class N:
            def __init__(self, parent=None):
                self.parent = weakref.ref(parent) if parent is not None else None
                self.children = []
        p = N(); c = N(p); p.children.append(c)
        obj = p
        """,
        """
        assert obj.children[0].parent() is obj
        """,
    ),
    Case(
        "a child without its parent",
        REF,
        REFUSES,
        """
        import weakref
        class N:
            def __init__(self, parent=None):
                self.parent = weakref.ref(parent) if parent is not None else None
                self.children = []
        p = N(); c = N(p); p.children.append(c)
        obj = c
        """,
        """
        import gc; gc.collect()
        assert obj.parent() is None
        """,
    ),
    Case(
        "references to functions",
        REF,
        REFUSES,
        """
        import weakref
        def f(): return 1
        obj = (f, weakref.ref(f), weakref.ref(len))
        """,
        """
        assert obj[1]() is obj[0] and obj[2]() is len
        """,
    ),
    Case(
        "references to classes",
        REF,
        REFUSES,
        """
        import weakref
        class C: pass
        obj = (C, weakref.ref(C), weakref.ref(dict))
        """,
        """
        assert obj[1]() is obj[0] and obj[2]() is dict
        """,
    ),
    Case(
        "a reference with a callback",
        REF,
        REFUSES,
        """
        import weakref
        class N: pass
        n = N(); log = []
        def cb(r): log.append("dead")
        obj = [n, weakref.ref(n, cb), log, cb]
        del n
        """,
        """
        log = obj[2]
        r = obj[1]
        assert r() is obj[0]
        import gc
        obj[0] = None; gc.collect()
        assert log == ["dead"], log
        """,
    ),
    Case(
        "a reference as a key",
        REF,
        REFUSES,
        """
        import weakref
        class N: pass
        n = N()
        obj = (n, {weakref.ref(n): 1})
        """,
        """
        import weakref
        assert obj[1][weakref.ref(obj[0])] == 1
        """,
    ),
    Case(
        "a reference as a key before its object",
        REF,
        REFUSES,
        """
        import weakref
        class N: pass
        n = N()
        obj = ({weakref.ref(n): 1}, n)
        """,
        """
        import weakref
        assert obj[0][weakref.ref(obj[1])] == 1
        """,
    ),
    Case(
        "a subclass of weakref.ref with a slot",
        REF,
        REFUSES,
        """
        import weakref
        class R(weakref.ref):
            __slots__ = ("tag",)
        class N: pass
        n = N()
        r = R(n); r.tag = 3
        obj = (n, r)
        """,
        """
        assert obj[1]() is obj[0] and obj[1].tag == 3 and type(obj[1]).__name__ == "R"
        """,
    ),
    Case(
        "a WeakMethod",
        REF,
        REFUSES,
        """
        import weakref
        class N:
            def m(self): return 5
        n = N()
        obj = (n, weakref.WeakMethod(n.m))
        """,
        """
        assert obj[1]()() == 5
        """,
    ),
    Case(
        "a WeakMethod with a callback, and a dead one",
        REF,
        REFUSES,
        """
        import weakref
        class N:
            def m(self): return 5
        n = N(); log = []
        obj = [n, weakref.WeakMethod(n.m, log.append), weakref.WeakMethod(N().m), log]
        """,
        """
        n, method, dead, log = obj
        assert method()() == 5 and dead() is None
        del obj[0], n
        import gc; gc.collect()
        assert method() is None and log == [method]
        """,
    ),
    Case(
        "a proxy of an object",
        PROXY,
        WRONG,
        """
        import weakref
        class N:
            def __init__(self): self.a = 5
        n = N()
        obj = (n, weakref.proxy(n))
        """,
        """
        import weakref
        assert obj[1].a == 5 and type(obj[1]) is weakref.ProxyType
        """,
    ),
    Case(
        "a proxy of a callable object",
        PROXY,
        WRONG,
        """
        import weakref
        class F:
            def __call__(self): return self
        f = F()
        obj = f, weakref.proxy(f)
        """,
        """
        import weakref
        assert obj[1]() is obj[0] and type(obj[1]) is weakref.CallableProxyType
        """,
    ),
    Case(
        "a WeakKeyDictionary keeps what is in the payload",
        DICTIONARIES,
        REFUSES,
        """
        import weakref
        class N: pass
        a, b = N(), N()
        d = weakref.WeakKeyDictionary({a: 1, b: 2})
        obj = (a, d)
        """,
        """
        import gc; gc.collect()
        a, d = obj
        assert d[a] == 1 and len(d) == 1
        """,
    ),
    Case(
        "a WeakValueDictionary keeps what is in the payload",
        DICTIONARIES,
        REFUSES,
        """
        import weakref
        class N: pass
        a, b = N(), N()
        d = weakref.WeakValueDictionary({1: a, 2: b})
        obj = (d, a)
        """,
        """
        import gc; gc.collect()
        d, a = obj
        assert d[1] is a and len(d) == 1
        """,
    ),
    Case(
        "an empty WeakValueDictionary of an object",
        DICTIONARIES,
        REFUSES,
        """
        from weakref import WeakValueDictionary
        class MyTest:
            def __init__(self): self._cache = WeakValueDictionary()
            def __call__(self):
                x = MyTest(); self._cache["a"] = x; return self._cache["a"] is x
        obj = MyTest()
        """,
        """
        assert len(obj._cache) == 0 and obj()
        """,
    ),
    Case(
        "a subclass of WeakValueDictionary",
        DICTIONARIES,
        REFUSES,
        """
        from weakref import WeakValueDictionary
        class D(WeakValueDictionary):
            def __init__(self, *a): super().__init__(*a); self.extra = 5
        class N: pass
        n = N()
        obj = (D({1: n}), n)
        """,
        """
        assert type(obj[0]).__name__ == "D" and obj[0][1] is obj[1] and obj[0].extra == 5
        """,
    ),
    Case(
        "a WeakKeyDictionary whose values refer to it",
        DICTIONARIES,
        REFUSES,
        """
        import weakref
        class N: pass
        a = N(); d = weakref.WeakKeyDictionary(); d[a] = [d, a]
        obj = a, d
        """,
        """
        a, d = obj
        assert d[a][0] is d and d[a][1] is a
        """,
    ),
    Case(
        "a WeakSet keeps what is in the payload",
        DICTIONARIES,
        RIGHT,
        """
        import weakref
        class N: pass
        a = N()
        obj = weakref.WeakSet([a]), a
        """,
        """
        weak, a = obj
        assert list(weak) == [a]
        """,
    ),
    Case(
        "a subclass of WeakSet",
        DICTIONARIES,
        REFUSES,
        """
        import weakref
        class S(weakref.WeakSet):
            def __init__(self, data=None): super().__init__(data); self.extra = 5
        class N: pass
        n = N()
        obj = S([n]), n
        """,
        """
        assert list(obj[0]) == [obj[1]] and obj[0].extra == 5
        """,
    ),
]
