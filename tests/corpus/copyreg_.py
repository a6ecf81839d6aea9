"""copyreg: the dispatch table and the extension registry."""

import contextlib
import copyreg

from tests.corpus.case import Shelf, refused_below_2

shelf = Shelf("copyreg_")


class Target:
    def __init__(self, x=0):
        self.x = x


class Child(Target):
    pass


def target_function():
    return "target"


def _reduce_target(obj):
    return Target, (obj.x + 100,)


@contextlib.contextmanager
def _reducer(cls=Target, reducer=_reduce_target):
    copyreg.pickle(cls, reducer)
    try:
        yield
    finally:
        copyreg.dispatch_table.pop(cls, None)


shelf.add("reducer", lambda: Target(1), lambda t: t.x == 101, setup=_reducer)
shelf.add("reducer_not_for_children", lambda: Child(1), lambda t: t.x == 1, setup=_reducer)
shelf.add("reducer_not_registered", lambda: Target(1), lambda t: t.x == 1)
# complex.__getnewargs__ gives its parts.
shelf.add(
    "reducer_for_complex_removed",
    lambda: [1 + 2j],
    setup=lambda: _without_complex(),
    raises=refused_below_2,
)


@contextlib.contextmanager
def _without_complex():
    kept = copyreg.dispatch_table.pop(complex)
    try:
        yield
    finally:
        copyreg.dispatch_table[complex] = kept


class Meta(type):
    pass


class WithMeta(metaclass=Meta):
    pass


def _reduce_class(cls):
    return str, (f"reduced {cls.__name__}",)


# reducer_override answers for importable classes with NotImplemented; then the table is asked.
shelf.add(
    "reducer_for_a_metaclass",
    lambda: WithMeta,
    lambda x: x == "reduced WithMeta",
    setup=lambda: _reducer(Meta, _reduce_class),
)
shelf.add(
    "reducer_for_functions_is_not_asked",
    lambda: [target_function, lambda: 1],
    lambda xs: xs[0] is target_function,
    setup=lambda: _reducer(type(target_function), _reduce_class),
)
shelf.add(
    "reducer_for_classes_is_not_asked", lambda: Target, setup=lambda: _reducer(type, _reduce_class)
)
shelf.add("reducer_for_list_is_not_asked", lambda: [1], setup=lambda: _reducer(list, _reduce_class))
shelf.add(
    "reducer_for_a_list_subclass",
    lambda: Listed([1]),
    lambda x: x == "reduced",
    setup=lambda: _reducer(Listed, lambda obj: (str, ("reduced",))),
)
shelf.add(
    "reducer_returning_a_string",
    lambda: NAMED,
    lambda x: x is NAMED,
    setup=lambda: _reducer(Child, lambda obj: "NAMED"),
)
shelf.add(
    "reducer_returning_nonsense",
    lambda: Target(),
    setup=lambda: _reducer(Target, lambda obj: 5),
    raises=Exception,
)
shelf.add(
    "reducer_raising",
    lambda: Target(),
    setup=lambda: _reducer(Target, lambda obj: 1 / 0),
    raises=ZeroDivisionError,
)
# cloudpickle's own table comes first in the ChainMap.
shelf.add(
    "reducer_for_property_is_hidden",
    lambda: property(len),
    lambda p: p.fget is len,
    setup=lambda: _reducer(property, _reduce_class),
)

NAMED = Child()


class Listed(list):
    pass


@contextlib.contextmanager
def _extension(name, code, module=__name__):
    copyreg.add_extension(module, name, code)
    try:
        yield
    finally:
        copyreg.remove_extension(module, name, code)


for _code in (1, 0x7F, 0xFF, 0x100, 0xFFFF, 0x10000, 0x7FFFFFFF):
    shelf.add(
        f"extension_function_{_code:#x}",
        lambda: target_function,
        setup=lambda code=_code: _extension("target_function", code),
    )
    shelf.add(
        f"extension_class_{_code:#x}",
        lambda: [Target, Target(5), Target],
        lambda xs: xs[0] is Target and xs[1].x == 5,
        setup=lambda code=_code: _extension("Target", code),
    )
# find_class takes dotted names from protocol 4 on.
shelf.add(
    "extension_nested",
    lambda: Outer.Inner,
    setup=lambda: _extension("Outer.Inner", 0xF0),
    unloadable=(2, 3),
)
shelf.add(
    "extension_of_a_builtin", lambda: [len, len], setup=lambda: _extension("len", 0xF1, "builtins")
)
shelf.add(
    "extension_of_a_singleton",
    lambda: NAMED,
    lambda x: x is not None,
    setup=lambda: _extension("NAMED", 0xF2),
)


class Outer:
    class Inner:
        pass


@contextlib.contextmanager
def _bad_extension(code):
    copyreg._extension_registry[(__name__, "target_function")] = code
    try:
        yield
    finally:
        del copyreg._extension_registry[(__name__, "target_function")]


for _code in (0, -1, 0x80000000, 1 << 70, "one", None, 1.0):
    shelf.add(
        f"extension_code_{_code!r}",
        lambda: target_function,
        setup=lambda code=_code: _bad_extension(code),
        raises=lambda protocol: Exception if protocol >= 2 else None,
    )
