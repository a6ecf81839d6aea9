"""The parts of a function's state, each in the shapes it can have."""

import types

from tests.corpus.case import Shelf, from_source

shelf = Shelf("function_state")


class Word(str):
    """A str subclass, for names that are not quite strings."""


def _function():
    def inner(x=1, *, y=2):
        """A docstring."""
        return x, y

    return inner


def _with(attribute, value, check=None, **options):
    def make():
        function = _function()
        setattr(function, attribute, value)
        return function

    name = f"{attribute.strip('_')}_{len(shelf.cases)}"
    shelf.add(name, make, check or (lambda f: getattr(f, attribute) == value), **options)


# "".join makes a new string of a name, except of one character or none.
_with("__name__", "renamed")
_with("__name__", "f")
_with("__name__", "")
_with("__name__", "é")
_with("__name__", "€")
_with("__name__", "na\u20acme")
_with("__name__", "sur\ud800rogate")
_with("__name__", Word("word"))
_with("__name__", Word("w"))
_with("__qualname__", "q")
_with("__qualname__", "Outer.inner")
_with("__qualname__", "Outer.<locals>.inner")
_with("__qualname__", Word("Outer.word"))
_with("__module__", None)
_with("__module__", "no_such_module")
_with("__module__", "__main__")
_with("__module__", "os")
_with("__module__", "os.path")
_with("__module__", 42)
_with("__module__", "")
_with("__doc__", None)
_with("__doc__", "")
_with("__doc__", "another")
_with("__doc__", ["not", "a", "string"])
_with("__defaults__", None)
_with("__defaults__", ())
_with("__defaults__", (10,))
_with("__kwdefaults__", None)
_with("__kwdefaults__", {})
_with("__kwdefaults__", {"y": 20})
_with("__annotations__", {})
_with("__annotations__", {"x": "int", "return": None})
_with("extra", 7)
_with("é", 7)
_with("a", "a")
_with("__wrapped__", len)


@shelf.case(lambda f: f.__dict__ == {"first": 1, "a": 2, "third": [3]})
def attributes_in_order():
    function = _function()
    function.first, function.a, function.third = 1, 2, [3]
    return function


@shelf.case(lambda f: f.me is f and f.mine == [f])
def attribute_is_the_function():
    function = _function()
    function.me, function.mine = function, [function]
    return function


@shelf.case(lambda f: f.__dict__ == {"ab": 1, "": 2})
def attribute_names_that_join():
    # A key only has to be an iterable of strings for "".join.
    function = _function()
    function.__dict__[("a", "b")] = 1
    function.__dict__[""] = 2
    return function


@shelf.case(raises=TypeError)
def attribute_name_is_an_int():
    function = _function()
    function.__dict__[1] = 2
    return function


@shelf.case(raises=TypeError)
def attribute_name_is_bytes():
    function = _function()
    function.__dict__[b"ab"] = 2
    return function


@shelf.case(lambda f: f()[0] is f)
def default_is_the_function():
    def inner(x=None):
        return x

    inner.__defaults__ = ([inner],)
    return inner


@shelf.case(lambda f: f.__kwdefaults__["y"]["f"] is f)
def kwdefault_holds_the_function():
    function = _function()
    function.__kwdefaults__ = {"y": {"f": function}}
    return function


@shelf.case(lambda f: f.__annotations__["x"][0] is f)
def annotation_holds_the_function():
    function = _function()
    function.__annotations__["x"] = [function]
    return function


@shelf.case(lambda f: f() == (1, 2) and f.__name__ == "other")
def names_apart_from_code():
    function = _function()
    function.__code__ = function.__code__.replace(co_name="in_code")
    function.__name__ = "other"
    return function


@shelf.case(lambda f: f() == 1)
def code_name_of_one_character():
    return from_source("def f():\n    return 1\n", "f")()


@shelf.case(lambda fs: fs[0]() == 1 and fs[1]() == 1 and fs[0].__code__ is fs[1].__code__)
def two_functions_of_one_code():
    code = (lambda: 1).__code__
    return [types.FunctionType(code, {}, "one"), types.FunctionType(code, {"__name__": "m"}, "two")]


@shelf.case(lambda f: f() == 5)
def code_replaced_later():
    function = _function()
    function.__code__ = (lambda: 5).__code__
    function.__defaults__ = None
    function.__kwdefaults__ = None
    return function


@shelf.case(lambda f: f.__doc__ == "A docstring." and f.doc == "A docstring.")
def doc_shared_with_a_constant():
    function = _function()
    function.doc = function.__doc__
    return function


@shelf.case(lambda f: f.__name__ == f.name == "inner")
def name_shared_with_an_attribute():
    function = _function()
    function.name = function.__name__
    function.also = function.__code__.co_name
    return function


@shelf.case(lambda f: f.inner == "inner" and f.self_name == "inner")
def attribute_key_equals_the_name():
    function = _function()
    function.inner = "inner"
    function.self_name = function.__qualname__.rsplit(".")[-1]
    return function


@shelf.case(raises=AttributeError)
def state_that_cannot_be_pickled():
    # The failure comes from deep inside, after a lot was written.
    class Refuses:
        def __reduce__(self):
            raise AttributeError("refused")

    function = _function()
    function.deep = {"list": [Refuses()]}
    return function


@shelf.case(lambda f: f() == 1)
def filename_is_kept_from_code():
    return from_source("def result():\n    return 1\n")()


@shelf.case(lambda f: f.__type_params__ in ((), (1, 2)), min_python=(3, 12))
def type_params_of_another_kind():
    # cloudpickle 3.1.2 leaves __type_params__ behind; only a dump that isn't strict has them.
    function = _function()
    function.__type_params__ = (1, 2)
    return function
