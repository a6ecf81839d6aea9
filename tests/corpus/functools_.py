"""functools and operator objects."""

import functools
import operator
import sys

from tests.corpus.case import Either, Shelf

shelf = Shelf("functools_")

shelf.add(
    "partial_of_a_lambda",
    lambda: functools.partial(lambda a, b, c=0: (a, b, c), 1, c=3),
    lambda p: p(2) == (1, 2, 3),
)
shelf.add("partial_of_a_builtin", lambda: functools.partial(int, base=2), lambda p: p("101") == 5)
shelf.add(
    "partial_nested",
    lambda: functools.partial(functools.partial(lambda *a: a, 1), 2),
    lambda p: p(3) == (1, 2, 3),
)
shelf.add(
    "partial_with_attributes",
    lambda: (lambda p: (setattr(p, "note", "n"), p)[1])(functools.partial(len)),
    lambda p: p.note == "n" and p("ab") == 2,
)
shelf.add("partial_of_itself", lambda: _partial_of_itself(), lambda p: p.args[0][0] is p)
shelf.add(
    "partial_method",
    lambda: functools.partialmethod(lambda self, x: x, 1),
    lambda p: p.args == (1,),
    unloadable=(2, 3, 4, 5) if sys.version_info >= (3, 14) else (),
    better=True,
)


def _partial_of_itself():
    holder = []
    p = functools.partial(len, holder)
    holder.append(p)
    return p


class SubPartial(functools.partial):
    pass


shelf.add(
    "partial_subclass", lambda: SubPartial(len), lambda p: type(p) is SubPartial and p("ab") == 2
)


@functools.lru_cache(maxsize=None)
def importable_cached(x):
    return x * 2


@functools.singledispatch
def importable_dispatch(x):
    return "other"


@importable_dispatch.register(int)
def _(x):
    return "int"


shelf.add("lru_cache_importable", lambda: importable_cached, lambda f: f is importable_cached)
shelf.add(
    "lru_cache_of_a_local_function", lambda: functools.lru_cache(lambda x: x), raises=Exception
)
shelf.add("cache_of_a_local_function", lambda: functools.cache(lambda x: x), raises=Exception)
shelf.add(
    "uses_an_importable_cache", lambda: lambda x: importable_cached(x) + 1, lambda f: f(2) == 5
)
shelf.add(
    "single_dispatch_importable",
    lambda: importable_dispatch,
    lambda f: f(1) == "int" and f("") == "other",
)


def _local_dispatch():
    @functools.singledispatch
    def kind(x):
        return "other"

    @kind.register
    def _(x: int):
        return "int"

    return kind


# Its closure holds a WeakKeyDictionary, which holds weak references.
shelf.add("single_dispatch_local", _local_dispatch, raises=Exception)
shelf.add(
    "cmp_to_key",
    lambda: functools.cmp_to_key(lambda a, b: b - a),
    raises=lambda protocol: TypeError if protocol >= 2 else Either,
)
shelf.add(
    "cmp_to_key_result",
    lambda: functools.cmp_to_key(lambda a, b: b - a)(1),
    raises=lambda protocol: TypeError if protocol >= 2 else Either,
)
shelf.add(
    "wraps_alone",
    lambda: functools.wraps(len)(lambda x: x),
    lambda f: f.__wrapped__ is len and f(3) == 3,
)
shelf.add(
    "reduce", lambda: lambda xs: functools.reduce(operator.mul, xs, 1), lambda f: f([2, 3]) == 6
)
shelf.add("item_getter", lambda: operator.itemgetter(1, "a"), lambda g: g({1: 2, "a": 3}) == (2, 3))
shelf.add(
    "attr_getter",
    lambda: operator.attrgetter("a.b"),
    lambda g: repr(g) == repr(operator.attrgetter("a.b")),
)
shelf.add(
    "method_caller", lambda: operator.methodcaller("join", ["a", "b"]), lambda m: m("-") == "a-b"
)
shelf.add(
    "method_caller_with_keywords",
    lambda: operator.methodcaller("split", sep=",", maxsplit=1),
    lambda m: m("a,b,c") == ["a", "b,c"],
)
