"""Context variables and contexts."""

from __future__ import annotations

from tests.beyond.case import REFUSES, RIGHT, Case

VARIABLE = "ContextVar"
CONTEXT = "contextvars.Context"

CASES = [
    Case(
        "a function that reads a ContextVar",
        VARIABLE,
        REFUSES,
        """
        import contextvars
        var = contextvars.ContextVar("var", default=5)
        def f(): return var.get()
        obj = f
        """,
        """
        assert obj() == 5
        """,
    ),
    Case(
        "functions that share a ContextVar",
        VARIABLE,
        REFUSES,
        """
        import contextvars
        var = contextvars.ContextVar("v")
        def get(): return var.get("none")
        def put(x): return var.set(x)
        obj = (get, put, var)
        """,
        """
        get, put, var = obj
        assert get() == "none"
        t = put(3)
        assert get() == 3 and var.get() == 3
        var.reset(t)
        assert get() == "none" and var.name == "v"
        """,
    ),
    Case(
        "the default of a ContextVar",
        VARIABLE,
        REFUSES,
        """
        import contextvars
        d = {"a": 1}
        var = contextvars.ContextVar("v", default=d)
        obj = (var, d)
        """,
        """
        assert obj[0].get() is obj[1]
        """,
    ),
    Case(
        "a default that refers to its ContextVar",
        VARIABLE,
        REFUSES,
        """
        import contextvars
        d = {}
        var = contextvars.ContextVar("v", default=d)
        d["me"] = var
        obj = var
        """,
        """
        assert obj.get()["me"] is obj
        """,
    ),
    Case(
        "two ContextVars of one name",
        VARIABLE,
        REFUSES,
        """
        import contextvars
        a, b = contextvars.ContextVar("v"), contextvars.ContextVar("v")
        obj = a, b, (a, b)
        """,
        """
        a, b, pair = obj
        assert a is not b and pair == (a, b) and a.name == b.name == "v"
        a.set(1)
        assert b.get(None) is None
        """,
    ),
    Case(
        "a ContextVar that arrives twice",
        VARIABLE,
        REFUSES,
        """
        import contextvars, gocloudpickle
        var = contextvars.ContextVar("v", default=7)
        def read(): return var.get()
        obj = var, gocloudpickle.dumps(var), gocloudpickle.dumps([var, read])
        """,
        """
        import pickle
        var, first, second = obj
        assert pickle.loads(first) is var
        again, read = pickle.loads(second)
        assert again is var
        var.set(8)
        assert read() == 8
        """,
    ),
    Case(
        "a ContextVar that a module has",
        VARIABLE,
        RIGHT,
        """
        import contextvars, gocloudpickle, sys, types
        module = types.ModuleType("module_with_a_variable")
        sys.modules["module_with_a_variable"] = module
        module.current = contextvars.ContextVar("current_request")
        obj = gocloudpickle.dumps([module.current, module.current])
        """,
        """
        import pickle, sys, types
        module = types.ModuleType("module_with_a_variable")
        module.current = object()
        sys.modules["module_with_a_variable"] = module
        assert pickle.loads(obj) == [module.current, module.current]
        """,
    ),
    Case(
        "a Context with a value",
        CONTEXT,
        REFUSES,
        """
        import contextvars
        var = contextvars.ContextVar("v")
        ctx = contextvars.Context()
        ctx.run(var.set, 3)
        obj = (ctx, var)
        """,
        """
        ctx, var = obj
        assert ctx[var] == 3
        assert ctx.run(var.get) == 3
        """,
    ),
]
