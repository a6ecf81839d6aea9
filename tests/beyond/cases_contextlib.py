"""contextlib: context managers made of generators."""

from __future__ import annotations

from tests.beyond.case import REFUSES, RIGHT, Case

GENERATOR_MANAGERS = "contextmanager and asynccontextmanager"

CASES = [
    Case(
        "contextmanager as a decorator",
        GENERATOR_MANAGERS,
        REFUSES,
        """
        import contextlib
        log = []
        @contextlib.contextmanager
        def logged(name, *, end="end"):
            log.append(name)
            yield
            log.append(end)
        @logged("begin")
        def f(n):
            return list(log), n
        obj = f
        """,
        """
        assert obj(1) == (["begin"], 1)
        assert obj(2) == (["begin", "end", "begin"], 2)
        assert obj.__name__ == "f" and obj.__wrapped__(3)[1] == 3
        """,
    ),
    Case(
        "contextmanager that is not entered yet",
        GENERATOR_MANAGERS,
        REFUSES,
        """
        import contextlib
        @contextlib.contextmanager
        def sum_of(x, *, y=1):
            "Sums."
            yield x + y
        obj = sum_of(3, y=4)
        obj.note = "kept"
        """,
        """
        import contextlib
        assert obj.__doc__ == "Sums." and obj.note == "kept"
        assert isinstance(obj, contextlib.AbstractContextManager)
        with obj as value:
            assert value == 7
        """,
    ),
    Case(
        "contextmanager that is entered already",
        GENERATOR_MANAGERS,
        REFUSES,
        """
        import contextlib
        @contextlib.contextmanager
        def cm():
            yield 1
        obj = cm()
        obj.__enter__()
        """,
        "",
        refused=True,
    ),
    Case(
        "asynccontextmanager as a decorator and as an object",
        GENERATOR_MANAGERS,
        REFUSES,
        """
        import contextlib
        @contextlib.asynccontextmanager
        async def value(x):
            yield x
        @value(3)
        async def f():
            return 5
        obj = f, value(4)
        """,
        """
        import asyncio
        f, manager = obj
        async def main():
            async with manager as value:
                return value
        assert asyncio.run(f()) == 5 and asyncio.run(main()) == 4
        """,
    ),
    Case(
        "contextmanager in a stack of a generator's own",
        GENERATOR_MANAGERS,
        REFUSES,
        """
        import contextlib
        @contextlib.contextmanager
        def outer():
            with inner(1) as value:
                yield value
        @contextlib.contextmanager
        def inner(n):
            yield again, n
        @outer()
        def again():
            return again
        obj = again
        """,
        """
        assert obj() is obj
        """,
    ),
    Case(
        "what else contextlib has",
        GENERATOR_MANAGERS,
        RIGHT,
        """
        import contextlib
        class Manager(contextlib.ContextDecorator):
            def __enter__(self):
                self.entered = True
                return self
            def __exit__(self, *exception):
                return False
        log = []
        stack = contextlib.ExitStack()
        stack.callback(log.append, 1)
        stack.push(lambda *exception: log.append(2))
        stack.enter_context(contextlib.suppress(KeyError))
        @Manager()
        def f():
            return 5
        @contextlib.contextmanager
        def cm(x):
            yield x
        obj = f, cm, stack, log, contextlib.nullcontext(3)
        """,
        """
        f, cm, stack, log, three = obj
        assert f() == 5
        with cm(3) as value, three as same:
            assert value == same == 3
        stack.close()
        assert log == [2, 1]
        """,
    ),
]
