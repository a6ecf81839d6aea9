"""Objects to pickle, as source text: run in one process, checked in another.

`make` is run as the program of the process that dumps, and leaves the object in
`made`. `check` is an expression over `loaded`, evaluated in a process that has never
seen that source; names that it needs are imported by `CHECK_PRELUDE`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

CHECK_PRELUDE = """
import abc, asyncio, builtins, collections, dataclasses, enum, functools, inspect, io
import logging, operator, os.path, sys, types, typing, weakref
"""


@dataclass(frozen=True)
class Sample:
    name: str
    make: str
    check: str
    min_python: tuple[int, int] = (3, 10)


SAMPLES: list[Sample] = []


def sample(name: str, make: str, check: str, min_python: tuple[int, int] = (3, 10)) -> None:
    if sys.version_info >= min_python:
        SAMPLES.append(Sample(name, make, check, min_python))


# Functions.

sample("lambda", "made = lambda x: x + 1", "loaded(1) == 2 and loaded.__name__ == '<lambda>'")
sample(
    "function",
    "rate = 3\ndef made(a, /, b=2, *, c=3) -> int:\n    'Doc.'\n    return rate * (a + b + c)",
    "loaded(1) == 18 and loaded.__doc__ == 'Doc.' and loaded.__kwdefaults__ == {'c': 3} "
    "and loaded.__annotations__ == {'return': int} and loaded.__module__ == '__main__'",
)
sample(
    "builtins_in_globals",
    "def made(xs): return len(xs)",
    "loaded.__globals__['__builtins__'] is builtins.__dict__ and loaded([1, 2]) == 2",
)
sample(
    "global_of_an_inner_function",
    "rate = 2\nother = 3\ndef made():\n    def inner(): return [rate for _ in (lambda: other,)]\n    return inner()",
    "loaded() == [2] and loaded.__globals__['other'] == 3",
)
sample(
    "function_dict",
    "def made(): return 1\nmade.label = 'one'\nmade.self = made",
    "loaded.label == 'one' and loaded.self is loaded",
)
sample(
    "closure",
    "def make_agent(config):\n    def decide(x): return x > config['threshold']\n    return decide\n"
    "made = make_agent({'threshold': 0.9})",
    "loaded(1) is True and loaded(0) is False and loaded.__qualname__ == 'make_agent.<locals>.decide'",
)
sample(
    "recursive_closure",
    "def outer():\n    def fact(n): return 1 if n < 2 else n * fact(n - 1)\n    return fact\nmade = outer()",
    "loaded(5) == 120 and loaded.__closure__[0].cell_contents is loaded",
)
sample(
    "empty_cell",
    "def outer():\n    def f(): return later\n    if 0: later = 1\n    return f\nmade = outer()",
    "len(loaded.__closure__) == 1 and repr(loaded.__closure__[0]).endswith('empty>')",
)
sample(
    "cells",
    "import types\nmade = [types.CellType(), types.CellType(5)]",
    "loaded[1].cell_contents == 5 and repr(loaded[0]).endswith('empty>')",
)
sample(
    "shared_cell",
    "def counter():\n    n = 0\n    def up():\n        nonlocal n\n        n += 1\n    def get(): return n\n"
    "    return up, get\nmade = counter()",
    # Not shared once loaded: each function gets cells of its own, filled with the values.
    "(loaded[0](), loaded[0](), loaded[1]())[2] == 0",
)
sample(
    "shared_globals",
    "total = 0\ndef add(x):\n    global total\n    total += x\ndef show(): return total\nmade = [add, show]",
    "(loaded[0](4), loaded[1]())[1] == 4 and loaded[0].__globals__ is loaded[1].__globals__",
)
sample(
    "mutual",
    "def even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n != 0 and even(n - 1)\nmade = even",
    "loaded(10) is True and loaded(7) is False",
)
sample(
    "generator",
    "def made(n):\n    for i in range(n): yield i * i",
    "list(loaded(4)) == [0, 1, 4, 9]",
)
sample("coroutine", "async def made(x): return x * 2", "asyncio.run(loaded(4)) == 8")
sample(
    "async_generator",
    "async def made():\n    yield 1",
    "inspect.isasyncgenfunction(loaded)",
)
sample(
    "partial",
    "import functools\nmade = functools.partial(lambda a, b: a - b, b=1)",
    "loaded(3) == 2 and loaded.keywords == {'b': 1}",
)
sample(
    "wrapped",
    "import functools\ndef inner(x): 'In.'\n@functools.wraps(inner)\ndef made(*a): return inner(*a)",
    "loaded.__wrapped__.__doc__ == 'In.' and loaded.__name__ == 'inner'",
)
sample(
    "exception_table",
    "def made(x):\n    try:\n        return 1 / x\n    except ZeroDivisionError as e:\n        return str(e)",
    "loaded(0) == 'division by zero'",
)
sample(
    "nested_code",
    "def made():\n    class Inner:\n        def f(self): return [y for y in range(3)]\n    return Inner().f()",
    "loaded() == [0, 1, 2]",
)
sample("code", "made = (lambda q: q).__code__", "types.FunctionType(loaded, {})(7) == 7")
sample(
    "submodule",
    "import xml.dom.minidom\ndef made(): return xml.dom.minidom.Document",
    "'xml.dom.minidom' in sys.modules and loaded().__name__ == 'Document'",
)
sample(
    "module_global",
    "import os.path\ndef made(p): return os.path.basename(p)",
    "loaded('a/b') == 'b'",
)
sample(
    "type_parameters",
    "def made[T](x: T) -> T: return x",
    "loaded(5) == 5 and loaded.__annotations__['x'].__name__ == 'T'",
    (3, 12),
)

# Classes.

sample(
    "class",
    "class Base:\n    'Doc.'\n    x: int = 1\n    def f(self): return self.x\n    @classmethod\n"
    "    def c(cls): return cls.__name__\n    @staticmethod\n    def s(): return 's'\n    @property\n"
    "    def p(self): return 'p'\nclass made(Base):\n    def f(self): return super().f() + 1",
    "loaded().f() == 2 and loaded.c() == 'made' and loaded.s() == 's' and loaded().p == 'p' "
    # Since 3.14 annotations that nobody has looked at stay behind, see lazy_annotations.
    "and loaded.__base__.__doc__ == 'Doc.' "
    "and loaded.__base__.__annotations__ == ({'x': int} if sys.version_info < (3, 14) else {})",
)
sample(
    "changed_class",
    "class DynamicAgent: pass\ndef compute_score(self): return 42\nDynamicAgent.score = compute_score\n"
    "made = DynamicAgent()\nmade.n = 1",
    "loaded.score() == 42 and loaded.n == 1 and type(loaded).__name__ == 'DynamicAgent'",
)
sample(
    "local_class",
    "def f():\n    class Local: y = 2\n    return Local\nmade = f()",
    "loaded.y == 2 and loaded.__qualname__ == 'Local'",
)
sample(
    "class_that_holds_itself",
    "class Node:\n    children = []\n    def new(self): return Node()\nNode.children.append(Node)\nmade = Node",
    "loaded.children == [loaded] and type(loaded().new()) is loaded",
)
sample(
    "slots",
    "class made:\n    __slots__ = ('a', 'b')\n    def __init__(self): self.a = 1",
    "loaded().a == 1 and loaded.__slots__ == ('a', 'b')",
)
sample(
    "one_slot",
    "class made:\n    __slots__ = 'a'",
    "loaded.__slots__ == 'a' and not hasattr(loaded, 'a')",
)
sample(
    "dict_property",
    "class made:\n    __slots__ = ('_d',)\n    @property\n    def __dict__(self): return {'k': 1}",
    "loaded().__dict__ == {'k': 1}",
)
sample(
    "metaclass",
    "class Meta(type):\n    def __new__(m, n, b, d, **k):\n        c = super().__new__(m, n, b, d)\n        c.made_by = m.__name__\n"
    "        return c\nclass made(metaclass=Meta): pass",
    "loaded.made_by == 'Meta' and type(loaded).__name__ == 'Meta'",
)
sample(
    "abc",
    "import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(self): 'Doc.'\nclass B: pass\nA.register(B)\n"
    "isinstance(1, A)\nmade = (A, B)",
    "issubclass(loaded[1], loaded[0]) and loaded[0].__abstractmethods__ == {'f'} and not isinstance(1, loaded[0])",
)
sample(
    "enum",
    "import enum\nclass made(enum.Enum):\n    RED = 1\n    BLUE = 'b'\n    CRIMSON = 1\n    def hex(self): return self.name",
    "loaded.RED is loaded.CRIMSON and loaded('b').hex() == 'BLUE' and [m.value for m in loaded] == [1, 'b']",
)
sample(
    "int_flag",
    "import enum\nclass F(enum.IntFlag):\n    A = 1\n    B = 2\nmade = F.A | F.B",
    "loaded == 3 and type(loaded).A in loaded",
)
sample(
    "enum_member_alone",
    "import enum\nclass E(enum.Enum):\n    ONE = 1\nmade = [E.ONE, E]",
    "loaded[0] is loaded[1].ONE",
)
sample(
    "dataclass",
    "import dataclasses, typing\n@dataclasses.dataclass(order=True)\nclass made:\n    x: int\n    y: list = dataclasses.field(default_factory=list)\n"
    "    z: typing.ClassVar[int] = 5\n    w: dataclasses.InitVar[int] = 0",
    "loaded(1) < loaded(2) and [f.name for f in dataclasses.fields(loaded)] == ['x', 'y'] and loaded(1).y == [] "
    "and loaded.__dataclass_fields__['z']._field_type is dataclasses._FIELD_CLASSVAR "
    "and loaded.__dataclass_fields__['w']._field_type is dataclasses._FIELD_INITVAR",
)
sample(
    "named_tuple",
    "import typing\nclass made(typing.NamedTuple):\n    a: int\n    b: str = 'x'",
    "loaded(1) == (1, 'x') and loaded._fields == ('a', 'b')",
)
sample(
    "typed_dict",
    "import typing\nclass made(typing.TypedDict, total=False):\n    a: int",
    "loaded(a=1) == {'a': 1} and loaded.__total__ is False",
)
sample(
    "protocol",
    "import typing\n@typing.runtime_checkable\nclass P(typing.Protocol):\n    def run(self): ...\nclass R:\n    def run(self): pass\n"
    "made = (P, R)",
    "isinstance(loaded[1](), loaded[0]) and not isinstance(1, loaded[0])",
)
sample(
    "generic",
    "import typing\nT = typing.TypeVar('T')\nclass Box(typing.Generic[T]):\n    def get(self) -> T: ...\nclass made(Box[int]): pass",
    "loaded.__orig_bases__[0].__args__ == (int,) and loaded.__base__.__parameters__[0].__name__ == 'T'",
)
sample(
    "generic_syntax",
    "class made[T]:\n    def get(self) -> T: ...",
    "loaded[int].__args__ == (int,) and loaded.__type_params__[0].__name__ == 'T'",
    (3, 12),
)
sample(
    "typevar",
    "import typing\nmade = typing.TypeVar('T', bound=int, covariant=True)",
    "loaded.__bound__ is int and loaded.__covariant__ and loaded.__module__ == 'cloudpickle.cloudpickle'",
)
sample(
    "typevar_by_reference",
    "import typing\nmade = typing.AnyStr",
    "loaded is typing.AnyStr",
)
sample(
    "exception_class",
    "class MyError(ValueError):\n    def __init__(self, a): super().__init__(a); self.a = a\nmade = MyError(3)",
    "loaded.a == 3 and isinstance(loaded, ValueError)",
)
sample(
    "subclass_of_builtin",
    "class D(dict):\n    def twice(self, k): return self[k] * 2\nmade = D(a=2)",
    "loaded.twice('a') == 4",
)
sample(
    "class_cell",
    "class made:\n    def who(self): return __class__",
    "loaded().who() is loaded",
)
sample(
    "init_subclass",
    "class Base:\n    seen = 0\n    def __init_subclass__(cls, **k): Base.seen += 1\nclass made(Base): pass",
    "loaded.__base__.__name__ == 'Base' and callable(loaded.__init_subclass__)",
)
sample(
    "descriptor_set_name",
    "class Field:\n    def __set_name__(self, owner, name): self.name = name\n    def __get__(self, o, t): return self.name\n"
    "class made:\n    title = Field()",
    "loaded.title == 'title'",
)
sample(
    "lazy_annotations",
    "class made:\n    x: int\n    y: 'str'\ndef f(a: made) -> 'later': pass\nmade.f = f\nassert made.__annotations__",
    "loaded.__annotations__ == {'x': int, 'y': 'str'} and loaded.f.__annotations__['a'] is loaded",
)

# Builtin types, modules and the kinds with a reducer each.

sample("builtin_types", "import types\nmade = [type(None), type(...), type(NotImplemented), types.FunctionType, types.CodeType, types.CellType]",
       "loaded == [type(None), type(...), type(NotImplemented), types.FunctionType, types.CodeType, types.CellType]")  # fmt: skip
sample(
    "module",
    "import xml.sax.handler\nmade = xml.sax.handler",
    "loaded is sys.modules['xml.sax.handler']",
)
sample(
    "dynamic_module",
    "import types\nmade = types.ModuleType('made_up', 'Doc.')\nexec('x = 5\\ndef f(): return x', made.__dict__)",
    "loaded.x == 5 and loaded.f() == 5 and loaded.__name__ == 'made_up' and loaded.__builtins__ is builtins.__dict__",
)
sample("bound_method", "class A:\n    def f(self): return 'f'\nmade = A().f", "loaded() == 'f'")
sample(
    "class_method",
    "class A:\n    @classmethod\n    def f(cls): return cls.__name__\nmade = A.f",
    "loaded() == 'A'",
)
sample("builtin_method", "made = [].append", "loaded(1) is None and loaded.__self__ == [1]")
sample(
    "descriptors",
    "def g(s): return 1\nmade = [property(g, doc='d'), classmethod(g), staticmethod(g)]",
    "loaded[0].__doc__ == 'd' and type(loaded[1]) is classmethod and loaded[2].__func__(0) == 1",
)
sample("getset", "made = type.__dict__['__name__'] if 0 else (lambda: 0).__class__.__dict__['__code__']",
       "loaded is types.FunctionType.__dict__['__code__']")  # fmt: skip
sample(
    "mappingproxy",
    "import types\nmade = types.MappingProxyType({'a': 1})",
    "loaded['a'] == 1 and type(loaded) is types.MappingProxyType",
)
sample("memoryview", "made = memoryview(bytearray(b'abc'))[1:]", "loaded == b'bc'")
sample("loggers", "import logging\nmade = [logging.getLogger('a.b'), logging.getLogger()]",
       "loaded == [logging.getLogger('a.b'), logging.getLogger()]")  # fmt: skip
sample(
    "weakset",
    "import weakref\nclass A: pass\nkeep = A()\nmade = [weakref.WeakSet([keep]), keep]",
    "list(loaded[0]) == [loaded[1]]",
)
sample(
    "dict_views",
    "from collections import OrderedDict\nd = {'a': 1, 'b': 2}\no = OrderedDict(d)\n"
    "made = [d.keys(), d.values(), d.items(), o.keys(), o.values(), o.items()]",
    "[type(v).__name__ for v in loaded] == ['dict_keys', 'dict_values', 'dict_items', 'odict_keys', 'odict_values', "
    "'odict_items'] and [list(v) for v in loaded] == [['a', 'b'], [1, 2], [('a', 1), ('b', 2)]] * 2",
)
sample(
    "file",
    "import os, tempfile\nfd, path = tempfile.mkstemp(text=True)\nos.write(fd, b'one\\ntwo\\n')\nos.close(fd)\n"
    "made = open(path)\nmade.readline()\nos.unlink(path)",
    "loaded.read() == 'two\\n' and loaded.getvalue() == 'one\\ntwo\\n' and isinstance(loaded.name, str)",
)
sample("standard_output", "import sys\nmade = sys.stderr", "loaded is sys.stderr")
sample(
    "mixture",
    "import collections\nclass A: pass\na = A()\na.f = lambda: a\na.d = collections.defaultdict(lambda: a)\nmade = [a, a.f, a.d, A]",
    "loaded[1]() is loaded[0] and loaded[2]['x'] is loaded[0] and type(loaded[0]) is loaded[3]",
)
