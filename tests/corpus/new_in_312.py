"""What 3.12 added: type parameters, type aliases, comprehensions in line."""

import typing

from tests.corpus.case import Shelf, from_source, refused_below_2

shelf = Shelf("new_in_312", min_python=(3, 12))

shelf.add(
    "generic_function",
    from_source("def result[T](x: T) -> list[T]:\n    return [x]\n"),
    lambda f: f(1) == [1],
)
shelf.add(
    "generic_function_bound",
    from_source("def result[T: int](x: T) -> T:\n    return x\n"),
    lambda f: f(1) == 1,
)
shelf.add(
    "generic_function_main",
    from_source("def result[T: (int, str), *Ts, **P](x):\n    return x\n", name="__main__"),
    lambda f: f(1) == 1,
)
shelf.add(
    "generic_class",
    from_source("class result[T]:\n    def get(self, x: T) -> T:\n        return x\n"),
    lambda cls: cls().get(1) == 1 and cls.__orig_bases__[0].__origin__ is typing.Generic,
)
shelf.add(
    "generic_class_instance",
    from_source("class Box[T]:\n    def get(self, x):\n        return x\nresult = Box()\n"),
    lambda obj: obj.get(1) == 1,
)
shelf.add(
    "generic_class_with_base",
    from_source("class Base[T]:\n    pass\nclass result[U](Base[U], list):\n    pass\n"),
    lambda cls: issubclass(cls, list),
)
shelf.add(
    "generic_class_alias",
    from_source("class Box[T]:\n    pass\nresult = Box[int]\n"),
    lambda alias: alias.__args__ == (int,),
)
shelf.add(
    "generic_class_bound_and_constraints",
    from_source("class result[T: str, U: (int, float)]:\n    pass\n"),
    lambda cls: (
        [p.__name__ for p in cls.__parameters__] == ["T", "U"]
        and cls.__parameters__[0].__bound__ is str
    ),
)
shelf.add(
    "generic_class_every_kind",
    from_source("class result[T, *Ts, **P]:\n    pass\n"),
    raises=Exception,
)
shelf.add(
    "generic_method",
    from_source("class result:\n    def get[T](self, x: T) -> T:\n        return x\n"),
    lambda cls: cls().get(1) == 1,
)
shelf.add("type_alias", from_source("type result = list[int]\n"), raises=Exception)
shelf.add("type_alias_generic", from_source("type result[T] = list[T]\n"), raises=Exception)
shelf.add(
    "type_alias_in_a_function",
    from_source("def result():\n    type Inner = int\n    return Inner.__value__\n"),
    lambda f: f() is int,
)
shelf.add(
    "type_parameter_alone",
    from_source("def f[T](x: T): ...\nresult = f.__type_params__[0]\n"),
    lambda t: t.__name__ == "T",
)
shelf.add(
    "type_var_infer_variance",
    lambda: typing.TypeVar("T", infer_variance=True),
    lambda t: t.__name__ == "T",
)
shelf.add(
    "comprehension_in_line",
    from_source(
        "def result(n):\n    x = 5\n    return [x + i for i in range(n)], {x: i for i in range(n)}, x\n"
    ),
    lambda f: f(2) == ([5, 6], {5: 1}, 5),
)
shelf.add(
    "comprehension_at_class_level",
    from_source("class result:\n    n = 3\n    squares = [i * i for i in range(3)]\n"),
    lambda cls: cls.squares == [0, 1, 4],
)
shelf.add(
    "f_string_nested",
    from_source("def result(x):\n    return f'{x!r:>{10}} {f\"{x}\"}'\n"),
    lambda f: f("a") == "       'a' a",
)
shelf.add(
    "override",
    from_source(
        "import typing\nclass Base:\n    def f(self): return 1\nclass result(Base):\n    @typing.override\n    def f(self): return 2\n"
    ),
    lambda cls: cls().f() == 2 and cls.f.__override__ is True,
)
shelf.add(
    "dataclass_generic",
    from_source(
        "import dataclasses\n@dataclasses.dataclass\nclass result[T]:\n    x: T\n", name="__main__"
    ),
    lambda cls: cls(1).x == 1,
    raises=refused_below_2,
)
shelf.add(
    "super_specialised",
    from_source(
        "class Base:\n    def f(self): return 1\nclass result(Base):\n    def f(self): return super().f() + 1\n"
    ),
    lambda cls: cls().f() == 2,
)
shelf.add("immortal_objects", lambda: [None, 0, "", (), 256, "a", b"", True, ...])
