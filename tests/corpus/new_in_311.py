"""What 3.11 added."""

import typing

from tests.corpus.case import Shelf, from_source, namespace, refused_below_2

shelf = Shelf("new_in_311", min_python=(3, 11))

shelf.add(
    "exception_group",
    lambda: eval("ExceptionGroup('g', [ValueError(1), KeyError(2)])"),
    lambda g: len(g.exceptions) == 2 and g.message == "g",
)
shelf.add(
    "except_star",
    from_source(
        "def result():\n    try:\n        raise ExceptionGroup('g', [ValueError(1)])\n    except* ValueError as group:\n        caught = group.exceptions[0].args\n    return caught\n"
    ),
    lambda f: f() == (1,),
)
shelf.add(
    "star_annotation",
    from_source("import typing\ndef result(*args: *tuple[int, ...]):\n    return args\n"),
    lambda f: f(1) == (1,),
)
shelf.add("type_var_tuple", lambda: typing.TypeVarTuple("Ts"), raises=Exception)
shelf.add(
    "unpack",
    lambda: eval("tuple[*tuple[int, str]]"),
    lambda alias: alias == eval("tuple[*tuple[int, str]]"),
)
shelf.add(
    "self_and_never",
    lambda: [typing.Self, typing.Never, typing.LiteralString, typing.Required, typing.NotRequired],
    lambda xs: xs[0] is typing.Self,
)
shelf.add(
    "typed_dict_required",
    from_source(
        "from typing import *\nclass result(TypedDict, total=False):\n    a: Required[int]\n    b: NotRequired[str]\n"
    ),
    lambda cls: cls(a=1) == {"a": 1},
    raises=refused_below_2,
)
shelf.add(
    "class_subscript_unpack",
    from_source(
        "import typing\nTs = typing.TypeVarTuple('Ts')\nclass result(typing.Generic[*Ts]):\n    pass\n"
    ),
    raises=Exception,
)
shelf.add(
    "code_with_exception_table",
    from_source(
        "def result(x):\n    try:\n        return 1 / x\n    except ZeroDivisionError:\n        return 'zero'\n    finally:\n        pass\n"
    ),
    lambda f: f(0) == "zero" and f.__code__.co_exceptiontable,
)
shelf.add(
    "qualified_code_name",
    lambda: namespace("class C:\n    def f(self):\n        return 1\n")["C"].f.__code__,
    lambda c: c.co_qualname == "C.f",
)
shelf.add("code_run_often", lambda: _run_often(), lambda f: f(3) == [0, 1, 2])


def _run_often():
    # Specialised bytecode must not travel: co_code gives the plain one.
    def loop(n):
        out = []
        for i in range(n):
            out.append(i + 0)
        return out

    for _ in range(100):
        loop(50)
    return loop
