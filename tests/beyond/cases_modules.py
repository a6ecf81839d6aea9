"""Modules that go by value."""

from __future__ import annotations

from tests.beyond.case import REFUSES, RIGHT, Case

CYCLES = "modules that refer to each other"

CASES = [
    Case(
        "two modules that refer to each other",
        CYCLES,
        REFUSES,
        """
        import types
        def module(name, source):
            made = types.ModuleType(name, "A module.")
            exec(source, vars(made))
            return made
        one = module("one", "count = 0\\ndef up():\\n    global count\\n    count += 1\\n    return two.name()")
        two = module("two", "def name(): return one.__name__, __name__")
        one.two, two.one = two, one
        obj = one
        """,
        """
        assert obj.two.one is obj
        assert obj.up() == ("one", "two") and (obj.__name__, obj.__doc__) == ("one", "A module.")
        assert obj.two.name() == ("one", "two") and type(obj.two) is type(obj)
        """,
    ),
    Case(
        "a module that holds itself, and a list of itself",
        CYCLES,
        REFUSES,
        """
        import types
        obj = types.ModuleType("loop")
        obj.own = obj
        obj.items = [obj, {"it": obj}]
        """,
        """
        assert obj.own is obj and obj.items[0] is obj and obj.items[1]["it"] is obj
        """,
    ),
    Case(
        "a function and a class whose module refers to itself through others",
        CYCLES,
        REFUSES,
        """
        import types
        names = "abc"
        modules = {name: types.ModuleType(name) for name in names}
        for name, module in modules.items():
            exec("def f(): return a, b, c\\nclass C:\\n    def m(self): return a, b, c, __class__", vars(module))
            vars(module).update(modules)
        obj = [modules["b"].f, modules["c"].C(), modules]
        """,
        """
        f, instance, modules = obj
        a, b, c = (modules[name] for name in "abc")
        assert f() == (a, b, c) and instance.m() == (a, b, c, c.C) and type(instance) is c.C
        assert a.f() == b.f() == (a, b, c) and b.f is f and a.b is b and c.a is a
        """,
    ),
    Case(
        "a module that another one has twice",
        CYCLES,
        RIGHT,
        """
        import types
        obj, other = types.ModuleType("obj"), types.ModuleType("other")
        obj.first = obj.second = other
        obj.both = [other, other]
        """,
        """
        assert obj.first is obj.second is obj.both[0]
        """,
    ),
]
