"""Abstract base classes and who was registered with them."""

import abc
import collections.abc

from tests.corpus.case import Shelf

shelf = Shelf("abcs")


def _refuses_to_be_made(cls):
    try:
        cls()
    except TypeError:
        return True
    return False


@shelf.case(_refuses_to_be_made)
def abstract():
    class Shape(abc.ABC):
        @abc.abstractmethod
        def area(self): ...

    return Shape


@shelf.case(lambda obj: obj.area() == 4 and isinstance(obj, type(obj).__mro__[1]))
def concrete_instance():
    class Shape(abc.ABC):
        @abc.abstractmethod
        def area(self): ...

    class Square(Shape):
        def area(self):
            return 4

    return Square()


@shelf.case(lambda xs: issubclass(xs[1], xs[0]) and not issubclass(int, xs[0]))
def registered_local_class():
    class Shape(abc.ABC):
        pass

    class Round:
        pass

    Shape.register(Round)
    return [Shape, Round]


@shelf.case(lambda cls: issubclass(int, cls) and issubclass(bool, cls) and not issubclass(str, cls))
def registered_builtin():
    class Local(metaclass=abc.ABCMeta):
        pass

    Local.register(int)
    return Local


@shelf.case(lambda xs: isinstance(xs[1], xs[0]))
def registered_and_an_instance():
    class Shape(abc.ABC):
        pass

    @Shape.register
    class Round:
        pass

    return [Shape, Round()]


@shelf.case(lambda cls: not issubclass(str, cls))
def caches_filled():
    # The caches of isinstance don't travel, the registry does.
    class Local(abc.ABC):
        pass

    isinstance("x", Local)
    issubclass(int, Local)
    isinstance(Local, Local)
    return Local


@shelf.case(lambda cls: issubclass(dict, cls) and not issubclass(int, cls))
def subclass_hook():
    class Sized(abc.ABC):
        @classmethod
        def __subclasshook__(cls, sub):
            return hasattr(sub, "__len__")

    return Sized


@shelf.case(
    lambda obj: (
        dict(obj) == {"a": 1} and obj.get("b") is None and isinstance(obj, collections.abc.Mapping)
    )
)
def of_the_standard_library():
    class Local(collections.abc.Mapping):
        def __init__(self, data):
            self.data = data

        def __getitem__(self, key):
            return self.data[key]

        def __iter__(self):
            return iter(self.data)

        def __len__(self):
            return len(self.data)

    return Local({"a": 1})


@shelf.case(lambda cls: issubclass(cls.Registered, cls))
def registered_and_an_attribute():
    class Local(abc.ABC):
        pass

    class Registered:
        pass

    Local.register(Registered)
    Local.Registered = Registered
    return Local


@shelf.case(lambda xs: issubclass(xs[2], xs[0]) and issubclass(xs[2], xs[1]))
def registered_with_two():
    class A(abc.ABC):
        pass

    class B(A):
        pass

    class C:
        pass

    B.register(C)
    return [A, B, C]


@shelf.case(lambda cls: cls.f(cls.__new__(cls)) == "default")
def abstract_method_with_a_body():
    class Local(abc.ABC):
        @abc.abstractmethod
        def f(self):
            return "default"

    Local.__abstractmethods__ = frozenset()
    return Local


@shelf.case(lambda cls: issubclass(cls, cls) and cls.__abstractmethods__ == frozenset())
def registered_class_is_gone():
    # A dead weak reference leaves the registry by itself.
    import gc
    import weakref

    class Local(abc.ABC):
        pass

    def register():
        class Gone:
            pass

        Local.register(Gone)
        return weakref.ref(Gone)

    registered = register()
    # It is young, so the youngest generation is enough, unless a collection came before.
    gc.collect(0)
    if registered() is not None:
        gc.collect()
    assert registered() is None
    return Local
