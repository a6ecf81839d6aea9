"""The dispatch table of cloudpickle's Pickler, and the reducers in it.

A reducer turns an object into the tuple that ``__reduce__`` would return: what to
call when loading, and with which arguments. The engine knows them by their `kind` and
does the frequent ones itself; the rare ones it calls. Together with reduce_function and
reduce_class, which serve ``super().reducer_override(obj)`` in subclasses, they are the
engine's slow twin, to compare its bytes with.

A reducer names functions of a namespace: the module ``cloudpickle.cloudpickle``, or
a copy of it inside another package, such as ``pyspark.cloudpickle.cloudpickle``.
"""

from __future__ import annotations

import sys
import types

from ._by_value import (
    BUILTIN_TYPE_NAMES,
    extract_class_dict,
    extract_code_globals,
    find_imported_submodules,
    get_bases,
    lookup_module_and_qualname,
    reduce_class,
    reduce_function,
    should_pickle_by_reference,
    which_module,
)

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ._by_value import Namespace, Reduction

__all__ = ["DispatchTable", "Reducer", "dispatch_table", "reduce_class", "reduce_function"]


def reduce_code(namespace: Namespace, code: types.CodeType) -> Reduction:
    """Reduce a code object to the arguments of its constructor."""
    # Code objects made by the compiler share tuples and strings; the same ones made by
    # a payload don't. With these copies both dump to the same bytes.
    # A generator, since tuple(a_tuple) is the same tuple.
    name = "".join(code.co_name)
    names, varnames, freevars, cellvars = (
        tuple(name for name in names)
        for names in (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    )
    head = (
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_nlocals,
        code.co_stacksize,
        code.co_flags,
        code.co_code,
        code.co_consts,
        names,
        varnames,
        code.co_filename,
        name,
    )
    # By what there is, not by version: PyPy of a version is not CPython of that version.
    if hasattr(code, "co_exceptiontable"):
        middle: Reduction = (
            code.co_qualname,  # type: ignore[attr-defined]
            code.co_firstlineno,
            code.co_linetable,
            code.co_exceptiontable,
        )
    elif hasattr(code, "co_linetable"):
        middle = (code.co_firstlineno, code.co_linetable)
    else:  # until 3.9, and PyPy
        middle = (code.co_firstlineno, code.co_lnotab)
    return types.CodeType, (*head, *middle, freevars, cellvars)


def reduce_cell(namespace: Namespace, cell: types.CellType) -> Reduction:
    """Reduce a cell of a closure, which may be empty."""
    try:
        contents = cell.cell_contents
    except ValueError:
        return namespace._make_empty_cell, ()
    return namespace._make_cell, (contents,)


def reduce_classmethod(namespace: Namespace, method: Any) -> Reduction:
    """Reduce a classmethod, a staticmethod or an abstract one."""
    return type(method), (method.__func__,)


def reduce_property(namespace: Namespace, prop: property) -> Reduction:
    """Reduce a property, and abc's abstract one."""
    return property, (prop.fget, prop.fset, prop.fdel, prop.__doc__)


def reduce_method(namespace: Namespace, method: types.MethodType) -> Reduction:
    """Reduce a bound method to its function and its object."""
    return types.MethodType, (method.__func__, method.__self__)


def reduce_getset_descriptor(namespace: Namespace, descriptor: Any) -> Reduction:
    """Reduce a descriptor of a type written in C to its place."""
    return getattr, (descriptor.__objclass__, descriptor.__name__)


def reduce_mappingproxy(namespace: Namespace, proxy: Any) -> Reduction:
    """Reduce a read-only view of a dict, such as a class's ``__dict__``."""
    return types.MappingProxyType, (dict(proxy),)


def reduce_memoryview(namespace: Namespace, view: memoryview) -> Reduction:
    """Reduce a memoryview to its bytes."""
    return bytes, (view.tobytes(),)


def reduce_module(namespace: Namespace, module: types.ModuleType) -> Reduction:
    """Reduce a module to its name, or to what it holds if it can't be imported."""
    if should_pickle_by_reference(namespace, module):
        return namespace.subimport, (module.__name__,)
    contents = module.__dict__.copy()
    # Some programs put things there that can't be pickled (cloudpickle issue 316).
    contents.pop("__builtins__", None)
    return namespace.dynamic_subimport, (module.__name__, contents)


def reduce_logger(namespace: Namespace, logger: Any) -> Reduction:
    """Reduce a logger to its name."""
    import logging

    return logging.getLogger, (logger.name,)


def reduce_root_logger(namespace: Namespace, logger: Any) -> Reduction:
    """Reduce the root logger, which has a name but isn't found by it."""
    import logging

    return logging.getLogger, ()


def reduce_weakset(namespace: Namespace, weakset: Any) -> Reduction:
    """Reduce a weakref.WeakSet to its elements."""
    from weakref import WeakSet

    return WeakSet, (list(weakset),)


def reduce_typevar(namespace: Namespace, typevar: Any) -> Reduction:
    """Reduce a TypeVar to its place, or to its parts if it has none."""
    place = lookup_module_and_qualname(typevar, name=typevar.__name__)
    if place is not None and not namespace._is_registered_pickle_by_value(place[0]):
        return getattr, place
    return namespace._make_typevar, (
        typevar.__name__,
        typevar.__bound__,
        typevar.__constraints__,
        typevar.__covariant__,
        typevar.__contravariant__,
        namespace._get_or_create_tracker_id(typevar),
    )


# A view is reduced to what it shows: the rest of its dict isn't meant to be sent.


def reduce_dict_keys(namespace: Namespace, view: Any) -> Reduction:
    """Reduce a dict's keys."""
    return namespace._make_dict_keys, (list(view),)


def reduce_dict_values(namespace: Namespace, view: Any) -> Reduction:
    """Reduce a dict's values."""
    return namespace._make_dict_values, (list(view),)


def reduce_dict_items(namespace: Namespace, view: Any) -> Reduction:
    """Reduce a dict's items."""
    return namespace._make_dict_items, (dict(view),)


def reduce_odict_keys(namespace: Namespace, view: Any) -> Reduction:
    """Reduce an OrderedDict's keys."""
    return namespace._make_dict_keys, (list(view), True)


def reduce_odict_values(namespace: Namespace, view: Any) -> Reduction:
    """Reduce an OrderedDict's values."""
    return namespace._make_dict_values, (list(view), True)


def reduce_odict_items(namespace: Namespace, view: Any) -> Reduction:
    """Reduce an OrderedDict's items."""
    return namespace._make_dict_items, (dict(view), True)


def reduce_dataclass_field_type(namespace: Namespace, sentinel: Any) -> Reduction:
    """Reduce one of the objects by which dataclasses marks a kind of field."""
    return namespace._get_dataclass_field_type_sentinel, (sentinel.name,)


def reduce_file(namespace: Namespace, file: Any) -> Reduction:
    """Reduce a text file that is open for reading to its contents and position."""
    import io
    from pickle import PicklingError

    if not hasattr(file, "name") or not hasattr(file, "mode"):
        raise PicklingError("Cannot pickle files that do not map to an actual file")
    if file is sys.stdout:
        return getattr, (sys, "stdout")
    if file is sys.stderr:
        return getattr, (sys, "stderr")
    if file is sys.stdin:
        raise PicklingError("Cannot pickle standard input")
    if file.closed:
        raise PicklingError("Cannot pickle closed files")
    if hasattr(file, "isatty") and file.isatty():
        raise PicklingError("Cannot pickle files that map to tty objects")
    if "r" not in file.mode and "+" not in file.mode:
        raise PicklingError(f"Cannot pickle files that are not opened for reading: {file.mode}")

    name = file.name
    copy: Any = io.StringIO()
    try:
        position = file.tell()
        file.seek(0)
        contents = file.read()
        file.seek(position)
    except OSError as error:
        raise PicklingError(f"Cannot pickle file {name} as it cannot be read") from error
    copy.write(contents)
    copy.seek(position)
    copy.name = name
    return namespace._file_reconstructor, (copy,)


class Reducer:
    """An entry of a dispatch table: a reducer and the namespace it names."""

    __slots__ = ("kind", "namespace", "reduce")

    def __init__(
        self, kind: str, namespace: Namespace, reduce: Callable[[Namespace, Any], Reduction]
    ) -> None:
        self.kind = kind
        self.namespace = namespace
        self.reduce = reduce

    def __call__(self, obj: Any) -> Reduction:
        return self.reduce(self.namespace, obj)

    def __repr__(self) -> str:
        return f"<reducer of {self.kind} for {self.namespace.__name__}>"

    def __reduce__(self) -> Reduction:
        # A Pickler made at run time travels by value, and its table with it.
        return make_reducer, (self.kind, self.namespace.__name__)


def make_reducer(kind: str, namespace_name: str) -> Reducer:
    """Return a reducer of this kind for the module of this name."""
    __import__(namespace_name)
    return Reducer(kind, sys.modules[namespace_name], _REDUCERS[kind])


_REDUCERS: dict[str, Callable[[Namespace, Any], Reduction]] = {
    "classmethod": reduce_classmethod,
    "file": reduce_file,
    "logger": reduce_logger,
    "root_logger": reduce_root_logger,
    "memoryview": reduce_memoryview,
    "property": reduce_property,
    "cell": reduce_cell,
    "code": reduce_code,
    "getset_descriptor": reduce_getset_descriptor,
    "module": reduce_module,
    "method": reduce_method,
    "mappingproxy": reduce_mappingproxy,
    "weakset": reduce_weakset,
    "typevar": reduce_typevar,
    "dict_keys": reduce_dict_keys,
    "dict_values": reduce_dict_values,
    "dict_items": reduce_dict_items,
    "odict_keys": reduce_odict_keys,
    "odict_values": reduce_odict_values,
    "odict_items": reduce_odict_items,
    "dataclass_field_type": reduce_dataclass_field_type,
}

# Types whose modules take long to import, and have no objects before they are:
# (module, name, kind). From 3.12 on, TypeVar is built in, and typing has its name only.
_LATE = [
    ("logging", "Logger", "logger"),
    ("logging", "RootLogger", "root_logger"),
    ("_typing" if sys.version_info >= (3, 12) else "typing", "TypeVar", "typevar"),
    ("dataclasses", "_FIELD_BASE", "dataclass_field_type"),
]


class DispatchTable(dict[type, "Callable[[Any], Any]"]):
    """A dict from types to reducers, which gains the types of modules imported later.

    A module in `late` had not been imported when the table was last looked at.
    Whoever reads the table other than through its methods calls complete() first;
    once it has returned True this is a dict like any other.
    """

    late: Sequence[tuple[str, str, Reducer]] = ()

    def complete(self) -> bool:
        """Add the types whose modules have been imported; tell whether that is all."""
        if self.late:
            self.late = [entry for entry in self.late if not self._add(*entry)]
        return not self.late

    def _add(self, module: str, name: str, reducer: Reducer) -> bool:
        cls = getattr(sys.modules.get(module), name, None)
        if cls is None:
            return False
        if not dict.__contains__(self, cls):  # what the user has set stays
            self[cls] = reducer
        return True

    def __missing__(self, cls: type) -> Callable[[Any], Any]:
        self.complete()
        if dict.__contains__(self, cls):
            return self[cls]
        raise KeyError(cls)


def _completing(name: str) -> Any:
    method = getattr(dict, name)

    def call(self: DispatchTable, *args: Any) -> Any:
        self.complete()
        return method(self, *args)

    call.__name__, call.__doc__ = name, method.__doc__
    call.__qualname__ = f"DispatchTable.{name}"
    return call


for _name in (
    *("__contains__", "__delitem__", "__eq__", "__iter__", "__len__", "__ne__", "__repr__"),
    *("__reversed__", "copy", "get", "items", "keys", "pop", "values"),
):
    setattr(DispatchTable, _name, _completing(_name))


def dispatch_table(namespace: Namespace) -> DispatchTable:
    """Return a new dispatch table, with the types that cloudpickle's has."""
    import _collections_abc
    import abc
    import io
    from collections import OrderedDict
    from weakref import WeakSet

    if "_typing" in sys.builtin_module_names:  # from 3.11 on
        # So that TypeVar, which is C's from 3.12 on, isn't late.
        import _typing  # type: ignore[import-not-found]  # noqa: F401

    reducers = {kind: Reducer(kind, namespace, reduce) for kind, reduce in _REDUCERS.items()}
    table = DispatchTable()
    table.late = [(module, name, reducers[kind]) for module, name, kind in _LATE]
    empty: OrderedDict[Any, Any] = OrderedDict()
    types_and_kinds: list[tuple[Any, str]] = [
        (classmethod, "classmethod"),
        (io.TextIOWrapper, "file"),
        (memoryview, "memoryview"),
        (property, "property"),
        (staticmethod, "classmethod"),
        (types.CellType, "cell"),
        (types.CodeType, "code"),
        (types.GetSetDescriptorType, "getset_descriptor"),
        (types.ModuleType, "module"),
        (types.MethodType, "method"),
        (types.MappingProxyType, "mappingproxy"),
        (WeakSet, "weakset"),
        (_collections_abc.dict_keys, "dict_keys"),
        (_collections_abc.dict_values, "dict_values"),
        (_collections_abc.dict_items, "dict_items"),
        (type(empty.keys()), "odict_keys"),
        (type(empty.values()), "odict_values"),
        (type(empty.items()), "odict_items"),
        # abc.abstractmethod is a function, and no type: cloudpickle has it here too.
        (abc.abstractmethod, "classmethod"),
        (abc.abstractclassmethod, "classmethod"),
        (abc.abstractstaticmethod, "classmethod"),
        (abc.abstractproperty, "property"),
    ]
    for cls, kind in types_and_kinds:
        table[cls] = reducers[kind]
    table.complete()
    return table


# What cloudpickle.cloudpickle has besides, for _rebuild.py to give under its names.


def cloudpickle_attribute(namespace: Namespace, name: str) -> Any:
    """Return what cloudpickle.cloudpickle calls `name`."""
    if name == "_should_pickle_by_reference":
        from functools import partial

        return partial(should_pickle_by_reference, namespace)
    return {
        "_BUILTIN_TYPE_NAMES": BUILTIN_TYPE_NAMES,
        "_extract_class_dict": extract_class_dict,
        "_extract_code_globals": extract_code_globals,
        "_find_imported_submodules": find_imported_submodules,
        "_get_bases": get_bases,
        "_lookup_module_and_qualname": lookup_module_and_qualname,
        "_whichmodule": which_module,
    }[name]
