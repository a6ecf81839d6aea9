"""functools: wrappers that pickle as the name of what they wrap."""

from __future__ import annotations

from tests.beyond.case import FAILS, REFUSES, RIGHT, Case

LRU_CACHE = "lru_cache and cache"
SINGLEDISPATCH = "singledispatch and singledispatchmethod"
CACHED_PROPERTY = "cached_property with a lock"
PARTIALMETHOD = "partialmethod"
CMP_TO_KEY = "cmp_to_key"

CASES = [
    Case(
        "lru_cache of main",
        LRU_CACHE,
        FAILS,
        """
        import functools
        @functools.lru_cache(maxsize=7, typed=True)
        def square(n):
            "Squares."
            return n * n
        square(3)
        square.unit = "m2"
        obj = square
        """,
        """
        assert obj.cache_parameters() == {"maxsize": 7, "typed": True}
        assert obj.cache_info().currsize == 0, "the cache has come along"
        assert obj(5) == 25 and obj(5.0) == 25.0 and obj.cache_info().misses == 2
        assert obj.__name__ == obj.__qualname__ == "square" and obj.__doc__ == "Squares."
        assert obj.unit == "m2" and obj.__wrapped__(3) == 9
        obj.cache_clear()
        """,
    ),
    Case(
        "lru_cache that calls itself by its global name",
        LRU_CACHE,
        FAILS,
        """
        import functools
        @functools.cache
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        obj = fib
        """,
        """
        assert obj(300) > 10**60  # without the cache it would never end
        assert obj.__wrapped__.__globals__["fib"] is obj
        assert obj.cache_parameters()["maxsize"] is None
        """,
    ),
    Case(
        "function that uses an lru_cache",
        LRU_CACHE,
        FAILS,
        """
        import functools
        @functools.cache
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        def obj(n):
            return fib(n), fib
        """,
        """
        value, fib = obj(90)
        assert value == 2880067194370816120 and fib is obj(1)[1] is fib.__wrapped__.__globals__["fib"]
        """,
    ),
    Case(
        "lru_cache inside a function",
        LRU_CACHE,
        REFUSES,
        """
        from functools import lru_cache
        def make(factor):
            @lru_cache
            def times(n):
                return n * factor
            return times, times
        obj = make(3)
        """,
        """
        assert obj[0] is obj[1] and obj[0](4) == 12
        assert obj[0].cache_parameters() == {"maxsize": 128, "typed": False}
        """,
    ),
    Case(
        "lru_cache as methods of a class",
        LRU_CACHE,
        REFUSES,
        """
        import functools
        class Frog:
            @functools.lru_cache(8)
            def jump(self, n):
                return self, n
            @staticmethod
            @functools.cache
            def height(n):
                return n + 1
            @classmethod
            @functools.cache
            def make(cls, n):
                return cls, n
            @property
            @functools.cache
            def age(self):
                return 3
        obj = Frog, Frog()
        """,
        """
        Frog, frog = obj
        assert frog.jump(1) == (frog, 1) and frog.jump(1) is frog.jump(1)
        assert Frog.height(1) == 2 and Frog.make(1) == (Frog, 1) and frog.age == 3
        assert Frog.jump.cache_parameters()["maxsize"] == 8
        """,
    ),
    Case(
        "lru_cache made of an importable function",
        LRU_CACHE,
        REFUSES,
        """
        import functools, textwrap
        obj = functools.lru_cache(textwrap.dedent)
        """,
        """
        import textwrap
        assert obj("  a") == "a" and obj.__wrapped__ is textwrap.dedent
        """,
    ),
    Case(
        "lru_cache of a module that can be imported",
        LRU_CACHE,
        RIGHT,
        """
        import tokenize
        obj = tokenize._compile
        assert type(obj).__name__ == "_lru_cache_wrapper"
        """,
        """
        import tokenize
        assert obj is tokenize._compile
        """,
    ),
    Case(
        "lru_cache of a module registered to go by value",
        LRU_CACHE,
        FAILS,
        """
        import cloudpickle, functools, sys, types
        module = types.ModuleType("by_value_module")
        exec("import functools\\n@functools.cache\\ndef f(): return 7", vars(module))
        sys.modules["by_value_module"] = module
        cloudpickle.register_pickle_by_value(module)
        obj = module.f
        """,
        """
        assert obj() == 7 and obj.__module__ == "by_value_module"
        """,
    ),
    Case(
        "lru_cache around what has no name, and on an instance",
        LRU_CACHE,
        REFUSES,
        """
        import functools
        class Counter:
            def __init__(self):
                self.count = functools.lru_cache(8)(self.count)
            def count(self, n):
                return self, n
        obj = Counter(), functools.cache(functools.partial(max, 3)), functools.cache(len)
        """,
        """
        counter, largest, length = obj
        assert counter.count(2) == (counter, 2)
        assert counter.count.cache_parameters() == {"maxsize": 8, "typed": False}
        assert largest(2) == 3 and length("abc") == 3
        """,
    ),
    Case(
        "lru_cache bound to an instance, and in a partial",
        LRU_CACHE,
        FAILS,
        """
        import functools
        class Frog:
            @functools.cache
            def jump(self, n):
                return self, n
        @functools.cache
        def add(a, b):
            return a + b
        obj = Frog().jump, functools.partial(add, 1)
        """,
        """
        jump, add = obj
        assert jump(2) == (jump.__self__, 2) and type(jump.__self__).jump is jump.__func__
        assert add(2) == 3
        """,
    ),
    Case(
        "lru_cache whose __wrapped__ is another function",
        LRU_CACHE,
        FAILS,
        """
        import functools
        @functools.cache
        def f():
            return 1
        f.__wrapped__ = lambda: 2
        obj = f, "left to cloudpickle, since what it calls isn't known"
        """,
        """
        assert obj[0]() == 1
        """,
        refused=True,
    ),
    Case(
        "singledispatch",
        SINGLEDISPATCH,
        REFUSES,
        """
        import collections.abc, functools
        class Shape: pass
        @functools.singledispatch
        def area(x):
            "Areas."
            return "any"
        @area.register
        def _(x: int):
            return "int"
        @area.register(Shape)
        def _(x):
            return "shape"
        @area.register(collections.abc.Sized)
        def _(x):
            return "sized"
        area.unit = "m2"
        assert [area(x) for x in (1, Shape(), "", None)] == ["int", "shape", "sized", "any"]
        obj = area, Shape, area.register, area.dispatch
        """,
        """
        area, Shape, register, dispatch = obj
        assert [area(x) for x in (1, True, Shape(), "", None)] == ["int", "int", "shape", "sized", "any"]
        @area.register(str)
        def _(x):
            return "str"
        assert area("") == "str" and dispatch(str) is area.registry[str] is _
        assert register is area.register and dispatch is area.dispatch
        register(float)(lambda x: "float")
        assert area(1.0) == "float"
        area._clear_cache()
        assert area.__name__ == "area" and area.__doc__ == "Areas." and area.unit == "m2"
        assert area.__wrapped__ is area.registry[object]
        class Square(Shape): pass
        assert area(Square()) == "shape"
        """,
    ),
    Case(
        "singledispatch that calls itself by its global name",
        SINGLEDISPATCH,
        REFUSES,
        """
        import functools
        @functools.singledispatch
        def size(x):
            return 1
        @size.register(list)
        def _(x):
            return sum(map(size, x))
        def obj(x):
            return size(x), size
        """,
        """
        assert obj([1, [2, 3]])[0] == 3
        size = obj(1)[1]
        assert size.registry[list].__globals__["size"] is size
        """,
    ),
    Case(
        "singledispatch of which only register is reached",
        SINGLEDISPATCH,
        REFUSES,
        """
        import functools
        @functools.singledispatch
        def size(x):
            return 1
        obj = size.register, size.dispatch
        """,
        """
        register, dispatch = obj
        register(int, len)
        assert dispatch(bool) is len
        """,
    ),
    Case(
        "lru_cache around singledispatch",
        SINGLEDISPATCH,
        FAILS,
        """
        import functools
        @functools.cache
        @functools.singledispatch
        def f(x):
            return 1
        obj = f
        """,
        """
        assert obj(1) == 1
        obj.__wrapped__.register(str, len)
        assert obj("ab") == 2
        """,
    ),
    Case(
        "singledispatchmethod",
        SINGLEDISPATCH,
        REFUSES,
        """
        import functools
        class Negator:
            @functools.singledispatchmethod
            def neg(self, x):
                raise NotImplementedError
            @neg.register
            def _(self, x: int):
                return -x
            @functools.singledispatchmethod
            @classmethod
            def make(cls, x):
                return cls, x
        obj = Negator
        """,
        """
        assert obj().neg(3) == -3 and obj.make(3) == (obj, 3)
        obj.__dict__["neg"].register(str, lambda self, x: x[::-1])
        assert obj().neg("ab") == "ba"
        """,
    ),
    Case(
        "cached_property of a class of main",
        CACHED_PROPERTY,
        REFUSES,
        """
        import functools
        class Frog:
            @functools.cached_property
            def age(self):
                "Its age."
                return object()
        obj = Frog, Frog()
        """,
        """
        Frog, frog = obj
        assert frog.age is frog.age and Frog().age is not frog.age
        assert Frog.age.__doc__ == "Its age." and Frog.age.attrname == "age"
        """,
        before=(3, 12),
    ),
    Case(
        "cached_property of a class of main, without a lock",
        CACHED_PROPERTY,
        RIGHT,
        """
        import functools
        class Frog:
            @functools.cached_property
            def age(self):
                return object()
        obj = Frog
        """,
        """
        frog = obj()
        assert frog.age is frog.age
        """,
        since=(3, 12),
    ),
    Case(
        "a subclass of cached_property",
        CACHED_PROPERTY,
        REFUSES,
        """
        import functools
        class noted(functools.cached_property):
            def __init__(self, note, func):
                super().__init__(func)
                self.note = note
        class Frog:
            age = noted("kept", lambda self: object())
        obj = Frog, Frog()
        """,
        """
        Frog, frog = obj
        assert frog.age is frog.age and Frog().age is not frog.age
        assert Frog.age.note == "kept" and Frog.age.attrname == "age"
        assert Frog.age.lock.acquire(blocking=False)
        """,
        before=(3, 12),
    ),
    Case(
        "a subclass of cached_property with slots and a __get__ of its own",
        CACHED_PROPERTY,
        REFUSES,
        """
        import functools
        class counted(functools.cached_property):
            __slots__ = ("calls",)
            def __init__(self, func):
                super().__init__(func)
                self.calls = 0
            def __get__(self, instance, owner=None):
                if instance is not None: self.calls += 1
                return super().__get__(instance, owner)
        class Frog:
            @counted
            def age(self): return object()
        obj = Frog()
        obj.age
        """,
        """
        Frog = type(obj)
        before = Frog.age.calls
        assert before >= 1 and obj.age is obj.age
        Frog().age
        assert Frog.age.calls == before + 1
        """,
        before=(3, 12),
    ),
    Case(
        "two classes with one property of a subclass of cached_property",
        CACHED_PROPERTY,
        REFUSES,
        """
        import functools
        class mine(functools.cached_property):
            def __setstate__(self, state):
                self.__dict__.update(state, loaded=True)
        prop = mine(lambda self: object())
        class Frog: age = prop
        class Toad: age = prop
        obj = Frog, Toad, prop
        """,
        """
        Frog, Toad, prop = obj
        assert Frog.age is Toad.age is prop and prop.loaded
        frog = Frog()
        assert frog.age is frog.age
        """,
        before=(3, 12),
    ),
    Case(
        "partialmethod of a class of main",
        PARTIALMETHOD,
        FAILS,
        """
        import functools
        class Frog:
            def jump(self, a, b=1):
                return self, a, b
            far = functools.partialmethod(jump, 5, b=3)
            second = functools.partialmethod(jump, functools.Placeholder, 4)
            farther = functools.partialmethod(far, b=4)
            @classmethod
            def make(cls, a):
                return cls, a
            small = functools.partialmethod(make, 0)
        obj = Frog
        """,
        """
        frog = obj()
        assert frog.far() == (frog, 5, 3) and frog.second(2) == (frog, 2, 4)
        assert frog.farther() == (frog, 5, 4) and obj.small() == (obj, 0)
        assert obj.__dict__["far"].func is obj.__dict__["jump"]
        """,
        since=(3, 14),
    ),
    Case(
        "partialmethod of a class of main, before 3.14",
        PARTIALMETHOD,
        RIGHT,
        """
        import functools
        class Frog:
            def jump(self, a, b=1):
                return self, a, b
            far = functools.partialmethod(jump, 5, b=3)
        obj = Frog
        """,
        """
        frog = obj()
        assert frog.far() == (frog, 5, 3)
        """,
        before=(3, 14),
    ),
    Case(
        "cmp_to_key and its keys",
        CMP_TO_KEY,
        REFUSES,
        """
        import functools
        down = functools.cmp_to_key(lambda a, b: b - a)
        obj = down, down(1), down(2), down(None)
        """,
        """
        down, one, two, none = obj
        assert sorted([1, 3, 2], key=down) == [3, 2, 1]
        assert two < one and one.obj == 1 and none.obj is None and down(3) < two
        """,
    ),
]
