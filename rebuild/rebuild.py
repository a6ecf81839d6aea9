"""The loading side: every function and object that a cloudpickle payload names.

A payload is a program for the unpickler, and its steps are spelled as
``cloudpickle.cloudpickle._make_function`` and so on. Where the cloudpickle
package is installed it answers to those names; where it isn't, this module is
imported under the name ``cloudpickle.cloudpickle`` and answers instead.

Four things live here:

* the rebuilders, called by payloads (``_make_function``, ``_class_setstate``, ...);
* the class tracker, which lets a class that arrives twice stay one class;
* what has been set on a tracked class here, which a second arrival leaves alone;
* the registry of modules whose contents travel by value.

The names are a frozen ABI: payloads refer to them, stored ones included, so
none may be renamed, and ``__module__`` and ``__qualname__`` of each function
must stay what they are. Argument names and orders are frozen for the same reason.

Every worker process pays for importing this file, so it imports little, and
what only a few payloads need (typing, dataclasses) is imported where it is used.
"""

from __future__ import annotations

import builtins
import os
import sys
import types
import weakref
from _thread import RLock
from types import CellType

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    T = TypeVar("T")

# pickle.HIGHEST_PROTOCOL of every supported CPython. Spelled as a number since
# importing pickle costs more than all the rest of this file.
DEFAULT_PROTOCOL = 5


# The registry of modules that travel by value.

_PICKLE_BY_VALUE_MODULES: set[str] = set()


def _require_module(module: object) -> types.ModuleType:
    if not isinstance(module, types.ModuleType):
        raise ValueError(f"Input should be a module object, got {module} instead")
    return module


def register_pickle_by_value(module: types.ModuleType) -> None:
    """Send the functions and classes of `module`, and of its submodules, by value.

    What an importable module defines is normally sent as its name, to be imported
    where the payload is loaded. After this call its source need not be there.
    """
    _require_module(module)
    if module.__name__ not in sys.modules:
        raise ValueError(
            f"{module} was not imported correctly, have you used an `import` "
            f"statement to access it? There is no {module.__name__!r} in sys.modules"
        )
    _PICKLE_BY_VALUE_MODULES.add(module.__name__)


def unregister_pickle_by_value(module: types.ModuleType) -> None:
    """Undo register_pickle_by_value(module)."""
    _require_module(module)
    if module.__name__ not in _PICKLE_BY_VALUE_MODULES:
        raise ValueError(f"{module} is not registered for pickle by value")
    _PICKLE_BY_VALUE_MODULES.remove(module.__name__)


def list_registry_pickle_by_value() -> set[str]:
    """Return the names of the modules registered, as a new set."""
    return _PICKLE_BY_VALUE_MODULES.copy()


def _is_registered_pickle_by_value(module: types.ModuleType) -> bool:
    """Tell whether `module` or a package that contains it is registered."""
    name = module.__name__
    while name not in _PICKLE_BY_VALUE_MODULES:
        name, dot, _ = name.rpartition(".")
        if not dot:
            return False
    return True


# The class tracker: class <-> id. An id is given when a class is first dumped and
# travels with it, so a process that sees the id again reuses the class it has.
# Both directions are weak. BY_CLASS[BY_ID[id]] == id for every id.

_DYNAMIC_CLASS_TRACKER_BY_CLASS: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
_DYNAMIC_CLASS_TRACKER_BY_ID: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()
# Re-entrant: a signal handler or a finalizer can dump a class while its thread is in here.
_DYNAMIC_CLASS_TRACKER_LOCK = RLock()


def _unlock_tracker_in_child() -> None:
    # A child forked while another thread is inside the tracker inherits a lock that
    # nobody will ever release.
    _DYNAMIC_CLASS_TRACKER_LOCK._at_fork_reinit()  # type: ignore[attr-defined]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock_tracker_in_child)


def _new_tracker_id() -> str:
    # uuid.uuid4().hex (RFC 9562, 5.4) without importing uuid, which takes longer
    # than dumping a hundred classes.
    bits = int.from_bytes(os.urandom(16), "big")
    bits = bits & ~(0xF << 76) | 0x4 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    return f"{bits:032x}"


def _get_or_create_tracker_id(class_def: Any) -> str:
    """Return the id of a class that is being dumped."""
    with _DYNAMIC_CLASS_TRACKER_LOCK:
        class_tracker_id = _DYNAMIC_CLASS_TRACKER_BY_CLASS.get(class_def)
        if class_tracker_id is None:
            class_tracker_id = _new_tracker_id()
            _DYNAMIC_CLASS_TRACKER_BY_CLASS[class_def] = class_tracker_id
            _DYNAMIC_CLASS_TRACKER_BY_ID[class_tracker_id] = class_def
            _note_class(class_def)
    return class_tracker_id


def _lookup_class_or_track(class_tracker_id: str | None, class_def: Any) -> Any:
    """Return the class known by this id, which is `class_def` if there was none."""
    if class_tracker_id is None:
        return class_def
    with _DYNAMIC_CLASS_TRACKER_LOCK:
        class_def = _DYNAMIC_CLASS_TRACKER_BY_ID.setdefault(class_tracker_id, class_def)
        _DYNAMIC_CLASS_TRACKER_BY_CLASS[class_def] = class_tracker_id
    return class_def


# What has been set here on a class that may arrive again, and stays then (cloudpickle
# issue 439). For that a class has a *record*: its attributes as they were when it was
# first dumped here, or as they last arrived. What is another object now, or a container
# of other content, has been set here. The native loads keeps and asks the same records
# (python/loads/arrival.c).

_CLASS_RECORDS: weakref.WeakKeyDictionary[Any, dict[str, Any]] = weakref.WeakKeyDictionary()
# As in _strict.py, which this file can't import: all is as in cloudpickle then.
_IS_STRICT = os.environ.get("GOCLOUDPICKLE_STRICT", "") not in ("", "0")

_METHODS = frozenset([types.FunctionType, classmethod, staticmethod, property])
_ATOMS = frozenset([type(None), bool, int, float, complex, str, bytes])
_CONTAINERS = (list, dict, set, tuple, frozenset, bytearray)

_namespace_of = type.__dict__["__dict__"].__get__  # whatever the metaclass or the class overrides


class _Note:
    """What a record has of an object that is neither an atom nor a method.

    Nothing that a record has keeps an object alive: by that a class could live for ever,
    since its attributes refer to it. What can't have weak references goes by its
    address, which another object may get: that one arrives again, as in cloudpickle.
    """

    __slots__ = ("content", "reference")

    def __init__(self, value: Any) -> None:
        self.content = _content(value)
        self.reference: Any = None
        if self.content is None:
            try:
                self.reference = weakref.ref(value)
            except TypeError:
                self.content = object.__hash__(value)

    def is_of(self, value: Any) -> bool:
        """Tell whether it is the same object, for a container: of the same content."""
        if self.reference is not None:
            return value is not None and self.reference() is value
        content = _content(value)
        return self.content == (object.__hash__(value) if content is None else content)


def _note(value: Any) -> Any:
    """Return what a record has of an attribute; see _is_of for how it is compared."""
    if type(value) in _ATOMS:
        return value
    if type(value) in _METHODS:
        try:
            return _method_note(value)
        except TypeError:  # a property of something that can't have weak references
            pass
    return _Note(value)


def _method_note(value: Any) -> Any:
    # A weak reference without a callback is one object for all who ask for it, as long as
    # the function lives (CPython, PyWeakref_NewRef in Objects/weakrefobject.c).
    if type(value) is types.FunctionType:
        return weakref.ref(value)
    parts: tuple[Any, ...]
    if type(value) is property:
        parts = value.fget, value.fset, value.fdel
    else:
        parts = (value.__func__,)
    return type(value), *(None if part is None else weakref.ref(part) for part in parts)


def _is_of(noted: Any, value: Any) -> bool:
    if type(noted) is _Note:
        return noted.is_of(value)
    now = _note(value)
    if type(noted) is tuple and type(now) is tuple and len(noted) == len(now):
        return all(a is b for a, b in zip(noted, now, strict=True))
    return noted is now


def _content(value: Any) -> int | None:
    """Return a hash of what a builtin container holds; None for any other object."""
    # Not isinstance, which asks an object that says it is of another class.
    if not issubclass(type(value), _CONTAINERS):
        return None
    return _content_hash(value, [2000], ())


def _content_hash(value: Any, left: list[int], parents: tuple[Any, ...]) -> int:
    # left is how many objects may still be looked at: a large container must not cost
    # more than its arrival. Its length counts all the same.
    left[0] -= 1
    cls = type(value)
    if cls in _ATOMS:
        return hash((cls, value))
    if not issubclass(cls, _CONTAINERS):
        return object.__hash__(value)
    if cls is bytearray:
        return hash(bytes(value))
    base = next(base for base in _CONTAINERS if issubclass(cls, base))
    items: Any = tuple(dict.items(value) if base is dict else base.__iter__(value))
    if left[0] < 0 or len(parents) > 20 or any(value is parent for parent in parents):
        return len(items)
    hashes = [_content_hash(item, left, (*parents, value)) for item in items]
    if base in (set, frozenset):
        hashes.sort()
    return hash((cls, *hashes))


def _class_record(cls: Any, new: bool = False) -> dict[str, Any] | None:
    meta = type(cls)
    # Looking for a class whose metaclass hashes or compares in its own way runs its code.
    if not issubclass(meta, type) or (meta.__hash__, meta.__eq__) != (type.__hash__, type.__eq__):
        return None
    record: dict[str, Any] | None = _CLASS_RECORDS.get(cls)
    if record is None and new:
        # Not by setdefault: dict's loses a MemoryError in CPython 3.13.0.
        record = _CLASS_RECORDS[cls] = {}
    return record


def _is_special(name: str) -> bool:
    # Such as __doc__, __annotations__ and _member_names_: where they are no methods, the
    # interpreter and the standard library make and change them.
    return len(name) > 2 and name[0] == "_" == name[-1]


def _is_noted(name: str, value: Any) -> bool:
    return not _is_special(name) or type(value) in _METHODS or name == "__module__"


def _note_class(cls: Any) -> None:
    """Begin the record of a class that is dumped for the first time."""
    record = None if _IS_STRICT else _class_record(cls, new=True)
    if record == {}:
        own = dict(_namespace_of(cls))
        noted = {name: _note(value) for name, value in own.items() if _is_noted(name, value)}
        record.update(noted)


def _is_set_here(cls: Any, record: dict[str, Any], name: str) -> bool:
    """Tell whether an attribute of a class is not what its record has, deleted ones too."""
    own = _namespace_of(cls)
    if _is_special(name) and type(own.get(name)) not in _METHODS:
        return False
    if name not in own or name not in record:
        return name in own or name in record
    return not _is_of(record[name], own[name])


# Modules and builtin types.


def subimport(name: str) -> types.ModuleType:
    """Import a module by its dotted name and return it, not its top-level package."""
    __import__(name)
    return sys.modules[name]


def dynamic_subimport(name: str, vars: dict[str, Any]) -> types.ModuleType:
    """Rebuild a module that can't be imported from what it holds."""
    module = types.ModuleType(name)
    module.__dict__.update(vars)
    module.__dict__["__builtins__"] = builtins.__dict__
    return module


def _builtin_type(name: str) -> Any:
    """Return the type that the module types calls `name`."""
    # cloudpickle before 1.3 wrote ClassType, from Python 2, for type.
    return type if name == "ClassType" else getattr(types, name)


# Functions and cells. A function is made in two steps, first empty and then filled
# by _function_setstate, so that what it refers to can refer back to it.


def instance(cls: Callable[[], T]) -> T:
    """Return a new instance of `cls`; a decorator for classes with one instance."""
    return cls()


@instance
class _empty_cell_value:
    """Stands for the contents of a cell that has none."""

    @classmethod
    def __reduce__(cls) -> str:
        # A string: pickle it as the global of that name, so it stays a singleton.
        return cls.__name__


def _make_function(
    code: types.CodeType,
    globals: dict[str, Any],
    name: str | None,
    argdefs: tuple[Any, ...] | None,
    closure: tuple[CellType, ...] | None,
) -> types.FunctionType:
    _check_version(code)
    # A function looks its builtins up in its globals once, when it is made (CPython,
    # PyFunction_New in Objects/funcobject.c), so the key has to be there before.
    globals["__builtins__"] = builtins.__dict__
    return types.FunctionType(code, globals, name, argdefs, closure)


# How the compiler of CPython 3.x begins a code object: behind COPY_FREE_VARS and MAKE_CELLs, each
# with an EXTENDED_ARG before it, perhaps, and RETURN_GENERATOR with POP_TOP, comes RESUME.
_BEGINNINGS = {
    11: (144, 149, 135, 75, 151),
    12: (144, 149, 135, 75, 151),
    13: (71, 62, 94, 35, 149),
    14: (69, 60, 97, 34, 128),
}
# The interpreter puts these in place of others; co_code never has them.
_NOT_COMPILED = ("INSTRUMENTED_", "ENTER_EXECUTOR", "RESERVED", "TRACE_RECORD")
_opcodes = b""


def _check_version(code: types.CodeType) -> None:
    """Refuse bytecode of another minor version of CPython, which would end the process.

    gocloudpickle's loads does more, before the code object is made: python/loads/foreign.c
    where it is native, _foreign.py where pickle's unpickler loads.
    """
    global _opcodes
    minor = sys.version_info.minor
    if _IS_STRICT or minor not in _BEGINNINGS or sys.implementation.name != "cpython":
        return
    if not isinstance(code, types.CodeType):
        return  # FunctionType says so
    if not _opcodes:
        import opcode

        found = opcode.opmap.items()
        _opcodes = bytes(
            op for name, op in found if op < 256 and not name.startswith(_NOT_COMPILED)
        )
    units = code.co_code[::2]
    unknown = units.translate(None, _opcodes)
    if not unknown and _begins_as(minor, units):
        return
    others = _others(minor, units)
    if unknown or others:
        raise _foreign_error(others or "another version")


def _foreign_error(made_by: str) -> Exception:
    import pickle

    return pickle.UnpicklingError(
        f"a function in it was made by Python {made_by}, and this is Python 3."
        f"{sys.version_info.minor}: one minor version can't run the bytecode of another. Load "
        "it with the version that made it, or make it again with this one"
    )


def _others(minor: int, units: bytes) -> str:
    """Name the versions other than 3.minor whose compiler begins a code object like that."""
    found = [f"3.{other}" for other in _BEGINNINGS if other != minor and _begins_as(other, units)]
    return " or ".join(found)


def _begins_as(minor: int, units: bytes) -> bool:
    extended, copy, cell, generator, resume = _BEGINNINGS[minor]
    at = 0
    while units[at : at + 1] and units[at] in (extended, copy, cell):
        at += 1
    if units[at : at + 1] == bytes([generator]):
        at += 2
    return units[at : at + 1] == bytes([resume])


def _make_empty_cell() -> CellType:
    return CellType()


def _make_cell(value: Any = _empty_cell_value) -> CellType:
    return CellType() if value is _empty_cell_value else CellType(value)


def _function_setstate(obj: Any, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Fill a function made by _make_function.

    `state` is (its __dict__, a dict of its attributes). Two of these attributes
    can't be set, so the globals are filled in place and the cells one by one.
    """
    namespace, attributes = state
    obj.__dict__.update(namespace)

    function_globals = attributes.pop("__globals__")
    closure = attributes.pop("__closure__")
    # Unpickling this list has imported the submodules in it; there is nothing left to do.
    attributes.pop("_cloudpickle_submodules")

    obj.__globals__.update(function_globals)
    obj.__globals__["__builtins__"] = builtins.__dict__

    if closure is not None:
        for index, cell in enumerate(closure):
            try:
                contents = cell.cell_contents
            except ValueError:  # the cell is empty, and so is the function's
                continue
            obj.__closure__[index].cell_contents = contents

    for name, value in attributes.items():
        setattr(obj, name, value)


# Classes. Made in two steps as well: a skeleton with the right bases and metaclass,
# which the unpickler can memoize, and then its attributes.


def _make_skeleton_class(
    type_constructor: type,
    name: str,
    bases: tuple[Any, ...],
    type_kwargs: dict[str, Any],
    class_tracker_id: str | None,
    extra: object,
) -> Any:
    """Make a class without attributes, or find the one with this tracker id.

    `extra` is not used: it is reserved for payloads of later versions.
    """
    # Attribute names of a class written in source are interned. Interning these too
    # makes the class dump to the same bytes when it is dumped again from here.
    body = {sys.intern(key): value for key, value in type_kwargs.items()}
    skeleton = types.new_class(
        name,
        bases,
        {"metaclass": type_constructor},
        lambda class_namespace: class_namespace.update(body),
    )
    return _lookup_class_or_track(class_tracker_id, skeleton)


def _make_skeleton_enum(
    bases: tuple[Any, ...],
    name: str,
    qualname: str,
    members: dict[str, Any],
    module: str,
    class_tracker_id: str | None,
    extra: object,
) -> Any:
    """Make an Enum with its members only, or find the one with this tracker id.

    Members can't be added to an Enum later, so they come before the attributes.
    """
    metaclass: Any = bases[-1].__class__  # Enum or a subclass is always the last base
    class_namespace = metaclass.__prepare__(name, bases)
    # Item by item: the namespace is an _EnumDict, and its __setitem__ registers members.
    for member, value in members.items():
        class_namespace[member] = value
    skeleton = metaclass.__new__(metaclass, name, bases, class_namespace)
    skeleton.__module__ = module
    skeleton.__qualname__ = qualname
    return _lookup_class_or_track(class_tracker_id, skeleton)


def _class_setstate(obj: Any, state: tuple[dict[str, Any], dict[str, Any]]) -> Any:
    """Set the attributes of a skeleton class. `state` is (attributes, unused).

    Where the class has been here before, what has been set on it since then stays.
    """
    attributes, _ = state
    attributes = _arriving(obj, attributes)
    registered = None
    for name, value in attributes.items():
        if name == "_abc_impl":
            registered = value
        else:
            setattr(obj, name, value)

    if sys.version_info >= (3, 13) and "__firstlineno__" in attributes:
        # Setting __module__ removes __firstlineno__ (CPython 3.13, type_set_module
        # in Objects/typeobject.c), and the order of the attributes isn't ours.
        obj.__firstlineno__ = attributes["__firstlineno__"]

    if registered is not None:
        for subclass in registered:
            obj.register(subclass)

    _note_arrived(obj, attributes)
    return obj


def _arriving(cls: Any, attributes: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a class's state what has been set here."""
    record = _class_record(cls)
    if record is None:
        return attributes
    if record.get("__module__") is not _namespace_of(cls).get("__module__"):
        # A state has come past us, by an installed cloudpickle's function. It has set another
        # str of the same text, which no program does.
        record.clear()
        return attributes
    return {
        name: value
        for name, value in attributes.items()
        if name == "_abc_impl" or not _is_set_here(cls, record, name)
    }


def _note_arrived(cls: Any, attributes: dict[str, Any]) -> None:
    """Take the attributes of a class that have just been set into its record."""
    record = None if _IS_STRICT else _class_record(cls, new=True)
    if record is None:
        return
    own = _namespace_of(cls)
    for name in attributes:
        if name in own and _is_noted(name, own[name]):
            record[name] = _note(own[name])


def _make_typevar(
    name: str,
    bound: Any,
    constraints: tuple[Any, ...],
    covariant: bool,
    contravariant: bool,
    class_tracker_id: str | None,
) -> Any:
    # The call must stay in this function: TypeVar takes its __module__ from the caller.
    import typing

    typevar = typing.TypeVar(  # type: ignore[misc]
        name,
        *constraints,
        bound=bound,
        covariant=covariant,
        contravariant=contravariant,
    )
    return _lookup_class_or_track(class_tracker_id, typevar)


def _get_dataclass_field_type_sentinel(name: str) -> Any:
    """Return the object by which dataclasses marks a kind of field."""
    from dataclasses import _FIELD, _FIELD_CLASSVAR, _FIELD_INITVAR  # type: ignore[attr-defined]

    for sentinel in (_FIELD, _FIELD_CLASSVAR, _FIELD_INITVAR):
        if sentinel.name == name:
            return sentinel
    raise KeyError(name)


# Views of dictionaries, and files.


def _make_dict_keys(obj: Iterable[Any], is_ordered: bool = False) -> Any:
    return _dict_type(is_ordered).fromkeys(obj).keys()


def _make_dict_values(obj: Iterable[Any], is_ordered: bool = False) -> Any:
    return _dict_type(is_ordered)(enumerate(obj)).values()


def _make_dict_items(obj: dict[Any, Any], is_ordered: bool = False) -> Any:
    return (_dict_type(True)(obj) if is_ordered else obj).items()


def _dict_type(is_ordered: bool) -> type[dict[Any, Any]]:
    if not is_ordered:
        return dict
    from collections import OrderedDict

    return OrderedDict


def _file_reconstructor(retval: T) -> T:
    return retval


# The dumping side of cloudpickle.cloudpickle, for programs that import it from here.

_FROM_PACKAGE = frozenset(["CloudPickler", "Pickler", "dump", "dumps", "load", "loads"])
_FROM_REDUCERS = frozenset(
    [
        "_BUILTIN_TYPE_NAMES",
        "_extract_class_dict",
        "_extract_code_globals",
        "_find_imported_submodules",
        "_get_bases",
        "_lookup_module_and_qualname",
        "_should_pickle_by_reference",
        "_whichmodule",
    ]
)


def __getattr__(name: str) -> Any:
    if name in _FROM_PACKAGE:
        import gocloudpickle

        return getattr(gocloudpickle, name)
    if name in _FROM_REDUCERS:
        from gocloudpickle import _reducers

        return _reducers.cloudpickle_attribute(sys.modules[__name__], name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_FROM_PACKAGE})
