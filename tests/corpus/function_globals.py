"""What a function takes along of its globals, and which functions share them."""

import concurrent.futures
import email.mime.text
import importlib.util
import logging.handlers
import os
import os.path
import types
import xml.etree.ElementTree

from tests.corpus.case import Shelf, from_source, namespace

shelf = Shelf("function_globals")

LIMIT = 10
TABLE = {"a": [1, 2, 3]}
TABLE["self"] = TABLE


def helper(x):
    """Importable, so by reference."""
    return x + 1


shelf.add("module_constant", lambda: lambda x: x + LIMIT, lambda f: f(1) == 11)
shelf.add("module_table", lambda: lambda: TABLE, lambda f: f()["self"]["a"] == [1, 2, 3])
shelf.add("importable_function", lambda: lambda x: helper(x) * 2, lambda f: f(1) == 4)
shelf.add("module", lambda: lambda: os.sep, lambda f: f() == os.sep)
shelf.add("builtins_only", lambda: lambda xs: len(sorted(xs)), lambda f: f([1, 2]) == 2)
shelf.add("name_that_does_not_exist", lambda: lambda: no_such_name, lambda f: callable(f))  # noqa: F821
shelf.add("in_a_nested_function", lambda: lambda: lambda: lambda: LIMIT, lambda f: f()()() == 10)
shelf.add(
    "in_a_comprehension", lambda: lambda: [LIMIT + i for i in range(2)], lambda f: f() == [10, 11]
)
shelf.add(
    "in_a_default_of_a_nested_function", lambda: lambda: lambda x=LIMIT: x, lambda f: f()() == 10
)


def _class_inside():
    class Inside:
        limit = LIMIT

        def get(self):
            return helper(self.limit)

    return Inside().get()


# A class body reads globals with LOAD_NAME, which cloudpickle does not look for.
shelf.add(
    "in_a_nested_class",
    lambda: types.FunctionType(_class_inside.__code__, _class_inside.__globals__, "copy"),
    lambda f: callable(f),
)

SHARED = """
counter = 0
items = []
def up():
    global counter
    counter += 1
    items.append(counter)
    return counter
def get():
    return counter, items
def both():
    return up(), get()
"""
shelf.add(
    "shared_by_two",
    lambda: (lambda n: [n["up"], n["get"]])(namespace(SHARED)),
    lambda fs: fs[0]() == 1 and fs[1]() == (1, [1]),
)
shelf.add(
    "shared_and_calling_each_other",
    lambda: namespace(SHARED)["both"],
    lambda f: f() == (1, (1, [1])),
)
shelf.add(
    "shared_as_dict",
    lambda: (lambda n: {"up": n["up"], "get": n["get"], "items": n["items"]})(namespace(SHARED)),
    lambda d: d["up"]() == 1 and d["items"] == [1] and d["get"]()[1] is d["items"],
)
shelf.add(
    "not_shared",
    lambda: [namespace(SHARED)["up"], namespace(SHARED)["get"]],
    lambda fs: fs[0]() == 1 and fs[1]() == (0, []),
)
shelf.add(
    "stored_and_deleted",
    from_source("g = 1\ndef result():\n    global g, h\n    h = g\n    del g\n    return h\n"),
    lambda f: f() == 1,
)
shelf.add(
    "stored_only",
    from_source("g = 1\ndef result():\n    global g\n    g = 2\n"),
    lambda f: f() is None and f.__globals__["g"] == 2,
)
shelf.add(
    "mutual_recursion",
    from_source(
        "def even(n):\n    return n == 0 or odd(n - 1)\ndef odd(n):\n    return n != 0 and even(n - 1)\nresult = even\n"
    ),
    lambda f: f(10) and not f(7),
)
shelf.add(
    "mutual_recursion_both",
    lambda: (lambda n: [n["even"], n["odd"]])(
        namespace(
            "def even(n):\n    return n == 0 or odd(n - 1)\ndef odd(n):\n    return n != 0 and even(n - 1)\n"
        )
    ),
    lambda fs: fs[0](4) and fs[0].__globals__["odd"] is fs[1],
)
shelf.add(
    "holds_the_globals",
    from_source("def result():\n    return here\nhere = globals()\n"),
    lambda f: f()["here"] is f(),
)
shelf.add(
    "order_of_first_use",
    from_source("a, b, c, d = 1, 2, 3, 4\ndef result():\n    return d, b, (lambda: c), a, b\n"),
    lambda f: f()[:2] == (4, 2),
)
shelf.add(
    "shadows_a_builtin",
    from_source("def len(x):\n    return 'mine'\ndef result():\n    return len([])\n"),
    lambda f: f() == "mine",
)

for _name, _module in (
    ("main", "__main__"),
    ("none", None),
    ("dotted", "a.b.c"),
    ("unicode", "módulo"),
    ("os", "os"),
):
    shelf.add(
        f"module_name_{_name}",
        from_source("x = 1\ndef result():\n    return x\n", name=_module),
        lambda f: f() == 1,
    )
for _extra in (
    {"__package__": "pkg"},
    {"__file__": "folder/f.py"},
    {"__path__": ["p"]},
    {"__package__": None, "__file__": "f", "__path__": []},
    {"__package__": "corpus_dynamic"},
):
    shelf.add(
        "base_globals_" + "_".join(sorted(k.strip("_") for k in _extra)) + str(len(shelf.cases)),
        from_source("x = 1\ndef result():\n    return x\n", **_extra),
        lambda f, extra=_extra: f() == 1 and all(f.__globals__[k] == v for k, v in extra.items()),
    )
# With none of the four names the base dict stays empty and is looked at again for the next function.
shelf.add(
    "base_globals_empty",
    lambda: (lambda n: [n["f"], n["g"]])(
        namespace("x = [1]\ndef f():\n    return x\ndef g():\n    return x\n", None)
    ),
    lambda fs: fs[0]() is fs[1](),
)
shelf.add(
    "uses_its_module_name",
    from_source("def result():\n    return __name__, __file__\n", __file__="f.py"),
    lambda f: f() == ("corpus_dynamic", "f.py"),
)


@shelf.case(lambda f: f() == "from the subclass")
def globals_of_a_dict_subclass():
    class Globals(dict):
        def __getitem__(self, key):
            return "from the subclass" if key == "x" else super().__getitem__(key)

    space = Globals(x="from the dict", __name__="corpus_dynamic")
    return types.FunctionType((lambda: x).__code__, space)  # noqa: F821


# Sub-modules that a function reaches through their package.
shelf.add(
    "submodule_concurrent_futures",
    lambda: lambda: concurrent.futures.ThreadPoolExecutor,
    lambda f: f().__name__ == "ThreadPoolExecutor",
)
shelf.add(
    "submodule_xml_etree",
    lambda: lambda text: xml.etree.ElementTree.fromstring(text).tag,
    lambda f: f("<a/>") == "a",
)
shelf.add(
    "submodule_os_path",
    lambda: lambda: os.path.join("a", "b"),
    lambda f: f() == os.path.join("a", "b"),
)
shelf.add(
    "submodule_importlib_util", lambda: lambda: importlib.util.find_spec, lambda f: callable(f())
)
shelf.add(
    "submodule_three_deep",
    lambda: lambda: email.mime.text.MIMEText,
    lambda f: f().__name__ == "MIMEText",
)
shelf.add(
    "submodule_handlers", lambda: lambda: logging.handlers.MemoryHandler, lambda f: callable(f())
)
shelf.add(
    "submodule_not_reached", lambda: lambda: concurrent, lambda f: f().__name__ == "concurrent"
)
# Only the names count, wherever in the code they stand.
shelf.add(
    "submodule_by_accident",
    lambda: lambda x: (concurrent, x.futures, x.thread),
    lambda f: callable(f),
)
shelf.add(
    "submodule_in_a_nested_function",
    lambda: lambda: lambda: concurrent.futures,
    lambda f: callable(f),
)
shelf.add(
    "submodules_of_two_packages",
    lambda: lambda: (concurrent.futures, xml.etree.ElementTree, os.path),
    lambda f: len(f()) == 3,
)


@shelf.case(lambda f: f().__name__ == "wait")
def submodule_through_a_closure():
    package = concurrent

    def inner():
        return package.futures.wait

    return inner


@shelf.case(lambda f: f().__name__ == "etree")
def module_that_is_not_a_package():
    import xml as x

    def inner():
        return type("etree", (), {"x": x, "o": os})

    return inner


@shelf.case(lambda f: f()[0] == 1)
def module_without_a_package_name():
    lone = types.ModuleType("corpus_lone")
    lone.value = 1
    del lone.__package__

    def inner():
        return lone.value, lone

    return inner
