"""Functions and classes by value: how cloudpickle takes them apart.

First the question whether an object goes as a name or as what it is made of, then
what a function and a class are made of. The functions called `reduce_...` return what
``__reduce__`` would: what to call when loading, its arguments, and a state.

The namespace is the module whose functions are named: ``cloudpickle.cloudpickle``,
or a copy of it inside another package, such as ``pyspark.cloudpickle.cloudpickle``.

Bytes depend on which strings are shared. ``"".join(name)`` makes a copy of a string
that is interned here but would not be once loaded, so that an object dumps to the
same bytes in the process that made it and in one that loaded it.

An object whose ``__class__`` says function is taken apart as one, whatever its type:
wrapt's function proxies, and what ``unittest.mock`` makes to a specification. Such an
object sees which attributes are read, how often, and in which order, and answers with
what it likes. So each is read here exactly as cloudpickle reads it.
"""

from __future__ import annotations

import sys
import types
from weakref import WeakKeyDictionary

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    Namespace = Any  # a module, of which the attributes are known when it runs
    Reduction = tuple[Any, ...]


# By reference or by value.


def resolve(obj: Any, dotted_name: str) -> Any:
    """Follow a dotted name from `obj`, as pickle does for a qualified name."""
    if sys.version_info >= (3, 14):
        for name in dotted_name.split("."):
            obj = getattr(obj, name)
        return obj
    for name in dotted_name.split("."):
        # Until 3.13 pickle refuses this name, even where a module could answer to it.
        if name == "<locals>":
            raise AttributeError(f"can't get local attribute {dotted_name!r}")
        parent, obj = obj, getattr(obj, name)
    # A name that isn't a str can have no parts, as a mock's, and pickle trips over that.
    return (obj, parent)[0]


def which_module(obj: Any, name: str) -> str | None:
    """Return the name of the module that `obj` comes from, None if it isn't known."""
    module_name: str | None = getattr(obj, "__module__", None)
    if module_name is not None:
        return module_name
    # A copy: looking at a module's attributes can import others, and so can threads.
    for module_name, module in sys.modules.copy().items():
        if (
            module_name == "__main__"
            or module_name == "__mp_main__"
            or module is None
            or not isinstance(module, types.ModuleType)
        ):
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

# PyPy's builtin functions are functions, whose code is of another type; some of them say
# no name by which they could be found. None in CPython.
_BUILTIN_CODE = type(float.__new__.__code__) if hasattr(float.__new__, "__code__") else None

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
        if code.co_consts:
            for constant in code.co_consts:
                if isinstance(constant, types.CodeType):
                    names.update(extract_code_globals(constant))
        _code_globals[code] = names
    return names


def find_imported_submodules(
    code: types.CodeType, values: Iterable[Any], taken: Iterable[str] = ()
) -> list[Any]:
    """Return the modules that `code` reaches through the packages among `values`.

    ``concurrent.futures`` in a function is the global ``concurrent`` and an
    attribute; the package alone would not import its submodule when loaded. taken are names
    of attributes that aren't in co_names.
    """
    submodules = []
    for value in values:
        if not (
            isinstance(value, types.ModuleType)
            and hasattr(value, "__package__")
            and value.__package__
        ):
            continue
        prefix = value.__name__ + "."
        # A copy: threads may import, and sys.modules may hold None as a name.
        for module_name in list(sys.modules):
            if module_name is not None and module_name.startswith(prefix):
                names = set(module_name[len(prefix) :].split("."))
                if not (names - set(code.co_names)).difference(taken):
                    submodules.append(sys.modules[module_name])
    return submodules


def reduce_function(
    namespace: Namespace,
    globals_ref: dict[int, dict[str, Any]],
    func: types.FunctionType,
    strict: bool = True,
) -> Any:
    """Reduce a function, or return NotImplemented if it is sent by reference.

    `globals_ref` belongs to the Pickler: functions that share their globals when
    dumped by it share one dictionary when loaded.
    """
    if should_pickle_by_reference(namespace, func):
        return NotImplemented
    if _BUILTIN_CODE is not None and type(func.__code__) is _BUILTIN_CODE:
        return (
            types.FunctionType,
            (func.__code__, {}, func.__name__, func.__defaults__, func.__closure__),
            func.__dict__,
        )
    # A proxy would see its attributes being read.
    if not strict and type(func) is types.FunctionType and func.__globals__ is _functools():
        from gocloudpickle._beyond.functools_ import note_dispatch_cache

        note_dispatch_cache(func)
    return (
        namespace._make_function,
        _function_arguments(namespace, globals_ref, func),
        _function_state(namespace, func, strict),
        None,
        None,
        namespace._function_setstate,
    )


def _functools() -> Any:
    functools = sys.modules.get("functools")
    return None if functools is None else functools.__dict__


BASE_GLOBALS = ("__package__", "__name__", "__path__", "__file__")
"""What relative imports inside a function are resolved with."""


def base_globals(function_globals: dict[str, Any]) -> dict[str, Any]:
    """Return what the globals of a function, once loaded, begin with."""
    return {name: function_globals[name] for name in BASE_GLOBALS if name in function_globals}


def _function_arguments(
    namespace: Namespace, globals_ref: dict[int, dict[str, Any]], func: types.FunctionType
) -> Reduction:
    code = func.__code__
    shared = globals_ref.setdefault(id(func.__globals__), {})
    if shared == {}:
        for name in BASE_GLOBALS:
            if name in func.__globals__:
                shared[name] = func.__globals__[name]

    # Empty cells, filled by the state: a closure can contain the function itself.
    closure = None
    if func.__closure__ is not None:
        closure = tuple(namespace._make_empty_cell() for _ in range(len(code.co_freevars)))
    return code, shared, None, None, closure


def _function_annotations(func: Any, strict: bool) -> dict[str, Any]:
    try:
        return {"__annotations__": func.__annotations__}
    except Exception:  # from 3.14 on: they are evaluated now, and a name in them is undefined
        if strict:
            raise
        return {"__annotate__": func.__annotate__}


def _taken_by_getattr(func: types.FunctionType) -> Iterable[str]:
    # A proxy would see its attributes being read.
    if type(func) is not types.FunctionType or "getattr" not in func.__code__.co_names:
        return ()
    from gocloudpickle import _getattrs

    return _getattrs.constant_getattrs(func.__code__)


def _function_state(namespace: Namespace, func: types.FunctionType, strict: bool) -> Reduction:
    attributes: dict[str, Any] = {
        "__name__": "".join(func.__name__),
        "__qualname__": "".join(func.__qualname__),
        **_function_annotations(func, strict),
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
    if func.__closure__ is not None:
        for cell in func.__closure__:
            try:
                values.append(cell.cell_contents)
            except ValueError:  # the cell is empty
                values.append(namespace._empty_cell_value)

    taken = () if strict else _taken_by_getattr(func)
    attributes["_cloudpickle_submodules"] = find_imported_submodules(func.__code__, values, taken)
    attributes["__globals__"] = function_globals
    parameters = () if strict else getattr(func, "__type_params__", ())
    if parameters:  # of PEP 695
        attributes["__type_params__"] = parameters
    return {"".join(name): value for name, value in func.__dict__.items()}, attributes


# Classes.

# types.FunctionType and types.LambdaType are one; the last name wins, as in cloudpickle.
BUILTIN_TYPE_NAMES = {value: name for name, value in vars(types).items() if type(value) is type}


def reduce_class(namespace: Namespace, cls: type, strict: bool = True) -> Any:
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

    annotations: dict[str, Any] = {}
    if not strict and sys.version_info >= (3, 14):
        from gocloudpickle._beyond.annotations import lost_annotations

        annotations = lost_annotations(cls)
    enum = sys.modules.get("enum")  # no Enum exists before it is imported
    if enum is not None and issubclass(cls, enum.Enum):
        if not strict:
            from gocloudpickle._beyond import enums

            better = enums.reduce_enum(namespace, cls, annotations)
            if better is not NotImplemented:
                return better
        make, arguments, state = namespace._make_skeleton_enum, _enum_arguments, _enum_state
    else:
        if not strict:
            from gocloudpickle._beyond import classes

            better = classes.reduce_class(namespace, cls, annotations)
            if better is not NotImplemented:
                return better
        make, arguments, state = namespace._make_skeleton_class, _class_arguments, _class_state
    return make, arguments(namespace, cls), state(cls), None, None, namespace._class_setstate


def get_bases(cls: Any) -> tuple[Any, ...]:
    """Return the bases as written: Generic[T], where ``__bases__`` has Generic."""
    # hasattr would find the __orig_bases__ of a base class (PEP 560).
    written = "__orig_bases__" in getattr(cls, "__dict__", {})
    bases: tuple[Any, ...] = getattr(cls, "__orig_bases__" if written else "__bases__")
    return bases


def tracker_id(namespace: Namespace, cls: type) -> str:
    """Return the id under which both sides know a class."""
    is_new = cls not in namespace._DYNAMIC_CLASS_TRACKER_BY_CLASS
    class_tracker_id: str = namespace._get_or_create_tracker_id(cls)
    if is_new:
        from gocloudpickle import _bind

        _bind.note_class(namespace, cls)
    return class_tracker_id


def _own_dict(cls: type) -> dict[str, Any]:
    return {"".join(name): cls.__dict__[name] for name in sorted(cls.__dict__)}


def extract_class_dict(cls: type) -> dict[str, Any]:
    """Return what a class defines itself, sorted by name."""
    own = _own_dict(cls)
    inherited: Any = {}
    if len(cls.__bases__) == 1:
        inherited = cls.__bases__[0].__dict__
    else:
        for base in reversed(cls.__bases__):
            inherited.update(base.__dict__)
    for name in list(own):
        try:
            same = own[name] is inherited[name]
        except KeyError:
            continue
        if same:
            del own[name]
    return own


def _class_arguments(namespace: Namespace, cls: type) -> Reduction:
    type_kwargs: dict[str, Any] = {}
    if "__module__" in cls.__dict__:
        type_kwargs["__module__"] = cls.__module__
    # A class can define __dict__ as a property, but it can't be set later.
    own_dict = cls.__dict__.get("__dict__")
    if isinstance(own_dict, property):
        type_kwargs["__dict__"] = own_dict
    return (
        type(cls),
        cls.__name__,
        get_bases(cls),
        type_kwargs,
        tracker_id(namespace, cls),
        None,
    )


def _class_state(
    cls: Any, amend: Callable[[dict[str, Any]], None] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    # amend takes out of the class's namespace what isn't to be sent, where that is not
    # what cloudpickle takes out: inherited attributes, and the descriptors of slots.
    attributes = extract_class_dict(cls) if amend is None else _own_dict(cls)
    attributes.pop("__weakref__", None)

    import abc

    if issubclass(type(cls), abc.ABCMeta):
        attributes["_abc_impl"] = abc_registered(cls, attributes)

    if amend is not None:
        amend(attributes)
    elif "__slots__" in attributes:
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


def abc_registered(cls: Any, attributes: dict[str, Any]) -> list[Any]:
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
    return (
        cls.__bases__,
        cls.__name__,
        cls.__qualname__,
        members,
        cls.__module__,
        tracker_id(namespace, cls),
        None,
    )


def _enum_state(cls: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    attributes, slots = _class_state(cls)
    members = {member.name: member.value for member in cls}
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
