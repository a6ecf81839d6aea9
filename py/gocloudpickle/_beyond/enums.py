"""Enums that ``_make_skeleton_enum`` would make otherwise than they are.

cloudpickle sends the names and values of an Enum's members, and has them made again by
what the bases have for that, before the class has attributes of its own. Where that can
come to something else, the members travel as they are: which object of the mixed-in type
each one is, its value and its ``__dict__``. The metaclass of Enum then makes the class
with a ``__new__`` that only puts them together, and no code of the user's runs.
"""

from __future__ import annotations

import enum
import sys
import types
from enum import Enum, EnumMeta, Flag

from gocloudpickle._beyond._travel import by_value
from gocloudpickle._by_value import abc_registered, tracker_id

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

    Namespace = Any
    Reduction = Any

# What a member's __dict__ has that the module enum puts there. The last is a cache of Flag's.
MEMBER_ATTRIBUTES = frozenset(["_value_", "_name_", "__objclass__", "_sort_order_", "_inverted_"])

# What EnumMeta makes of the bases and the members.
_MADE = frozenset(
    """
    __dict__ __weakref__ __module__ __new__ __annotate_func__ _member_names_ _member_map_
    _value2member_map_ _member_type_ _value_repr_ _flag_mask_ _singles_mask_ _all_bits_ _inverted_
    _boundary_ _hashable_values_ _unhashable_values_ _unhashable_values_map_
    """.split()
)

# What it makes of __new__ and __init__, and so otherwise where the members are put together.
_MADE_OF_NEW = ("__init__", "_new_member_", "__new_member__", "_use_args_")

# Mixed-in types whose instances come back from their value alone.
_PLAIN_TYPES: frozenset[Any] = frozenset([int, str, float, complex, bytes, tuple])


def reduce_enum(namespace: Namespace, cls: Any, annotations: dict[str, Any]) -> Reduction:
    """Reduce an Enum to its members as they are; NotImplemented where stock makes it rightly.

    annotations are attributes to add.
    """
    if stock_is_right(cls):
        return NotImplemented
    kind = _kind(cls)
    members, extras = {}, {}
    for name, member in cls._member_map_.items():
        arguments = _arguments(kind, member)
        if arguments is None:
            return NotImplemented
        members[name] = member._value_, arguments
        extra = _extra(cls, member)
        if any(extra) and name == member._name_:
            extras[name] = extra
    body: dict[str, Any] = {"__module__": cls.__module__, "__qualname__": cls.__qualname__}
    if "__slots__" in vars(cls):
        body["__slots__"] = cls.__slots__
    keywords = {"boundary": cls._boundary_} if "_boundary_" in vars(cls) else {}
    if sys.version_info < (3, 11):
        # object.__new__ refuses what is abstract until it has its attributes.
        abstract = (getattr(base, "__abstractmethods__", ()) for base in cls.__bases__)
        body.update(
            dict.fromkeys(sorted({name for names in abstract for name in names}), property())
        )
    absent = [name for name in (*_MADE_OF_NEW, *body) if not _has_own(cls, name)]
    track = namespace._lookup_class_or_track, tracker_id(namespace, cls)
    silent = _init_subclass(cls) is not None
    made = type(cls), cls.__name__, cls.__bases__, body, kind, members, keywords, silent, *track
    attributes = {**_attributes(cls), **annotations}
    state = namespace._class_setstate, attributes, absent, extras, _value_aliases(cls)
    return new_enum, made, state, None, None, fill_enum


# Which Enums stock makes rightly. The engine remembers the answer for as long as the class
# has not changed; what changes without it, a member's attributes, it looks at itself.


def stock_is_right(cls: Any) -> bool:
    """Tell whether ``_make_skeleton_enum`` makes the same Enum, as far as can be told."""
    base = cls.__bases__[-1]
    return (
        type(cls) is type(base)
        and type(cls).__iter__ is EnumMeta.__iter__
        and list(cls._member_map_) == cls._member_names_
        and cls._generate_next_value_ is base._generate_next_value_
        and _is_made_by_enum(cls)
        and all(_is_plain(cls, member) for member in cls._member_map_.values())
        and not _value_aliases(cls)
        and not _has_required_keywords(_init_subclass(cls))
    )


def _has_own(cls: type, name: str) -> bool:
    return name in vars(cls) or name == "__qualname__"  # which is no attribute of the dict


def _init_subclass(cls: type) -> Any:
    """Return what making the class has called, None if that is object's."""
    for base in cls.__mro__[1:-1]:
        if "__init_subclass__" in vars(base):
            method = vars(base)["__init_subclass__"]
            return getattr(method, "__func__", method)
    return None


def _has_required_keywords(function: Any) -> bool:
    if not isinstance(function, types.FunctionType):
        return False
    return function.__code__.co_kwonlyargcount > len(function.__kwdefaults__ or ())


def _is_made_by_enum(cls: type) -> bool:
    """Tell whether no code but the interpreter's makes the members."""
    for base in cls.__mro__[:-1]:
        if base.__module__ == "enum" or base in _PLAIN_TYPES:
            continue
        own = vars(base)
        if not _is_heap_type(base) or "__init__" in own or "__new_member__" in own:
            return False
        if "__new__" in own and own["__new__"] is not Enum.__new__:
            return False
    return True


def _is_heap_type(cls: type) -> bool:
    return bool(cls.__flags__ & 1 << 9)  # Py_TPFLAGS_HEAPTYPE


def _is_plain(cls: Any, member: Any) -> bool:
    """Tell whether a member is made of its name and value alone."""
    value = member._value_
    if member._name_.startswith("_") or not vars(member).keys() <= MEMBER_ATTRIBUTES:
        return False
    try:
        if member.name != member._name_ or member.value is not value:
            return False  # stock asks for these, and a class can answer otherwise
    except Exception:
        return False
    kind: Any = cls._member_type_
    if kind in _PLAIN_TYPES:
        return type(value) is kind and kind.__eq__(member, value) is True  # type: ignore[call-arg]
    # What assigning it in the body of a class would not make a member.
    items = value if type(value) is tuple else (value,)
    return kind is object and not any(_is_special(cls, item) for item in items)


_SPECIAL = tuple(
    getattr(enum, name) for name in ("auto", "member", "nonmember") if hasattr(enum, name)
)


def _is_special(cls: type, value: Any) -> bool:
    if isinstance(value, _SPECIAL):
        return True
    if any(hasattr(value, name) for name in ("__get__", "__set__", "__delete__")):
        return True
    # A class nested in the Enum.
    return isinstance(value, type) and value.__qualname__.endswith(
        f"{cls.__name__}.{value.__name__}"
    )


# The parts of an Enum.


def _kind(cls: type) -> Any:
    """Return the class whose ``__new__``, in C, makes the memory of a member."""
    for base in cls.__mro__:
        if type(vars(base).get("__new__")) is types.BuiltinFunctionType:
            return base
    raise AssertionError("object has a __new__")


def _arguments(kind: Any, member: Any) -> tuple[Any, ...] | None:
    """Return what ``kind.__new__`` makes such a member of, None if that isn't known."""
    if kind is object:
        return ()
    if "__getnewargs__" in vars(kind):
        return tuple(kind.__getnewargs__(member))
    # What is filled by __init__ would be empty.
    if "__reduce__" in vars(kind) and "__init__" not in vars(kind):
        reduction = kind.__reduce__(member)
        if type(reduction) is tuple and reduction[0] is type(member):
            return tuple(reduction[1])
    return None


def _extra(cls: type, member: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a member's own attributes: those in its ``__dict__`` and those in slots."""
    own = {name: value for name, value in vars(member).items() if name not in MEMBER_ATTRIBUTES}
    slots = {}
    for base in cls.__mro__:
        if _is_heap_type(base) and "__slots__" in vars(base):
            for name, descriptor in vars(base).items():
                if type(descriptor) is types.MemberDescriptorType:
                    try:
                        slots[name] = descriptor.__get__(member)
                    except AttributeError:
                        pass
    return own, slots


def _attributes(cls: Any) -> dict[str, Any]:
    """Return what the class defines, but for what EnumMeta makes."""
    attributes = {}
    for name, value in vars(cls).items():
        if name in _MADE or name in cls._member_map_ or name == "__slots__":
            continue
        if type(value) is types.MemberDescriptorType:
            continue
        if name == "_generate_next_value_":
            if cls._generate_next_value_ is not cls.__bases__[-1]._generate_next_value_:
                attributes[name] = value
        elif name in _MADE_OF_NEW or _lookup_after(cls, name) is not value:
            attributes[name] = value
    abc = sys.modules.get("abc")
    if abc is not None and issubclass(type(cls), abc.ABCMeta):
        attributes["_abc_impl"] = abc_registered(cls, attributes)
    return attributes


def _lookup_after(cls: type, name: str) -> Any:
    return next((vars(base)[name] for base in cls.__mro__[1:] if name in vars(base)), _NOTHING)


_NOTHING = object()


def _value_aliases(cls: Any) -> list[tuple[Any, str]]:
    """Return other values by which members are found: pairs of value and name."""
    return [
        (value, member._name_)
        for value, member in cls._value2member_map_.items()
        if value is not member._value_
        and value != member._value_
        # Flag finds its combinations again.
        and member._name_ in cls._member_map_
        and not (isinstance(value, int) and value < 0 and isinstance(member, Flag))
    ]


# What travels, to be run by the worker.


@by_value
def new_enum(
    metaclass: Any,
    name: str,
    bases: tuple[type, ...],
    body: dict[str, Any],
    kind: Any,
    members: dict[str, tuple[Any, tuple[Any, ...]]],
    keywords: dict[str, Any],
    silent: bool,
    track: Any,
    class_tracker_id: str,
) -> Any:
    # Makes an Enum without attributes, whose members are of `kind`: members has, for each
    # name, the value and the arguments of kind.__new__. silent leaves out
    # __init_subclass__, whose keywords aren't known and whose work is among the attributes.
    from enum import EnumMeta

    parts = iter(members.values())

    def new(cls: Any, *ignored: Any) -> Any:
        value, arguments = next(parts)
        member = kind.__new__(cls, *arguments)
        object.__setattr__(member, "_value_", value)
        return member

    namespace: Any = EnumMeta.__prepare__(name, bases)
    for key, value in body.items():
        namespace[key] = value
    namespace["__new__"] = new
    namespace["__init__"] = lambda *ignored: None
    for member in members:
        namespace[member] = None
    if not silent:
        cls = EnumMeta.__new__(metaclass, name, bases, namespace, **keywords)
        return track(class_tracker_id, cls)

    class Silent:
        def __init_subclass__(cls, **ignored: Any) -> None:
            pass

    # Between the class and its bases for as long as it is being made.
    order = {"mro": lambda cls: [cls, Silent, *type.mro(cls)[1:]]}
    cls = EnumMeta.__new__(type("Silent", (metaclass,), order), name, bases, namespace, **keywords)
    cls.__class__ = metaclass
    cls.__bases__ = cls.__bases__  # so that its order is found anew
    return track(class_tracker_id, cls)


@by_value
def fill_enum(cls: Any, state: tuple[Any, ...]) -> None:
    # Gives an Enum its attributes and those of its members.
    class_setstate, attributes, absent, extras, value_aliases = state
    class_setstate(cls, (attributes, {}))
    for name in absent:
        if name in vars(cls):
            type.__delattr__(cls, name)
    for name, (own, slots) in extras.items():
        member = cls._member_map_[name]
        vars(member).update(own)
        for slot, value in slots.items():
            object.__setattr__(member, slot, value)
    for value, name in value_aliases:
        cls._value2member_map_.setdefault(value, cls._member_map_[name])
        if value not in getattr(cls, "_hashable_values_", (value,)):
            cls._hashable_values_.append(value)
