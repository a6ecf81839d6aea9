"""Classes by value, where what cloudpickle makes of one fails to load or is another class.

cloudpickle makes a class again with what ``class C(Base): pass`` would do, and then sets
its attributes. Here are the ways in which that goes wrong, and what is done instead:

* Hooks of its bases and its metaclass run for a class that has nothing yet, without the
  keywords of the class statement, which Python doesn't keep. They have run for this class
  already, where it was made, and what they did to it are attributes of it. So they don't
  run again (`make_class`).
* Slots are made by ``__slots__`` in the class's namespace only.
* An attribute that is the same object as the base's is an attribute all the same.
"""

from __future__ import annotations

import sys
import types

from gocloudpickle import _by_value
from gocloudpickle._beyond._travel import by_value

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Namespace = Any


_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE, which C code's own types are without
_flags_of = type.__dict__["__flags__"].__get__  # past the metaclass, which can answer anything


def reduce_class(namespace: Namespace, cls: Any, annotations: dict[str, Any]) -> Any:
    """Reduce a class that goes by value and is no Enum; annotations are attributes to add."""
    if not _flags_of(cls) & _HEAP_TYPE:
        from gocloudpickle._beyond.interpreter import reduce_type

        return reduce_type(cls)
    arguments = _by_value._class_arguments(namespace, cls)
    if sys.version_info < (3, 12) and cls.__bases__ == (dict,):
        from gocloudpickle._beyond.typing_ import typed_dict_bases

        arguments = (*arguments[:2], typed_dict_bases(cls) or arguments[2], *arguments[3:])
    kwargs = arguments[3]
    own_dict = vars(cls).get("__dict__")
    if own_dict is not None and type(own_dict) is not types.GetSetDescriptorType:
        kwargs["__dict__"] = own_dict  # issue 282
    attributes, slots = _by_value._class_state(
        cls, lambda attributes: _amend(namespace, cls, attributes, kwargs)
    )
    state = {**attributes, **annotations}, slots

    make, setter = namespace._make_skeleton_class, namespace._class_setstate
    quietly = how_to_make(namespace, cls)
    if quietly is not None:
        make = make_class
        arguments = (namespace._lookup_class_or_track, *arguments[:5], quietly, _abc_init(cls))
    if _refuses_attributes(namespace, type(cls)):
        setter = set_class_state
    return make, arguments, state, None, None, setter


def plan(namespace: Namespace, cls: Any) -> tuple[tuple[str, ...], bool] | None:
    """Tell the engine how a class differs from stock's: in no more than this, or None.

    The names of attributes that a base has too and that are sent, and whether __slots__
    goes to where the class is made, and the descriptors of slots stay away.
    """
    if how_to_make(namespace, cls) is not None or _refuses_attributes(namespace, type(cls)):
        return None
    members = _members(cls)
    if any(type(value) is types.MemberDescriptorType for value in _others(cls, members)):
        return None
    has_slots = _has_slots(cls, members)
    if has_slots and not slots_of(cls, members)[1]:
        return None
    if members and not has_slots:
        return None
    return tuple(_overrides(namespace, cls)), has_slots


def _others(cls: type, members: dict[str, Any]) -> Iterator[Any]:
    return (value for name, value in vars(cls).items() if name not in members)


def _overrides(namespace: Namespace, cls: type) -> Iterator[str]:
    for name, value in vars(cls).items():
        base = inherited_from(cls, name, value)
        if base is not None and is_override(namespace, base, name, value):
            yield name


def _amend(
    namespace: Namespace, cls: Any, attributes: dict[str, Any], kwargs: dict[str, Any]
) -> None:
    """Turn a class's own namespace into what is set once it is made."""
    overrides = set(_overrides(namespace, cls))
    for name in list(attributes):
        if name not in overrides and inherited_from(cls, name, attributes[name]) is not None:
            del attributes[name]
    members = _members(cls)
    if _has_slots(cls, members):
        kwargs["__slots__"], is_declared = slots_of(cls, members)
        if is_declared or type(attributes.get("__slots__")) not in _CONTAINERS:
            attributes.pop("__slots__", None)
    for name in members:
        attributes.pop(name, None)


# Slots.

_CONTAINERS = (str, tuple, list, dict, set, frozenset)


def _members(cls: type) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(cls).items()
        if type(value) is types.MemberDescriptorType
        and value.__objclass__ is cls
        and value.__name__ == name
    }


def _has_slots(cls: type, members: dict[str, Any]) -> bool:
    named_tuple = getattr(sys.modules.get("typing"), "NamedTuple", object)
    if any(base is named_tuple for base in _by_value.get_bases(cls)):
        return False  # typing's class statement for it refuses __slots__, and makes them itself
    if not _is_made_by_type(type(cls), of_stdlib=True):
        return False  # so does msgspec's for a Struct, and nothing tells what other C code does
    return "__slots__" in vars(cls) or bool(members)


def slots_of(cls: type, members: dict[str, Any]) -> tuple[Any, bool]:
    """Return the __slots__ to make a class with, and whether that is what the class has.

    It isn't where a used-up iterator has named the slots, or the class has changed since.
    Instances get a __dict__ where a slot has gone: pickle goes by the names.
    """
    own = vars(cls)
    there = set(members)
    for name in ("__dict__", "__weakref__"):
        if type(own.get(name)) is types.GetSetDescriptorType:
            there.add(name)
    declared: Any = own.get("__slots__")
    if type(declared) in _CONTAINERS:
        names = [declared] if type(declared) is str else list(declared)
        wanted = {mangled(cls.__name__, name) for name in names if type(name) is str}
        if wanted == there:
            return declared, True
        if wanted - there:
            there.add("__dict__")
    return tuple(sorted(there)), False


def mangled(class_name: str, name: str) -> str:
    """Return what a private name is called inside a class: _Py_Mangle in Python/symtable.c."""
    stem = class_name.lstrip("_")
    if not name.startswith("__") or name.endswith("__") or "." in name or not stem:
        return name
    return f"_{stem}{name}"


# Attributes that a base has, too.

_MADE_ANEW = frozenset(
    [
        *("__module__", "__firstlineno__", "__static_attributes__", "__orig_bases__", "__slots__"),
        *("__annotations__", "__annotations_cache__", "__annotate_func__", "__annotate__"),
        *("_abc_impl", "_is_protocol", "_is_runtime_protocol"),
    ]
)
_ATOMS = frozenset([str, int, float, complex, bytes, bool, type(None)])
_FUNCTIONS = (types.FunctionType, classmethod, staticmethod)
_BUILTIN_METHODS = (
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    types.BuiltinFunctionType,
)


def inherited_from(cls: type, name: str, value: Any) -> type | None:
    """Return the base that cloudpickle thinks an attribute is inherited from."""
    for base in cls.__bases__:
        if name in base.__dict__:
            return base if base.__dict__[name] is value else None
    return None


def is_override(namespace: Namespace, base: Any, name: str, value: Any) -> bool:
    """Tell whether an attribute that is the same object as the base's has to be sent.

    Not what the interpreter or the standard library puts in each class; and not what
    would no longer be the base's own object, since the base is imported.
    """
    if name in _MADE_ANEW:
        return False
    is_dunder = name.startswith("__") and name.endswith("__")
    if is_dunder and (value is None or value is True or value is False or not _is_filled(value)):
        return False
    # Of an object that isn't known nothing is asked: it could answer with anything.
    if type(value) in _FUNCTIONS and _is_stdlib(getattr(value, "__module__", None)):
        return False  # one function of dataclasses or typing, in each class that they make
    if name != "__doc__" and (type(value) in _ATOMS or type(value) in _BUILTIN_METHODS):
        return True
    if type(value) is types.FunctionType or issubclass(type(value), type):
        if _by_value.should_pickle_by_reference(namespace, value):
            return True
    return _goes_by_value(namespace, base)


def _is_filled(value: Any) -> bool:
    return type(value) not in (tuple, frozenset) or len(value) > 0


def _is_stdlib(module: Any) -> bool:
    return type(module) is str and module.partition(".")[0] in sys.stdlib_module_names


def _goes_by_value(namespace: Namespace, cls: type) -> bool:
    if cls in _by_value.BUILTIN_TYPE_NAMES or _is_stdlib(cls.__module__):
        return False
    return not _by_value.should_pickle_by_reference(namespace, cls)


# Hooks.


def how_to_make(namespace: Namespace, cls: Any) -> bool | None:
    """Return how to make a class: None for cloudpickle's way, with all hooks.

    False is without hooks. True is cloudpickle's way first, and without hooks where that
    raises: there are hooks of importable classes, which may want to know of this one.
    """
    meta = type(cls)
    if not _is_made_by_type(meta):
        return None
    sent = required = may_fail = imported = False
    for owner, function, given in _hooks(cls):
        if _is_stdlib(owner.__module__) and not _goes_by_value(namespace, owner):
            continue
        if _goes_by_value(namespace, owner):
            sent = True
        else:
            imported = True
            required = required or _requires_more(function, given)
            may_fail = may_fail or (given == 1 and _raises(function))
    if required:
        return False
    if sent:
        return imported
    return True if may_fail else None


def _hooks(cls: Any) -> Iterator[tuple[Any, Any, int]]:
    """Yield what runs when a class is made: the class that has it, it, and its number of arguments."""
    for base in cls.__mro__[1:]:
        if base is not object and "__init_subclass__" in vars(base):
            yield base, vars(base)["__init_subclass__"], 1
    for meta in type(cls).__mro__:
        if meta is type:
            return
        for name, given in (("__new__", 4), ("__init__", 4), ("__prepare__", 3)):
            if name in vars(meta):
                yield meta, vars(meta)[name], given


def _is_made_by_type(meta: Any, of_stdlib: bool = False) -> bool:
    """Tell whether type.__new__ may make a class of this metaclass: not if C code does.

    of_stdlib: the standard library's C code, that of ctypes, counts as type's.
    """
    for owner in meta.__mro__:
        if owner is type:
            return True
        new = vars(owner).get("__new__")
        if new is not None and not isinstance(new, (staticmethod, types.FunctionType)):
            if not of_stdlib or not _is_stdlib(owner.__module__):
                return False
    return False


def _requires_more(hook: Any, given: int) -> bool:
    function = getattr(hook, "__func__", hook)
    if not isinstance(function, types.FunctionType):
        return False
    code, with_default = function.__code__, function.__kwdefaults__ or {}
    first = code.co_argcount
    keywords = code.co_varnames[first : first + code.co_kwonlyargcount]
    if any(name not in with_default for name in keywords):
        return True
    return first - len(function.__defaults__ or ()) > given


def _raises(hook: Any) -> bool:
    import opcode

    code = getattr(getattr(hook, "__func__", hook), "__code__", None)
    return code is not None and opcode.opmap["RAISE_VARARGS"] in code.co_code[::2]


def _refuses_attributes(namespace: Namespace, meta: Any) -> bool:
    for owner in meta.__mro__:
        if owner is type:
            return False
        hook = vars(owner).get("__setattr__")
        if hook is not None and not _is_stdlib(owner.__module__):
            if _goes_by_value(namespace, owner) or _raises(hook):
                return True
    return False


def _abc_init(cls: type) -> Any:
    import abc

    return getattr(abc, "_abc_init", None) if isinstance(cls, abc.ABCMeta) else None


@by_value
def make_class(
    lookup_class_or_track: Any,
    metaclass: Any,
    name: str,
    bases: Any,
    body: dict[str, Any],
    class_tracker_id: str,
    try_hooks: bool,
    finish: Any,
) -> Any:
    """Make a class without running hooks, or find the one with this tracker id.

    A class is complete when type.__new__ comes to ``__set_name__``, which it calls before
    ``__init_subclass__``. There it is taken, and the call ends with an exception.
    """
    import types

    known = lookup_class_or_track.__globals__["_DYNAMIC_CLASS_TRACKER_BY_ID"].get(class_tracker_id)
    if known is not None:
        return known
    if try_hooks:
        try:
            cls = types.new_class(name, bases, {"metaclass": metaclass}, lambda ns: ns.update(body))
            return lookup_class_or_track(class_tracker_id, cls)
        except Exception:
            pass
    made = []

    class Stop:
        def __set_name__(self, owner: Any, name: str) -> None:
            made.append(owner)
            raise ValueError

    try:
        type.__new__(metaclass, name, types.resolve_bases(bases), {**body, "\n": Stop()})
    except Exception:
        if not made:
            raise
    cls = made.pop()
    type.__delattr__(cls, "\n")
    if finish is not None:
        finish(cls)
    return lookup_class_or_track(class_tracker_id, cls)


@by_value
def set_class_state(cls: Any, state: Any) -> None:
    """Set the attributes of a class whose metaclass has a __setattr__ of its own."""
    attributes, _ = state
    for name, value in attributes.items():
        if name != "_abc_impl":
            type.__setattr__(cls, name, value)
    if "__firstlineno__" in attributes:  # setting __module__ removes it: CPython 3.13
        type.__setattr__(cls, "__firstlineno__", attributes["__firstlineno__"])
    for subclass in attributes.get("_abc_impl") or ():
        cls.register(subclass)
