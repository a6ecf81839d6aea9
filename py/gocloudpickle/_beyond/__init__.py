"""Right where cloudpickle is wrong: objects that stock 3.1.2 refuses, or breaks.

A reducer here takes an object of a certain type, and returns what ``__reduce__`` would,
or NotImplemented where stock pickles that object rightly: then stock's bytes stay. It
is asked when nobody else has a say in the object: after persistent_id, the memo, a
subclass's reducer_override and the dispatch tables, before ``__reduce_ex__``. What it
returns names the standard library and cloudpickle only, so that a process with stock
cloudpickle alone can load it; code that these don't have travels by value
(`by_value` of _travel.py).

docs/beyond-cloudpickle.md has a row for each kind, with the public report.
What concerns functions, classes and modules themselves is in _by_value.py and
_reducers.py, which ask for `strict`.
"""

from __future__ import annotations

import sys
from functools import cached_property, cmp_to_key
from types import ModuleType
from weakref import ReferenceType

from gocloudpickle import _strict
from gocloudpickle._reducers import DispatchTable, Reducer

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Namespace = Any
    Reduction = Any  # a tuple or a str, or NotImplemented

# Of exactly these types, (module, name, reducer): "module:function" inside this package.
# A type comes in when its module is imported, by whoever needs it. One that cloudpickle
# has in its dispatch table is asked about before that, unless the user has put another
# reducer there.
_TYPING = "_typing" if sys.version_info >= (3, 12) else "typing"  # where type variables come from
TYPES = (
    ("functools", "_lru_cache_wrapper", "functools_:reduce_lru_cache"),
    ("abc", "abstractproperty", "descriptors:reduce_abstract_property"),
    ("_contextvars", "ContextVar", "contextvars_:reduce_variable"),
    ("_contextvars", "Context", "contextvars_:reduce_context"),
    ("weakref", "ReferenceType", "weakrefs:reduce_ref"),
    ("weakref", "WeakMethod", "weakrefs:reduce_weak_method"),
    ("weakref", "ProxyType", "weakrefs:reduce_proxy"),
    ("weakref", "CallableProxyType", "weakrefs:reduce_proxy"),
    ("weakref", "WeakKeyDictionary", "weakrefs:reduce_weak_dictionary"),
    ("weakref", "WeakValueDictionary", "weakrefs:reduce_weak_dictionary"),
    ("contextlib", "_AsyncGeneratorContextManager", "contextlib_:reduce_generator_manager"),
    ("contextlib", "_GeneratorContextManager", "contextlib_:reduce_generator_manager"),
    ("functools", "cached_property", "functools_:reduce_cached_property"),
    ("functools", "partialmethod", "functools_:reduce_partialmethod"),
    ("types", "MappingProxyType", "functools_:reduce_registry_view"),
    ("annotationlib", "ForwardRef", "annotations:reduce_forwardref"),
    ("typing", "NewType", "typing_:reduce_newtype"),
    (_TYPING, "TypeVar", "typing_:reduce_typevar"),
    (_TYPING, "ParamSpec", "typing_:reduce_paramspec"),
    (_TYPING, "TypeVarTuple", "typing_:reduce_typevartuple"),
    (_TYPING, "TypeAliasType", "typing_:reduce_alias"),
)

# Of this type and of its subclasses: up to 3.11 they hold a lock.
BASE = cached_property if sys.version_info < (3, 12) else None

# Of subclasses of these builtin types that leave it to object.__reduce_ex__, which
# refuses them: their memory holds more than a __dict__ and slots.
BASES: tuple[tuple[type, str], ...] = (
    (property, "descriptors:reduce_property_subclass"),
    (classmethod, "descriptors:reduce_method_subclass"),
    (staticmethod, "descriptors:reduce_method_subclass"),
    (ReferenceType, "weakrefs:reduce_ref_subclass"),
)


class Lazy:
    """A reducer whose module is imported when it is first called."""

    __slots__ = ("_function", "_place")

    def __init__(self, place: str) -> None:
        self._place = place
        self._function: Callable[[Namespace, Any], Reduction] | None = None

    def __call__(self, namespace: Namespace, obj: Any) -> Reduction:
        if self._function is None:
            module, _, name = self._place.partition(":")
            __import__(f"{__name__}.{module}")
            self._function = getattr(sys.modules[f"{__name__}.{module}"], name)
            assert self._function is not None
        return self._function(namespace, obj)


class Beyond:
    """What one target does beyond cloudpickle: the engine and the python path ask it.

    table has the reducers by type, and base is BASE. strict is what the environment says. own_table is
    the dispatch table with cloudpickle's reducers, which ours come before.
    """

    def __init__(self, namespace: Namespace, own_table: dict[type, Any]) -> None:
        self.strict, self.base = _strict.ENVIRONMENT, BASE
        self._own_table = own_table
        self._namespace = namespace
        self.table = DispatchTable()
        self.table.late = [
            (module, name, Reducer(f"beyond {name}", namespace, Lazy(place)))
            for module, name, place in TYPES
        ]
        self.table.complete()
        compare: Any = None
        key_wrapper: Any = type(cmp_to_key(compare))  # which has no name to be found by
        self.table[key_wrapper] = Reducer("beyond", namespace, Lazy("functools_:reduce_cmp_key"))
        alone = Reducer("beyond alone", namespace, Lazy("interpreter:reduce_alone"))
        for obj in (sys.version_info, sys.flags):
            self.table[type(obj)] = alone
        self._bases = [(base, Reducer(place, namespace, Lazy(place))) for base, place in BASES]

    def before_function(self, func: Any) -> None:
        """See a function of functools before it is sent by value."""
        from gocloudpickle._beyond import functools_

        functools_.note_dispatch_cache(func)

    def refused(self, obj: Any) -> Reduction:
        """Reduce an object that object.__reduce_ex__ has refused with a TypeError."""
        cls = type(obj)
        for base, reducer in self._bases:
            if issubclass(cls, base) and cls is not base and _leaves_it_to_object(cls):
                return reducer(obj)
        return NotImplemented

    def class_plan(self, cls: type) -> Any:
        """Tell the engine how to go beyond cloudpickle for a class: see classes.plan."""
        from gocloudpickle._beyond import classes

        return classes.plan(self._namespace, cls)

    def note_class(self, cls: type) -> None:
        """See a class that the engine has just given a tracker id."""
        from gocloudpickle import _bind

        _bind.note_class(self._namespace, cls)

    def reduce(self, pickler: Any, obj: Any) -> Reduction:
        """Reduce an object for reducer_override, on the python path.

        The engine asks after the dispatch tables. CPython's pickler has no hook there, so
        this looks itself whether one of them has the type.
        """
        cls = type(obj)
        if cls is ModuleType:
            return self._reduce_module(pickler, obj)
        reducer = dict.get(self.table, cls)
        if reducer is None and BASE is not None and issubclass(cls, BASE):
            reducer = dict.get(self.table, BASE)
        if reducer is None:
            if not self._bases or not any(issubclass(cls, base) for base, _ in self._bases):
                return NotImplemented
            reducer = self.refused
        if _strict.is_strict(pickler) or not self._is_ours(cls, pickler):
            return NotImplemented
        return reducer(obj)

    def _reduce_module(self, pickler: Any, module: ModuleType) -> Reduction:
        """Reduce a module that comes again while it is being written: see saveModuleAgain in Go.

        The first time it is cloudpickle's to reduce. An engine's dump does that itself.
        """
        from gocloudpickle import _by_value, _python_path, _reducers

        opened = object.__getattribute__(pickler, "__dict__").get(_python_path.MODULES)
        if opened is None or _strict.is_strict(pickler):
            return NotImplemented
        if _by_value.should_pickle_by_reference(self._namespace, module):
            return NotImplemented
        if id(module) not in opened:
            opened.add(id(module))
            return NotImplemented
        if getattr(pickler, "fast", False) or not self._is_ours(ModuleType, pickler):
            return NotImplemented
        make, (name, contents) = _reducers.reduce_module(self._namespace, module)
        return make, (name, {}), contents

    def _is_ours(self, cls: type, pickler: Any) -> bool:
        from gocloudpickle import _python_path

        try:
            reducer = _python_path.dispatch_table_of(pickler)[cls]
        except KeyError:
            return True
        if type(self._own_table) is DispatchTable:  # whose entries the user can have replaced
            return type(reducer) is Reducer
        return reducer is self._own_table.get(cls)


def _leaves_it_to_object(cls: type) -> bool:
    return all(
        getattr(cls, name) is getattr(object, name) for name in ("__reduce__", "__reduce_ex__")
    )
