"""What can stand in a class: properties, class and static methods, descriptors."""

import abc
import functools
import operator
import sys

from tests.corpus.case import Either, Shelf

shelf = Shelf("class_members")


@shelf.case(lambda obj: obj.doubled == 4 and type(obj).doubled.__doc__ == "Twice.")
def property_getter():
    class Local:
        value = 2

        @property
        def doubled(self):
            """Twice."""
            return self.value * 2

    return Local()


def _check_setter(obj):
    obj.celsius = 100
    assert obj.fahrenheit == 212
    del obj.celsius
    return not hasattr(obj, "kelvin")


@shelf.case(_check_setter)
def property_with_setter_and_deleter():
    class Temperature:
        @property
        def celsius(self):
            return self.kelvin - 273

        @celsius.setter
        def celsius(self, value):
            self.kelvin = value + 273

        @celsius.deleter
        def celsius(self):
            del self.kelvin

        @property
        def fahrenheit(self):
            return self.celsius * 9 // 5 + 32

    return Temperature()


shelf.add(
    "property_alone",
    lambda: property(lambda self: 1, None, None, "doc"),
    lambda p: p.fget(None) == 1 and p.__doc__ == "doc",
)
shelf.add("property_empty", lambda: property(), lambda p: p.fget is None)
shelf.add(
    "property_of_a_builtin",
    lambda: property(operator.attrgetter("x")),
    lambda p: p.fget is not None,
)
shelf.add("static_method_alone", lambda: staticmethod(lambda: 1), lambda s: s.__func__() == 1)
shelf.add("static_method_of_a_builtin", lambda: staticmethod(len), lambda s: s.__func__ is len)
shelf.add("class_method_alone", lambda: classmethod(lambda cls: cls), lambda c: c.__func__(3) == 3)
shelf.add("class_method_of_a_builtin", lambda: classmethod(len), lambda c: c.__func__ is len)


@shelf.case(
    lambda cls: cls.static(1) == 1 and cls().static(2) == 2 and cls.klass() == (cls, cls.__name__)
)
def static_and_class_method():
    class Local:
        @staticmethod
        def static(x):
            return x

        @classmethod
        def klass(cls):
            return cls, cls.__name__

    return Local


shelf.add(
    "bound_class_method",
    lambda: static_and_class_method().klass,
    lambda method: method()[1] == "Local",
)
shelf.add("static_method_of_class", lambda: static_and_class_method().static, lambda f: f(3) == 3)


@shelf.case(lambda cls: cls.name() == "Local")
def class_method_over_a_property():
    class Local:
        @classmethod
        @functools.wraps(len)
        def name(cls):
            return cls.__name__

    return Local


# Only the function travels; attributes of the static method itself stay behind.
@shelf.case(lambda s: s.__func__(1) == 1 and not hasattr(s, "note"))
def static_method_with_attributes():
    method = staticmethod(lambda x: x)
    method.note = "on the static method"
    return method


@shelf.case(lambda obj: obj.anything == "got anything" and "x" not in obj.__dict__)
def descriptor():
    class Getter:
        def __init__(self, name):
            self.name = name

        def __get__(self, obj, owner=None):
            return f"got {self.name}"

        def __set__(self, obj, value):
            raise AttributeError("read-only")

    class Local:
        anything = Getter("anything")

    return Local()


def _cached_property_class():
    class Local:
        @functools.cached_property
        def slow(self):
            return 9

    return Local


# A cached_property holds a lock until 3.12, which can't be pickled.
shelf.add(
    "cached_property", _cached_property_class, lambda cls: cls().slow == 9, min_python=(3, 12)
)
shelf.add(
    "cached_property_with_its_lock",
    _cached_property_class,
    max_python=(3, 11),
    raises=lambda protocol: TypeError if protocol >= 2 else Either,
)


# On 3.14 the class has a __new__ that copyreg.__newobj__ calls without arguments.
@shelf.case(
    lambda obj: obj.partial(3) == (obj, 1, 3) and obj.added(4) == 6,
    unloadable=(2, 3, 4, 5) if sys.version_info >= (3, 14) else (),
    better=True,
)
def partial_method():
    class Local:
        def pair(self, a, b):
            return self, a, b

        partial = functools.partialmethod(pair, 1)
        added = functools.partialmethod(lambda self, a, b: a + b, 2)

    return Local()


# singledispatch keeps weak references to the types it met, which can't be pickled.
@shelf.case(raises=lambda protocol: TypeError if protocol >= 2 else Either)
def single_dispatch_method():
    class Local:
        @functools.singledispatchmethod
        def kind(self, x):
            return "other"

        @kind.register(int)
        def _(self, x):
            return "int"

        @kind.register(str)
        def _(self, x):
            return "str"

    return Local()


@shelf.case(lambda cls: cls.f.__isabstractmethod__ and cls.g.__isabstractmethod__)
def abstract_of_every_kind():
    class Local(abc.ABC):
        @abc.abstractmethod
        def e(self): ...

        @property
        @abc.abstractmethod
        def f(self): ...

        @staticmethod
        @abc.abstractmethod
        def g(): ...

        @classmethod
        @abc.abstractmethod
        def h(cls): ...

    return Local


@shelf.case(
    lambda objs: (
        [type(o).__name__ for o in objs[:2]] == ["abstractclassmethod", "abstractstaticmethod"]
        and isinstance(objs[2], property)  # stock makes just that of an abstractproperty
    )
)
def abstract_decorators_of_old():
    return [
        abc.abstractclassmethod(lambda cls: 1),
        abc.abstractstaticmethod(lambda: 2),
        abc.abstractproperty(lambda self: 3),
    ]


@shelf.case(lambda cls: cls().total(1, 2) == 3)
def total_ordering_and_wraps():
    @functools.total_ordering
    class Local:
        def __eq__(self, other):
            return True

        def __lt__(self, other):
            return False

        @functools.wraps(max)
        def total(self, a, b):
            return a + b

    return Local


@shelf.case(lambda d: d.__name__ == "__weakref__")
def getset_descriptor_of_a_local_class():
    # The __dict__ and __weakref__ getsets of a class made here: getattr(cls, name).
    class Local:
        pass

    return Local.__dict__["__weakref__"]


@shelf.case(lambda p: p["a"] == 1)
def getset_descriptor_dict():
    # getattr(cls, "__dict__") gives the mapping proxy, not the descriptor: loads, wrong kind, as upstream.
    class Local:
        a = 1

    return Local.__dict__["__dict__"]
