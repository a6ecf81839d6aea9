"""Functions and classes by value: how cloudpickle takes them apart.

First the question whether an object goes as a name or as what it is made of, then
what a function and a class are made of. The functions called `reduce_...` return what
``__reduce__`` would: what to call when loading, its arguments, and a state.

The namespace is the module whose functions are named: ``cloudpickle.cloudpickle``,
or a copy of it inside another package, such as ``pyspark.cloudpickle.cloudpickle``.

Bytes depend on which strings are shared. ``"".join(name)`` makes a copy of a string
that is interned here but would not be once loaded, so that an object dumps to the
same bytes in the process that made it and in one that loaded it.
"""

from __future__ import annotations

import sys
import types
from weakref import WeakKeyDictionary

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    Namespace = Any  # a module, of which the attributes are known when it runs
    Reduction = tuple[Any, ...]


# By reference or by value.


def resolve(obj: Any, dotted_name: str) -> Any:
    """Follow a dotted name from `obj`, as pickle does for a qualified name."""
    for name in dotted_name.split("."):
        # Until 3.13 pickle refuses this name, even where a module could answer to it.
        if name == "<locals>" and sys.version_info < (3, 14):
            raise AttributeError(f"can't get local attribute {dotted_name!r}")
        obj = getattr(obj, name)
    return obj


def which_module(obj: Any, name: str) -> str | None:
    """Return the name of the module that `obj` comes from, None if it isn't known."""
    module_name: str | None = getattr(obj, "__module__", None)
    if module_name is not None:
        return module_name
    # A copy: looking at a module's attributes can import others, and so can threads.
    for module_name, module in sys.modules.copy().items():
        if module_name in ("__main__", "__mp_main__") or not isinstance(module, types.ModuleType):
            continue
        try:
            if resolve(module, name) is obj:
                return module_name
        except Exception:  # looking must have no side effects, errors included
            pass
    return None


def lookup_module_and_qualname(
    obj: Any, name: str | None = None
) -> tuple[types.ModuleType, str] | None:
    """Return where `obj` can be imported from, None if it can't."""
    if name is None:
        name = getattr(obj, "__qualname__", None)
    if name is None:
        name = getattr(obj, "__name__", None)

    module_name = which_module(obj, name)  # type: ignore[arg-type]
    if module_name is None or module_name == "__main__":
        return None
    # Not there: made at run time with types.ModuleType, or removed since.
    module = sys.modules.get(module_name)
    if module is None:
        return None
    try:
        found = resolve(module, name)  # type: ignore[arg-type]
    except AttributeError:
        return None
    return (module, name) if found is obj else None  # type: ignore[return-value]


def should_pickle_by_reference(namespace: Namespace, obj: Any, name: str | None = None) -> bool:
    """Tell whether a function, class or module is sent as its name only."""
    if isinstance(obj, types.FunctionType) or issubclass(type(obj), type):
        place = lookup_module_and_qualname(obj, name)
        return place is not None and not namespace._is_registered_pickle_by_value(place[0])
    if isinstance(obj, types.ModuleType):
        if namespace._is_registered_pickle_by_value(obj):
            return False
        return obj.__name__ in sys.modules
    raise TypeError(f"cannot check importability of {type(obj).__name__} instances")


# Functions.

_code_globals: WeakKeyDictionary[types.CodeType, dict[str, None]] = WeakKeyDictionary()


def walk_global_ops(code: types.CodeType) -> Iterator[str]:
    """Yield the name of each global that `code` itself reads, sets or deletes."""
    import dis

    operations = {dis.opmap[name] for name in ("LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL")}
    for instruction in dis.get_instructions(code):
        if instruction.opcode in operations:
            yield instruction.argval


def extract_code_globals(code: types.CodeType) -> dict[str, None]:
    """Return the globals that `code` and the code inside it use, as keys, in order."""
    names = _code_globals.get(code)
    if names is None:
        names = dict.fromkeys(walk_global_ops(code))
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                names.update(extract_code_globals(constant))
        _code_globals[code] = names
    return names


def find_imported_submodules(code: types.CodeType, values: Iterable[Any]) -> list[Any]:
    """Return the modules that `code` reaches through the packages among `values`.

    ``concurrent.futures`` in a function is the global ``concurrent`` and an
    attribute; the package alone would not import its submodule when loaded.
    """
    submodules = []
    names = set(code.co_names)
    for value in values:
        if not (isinstance(value, types.ModuleType) and getattr(value, "__package__", None)):
            continue
        prefix = value.__name__ + "."
        # A copy: threads may import, and sys.modules may hold None as a name.
        for module_name in list(sys.modules):
            if module_name is not None and module_name.startswith(prefix):
                if names.issuperset(module_name[len(prefix) :].split(".")):
                    submodules.append(sys.modules[module_name])
    return submodules


def reduce_function(
    namespace: Namespace, globals_ref: dict[int, dict[str, Any]], func: types.FunctionType
) -> Any:
    """Reduce a function, or return NotImplemented if it is sent by reference.

    `globals_ref` belongs to the Pickler: functions that share their globals when
    dumped by it share one dictionary when loaded.
    """
    if should_pickle_by_reference(namespace, func):
        return NotImplemented
    return (
        namespace._make_function,
        _function_arguments(namespace, globals_ref, func),
        _function_state(namespace, func),
        None,
        None,
        namespace._function_setstate,
    )


def _function_arguments(
    namespace: Namespace, globals_ref: dict[int, dict[str, Any]], func: types.FunctionType
) -> Reduction:
    base_globals = globals_ref.setdefault(id(func.__globals__), {})
    if base_globals == {}:
        # What relative imports inside the function are resolved with.
        for name in ("__package__", "__name__", "__path__", "__file__"):
            if name in func.__globals__:
                base_globals[name] = func.__globals__[name]

    # Empty cells, filled by the state: a closure can contain the function itself.
    closure = None
    if func.__closure__ is not None:
        closure = tuple(namespace._make_empty_cell() for _ in func.__code__.co_freevars)
    return func.__code__, base_globals, None, None, closure


def _function_state(namespace: Namespace, func: types.FunctionType) -> Reduction:
    attributes: dict[str, Any] = {
        "__name__": "".join(func.__name__),
        "__qualname__": "".join(func.__qualname__),
        "__annotations__": func.__annotations__,
        "__kwdefaults__": func.__kwdefaults__,
        "__defaults__": func.__defaults__,
        "__module__": func.__module__,
        "__doc__": func.__doc__,
        "__closure__": func.__closure__,
    }
    function_globals = {
        name: func.__globals__[name]
        for name in extract_code_globals(func.__code__)
        if name in func.__globals__
    }
    values = list(function_globals.values())
    for cell in func.__closure__ or ():
        try:
            values.append(cell.cell_contents)
        except ValueError:  # the cell is empty
            values.append(namespace._empty_cell_value)

    attributes["_cloudpickle_submodules"] = find_imported_submodules(func.__code__, values)
    attributes["__globals__"] = function_globals
    return {"".join(name): value for name, value in func.__dict__.items()}, attributes


# Classes.

# types.FunctionType and types.LambdaType are one; the last name wins, as in cloudpickle.
BUILTIN_TYPE_NAMES = {value: name for name, value in vars(types).items() if type(value) is type}


def reduce_class(namespace: Namespace, cls: type) -> Any:
    """Reduce a class, or return NotImplemented if it is sent by reference."""
    if cls is type(None):
        return type, (None,)
    if cls is type(Ellipsis):
        return type, (Ellipsis,)
    if cls is type(NotImplemented):
        return type, (NotImplemented,)
    if cls in BUILTIN_TYPE_NAMES:
        return namespace._builtin_type, (BUILTIN_TYPE_NAMES[cls],)
    if should_pickle_by_reference(namespace, cls):
        return NotImplemented

    enum = sys.modules.get("enum")  # no Enum exists before it is imported
    if enum is not None and issubclass(cls, enum.Enum):
        make, arguments, state = namespace._make_skeleton_enum, _enum_arguments, _enum_state
    else:
        make, arguments, state = namespace._make_skeleton_class, _class_arguments, _class_state
    return make, arguments(namespace, cls), state(cls), None, None, namespace._class_setstate


def get_bases(cls: Any) -> tuple[Any, ...]:
    """Return the bases as written: Generic[T], where ``__bases__`` has Generic."""
    # hasattr would find the __orig_bases__ of a base class (PEP 560).
    written = "__orig_bases__" in getattr(cls, "__dict__", {})
    bases: tuple[Any, ...] = getattr(cls, "__orig_bases__" if written else "__bases__")
    return bases


def extract_class_dict(cls: type) -> dict[str, Any]:
    """Return what a class defines itself, sorted by name."""
    own = {"".join(name): cls.__dict__[name] for name in sorted(cls.__dict__)}
    inherited: Any = {}
    if len(cls.__bases__) == 1:
        inherited = cls.__bases__[0].__dict__
    else:
        for base in reversed(cls.__bases__):
            inherited.update(base.__dict__)
    missing = object()
    return {name: value for name, value in own.items() if inherited.get(name, missing) is not value}


def _class_arguments(namespace: Namespace, cls: type) -> Reduction:
    type_kwargs: dict[str, Any] = {}
    if "__module__" in cls.__dict__:
        type_kwargs["__module__"] = cls.__module__
    # A class can define __dict__ as a property, but it can't be set later.
    own_dict = cls.__dict__.get("__dict__")
    if isinstance(own_dict, property):
        type_kwargs["__dict__"] = own_dict
    tracker_id = namespace._get_or_create_tracker_id(cls)
    return type(cls), cls.__name__, get_bases(cls), type_kwargs, tracker_id, None


def _class_state(cls: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    attributes = extract_class_dict(cls)
    attributes.pop("__weakref__", None)

    import abc

    if issubclass(type(cls), abc.ABCMeta):
        attributes["_abc_impl"] = _abc_registered(cls, attributes)

    if "__slots__" in attributes:
        # Their descriptors are made again from __slots__.
        if isinstance(cls.__slots__, str):
            attributes.pop(cls.__slots__)
        else:
            for name in cls.__slots__:
                attributes.pop(name, None)

    attributes.pop("__dict__", None)
    if sys.version_info >= (3, 14):
        # A closure over the class namespace (PEP 649); the annotations go as values.
        attributes.pop("__annotate_func__", None)
    return attributes, {}


def _abc_registered(cls: Any, attributes: dict[str, Any]) -> list[Any]:
    """Take the caches out of an ABC's attributes; return the classes registered with it."""
    import abc

    for name in ("_abc_cache", "_abc_negative_cache", "_abc_negative_cache_version"):
        attributes.pop(name, None)
    registry = attributes.pop("_abc_registry", None)
    if registry is not None:  # made by the ABCMeta of Lib/_py_abc.py: a WeakSet
        return list(registry)
    attributes.pop("_abc_impl", None)
    registry, *_ = abc._get_dump(cls)  # type: ignore[attr-defined]
    return [reference() for reference in registry]


def _enum_arguments(namespace: Namespace, cls: Any) -> Reduction:
    members = {member.name: member.value for member in cls}
    tracker_id = namespace._get_or_create_tracker_id(cls)
    return cls.__bases__, cls.__name__, cls.__qualname__, members, cls.__module__, tracker_id, None


def _enum_state(cls: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    attributes, slots = _class_state(cls)
    members = dict.fromkeys(member.name for member in cls)
    # The metaclass makes these.
    for name in (
        "_generate_next_value_",
        "_member_names_",
        "_member_map_",
        "_member_type_",
        "_value2member_map_",
    ):
        attributes.pop(name, None)
    for name in members:
        attributes.pop(name)
    return attributes, slots
