"""Metaclasses by reference and by value."""

import abc

from tests.corpus.case import Shelf

shelf = Shelf("metaclasses")


class Importable(type):
    def shout(cls):
        return cls.__name__.upper()


@shelf.case(lambda cls: cls.shout() == "LOCAL")
def importable():
    class Local(metaclass=Importable):
        pass

    return Local


def _local_meta():
    class Meta(type):
        def __new__(mcls, name, bases, space):
            space.setdefault("stamped", name)
            return super().__new__(mcls, name, bases, space)

        def shout(cls):
            return cls.__name__.upper()

        def __len__(cls):
            return 3

    return Meta


@shelf.case(lambda cls: cls.shout() == "LOCAL" and len(cls) == 3 and cls.stamped == "Local")
def local():
    class Local(metaclass=_local_meta()):
        pass

    return Local


@shelf.case(lambda obj: type(obj).shout() == "LOCAL")
def local_instance():
    class Local(metaclass=_local_meta()):
        pass

    return Local()


shelf.add(
    "the_metaclass",
    _local_meta,
    lambda meta: issubclass(meta, type) and meta("X", (), {}).shout() == "X",
)


@shelf.case(lambda cls: type(type(cls)).__name__ == "MetaMeta")
def metaclass_of_a_metaclass():
    class MetaMeta(type):
        pass

    class Meta(type, metaclass=MetaMeta):
        pass

    class Local(metaclass=Meta):
        pass

    return Local


@shelf.case(lambda cls: cls.x == 1)
def prepare():
    class Recorded(dict):
        pass

    class Meta(type):
        @classmethod
        def __prepare__(mcls, name, bases, **kwargs):
            return Recorded(prepared=True)

        def __new__(mcls, name, bases, space, **kwargs):
            return super().__new__(mcls, name, bases, dict(space))

    class Local(metaclass=Meta):
        x = 1

    return Local


@shelf.case(lambda cls: cls.option == "given")
def keyword_arguments():
    class Meta(type):
        def __new__(mcls, name, bases, space, option=None):
            cls = super().__new__(mcls, name, bases, space)
            if option is not None:
                cls.option = option
            return cls

        def __init__(cls, name, bases, space, option=None):
            super().__init__(name, bases, space)

    class Local(metaclass=Meta, option="given"):
        pass

    return Local


@shelf.case(lambda cls: cls.computed == 6 and type(cls).value == 6)
def attributes_of_the_metaclass():
    class Meta(type):
        value = 6

        @property
        def computed(cls):
            return cls.value

    class Local(metaclass=Meta):
        pass

    return Local


@shelf.case(lambda cls: cls() is cls())
def singleton():
    class Singleton(type):
        instances = {}

        def __call__(cls, *args):
            if cls not in cls.instances:
                cls.instances[cls] = super().__call__(*args)
            return cls.instances[cls]

    class Local(metaclass=Singleton):
        pass

    return Local


@shelf.case(lambda cls: {c.__name__ for c in cls.known} >= {"A", "B"})
def registry_of_classes():
    class Registry(type):
        known = []

        def __init__(cls, name, bases, space):
            super().__init__(name, bases, space)
            Registry.known.append(cls)

    class A(metaclass=Registry):
        pass

    class B(A):
        pass

    return A


@shelf.case(lambda cls: issubclass(type(cls), abc.ABCMeta) and cls.extra == 1)
def metaclass_of_abc_and_more():
    class Meta(abc.ABCMeta):
        @property
        def extra(cls):
            return 1

    class Local(metaclass=Meta):
        @abc.abstractmethod
        def f(self): ...

    return Local


@shelf.case(lambda cls: cls.__name__ == "Local" and type(cls).__eq__ is not type.__eq__)
def metaclass_with_eq_and_hash():
    # The class is looked up in dicts: its hash and eq are code of the user's.
    class Meta(type):
        def __eq__(cls, other):
            return cls is other

        def __hash__(cls):
            return 7

    class Local(metaclass=Meta):
        pass

    return Local


@shelf.case(raises=TypeError)
def metaclass_that_is_not_hashable():
    class Meta(type):
        def __eq__(cls, other):
            return cls is other

        __hash__ = None

    class Local(metaclass=Meta):
        pass

    return Local


@shelf.case(lambda cls: cls.__name__ == "Local")
def metaclass_with_getattribute():
    class Meta(type):
        def __getattribute__(cls, name):
            return super().__getattribute__(name)

    class Local(metaclass=Meta):
        x = 1

    return Local


@shelf.case(lambda cls: cls.__name__ == "Local")
def metaclass_with_reduce():
    # reducer_override comes before the metaclass's own __reduce__: it is never asked.
    class Meta(type):
        def __reduce__(cls):
            return str, ("reduced away",)

    class Local(metaclass=Meta):
        pass

    return Local


@shelf.case(lambda cls: cls.mro_was_changed == 1)
def mro_override():
    class Meta(type):
        mro_was_changed = 1

        def mro(cls):
            return super().mro()

    class Local(metaclass=Meta):
        pass

    return Local


@shelf.case(lambda cls: issubclass(int, cls) and isinstance("x", cls))
def subclass_hooks():
    class Meta(type):
        def __instancecheck__(cls, obj):
            return True

        def __subclasscheck__(cls, sub):
            return True

    class Anything(metaclass=Meta):
        pass

    return Anything
