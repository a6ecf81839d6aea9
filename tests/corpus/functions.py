"""Functions of every flavour, by value."""

import asyncio
import functools

from tests.corpus.case import Shelf, from_source

shelf = Shelf("functions")

shelf.add("lambda_constant", lambda: lambda: 42, lambda f: f() == 42)
shelf.add("lambda_argument", lambda: lambda x: x * 2, lambda f: f(21) == 42)
shelf.add(
    "lambda_defaults",
    lambda: lambda x=1, *xs, y=2, **ys: (x, xs, y, ys),
    lambda f: f() == (1, (), 2, {}) and f(3, 4, y=5, z=6) == (3, (4,), 5, {"z": 6}),
)
shelf.add(
    "lambdas_in_a_list",
    lambda: [lambda i=i: i for i in range(5)],
    lambda fs: [f() for f in fs] == list(range(5)),
)
shelf.add("function_twice", lambda: (lambda f: [f, f])(lambda: 1), lambda fs: fs[0] is fs[1])


@shelf.case(
    lambda f: f(1, 2, c=3) == (1, 2, 3, 4) and f.__doc__ == "Doc." and f.__name__ == "inner"
)
def inner_function():
    def inner(a, b=2, *, c, d=4):
        """Doc."""
        return a, b, c, d

    return inner


@shelf.case(lambda f: f(1, 2) == 3 and f.__code__.co_posonlyargcount == 2)
def positional_only():
    def inner(a, b, /):
        return a + b

    return inner


@shelf.case(lambda f: f(1, 2, 3, x=4, y=5, w=6) == (1, 2, (3,), 4, 5, {"w": 6}))
def every_kind_of_argument():
    def inner(a, /, b, *rest, x, y=5, **more):
        return a, b, rest, x, y, more

    return inner


@shelf.case(lambda f: f.__annotations__ == {"a": int, "b": "later", "return": list[int]})
def annotations():
    def inner(a: int, b: "later") -> list[int]:  # noqa: F821
        return [a]

    return inner


@shelf.case(lambda f: list(f(3)) == [0, 1, 4])
def generator_function():
    def inner(n):
        for i in range(n):
            yield i * i

    return inner


@shelf.case(lambda f: list(f()) == [1, 2, 3])
def generator_function_yield_from():
    def inner():
        x = yield from iter([1, 2, 3])
        return x

    return inner


@shelf.case(lambda f: asyncio.run(f(2)) == 4)
def coroutine_function():
    async def inner(x):
        await asyncio.sleep(0)
        return x * 2

    return inner


async def _collect(aiterable):
    return [item async for item in aiterable]


@shelf.case(lambda f: asyncio.run(_collect(f(3))) == [0, 1, 2])
def async_generator_function():
    async def inner(n):
        for i in range(n):
            yield i

    return inner


@shelf.case(lambda f: asyncio.run(f()) == ["in", "out"])
def async_with_and_for():
    async def inner():
        import contextlib

        log = []

        @contextlib.asynccontextmanager
        async def managed():
            log.append("in")
            yield
            log.append("out")

        async with managed():
            pass
        return [x async for x in agen(log)]

    async def agen(xs):
        for x in xs:
            yield x

    return inner


@shelf.case(lambda f: f(3) == [0, 1, 4])
def comprehension():
    def inner(n):
        return [i**2 for i in range(n)]

    return inner


@shelf.case(lambda f: f(2) == ({0, 1}, {0: 0, 1: 1}, [0, 1], [(0, 0), (0, 1), (1, 0), (1, 1)]))
def comprehensions_of_every_kind():
    def inner(n):
        return (
            {i for i in range(n)},
            {i: i for i in range(n)},
            list(i for i in range(n)),
            [(i, j) for i in range(n) for j in range(n)],
        )

    return inner


@shelf.case(
    lambda f: f(0) == "zero" and f(ZeroDivisionError) == "handled" and f([1, 2]) == (1, [2])
)
def try_with_match():
    def inner(x):
        try:
            match x:
                case 0:
                    return "zero"
                case [first, *rest]:
                    return first, rest
                case _:
                    raise x("boom")
        except (ZeroDivisionError, KeyError) as error:
            return "handled" if error.args else None
        finally:
            x = None

    return inner


@shelf.case(
    lambda f: (
        f() == (1, 2.5, "s", b"b", 3j, (1, (2, None)), ..., frozenset({1, 2}), 10**40)
        or f()[-1] == 10**40
    )
)
def constants_of_every_kind():
    def inner():
        return 1, 2.5, "s", b"b", 3j, (1, (2, None)), ..., {1, 2}, 10**40

    return inner


@shelf.case(lambda f: f(1) and not f(9))
def frozenset_constant():
    def inner(x):
        return x in {1, 2, 3}

    return inner


@shelf.case(lambda f: f()(1)(2)(3) == (1, 2, 3))
def nested_lambdas():
    return lambda: lambda a: lambda b: lambda c: (a, b, c)


@shelf.case(lambda f: f().value() == 5)
def class_inside():
    def inner():
        class Inside:
            limit = 5

            def value(self):
                return self.limit

        return Inside()

    return inner


@shelf.case(lambda f: f(5) == 120)
def recursion_through_cell():
    def factorial(n):
        return 1 if n <= 1 else n * factorial(n - 1)

    return factorial


shelf.add(
    "recursion_through_globals",
    from_source("def result(n):\n    return 1 if n <= 1 else n * result(n - 1)\n"),
    lambda f: f(5) == 120,
)


@shelf.case(lambda f: f(3) == (3, "wrapped") and f.__wrapped__(3) == 3 and f.__name__ == "original")
def wrapped():
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs), "wrapped"

        return wrapper

    @decorate
    def original(x):
        """The original."""
        return x

    return original


@shelf.case(lambda f: f(0) == 3)
def wrapped_three_times():
    def add_one(function):
        return functools.wraps(function)(lambda x: function(x) + 1)

    @add_one
    @add_one
    @add_one
    def original(x):
        return x

    return original


shelf.add(
    "code_object",
    lambda: (lambda x: x + 1).__code__,
    lambda code: type(lambda: 0)(code, {})(1) == 2,
)
shelf.add(
    "code_object_twice",
    lambda: (lambda c: [c, c])((lambda x: x + 1).__code__),
    lambda cs: cs[0] is cs[1],
)
shelf.add(
    "code_compiled_module",
    lambda: compile("a = 1\ndef f(): return a\n", "<corpus>", "exec"),
    lambda code: code.co_filename == "<corpus>",
)
shelf.add(
    "code_compiled_eval",
    lambda: compile("1 + x", "<corpus>", "eval"),
    lambda code: eval(code, {"x": 2}) == 3,
)
shelf.add(
    "function_and_its_code",
    lambda: (lambda f: [f, f.__code__])(lambda: 9),
    lambda fc: fc[0].__code__ is fc[1],
)
shelf.add(
    "code_of_many_lines",
    lambda: compile(
        "\n" * 300 + "x = 1\n" + "\n" * 3000 + "y = [\n" + "1,\n" * 300 + "]\n", "<corpus>", "exec"
    ),
    lambda code: True if code.co_names == ("x", "y") else False,
)
shelf.add(
    "code_unicode_names",
    from_source("def result(ñ, λ=2):\n    变量 = ñ + λ\n    return lambda: 变量\n"),
    lambda f: f(1)() == 3,
)


@shelf.case(lambda f: f(*range(300)) == sum(range(300)))
def three_hundred_arguments():
    names = ", ".join(f"a{i}" for i in range(300))
    return from_source(f"def result({names}):\n    return {names.replace(',', ' +')}\n")()


@shelf.case(lambda f: f() == sum(range(400)))
def four_hundred_globals():
    # EXTENDED_ARG before LOAD_GLOBAL.
    lines = "\n".join(f"g{i} = {i}" for i in range(400))
    total = " + ".join(f"g{i}" for i in range(400))
    return from_source(f"{lines}\ndef result():\n    return {total}\n")()


@shelf.case(lambda f: f(1) == "g299" and f(0) is None)
def jumps_that_need_extended_arg():
    body = "\n".join(f"        if x == {i + 1000}: return g{i}" for i in range(300))
    lines = "\n".join(f"g{i} = 'g{i}'" for i in range(300))
    return from_source(f"{lines}\ndef result(x):\n    while x:\n{body}\n        return g299\n")()
