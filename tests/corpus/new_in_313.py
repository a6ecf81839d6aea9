"""What 3.13 added: static attributes, first lines, defaults of type parameters."""

from tests.corpus.case import Shelf, from_source

shelf = Shelf("new_in_313", min_python=(3, 13))

shelf.add(
    "static_attributes",
    from_source("class result:\n    def f(self):\n        self.a = 1\n        self.b = 2\n"),
    lambda cls: set(cls.__static_attributes__) == {"a", "b"},
)
shelf.add(
    "first_line",
    from_source("\n\n\nclass result:\n    pass\n"),
    lambda cls: cls.__firstlineno__ == 4,
)
shelf.add(
    "first_line_after_a_change",
    from_source("class result:\n    pass\nresult.late = 1\n"),
    lambda cls: cls.__firstlineno__ == 1 and cls.late == 1,
)
shelf.add(
    "type_parameter_default",
    from_source("class result[T = int]:\n    pass\n"),
    lambda cls: cls.__parameters__[0].__name__ == "T",
)
shelf.add(
    "type_var_default",
    from_source("import typing\nresult = typing.TypeVar('T', default=int)\n"),
    lambda t: t.__name__ == "T",
)
shelf.add(
    "class_scope_lambda",
    from_source(
        "class result:\n    x = 1\n    f = lambda self: self.x\n    g = [y for y in (1, 2)]\n"
    ),
    lambda cls: cls().f() == 1,
)
shelf.add(
    "replace_of_a_code",
    from_source(
        "def f(x):\n    return x\nf.__code__ = f.__code__.replace(co_name='g')\nresult = f\n"
    ),
    lambda f: f(1) == 1,
)
shelf.add(
    "doc_without_indent",
    from_source('def result():\n    """First.\n\n        Second.\n    """\n'),
    lambda f: f.__doc__.splitlines()[0] == "First.",
)
shelf.add(
    "read_only_typed_dict",
    from_source("import typing\nclass result(typing.TypedDict):\n    a: typing.ReadOnly[int]\n"),
    lambda cls: cls(a=1) == {"a": 1},
)
shelf.add(
    "instance_with_inline_values",
    from_source("class C:\n    def __init__(self):\n        self.a, self.b = 1, 2\nresult = C()\n"),
    lambda obj: (obj.a, obj.b) == (1, 2),
)
shelf.add(
    "instance_with_values_deleted",
    from_source(
        "class C:\n    def __init__(self):\n        self.a, self.b, self.c = 1, 2, 3\nresult = C()\ndel result.b\nresult.d = 4\n"
    ),
    lambda obj: vars(obj) == {"a": 1, "c": 3, "d": 4},
)
shelf.add(
    "enum_member_values",
    from_source(
        "import enum\nclass E(enum.Enum):\n    A = 1\n    def f(self):\n        self.g = 1\nresult = E.A\n"
    ),
    lambda m: m.value == 1,
)
