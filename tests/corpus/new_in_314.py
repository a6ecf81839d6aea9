"""What 3.14 added: annotations evaluated late, template strings."""

import typing

from tests.corpus.case import Either, Shelf, from_source, refused_below_2

shelf = Shelf("new_in_314", min_python=(3, 14))

shelf.add(
    "annotations_of_a_function",
    from_source("def result(x: int, y: 'str' = '') -> list[int]:\n    return [x]\n"),
    lambda f: f.__annotations__ == {"x": int, "y": "str", "return": list[int]},
)
shelf.add(
    "annotations_read_before",
    from_source("def result(x: int): ...\nresult.__annotations__\n"),
    lambda f: f.__annotations__ == {"x": int},
)
shelf.add(
    "annotations_of_something_later",
    from_source("def result(x: Later): ...\nclass Later: ...\n"),
    lambda f: f.__annotations__["x"].__name__ == "Later",
)
shelf.add(
    "annotations_that_fail",
    from_source("def result(x: Never_defined_anywhere): ...\n"),
    raises=NameError,
)
shelf.add(
    "annotations_of_a_class",
    from_source("class result:\n    x: int\n    y: 'str' = ''\n"),
    lambda cls: cls.__name__ == "result" and cls.y == "",
)
shelf.add(
    "annotations_of_a_class_read_before",
    from_source("class result:\n    x: int\nresult.__annotations__\n"),
    lambda cls: cls.__annotations__ == {"x": int},
)
shelf.add(
    "annotations_of_a_class_that_fail",
    from_source("class result:\n    x: Never_defined_anywhere\n"),
    lambda cls: cls.__name__ == "result",
)
shelf.add(
    "annotations_with_a_closure",
    from_source(
        "def make():\n    class Local: ...\n    def f(x: Local) -> Local:\n        return x\n    return f\nresult = make()\n"
    ),
    lambda f: f.__annotations__["x"].__name__ == "Local",
)
shelf.add(
    "annotations_of_a_method_naming_the_class",
    from_source("class result:\n    def f(self, other: result) -> result:\n        return other\n"),
    lambda cls: cls().f(1) == 1,
)
shelf.add(
    "annotate_set_by_hand",
    from_source("def result(): ...\nresult.__annotate__ = lambda format: {'x': int}\n"),
    lambda f: f.__annotations__ == {"x": int},
)
# The first dump makes annotations and so lets the dict grow while it is being pickled:
# from protocol 2 on that is a RuntimeError.
shelf.add(
    "dataclass",
    from_source(
        "import dataclasses\n@dataclasses.dataclass\nclass result:\n    x: int\n    y: Later = None\nclass Later: ...\n",
        name="__main__",
    ),
    lambda cls: cls(1).x == 1,
    raises=Either,
)
shelf.add(
    "dataclass_slots_instance",
    from_source(
        "import dataclasses\n@dataclasses.dataclass(slots=True)\nclass C:\n    x: int\nresult = C(1)\n",
        name="__main__",
    ),
    lambda obj: obj.x == 1,
    raises=refused_below_2,
)
shelf.add(
    "typed_dict",
    from_source("import typing\nclass result(typing.TypedDict):\n    a: int\n"),
    lambda cls: cls(a=1) == {"a": 1},
)
shelf.add(
    "named_tuple",
    from_source("import typing\nclass C(typing.NamedTuple):\n    a: int\nresult = C(1)\n"),
    lambda t: t.a == 1,
)
shelf.add(
    "protocol",
    from_source("import typing\nclass result(typing.Protocol):\n    x: int\n"),
    lambda cls: cls._is_protocol,
)
shelf.add(
    "generic_class",
    from_source("class result[T]:\n    x: T\n"),
    lambda cls: cls.__parameters__[0].__name__ == "T",
)
shelf.add(
    "template_string",
    from_source("name = 'n'\ndef result():\n    return t'hello {name!r:>5}'\n"),
    lambda f: f().interpolations[0].value == "n",
)
shelf.add(
    "template_object",
    from_source("name = 'n'\nresult = t'hello {name}'\n"),
    lambda t: t.strings == ("hello ", ""),
)
shelf.add(
    "union_types_are_one",
    lambda: [int | str, typing.Union[int, str], typing.Optional[int]],
    lambda us: us[0] == us[1],
)
shelf.add(
    "finally_without_return",
    from_source("def result():\n    try:\n        return 1\n    finally:\n        pass\n"),
    lambda f: f() == 1,
)
shelf.add(
    "except_without_parentheses",
    from_source(
        "def result(x):\n    try:\n        return 1 / x\n    except ZeroDivisionError, TypeError:\n        return 0\n"
    ),
    lambda f: f(0) == 0,
)
shelf.add(
    "deferred_super_and_small_ints",
    from_source("def result():\n    return 255, 256, -1, 0\n"),
    lambda f: f() == (255, 256, -1, 0),
)
shelf.add(
    "constant_instructions",
    from_source(
        "def result(xs=[]):\n    return all(x for x in xs), any(x for x in xs), tuple(x for x in xs), AssertionError\n"
    ),
    lambda f: f()[:3] == (True, False, ()),
)
shelf.add(
    "forward_ref",
    lambda: typing.ForwardRef("int"),
    lambda r: r.__forward_arg__ == "int",
    raises=refused_below_2,
)
