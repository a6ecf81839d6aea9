"""Ways for a class to come into being, and what its bases may be."""

import collections
import sys
import types

from tests.corpus.case import Shelf

shelf = Shelf("class_creation")

shelf.add("type_call", lambda: type("Made", (), {}), lambda cls: cls.__name__ == "Made")
shelf.add(
    "type_call_with_attributes",
    lambda: type("Made", (dict,), {"x": 1, "f": lambda self: 2}),
    lambda cls: cls(a=1).f() == 2,
)
shelf.add(
    "type_call_own_module",
    lambda: type("Made", (), {"__module__": "somewhere"}),
    lambda cls: cls.__module__ == "somewhere",
)
shelf.add(
    "type_call_module_not_a_string",
    lambda: type("Made", (), {"__module__": 5}),
    lambda cls: cls.__module__ == 5,
)
shelf.add(
    "new_class",
    lambda: types.new_class("Made", (list,), {}, lambda ns: ns.update(y=1)),
    lambda cls: cls.y == 1,
)


shelf.add(
    "module_from_builtins",
    lambda: type("Made", (), {"__module__": "builtins"}),
    lambda cls: cls.__name__ == "Made",
)
shelf.add(
    "name_of_a_builtin",
    lambda: type("int", (), {"__module__": "builtins"}),
    lambda cls: cls is not int and cls.__name__ == "int",
)


@shelf.case(lambda cls: cls.seen == {"flag": True} and cls.__mro__[1].registry == [])
def init_subclass_with_arguments():
    # Keyword arguments are not kept: loading calls __init_subclass__ without them.
    class Base:
        registry = []

        def __init_subclass__(cls, flag=None, **rest):
            super().__init_subclass__(**rest)
            if flag is not None:
                cls.seen = {"flag": flag}

    class Child(Base, flag=True):
        pass

    return Child


@shelf.case(lambda cls: cls.log == ["Child"])
def init_subclass_runs_again():
    class Base:
        log = []

        def __init_subclass__(cls, **rest):
            super().__init_subclass__(**rest)
            cls.log = [cls.__name__]

    class Child(Base):
        pass

    return Child


@shelf.case(lambda cls: cls.field.name == "field")
def set_name():
    class Named:
        def __set_name__(self, owner, name):
            self.name = name

    class Local:
        field = Named()

    return Local


@shelf.case(lambda cls: issubclass(cls, dict) and cls(a=1).total() == 1)
def base_is_dict():
    class Local(dict):
        def total(self):
            return sum(self.values())

    return Local


@shelf.case(lambda cls: issubclass(cls, BaseException))
def base_is_exception():
    class Local(RuntimeError, LookupError):
        pass

    return Local


@shelf.case(lambda cls: cls.__mro__[1] is collections.OrderedDict)
def base_is_importable():
    class Local(collections.OrderedDict):
        pass

    return Local


@shelf.case(lambda cls: cls.inherited == 1)
def attribute_that_is_the_base_class_one():
    # What is the very object of the base is left out by stock (_extract_class_dict).
    class Base:
        inherited = 1

    class Child(Base):
        inherited = 1

    return Child


@shelf.case(lambda cls: cls.f is cls.__mro__[2].f or callable(cls.f))
def attribute_of_one_of_several_bases():
    class A:
        def f(self):
            return "A"

    class B:
        def f(self):
            return "B"

    class C(A, B):
        f = B.f
        g = A.f

    return C


@shelf.case(lambda cls: "f" not in vars(cls) or cls().f() == "A")
def inherited_dicts_are_updated_in_reverse():
    class A:
        def f(self):
            return "A"

    class B:
        def f(self):
            return "B"

    class C(A, B):
        f = A.f

    return C


@shelf.case(lambda cls: cls.__doc__ is None and cls.__base__.__doc__ is None)
def doc_none_in_base_and_child():
    class A:
        pass

    class B(A):
        pass

    return B


@shelf.case(lambda cls: cls().x == 5)
def mro_entries_of_an_instance():
    class Real:
        x = 5

    class Stand:
        def __mro_entries__(self, bases):
            return (Real,)

    class Local(Stand()):
        pass

    return Local


@shelf.case(lambda cls: cls.a == cls.b == 1 and len(vars(cls)) > 500)
def five_hundred_attributes():
    return type("Wide", (), {f"a{i}": i for i in range(500)} | {"a": 1, "b": 1})


@shelf.case(lambda cls: len(cls.__mro__) == 52)
def fifty_bases_deep():
    cls = object
    for i in range(51):
        cls = type(f"Level{i}", (cls,), {"level": i})
    return cls


@shelf.case(lambda cls: len(cls.__bases__) == 30)
def thirty_bases_wide():
    return type("Wide", tuple(type(f"B{i}", (), {f"b{i}": i}) for i in range(30)), {})


@shelf.case(lambda cls: cls.__match_args__ == ("a", "b"))
def match_args():
    class Local:
        __match_args__ = ("a", "b")

    return Local


@shelf.case(lambda cls: cls[int] == (cls, int))
def class_getitem():
    class Local:
        def __class_getitem__(cls, item):
            return cls, item

    return Local


# cloudpickle 3.1.2 leaves annotations that nobody has read behind on 3.14.
@shelf.case(
    lambda cls: (
        cls.x == 1
        and (sys.version_info >= (3, 14) or cls.__annotations__ == {"x": int, "y": "str"})
    )
)
def annotations():
    class Local:
        x: int = 1
        y: "str"

    return Local


@shelf.case(lambda cls: cls.__annotations__ == {"x": int})
def annotations_read_before():
    class Local:
        x: int

    Local.__annotations__
    return Local


@shelf.case(lambda cls: cls.x == 1 and "__dict__" in dir(cls))
def dict_is_a_property():
    # type_kwargs carries a property called __dict__ along.
    class Local:
        x = 1

        @property
        def __dict__(self):
            return {"made": "up"}

    return Local


@shelf.case(lambda obj: type(obj).__name__ == "B")
def class_of_an_instance_changed():
    class A:
        pass

    class B:
        pass

    obj = A()
    obj.__class__ = B
    return obj


@shelf.case(lambda cls: cls.__bases__[0].__name__ == "B")
def bases_changed():
    class A:
        pass

    class B:
        pass

    class C(A):
        pass

    C.__bases__ = (B,)
    return C
