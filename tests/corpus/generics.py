"""Generic classes, __orig_bases__ and aliases."""

import collections.abc
import typing
from typing import Generic, TypeVar

from tests.corpus.case import Shelf

shelf = Shelf("generics")

ImportableT = TypeVar("ImportableT")


class ImportableBox(Generic[ImportableT]):
    pass


def _box():
    T = TypeVar("T")

    class Box(Generic[T]):
        def __init__(self, item: T):
            self.item = item

        def get(self) -> T:
            return self.item

    return Box


shelf.add("importable_box", lambda: ImportableBox)
shelf.add("importable_box_of_int", lambda: ImportableBox[int])
shelf.add("importable_type_var", lambda: ImportableT, lambda t: t is ImportableT)
shelf.add(
    "box_class",
    _box,
    lambda cls: (
        cls.__orig_bases__[0].__origin__ is Generic
        and cls.__parameters__[0].__name__ == "T"
        and cls[int](3).get() == 3
    ),
)
shelf.add("box_instance", lambda: _box()("item"), lambda obj: obj.get() == "item")
shelf.add(
    "box_of_int", lambda: _box()[int], lambda alias: alias.__args__ == (int,) and alias(3).item == 3
)
shelf.add(
    "box_and_its_variable",
    lambda: (lambda cls: [cls, cls.__parameters__[0]])(_box()),
    lambda xs: xs[0].__parameters__[0] is xs[1],
)


@shelf.case(lambda cls: cls(5).get() == 5 and cls.__orig_bases__[0].__args__ == (int,))
def subclass_of_a_parametrized_box():
    class IntBox(_box()[int]):
        pass

    return IntBox


@shelf.case(lambda cls: "__orig_bases__" not in vars(cls) and cls(1).get() == 1)
def subclass_of_a_bare_box():
    class Plain(_box()):
        pass

    return Plain


@shelf.case(lambda cls: len(cls.__parameters__) == 2 and cls[int, str].__args__ == (int, str))
def two_variables():
    K, V = TypeVar("K"), TypeVar("V")

    class Pair(Generic[K, V]):
        pass

    return Pair


@shelf.case(lambda cls: issubclass(cls, list) and cls.__orig_bases__ == (list[int],))
def subclass_of_list_of_int():
    class Ints(list[int]):
        pass

    return Ints


@shelf.case(lambda cls: issubclass(cls, dict))
def subclass_of_typing_dict():
    class Local(typing.Dict[str, int]):
        pass

    return Local


@shelf.case(lambda cls: issubclass(cls, collections.abc.Mapping) and cls({"a": 1})["a"] == 1)
def generic_and_abc():
    T = TypeVar("T")

    class Local(collections.abc.Mapping[str, T], Generic[T]):
        def __init__(self, data):
            self.data = data

        def __getitem__(self, key):
            return self.data[key]

        def __iter__(self):
            return iter(self.data)

        def __len__(self):
            return len(self.data)

    return Local


@shelf.case(lambda cls: cls.__orig_bases__[0].__origin__.__name__ == "Box")
def inherits_with_another_variable():
    U = TypeVar("U")

    class Local(_box()[U], Generic[U]):
        pass

    return Local


@shelf.case(lambda cls: cls.next is not None and cls.next.__args__[0] is cls)
def alias_of_itself():
    Local = _box()
    Local.next = list[Local]
    return Local


shelf.values(
    [
        ("list_of_int", list[int]),
        ("dict_of_str_to_list", dict[str, list[int]]),
        ("tuple_open", tuple[int, ...]),
        ("tuple_empty", tuple[()]),
        ("type_of_int", type[int]),
        ("callable", collections.abc.Callable[[int, str], bool]),
        ("callable_any", collections.abc.Callable[..., int]),
        ("iterable", collections.abc.Iterable[int]),
        ("union_new_style", int | str | None),
        ("union_new_style_nested", list[int] | dict[str, int | None]),
    ]
)
