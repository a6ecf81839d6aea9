"""Objects of module typing."""

import sys
import typing
from typing import (
    Any,
    Callable,
    ClassVar,
    Final,
    Literal,
    Optional,
    ParamSpec,
    Protocol,
    TypedDict,
    TypeVar,
    Union,
)

from tests.corpus.case import ALL_PROTOCOLS, Shelf, refused_below_2

shelf = Shelf("typing_")

ImportableInt = typing.NewType("ImportableInt", int)
ImportableP = ParamSpec("ImportableP")


class ImportableDict(TypedDict):
    a: int


shelf.values(
    [
        ("any", Any),
        ("optional", Optional[int]),
        ("union", Union[int, str, None]),
        ("list", typing.List[int]),
        ("list_bare", typing.List),
        ("dict", typing.Dict[str, typing.List[int]]),
        ("tuple", typing.Tuple[int, ...]),
        ("callable", Callable[[int], str]),
        ("callable_any", Callable[..., Any]),
        ("literal", Literal["a", 1, None]),
        ("final", Final[int]),
        ("class_var", ClassVar[int]),
        ("annotated", typing.Annotated[int, "meta", 5]),
        ("type", typing.Type[int]),
        ("generator", typing.Generator[int, str, None]),
        (
            "special_forms",
            [
                typing.Union,
                typing.Optional,
                typing.Literal,
                typing.ClassVar,
                typing.Final,
                typing.Generic,
                typing.Protocol,
                typing.NoReturn,
                typing.Annotated,
            ],
        ),
        ("io", [typing.IO, typing.TextIO, typing.BinaryIO]),
        ("any_str", typing.AnyStr),
        ("concatenate", Callable[typing.Concatenate[int, ImportableP], str]),
        ("type_guard", typing.TypeGuard[int]),
        ("new_type_importable", ImportableInt),
        ("param_spec_importable", ImportableP),
        ("typed_dict_importable", ImportableDict),
    ]
)


# A ForwardRef has slots until 3.13.
shelf.add("forward_reference", lambda: typing.List["later"], raises=refused_below_2)  # noqa: F821


def _variable(*constraints, **options):
    return lambda: TypeVar("T", *constraints, **options)


def _same_variable(bound=None, constraints=(), covariant=False, contravariant=False):
    def check(t):
        return (
            t.__name__,
            t.__bound__,
            t.__constraints__,
            t.__covariant__,
            t.__contravariant__,
        ) == ("T", bound, constraints, covariant, contravariant)

    return check


shelf.add("type_var", _variable(), _same_variable())
shelf.add("type_var_bound", _variable(bound=int), _same_variable(bound=int))
shelf.add("type_var_constrained", _variable(int, str), _same_variable(constraints=(int, str)))
shelf.add("type_var_covariant", _variable(covariant=True), _same_variable(covariant=True))
shelf.add(
    "type_var_contravariant", _variable(contravariant=True), _same_variable(contravariant=True)
)
shelf.add(
    "type_var_shared",
    lambda: (lambda t: [t, t, typing.List[t]])(TypeVar("T")),
    lambda ts: ts[0] is ts[1] and ts[2].__parameters__[0] is ts[0],
)
shelf.add(
    "type_var_bound_to_a_string",
    _variable(bound="later"),
    lambda t: t.__bound__.__forward_arg__ == "later",
    raises=refused_below_2,
)


@shelf.case(lambda t: t.__bound__.__name__ == "Local")
def type_var_bound_to_a_local_class():
    class Local:
        pass

    return TypeVar("T", bound=Local)


def _main_variable():
    t = TypeVar("T")
    t.__module__ = "__main__"
    return t


shelf.add("type_var_of_main", _main_variable, lambda t: t.__name__ == "T")


@shelf.case(lambda t: t.__name__ == "T", raises=None)
def type_var_without_a_module():
    t = TypeVar("T")
    t.__module__ = None
    return t


# Not reduced by cloudpickle: their own __reduce__ names a global that is not there.
shelf.add("param_spec_local", lambda: ParamSpec("P"), raises=Exception)
shelf.add("new_type_local", lambda: typing.NewType("Local", int), raises=Exception)


@shelf.case(
    lambda cls: (
        cls(a=1) == {"a": 1}
        and cls.__total__ is True
        and (sys.version_info >= (3, 14) or cls.__annotations__.keys() == {"a", "b"})
    )
)
def typed_dict():
    class Local(TypedDict):
        a: int
        b: str

    return Local


@shelf.case(lambda cls: cls.__total__ is False)
def typed_dict_not_total():
    class Local(TypedDict, total=False):
        a: int

    return Local


# Loading calls the metaclass again without total=False; the attribute is set from the state.
@shelf.case(
    lambda cls: cls(a=1) == {"a": 1},
    unloadable=() if sys.version_info >= (3, 12) else ALL_PROTOCOLS,
    better=True,
)
def typed_dict_functional():
    return TypedDict("Local", {"a": int, "not an identifier": str})


@shelf.case(lambda xs: isinstance(xs[1], xs[0]) and not isinstance(1, xs[0]))
def protocol_at_run_time():
    @typing.runtime_checkable
    class Closable(Protocol):
        def close(self): ...

    class File:
        def close(self):
            return "closed"

    return [Closable, File()]


@shelf.case(lambda cls: cls._is_protocol is True)
def protocol():
    class Local(Protocol):
        attribute: int

        def method(self) -> int: ...

    return Local


@shelf.case(lambda obj: obj.method() == 1 and type(obj)._is_protocol is False)
def protocol_implemented():
    class Shape(Protocol):
        def method(self) -> int: ...

    class Local(Shape):
        def method(self):
            return 1

    return Local()


@shelf.case(lambda cls: cls.__parameters__[0].__name__ == "T" and cls._is_protocol)
def protocol_generic():
    T = TypeVar("T", covariant=True)

    class Local(Protocol[T]):
        def get(self) -> T: ...

    return Local


@shelf.case(lambda f: f(1) == [1] and "x" in f.__annotations__)
def annotated_with_a_local_type_var():
    T = TypeVar("T")

    def wrap(x: T) -> list[T]:
        return [x]

    return wrap


@shelf.case(
    lambda f: (
        f.__annotations__["x"] == Optional[int] and f.__annotations__["f"] == Callable[[int], str]
    )
)
def annotations_of_every_kind():
    def inner(
        x: Optional[int], f: Callable[[int], str], *args: "str", **kwargs: Any
    ) -> Union[int, None]: ...

    return inner


@shelf.case(lambda fs: fs[0]("int") == 1 and fs[1] is not None)
def overloads():
    @typing.overload
    def f(x: int) -> int: ...
    @typing.overload
    def f(x: str) -> str: ...
    def f(x):
        return 1

    return [f, typing.no_type_check(lambda: None)]
