"""Functions and classes that an import finds again, and the ones that only look so."""

import collections
import contextlib
import functools
import json
import json.decoder
import operator
import os.path
import sys
import types
import urllib.parse

from tests.corpus.case import Shelf

shelf = Shelf("by_reference")


class Outer:
    """Nested names: STACK_GLOBAL with dots, or getattr before protocol 4."""

    class Middle:
        class Inner:
            def method(self):
                return "inner"

            @staticmethod
            def static():
                return "static"

            @classmethod
            def klass(cls):
                return cls

    def method(self):
        return "outer"


def function():
    """Importable."""


function.attribute = "does not travel"

ALIAS = function
RENAMED = types.FunctionType(function.__code__, globals(), "other_name")
LAMBDA = lambda: 1

shelf.values(
    [
        ("function", function),
        ("function_under_another_name", ALIAS),
        ("class", Outer),
        ("class_nested", Outer.Middle),
        ("class_nested_twice", Outer.Middle.Inner),
        ("method", Outer.method),
        ("method_nested", Outer.Middle.Inner.method),
        ("static_method_nested", Outer.Middle.Inner.static),
        ("stdlib_function", json.dumps),
        ("stdlib_class", json.decoder.JSONDecoder),
        ("stdlib_function_of_another_module", os.path.join),
        ("stdlib_builtin_in_c", operator.itemgetter),
        ("stdlib_partial", functools.partial),
        ("stdlib_reexported", collections.OrderedDict),
        ("stdlib_abc", collections.abc.Mapping),
        # Python 2 knew these by other names (fix_imports, protocols 0 to 2).
        ("moved_since_python_2_urllib", urllib.parse.quote),
        ("moved_since_python_2_range", range),
        ("moved_since_python_2_str", [str, bytes, int, map, zip, filter, input, chr]),
        ("moved_since_python_2_reduce", functools.reduce),
        (
            "moved_since_python_2_user_dict",
            [collections.UserDict, collections.UserList, collections.UserString],
        ),
        ("moved_since_python_2_intern", sys.intern),
        ("moved_since_python_2_exceptions", [Exception, ImportError, OSError, StopIteration]),
        ("several_of_one_module", [function, Outer, Outer.method, function]),
    ]
)
shelf.add(
    "bound_class_method",
    lambda: Outer.Middle.Inner.klass,
    lambda method: method() is Outer.Middle.Inner,
)
shelf.add("instance", lambda: Outer(), lambda obj: type(obj) is Outer)
shelf.add(
    "instances_nested",
    lambda: [Outer.Middle(), Outer.Middle.Inner()],
    lambda xs: type(xs[1]) is Outer.Middle.Inner,
)
shelf.add("bound_method", lambda: Outer().method, lambda method: method() == "outer")
shelf.add(
    "bound_method_shared",
    lambda: (lambda m: [m, m, m.__self__])(Outer().method),
    lambda ms: ms[0] is ms[1] and ms[0].__self__ is ms[2],
)
# The name finds nothing, or something else: by value.
shelf.add("lambda_of_a_module", lambda: LAMBDA, lambda f: f() == 1 and f is not LAMBDA)
shelf.add("wrong_name", lambda: RENAMED, lambda f: f() is None and f.__name__ == "other_name")


@contextlib.contextmanager
def _module(name, **attributes):
    """A module in sys.modules for as long as the object is dumped and looked at."""
    module = types.ModuleType(name)
    vars(module).update(attributes)
    sys.modules[name] = module
    try:
        yield module
    finally:
        sys.modules.pop(name, None)


def _planted():
    return 5


@shelf.case(lambda f: f() == 5, setup=lambda: _module("corpus_planted", planted=_planted))
def function_of_a_planted_module():
    copy = types.FunctionType(_planted.__code__, {"__name__": "corpus_planted"}, "planted")
    copy.__qualname__, copy.__module__ = "planted", "corpus_planted"
    sys.modules["corpus_planted"].planted = copy
    return copy


@shelf.case(lambda f: f() == 5, setup=lambda: _module("corpus_planted", planted=None))
def function_hidden_by_another():
    copy = types.FunctionType(_planted.__code__, {"__name__": "corpus_planted"}, "planted")
    copy.__qualname__, copy.__module__ = "planted", "corpus_planted"
    return copy


@shelf.case(lambda f: f() == 5, setup=lambda: _module("corpus_planted", planted_somewhere=_planted))
def function_without_a_module_found_by_search():
    # __module__ of None: every module is searched for the same object under that name.
    copy = types.FunctionType(_planted.__code__, {}, "planted_somewhere")
    copy.__module__ = None
    copy.__qualname__ = "planted_somewhere"
    sys.modules["corpus_planted"].planted_somewhere = copy
    return copy


def function_without_a_module():
    copy = types.FunctionType(_planted.__code__, {}, "planted_nowhere")
    copy.__module__ = None
    return copy


shelf.add("function_without_a_module", function_without_a_module, lambda f: f() == 5)


class _Explosive(types.ModuleType):
    """A module that raises when anybody looks inside."""

    def __getattr__(self, name):
        raise RuntimeError("do not look")


@contextlib.contextmanager
def _awkward_modules():
    added = {
        "corpus_none": None,
        "corpus_not_a_module": object(),
        "corpus_explosive": _Explosive("corpus_explosive"),
    }
    sys.modules.update(added)
    try:
        yield
    finally:
        for name in added:
            sys.modules.pop(name, None)


shelf.add(
    "function_searched_among_awkward_modules",
    function_without_a_module,
    lambda f: f() == 5,
    setup=_awkward_modules,
)


@shelf.case(lambda f: f() == 5, setup=_awkward_modules)
def function_of_an_awkward_module():
    copy = types.FunctionType(_planted.__code__, {"__name__": "corpus_not_a_module"}, "planted")
    copy.__module__ = "corpus_not_a_module"
    return copy


@shelf.case(setup=_awkward_modules, raises=RuntimeError)
def function_of_an_exploding_module():
    copy = types.FunctionType(_planted.__code__, {"__name__": "corpus_explosive"}, "planted")
    copy.__qualname__ = "planted"
    copy.__module__ = "corpus_explosive"
    return copy


@shelf.case(lambda f: f() == 5, setup=_awkward_modules)
def function_of_a_module_that_is_none():
    copy = types.FunctionType(_planted.__code__, {"__name__": "corpus_none"}, "planted")
    copy.__module__ = "corpus_none"
    return copy


def _qualname(qualname):
    def make():
        copy = types.FunctionType(_planted.__code__, globals(), "copy")
        copy.__qualname__ = qualname
        return copy

    return make


for _qualified in (
    "Outer.method",
    "Outer.Middle.nothing",
    "Outer..method",
    ".",
    "",
    "<lambda>",
    "a.<locals>.b",
    "Outer.<locals>",
    "__dict__",
):
    shelf.add(f"qualname_{_qualified}", _qualname(_qualified), lambda f: f() == 5)


class ByDescriptor:
    """A class attribute that gives another object at each look."""

    @property
    def prop(self):
        return 1

    fresh = classmethod(lambda cls: 5)


shelf.add("method_by_descriptor", lambda: ByDescriptor.fresh, lambda method: method() == 5)


class WithModule:
    __module__ = "no_such_module"


shelf.add(
    "class_of_a_missing_module", lambda: WithModule, lambda cls: cls.__module__ == "no_such_module"
)


class Meta(type):
    """Instances of a metaclass are found by name like any class."""


class WithMeta(metaclass=Meta):
    pass


shelf.values([("metaclass", Meta), ("class_with_metaclass", WithMeta)])


class Ünïcode:
    """Protocols below 3 can't write this name."""


shelf.add(
    "name_not_ascii",
    lambda: Ünïcode,
    lambda cls: cls is Ünïcode,
    raises=lambda protocol: Exception if protocol < 3 else None,
)


class Singleton:
    """__reduce__ returning a string is a global's name."""

    def __reduce__(self):
        return "SINGLETON"


SINGLETON = Singleton()
shelf.add(
    "reduce_to_a_string",
    lambda: [SINGLETON, SINGLETON],
    lambda xs: xs[0] is SINGLETON and xs[1] is SINGLETON,
)
