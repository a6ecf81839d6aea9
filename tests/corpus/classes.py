"""Classes by value, and their instances."""

import types

from tests.corpus.case import Shelf, from_source, namespace

shelf = Shelf("classes")


@shelf.case(lambda cls: cls.__name__ == "Empty" and cls.__doc__ is None)
def empty():
    class Empty:
        pass

    return Empty


@shelf.case(lambda obj: type(obj).__name__ == "Empty" and obj.__dict__ == {})
def empty_instance():
    class Empty:
        pass

    return Empty()


def _five_methods():
    class Account:
        """An account."""

        currency = "EUR"

        def __init__(self, balance=0):
            self.balance = balance

        def deposit(self, amount):
            self.balance += amount
            return self

        def withdraw(self, amount):
            return self.deposit(-amount)

        def __repr__(self):
            return f"Account({self.balance} {self.currency})"

        def __eq__(self, other):
            return type(self) is type(other) and self.balance == other.balance

    return Account


shelf.add(
    "five_methods",
    _five_methods,
    lambda cls: (
        repr(cls(5).deposit(2).withdraw(1)) == "Account(6 EUR)"
        and cls.__doc__ == "An account."
        and cls.__hash__ is None
    ),
)
shelf.add(
    "instance",
    lambda: _five_methods()(7),
    lambda obj: repr(obj) == "Account(7 EUR)" and obj == type(obj)(7),
)
shelf.add(
    "instances_of_one_class",
    lambda: (lambda cls: [cls(1), cls(2), cls])(_five_methods()),
    lambda xs: type(xs[0]) is type(xs[1]) is xs[2],
)
shelf.add(
    "class_twice", lambda: (lambda cls: [cls, cls])(_five_methods()), lambda xs: xs[0] is xs[1]
)
shelf.add("bound_method", lambda: _five_methods()(1).deposit, lambda method: method(4).balance == 5)
shelf.add(
    "unbound_method",
    lambda: _five_methods().deposit,
    lambda f: f.__qualname__.endswith("Account.deposit"),
)
shelf.add(
    "bound_method_of_a_shared_object",
    lambda: (lambda obj: [obj, obj.deposit, obj.withdraw])(_five_methods()(1)),
    lambda xs: xs[1](4) is xs[0] and xs[2](1).balance == 4,
)
shelf.add(
    "two_classes_alike", lambda: [_five_methods(), _five_methods()], lambda xs: xs[0] is not xs[1]
)


@shelf.case(lambda obj: obj.score() == 42 and type(obj).note == "late")
def changed_after_creation():
    class DynamicAgent:
        pass

    agent = DynamicAgent()

    def compute_score(self):
        return 42

    DynamicAgent.score = compute_score
    DynamicAgent.note = "late"
    return agent


@shelf.case(lambda obj: not hasattr(obj, "gone") and obj.kept == 1)
def attribute_deleted():
    class Local:
        gone, kept = 0, 1

    del Local.gone
    return Local()


@shelf.case(lambda obj: obj.name() == "child of parent")
def inheritance():
    class Parent:
        def name(self):
            return "parent"

    class Child(Parent):
        def name(self):
            return f"child of {super().name()}"

    return Child()


@shelf.case(lambda obj: obj.order() == "DBCA")
def diamond_with_super():
    class A:
        def order(self):
            return "A"

    class B(A):
        def order(self):
            return "B" + super().order()

    class C(A):
        def order(self):
            return "C" + super().order()

    class D(B, C):
        def order(self):
            return "D" + super().order()

    return D()


@shelf.case(lambda obj: obj.me() is type(obj))
def class_cell():
    class Local:
        def me(self):
            return __class__

    return Local()


@shelf.case(lambda cls: cls().value() == 3 and cls.value.__closure__[0].cell_contents is cls)
def class_cell_and_another_free_variable():
    three = 3

    class Local:
        def value(self):
            assert type(self) is __class__
            return three

    return Local


@shelf.case(lambda cls: cls.me is cls and cls.mine == [cls])
def attribute_is_the_class():
    class Local:
        pass

    Local.me, Local.mine = Local, [Local]
    return Local


@shelf.case(lambda cls: isinstance(cls.default, cls))
def attribute_is_an_instance():
    class Local:
        pass

    Local.default = Local()
    return Local


@shelf.case(lambda cls: cls.make().make() is not None and cls.make.__closure__ is not None)
def static_method_naming_its_class():
    class Local:
        @staticmethod
        def make():
            return Local()

    return Local


@shelf.case(lambda cls: cls.Inner.Innermost().get() == "deep")
def nested_classes():
    class Outer:
        class Inner:
            class Innermost:
                def get(self):
                    return "deep"

    return Outer


@shelf.case(
    lambda obj: (obj + 1, obj[2], obj(3), len(obj), bool(obj), list(obj)) == (1, 2, 3, 4, True, [5])
)
def operators():
    class Local:
        def __add__(self, other):
            return other

        def __getitem__(self, key):
            return key

        def __call__(self, x):
            return x

        def __len__(self):
            return 4

        def __iter__(self):
            return iter([5])

    return Local()


@shelf.case(lambda obj: obj.anything == "anything")
def getattr_of_everything():
    # Answers even __reduce_ex__ lookups on the instance; dunder names have to raise.
    class Local:
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return name

    return Local()


@shelf.case(lambda obj: obj.plain == 1)
def getattribute():
    class Local:
        def __init__(self):
            self.plain = 1

        def __getattribute__(self, name):
            return object.__getattribute__(self, name)

    return Local()


@shelf.case(lambda obj: object.__getattribute__(obj, "__dict__")["a"] == 1)
def setattr_refused():
    # Loading a plain state goes around __setattr__.
    class Frozen:
        def __setattr__(self, name, value):
            raise AttributeError("frozen")

    obj = Frozen()
    obj.__dict__["a"] = 1
    return obj


@shelf.case(lambda obj: obj.x == 7 and obj.__dict__ == {"hidden": 7})
def class_lies_about_itself():
    class Real:
        def __init__(self):
            self.hidden = 7

        @property
        def x(self):
            return self.hidden

    return Real()


@shelf.case(lambda xs: xs[0].partner is xs[1] and xs[1].partner is xs[0])
def instances_of_each_other():
    class Left:
        pass

    class Right:
        pass

    left, right = Left(), Right()
    left.partner, right.partner = right, left
    Left.other, Right.other = Right, Left
    return [left, right]


@shelf.case(lambda obj: obj.__dict__ == {"1": 1, "é": 2, "not an identifier": 3})
def attribute_names_of_any_kind():
    class Local:
        pass

    obj = Local()
    for index, name in enumerate(("1", "é", "not an identifier"), 1):
        setattr(obj, name, index)
    return obj


@shelf.case(lambda obj: obj.__dict__[1] == 2)
def attribute_names_not_strings():
    class Local:
        pass

    obj = Local()
    obj.__dict__[1] = 2
    return obj


@shelf.case(lambda obj: obj.__dict__ == {})
def instance_dict_untouched_and_touched():
    class Local:
        pass

    obj = Local()
    obj.__dict__
    return obj


@shelf.case(lambda obj: dict(obj.__dict__) == {"a": 1})
def instance_dict_is_a_subclass():
    class Attributes(dict):
        pass

    class Local:
        pass

    obj = Local()
    obj.__dict__ = Attributes(a=1)
    return obj


@shelf.case(lambda obj: len(obj.__dict__) == 60 and obj.a59 == 59)
def sixty_attributes():
    class Local:
        pass

    obj = Local()
    for i in range(60):
        setattr(obj, f"a{i}", i)
    return obj


@shelf.case(lambda e: e.args == (1, "two") and e.code == 3 and isinstance(e, ValueError))
def exception():
    class LocalError(ValueError):
        def __init__(self, *args):
            super().__init__(*args)
            self.code = 3

    return LocalError(1, "two")


@shelf.case(lambda cls: cls().get() == 10)
def by_value_from_main():
    return from_source(
        "limit = 10\nclass result:\n    def get(self):\n        return limit\n", name="__main__"
    )()


SOURCE = """
class Base:
    def tell(self):
        return helper(), Base
class Derived(Base):
    pass
def helper():
    return Derived
"""
shelf.add(
    "module_of_classes",
    lambda: (lambda n: [n["Derived"](), n["Base"], n["helper"]])(namespace(SOURCE)),
    lambda xs: xs[0].tell() == (type(xs[0]), xs[1]) and xs[2]() is type(xs[0]),
)


@shelf.case(lambda cls: cls.__name__ == "renamed" and cls.__module__ == "elsewhere")
def renamed():
    class Local:
        pass

    Local.__name__, Local.__qualname__, Local.__module__ = "renamed", "Renamed.Path", "elsewhere"
    return Local


@shelf.case(lambda cls: cls.__name__ == "C" and cls().c() == "c")
def names_of_one_character():
    class C:
        a = "a"

        def c(self):
            return "c"

    C.__qualname__ = "C"
    return C


@shelf.case(
    lambda cls: (
        getattr(cls, "é") == 1 and getattr(cls, "\u20ac") == 2 and getattr(cls, "ab\ud800") == 4
    )
)
def names_not_ascii():
    return type("Né", (), {"é": 1, "\u20ac": 2, "\U0001f600": 3, "ab\ud800": 4})


@shelf.case(lambda cls: list(k for k in vars(cls) if len(k) == 1) == sorted("zyxabc"))
def attributes_in_sorted_order():
    return type("Local", (), {name: name for name in "zyxabc"})


@shelf.case(lambda obj: obj.bound() == 3)
def method_stored_on_an_instance():
    class Local:
        def get(self):
            return self.value

    obj = Local()
    obj.value = 3
    obj.bound = obj.get
    return obj


@shelf.case(lambda obj: obj.method(2) == (obj, 2))
def method_bound_by_hand():
    class Local:
        pass

    obj = Local()
    obj.method = types.MethodType(lambda self, x: (self, x), obj)
    return obj


@shelf.case(lambda xs: xs[0](1) == ("not a function", 1))
def method_of_a_callable_object():
    class Callable:
        def __call__(self, owner, x):
            return owner, x

    return [types.MethodType(Callable(), "not a function")]
