"""__slots__ in every spelling, and instances with slots."""

from tests.corpus.case import ALL_PROTOCOLS, Shelf

shelf = Shelf("slots")

# Protocols 0 and 1 know no slot state (copyreg._reduce_ex).
old_protocols_refuse = {"raises": lambda protocol: TypeError if protocol < 2 else None}


def _slotted(slots, **values):
    def make():
        cls = type("Slotted", (), {"__slots__": slots})
        obj = cls()
        for name, value in values.items():
            setattr(obj, name, value)
        return obj

    return make


def _class(make):
    return lambda: type(make())


SPELLINGS = {
    "tuple": ("a", "b"),
    "list": ["a", "b"],
    "string": "a",
    "string_long": "attribute",
    "one_tuple": ("a",),
    "empty_tuple": (),
    "empty_list": [],
    "dict": {"a": "doc of a", "b": "doc of b"},
    "with_dict": ("a", "__dict__"),
    "with_weakref": ("a", "__weakref__"),
    "with_dict_and_weakref": ("a", "__dict__", "__weakref__"),
    "private": ("__a", "_b"),
    "unicode": ("é", "変数"),
    "many": tuple(f"slot{i}" for i in range(40)),
}
for _name, _slots in SPELLINGS.items():
    _first = [_slots] if isinstance(_slots, str) else [s for s in _slots if not s.startswith("__")]
    # An empty tuple as state means none, so protocols below 2 differ in what they refuse.
    _refuse = {} if not _slots else old_protocols_refuse
    # The member of a private name has another name in the class than in __slots__.
    if _name == "private":
        _refuse = {**_refuse, "unloadable": ALL_PROTOCOLS, "better": True}
    shelf.add(
        f"class_{_name}",
        _class(_slotted(_slots)),
        lambda cls, slots=_slots: list(cls.__slots__) == list(slots),
        unloadable=_refuse.get("unloadable", ()),
        better=_refuse.get("better", False),
    )
    shelf.add(
        f"unset_{_name}",
        _slotted(_slots),
        lambda obj, names=tuple(_first): not any(hasattr(obj, n) for n in names),
        **_refuse,
    )
    if _first:
        shelf.add(
            f"set_{_name}",
            _slotted(_slots, **{_first[0]: [1]}),
            lambda obj, n=_first[0]: getattr(obj, n) == [1],
            **_refuse,
        )
shelf.add(
    "set_with_dict_too",
    _slotted(("a", "__dict__"), a=1, other=2),
    lambda obj: obj.a == 1 and obj.other == 2,
    **old_protocols_refuse,
)


@shelf.case(
    lambda all: (
        [getattr(obj, "a", None) for obj in all] == [1, 1, 1, None, None, all[5]]
        and [getattr(obj, "b", None) for obj in all] == [2, 2, None, 2, None, all[5]]
    ),
    **old_protocols_refuse,
)
def many_with_dict_too():
    # What copyreg notes in the class for the first of them is used for the others.
    cls = type("Child", (type("Base", (), {"__slots__": ("a",)}),), {})
    objects = [cls() for _ in range(6)]
    for obj in objects[:3]:
        obj.a = 1
    for obj in (objects[0], objects[1], objects[3]):
        obj.b = 2
    objects[5].a = objects[5].b = objects[5]
    return objects


@shelf.case(unloadable=ALL_PROTOCOLS)
def class_iterator():
    # An iterator as __slots__ is used up when the class is made.
    return type("Slotted", (), {"__slots__": iter(("a",))})


@shelf.case(lambda obj: (obj.a, obj.b) == (1, 2), **old_protocols_refuse)
def inherited():
    class Base:
        __slots__ = ("a",)

    class Child(Base):
        __slots__ = ("b",)

    obj = Child()
    obj.a, obj.b = 1, 2
    return obj


@shelf.case(lambda obj: obj.a == 1 and obj.c == 3, **old_protocols_refuse)
def child_without_slots():
    class Base:
        __slots__ = ("a",)

    class Child(Base):
        pass

    obj = Child()
    obj.a, obj.c = 1, 3
    return obj


# The loaded class has no member, so the one of its base is looked for by getattr on the child.
@shelf.case(unloadable=ALL_PROTOCOLS, **old_protocols_refuse)
def slot_hidden_by_a_child():
    class Base:
        __slots__ = ("a",)

    class Child(Base):
        __slots__ = ("a",)

    obj = Child()
    obj.a = 1
    return obj


@shelf.case(lambda obj: obj.get() == 5, **old_protocols_refuse)
def slots_with_methods():
    class Slotted:
        __slots__ = ("_value",)

        def __init__(self, value):
            self._value = value

        def get(self):
            return self._value

    return Slotted(5)


@shelf.case(lambda obj: obj.value == 5)
def getstate_and_setstate():
    class Slotted:
        __slots__ = ("value",)

        def __getstate__(self):
            return (self.value,)

        def __setstate__(self, state):
            (self.value,) = state

    obj = Slotted()
    obj.value = 5
    return obj


@shelf.case(lambda obj: obj.me is obj, **old_protocols_refuse)
def holds_itself():
    obj = _slotted(("me",))()
    obj.me = obj
    return obj


@shelf.case(lambda obj: obj[0] == 1 and obj == (1, 2))
def tuple_subclass_with_empty_slots():
    class Pair(tuple):
        __slots__ = ()

    return Pair((1, 2))


@shelf.case(lambda obj: obj.a == 1 and list(obj) == [1, 2], **old_protocols_refuse)
def list_subclass_with_slots():
    class Listed(list):
        __slots__ = ("a",)

    obj = Listed([1, 2])
    obj.a = 1
    return obj


@shelf.case(unloadable=ALL_PROTOCOLS)
def member_descriptor():
    # The descriptor of a slot has no reducer: it goes by its class and its name.
    return type("Slotted", (), {"__slots__": ("a",)}).a


@shelf.case(lambda cls: cls.__slots__ == ("a",) and cls.b == 1)
def slot_names_changed_later():
    cls = type("Slotted", (), {"__slots__": ("a",), "b": 1})
    return cls


@shelf.case(lambda cls: cls is not None, raises=KeyError)
def string_slot_that_is_gone():
    # For a string, unlike a tuple, the descriptor has to be there (clsdict.pop without default).
    cls = type("Slotted", (), {"__slots__": "a"})
    del cls.a
    return cls


@shelf.case(lambda cls: cls.__slots__ == ("a",))
def tuple_slot_that_is_gone():
    cls = type("Slotted", (), {"__slots__": ("a",)})
    del cls.a
    return cls


@shelf.case(lambda cls: cls.__name__ == "Slotted")
def slots_deleted():
    cls = type("Slotted", (), {"__slots__": ()})
    del cls.__slots__
    return cls
