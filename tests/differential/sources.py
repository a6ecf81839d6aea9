"""Source of functions and classes, put together at random."""

from __future__ import annotations

import sys

from hypothesis import strategies as st

HEADER = """
import collections, concurrent.futures, enum, functools, json, os.path, typing, abc, dataclasses
import xml.etree.ElementTree
from tests.corpus import by_reference as corpus
LIMIT = 10
table = {'a': [1, 2]}
table['me'] = table
T = typing.TypeVar('T')
def helper(x, _seen=[]):
    return x, LIMIT
class Base:
    shared = 'base'
    def get(self):
        return self.shared, table
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__()
class Meta(type):
    option = None
    def __new__(mcls, name, bases, space, **kwargs):
        return super().__new__(mcls, name, bases, space)
    def __init__(cls, name, bases, space, **kwargs):
        super().__init__(name, bases, space)
class Abstract(abc.ABC):
    @abc.abstractmethod
    def abstract(self): ...
"""

EXPRESSIONS = st.sampled_from(
    "1 2.5 'text' b'bytes' None (1,(2,'x')) [1,2] {'k':3} {1,2} x LIMIT table helper(1) len([]) os.path.join('a','b') concurrent.futures.wait corpus.Outer corpus.Outer.Middle.Inner "
    "xml.etree.ElementTree.XML json.dumps 10**30 'é€' f'{LIMIT!r:>4}' (lambda:LIMIT) (lambda*a,k=LIMIT:(a,k)) [i+LIMIT#for_i_in_range(3)] {i:table#for_i_in_'ab'} missing_name Base() functools.partial(helper,1) "
    "free1 free2 (lambda:free1) -0.0 ... frozenset({1}) __name__".split()
).map(lambda text: text.replace("#", " ").replace("for_i_in_", "for i in "))

DEFAULTS = st.sampled_from(
    [
        "1",
        "None",
        "'d'",
        "LIMIT",
        "table",
        "(1, [2])",
        "helper",
        "lambda: free1",
        "Base",
        "float('nan')",
        "frozenset('ab')",
    ]
)
ANNOTATIONS = st.sampled_from(
    ["int", "'later'", "list[int]", "typing.Optional[T]", "Base", "None", "'é'"]
)


@st.composite
def _parameters(draw: st.DrawFn) -> str:
    def one(name: str, default: bool) -> str:
        text = name
        if draw(st.booleans()):
            text += f": {draw(ANNOTATIONS)}"
        return text + (f" = {draw(DEFAULTS)}" if default else "")

    parts: list[str] = []
    positional = [f"p{i}" for i in range(draw(st.integers(0, 2)))]
    ordinary = [f"a{i}" for i in range(draw(st.integers(0, 3)))]
    with_default = draw(st.integers(0, len(positional) + len(ordinary)))
    names = positional + ordinary
    for index, name in enumerate(names):
        parts.append(one(name, index >= len(names) - with_default))
        if positional and index == len(positional) - 1:
            parts.append("/")
    keywords = draw(st.integers(0, 2))
    if draw(st.booleans()):
        parts.append(one("*rest", False))
    elif keywords:
        parts.append("*")
    parts += [one(f"k{i}", draw(st.booleans())) for i in range(keywords)]
    if draw(st.booleans()):
        parts.append("**more")
    return ", ".join(parts)


STATEMENTS = st.sampled_from(
    [
        "global LIMIT; LIMIT = 11",
        "global fresh; fresh = 1; del fresh",
        "import os",
        "try: 1 / 0\n{i}except ZeroDivisionError as error: x = error\n{i}finally: pass",
        "for i in range(3):\n{i}    if i: break\n{i}else: x = table",
        "with open(os.devnull) as f: pass",
        "class Inside(Base):\n{i}    limit = LIMIT\n{i}    def get(self): return super().get(), __class__, free1",
        "def nested(y=LIMIT):\n{i}    nonlocal free2\n{i}    free2 = y\n{i}    return helper(y), free1",
        "while x is None: break",
        "assert True, table",
        "x = [helper(j) for j in [1] if j]",
        "lambda: (yield)",
    ]
)


@st.composite
def function_sources(draw: st.DrawFn, name: str = "result", indent: str = "    ") -> str:
    flavour = draw(
        st.sampled_from(["def", "def", "def", "generator", "async def", "async generator"])
    )
    lines = ["x = None"]
    if draw(st.booleans()):
        lines.insert(
            0, draw(st.sampled_from(['"""A docstring."""', "'d'", '"""Zwei\n    Zeilen é."""']))
        )
    lines += [
        statement.format(i=indent)
        for statement in draw(st.lists(STATEMENTS, max_size=3, unique=True))
    ]
    # Names that STATEMENTS declare global have to be declared before they are used.
    lines.sort(key=lambda line: not line.startswith(("'", '"', "global")))
    if "generator" in flavour:
        lines.append(f"yield {draw(EXPRESSIONS)}")
    else:
        lines.append(f"return {', '.join(draw(st.lists(EXPRESSIONS, min_size=1, max_size=4)))}")
    returns = f" -> {draw(ANNOTATIONS)}" if draw(st.booleans()) else ""
    keyword = "async def" if flavour.startswith("async") else "def"
    body = "\n".join(indent + line for line in lines)
    return f"{keyword} {name}({draw(_parameters())}){returns}:\n{body}\n"


def _indented(text: str, prefix: str) -> str:
    return "".join(
        prefix + line if line.strip() else line for line in text.splitlines(keepends=True)
    )


@st.composite
def modules_of_functions(draw: st.DrawFn) -> str:
    """A module whose `result` is a closure, some functions, or both."""
    first = draw(function_sources("first"))
    second = draw(function_sources("second"))
    touches = draw(
        st.lists(
            st.sampled_from(
                [
                    "first.extra = second",
                    "second.__name__ = 's'",
                    "first.__qualname__ = 'a.b'",
                    "second.__doc__ = table",
                    "first.a = 'a'",
                    "second.__dict__['é'] = first",
                    "first.__module__ = None",
                    "second.__kwdefaults__ = {'k0': first}",
                    "first = functools.wraps(second)(first)",
                    "first = functools.partial(first, second, k=1)",
                    "first = staticmethod(second)",
                    "free1 = second",
                    "del free2",
                ]
            ),
            max_size=3,
        )
    )
    result = draw(
        st.sampled_from(
            [
                "first",
                "second",
                "[first, second]",
                "{'f': first, 's': [second, first]}",
                "(lambda: (first, second))",
            ]
        )
    )
    make = f"def make():\n    free1, free2 = [1], 'two'\n{_indented(first, '    ')}{_indented(second, '    ')}"
    make += "".join(f"    {touch}\n" for touch in touches) + f"    return {result}\n"
    return HEADER + make + "result = make()\n"


MEMBERS = st.sampled_from(
    [
        "number = 1",
        "shared = 'base'",
        "listed = [1, table]",
        "def method(self, x=LIMIT): return x, table, self",
        "def with_super(self): return super().__init__(), __class__",
        "@property\n    def prop(self):\n        'Doc.'\n        return LIMIT",
        "@staticmethod\n    def static(x): return helper(x)",
        "@classmethod\n    def klass(cls): return cls, LIMIT",
        "async def coroutine(self): return table",
        "def __repr__(self): return 'repr'",
        "def __eq__(self, other): return self is other",
        "__hash__ = None",
        "x: int = 1",
        "y: 'later'",
        "class Nested:\n        inner = table",
        "partial = functools.partialmethod(helper, 1)",
        "f = lambda self: LIMIT",
        "é = 'é'",
        "a = 'a'",
        "from_base = Base.get",
    ]
)


@st.composite
def modules_of_classes(draw: st.DrawFn) -> str:
    """A module whose `result` is a class, its instances, or classes that know each other."""
    bases = draw(
        st.sampled_from(
            [
                "",
                "Base",
                "Base, metaclass=Meta",
                "Base, metaclass=Meta, option=1",
                "dict",
                "list",
                "int",
                "str",
                "tuple",
                "Exception",
                "Abstract",
                "typing.Generic[T]",
                "Base, typing.Generic[T]",
                "collections.OrderedDict",
                "corpus.Outer",
                "object",
            ]
        )
    )
    members = draw(st.lists(MEMBERS, max_size=5))
    sized = bases in ("int", "str", "tuple")
    slots = draw(
        st.sampled_from(
            [
                "",
                "",
                "",
                "__slots__ = ()",
                "__slots__ = ('s1', 's2')",
                "__slots__ = 's1'",
                "__slots__ = ['s1', '__dict__']",
            ]
        )
    )
    if slots and not (sized and slots != "__slots__ = ()"):
        members.append(slots)
    if draw(st.booleans()):
        members.insert(0, "'Doc of the class.'")
    kind = draw(st.sampled_from(["class", "class", "class", "dataclass", "enum"]))
    if kind == "enum":
        values = draw(
            st.lists(
                st.sampled_from(
                    ["7", "'two'", "(3, [4])", "enum.auto()", "None", "frozenset('a')"]
                ),
                min_size=1,
                max_size=4,
                unique=True,
            )
        )
        flavour = draw(st.sampled_from(["enum.Enum", "enum.IntEnum", "enum.Flag"]))
        if flavour != "enum.Enum":
            values = [str(2**i) for i in range(len(values))]
        body = [f"M{i} = {value}" for i, value in enumerate(values)]
        body += [
            m
            for m in members
            if m.startswith(("def method", "@static", "@class", "@property", "async"))
        ]
        source = f"class Made({flavour}):\n" + "".join(f"    {line}\n" for line in body)
        instance = "Made.M0"
    else:
        source = f"class Made({bases}):\n" + (
            "".join(f"    {member}\n" for member in members) or "    pass\n"
        )
        if kind == "dataclass" and bases in ("", "Base", "object"):
            source = (
                "@dataclasses.dataclass"
                + draw(st.sampled_from(["", "(frozen=True)", "(order=True)", "(eq=False)"]))
                + "\n"
                + source
            )
            source = source.replace("    y: 'later'\n", "    y: 'later' = 2\n").replace(
                "listed =", "listed: list = dataclasses.field(default_factory=list); unused ="
            )
        if bases == "Abstract":
            source += "Made.__abstractmethods__ = frozenset()\n"
        instance = "Made()"
    if sys.version_info >= (3, 14):
        source += "Made.__annotations__\n"  # or stock loses them: docs/beyond-cloudpickle.md
    touches = draw(
        st.lists(
            st.sampled_from(
                [
                    "Made.late = Made",
                    "Made.late = lambda self: LIMIT",
                    "Made.__doc__ = 'changed'",
                    "Made.a = 'a'",
                    "Made.listed = [Made]",
                    "Made.table = table",
                ]
            ),
            max_size=2,
        )
    )
    result = draw(
        st.sampled_from(
            [
                "Made",
                "made",
                "[Made, made, made]",
                "{'c': Made, 'i': made}",
                "[made, lambda: (made, Made)]",
                "[Made.late, made] if hasattr(Made, 'late') else Made",
                "helper_of_made",
            ]
        )
    )
    after = "".join(f"{touch}\n" for touch in touches)
    after += f"made = {instance}\n"
    if kind != "enum":  # whose members stock sends without their attributes
        after += "try:\n    made.attribute = [made, table]\nexcept AttributeError:\n    pass\n"
    after += f"def helper_of_made():\n    return Made, made\nresult = {result}\n"
    return HEADER + source + after
