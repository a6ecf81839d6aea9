"""Type variables, new types and type aliases that pickle as a name which the worker may lack.

cloudpickle sends a TypeVar by value, and knows neither its default (PEP 696) nor that its
variance is to be inferred (PEP 695). The others reduce themselves to their names.
"""

from __future__ import annotations

import functools
import keyword
import sys
import types

from gocloudpickle._beyond._parts import Call, is_importable
from gocloudpickle._beyond._travel import by_value

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

    Namespace = Any
    Reduction = Any


def reduce_newtype(namespace: Namespace, newtype: Any) -> Reduction:
    """Reduce a NewType to its attributes."""
    if is_importable(namespace, newtype):
        return NotImplemented
    # Without __init__, which takes __module__ from whoever calls loads.
    empty = Call(object.__new__, type(newtype))
    return (*_tracked(namespace, newtype, empty), dict(vars(newtype)))


def reduce_paramspec(namespace: Namespace, spec: Any) -> Reduction:
    """Reduce a ParamSpec to its parts."""
    if is_importable(namespace, spec, spec.__name__):
        return NotImplemented
    variance = {
        name: True
        for name in ("covariant", "contravariant", "infer_variance")
        if getattr(spec, f"__{name}__", False)
    }
    bound = {} if spec.__bound__ is None else {"bound": spec.__bound__}
    return _reduce_parameter(namespace, spec, (), {**bound, **variance, **_default(spec)})


def reduce_typevartuple(namespace: Namespace, variables: Any) -> Reduction:
    """Reduce a TypeVarTuple to its parts."""
    if is_importable(namespace, variables, variables.__name__):
        return NotImplemented
    return _reduce_parameter(namespace, variables, (), _default(variables))


def reduce_typevar(namespace: Namespace, variable: Any) -> Reduction:
    """Reduce a TypeVar with what ``_make_typevar`` of cloudpickle has no argument for."""
    inferred = getattr(variable, "__infer_variance__", False)
    if not inferred and not _has_default(variable):
        return NotImplemented
    if is_importable(namespace, variable, variable.__name__):
        return NotImplemented
    if inferred and _can_be_syntax(variable):
        return _reduce_lazy_typevar(namespace, variable)
    parts: dict[str, Any] = {"infer_variance": True} if inferred else {}
    if variable.__bound__ is not None:
        parts["bound"] = variable.__bound__
    for name in ("covariant", "contravariant"):
        if getattr(variable, f"__{name}__"):
            parts[name] = True
    return _reduce_parameter(
        namespace, variable, variable.__constraints__, {**parts, **_default(variable)}
    )


def _tracked(namespace: Namespace, obj: Any, made: Call) -> tuple[Any, tuple[Any, ...]]:
    """Let cloudpickle's class tracker keep one object of all that arrive, as for a TypeVar."""
    tracker_id = namespace._get_or_create_tracker_id(obj)
    return namespace._lookup_class_or_track, (tracker_id, made)


def _reduce_parameter(
    namespace: Namespace, parameter: Any, constraints: tuple[Any, ...], parts: dict[str, Any]
) -> Reduction:
    # Its constructor takes the module of whoever calls loads.
    attributes = {"__module__": parameter.__module__, **_backported(parts)}
    constructor: Any = type(parameter)
    make = functools.partial(constructor, parameter.__name__, *constraints, **parts)
    return *_tracked(namespace, parameter, Call(make)), (None, attributes)


def _backported(parts: dict[str, Any]) -> dict[str, Any]:
    """Take from the parts those that typing doesn't know yet; return the attributes they are.

    typing_extensions sets them on an object of typing's own class.
    """
    attributes: dict[str, Any] = {}
    if sys.version_info < (3, 12) and "infer_variance" in parts:
        attributes["__infer_variance__"] = parts.pop("infer_variance")
    if sys.version_info < (3, 13) and "default" in parts:
        attributes["__default__"] = parts.pop("default")
        attributes["has_default"] = functools.partial(bool, True)
    return attributes


def _can_be_syntax(variable: Any) -> bool:
    """Tell whether PEP 695's syntax can have made a TypeVar: from 3.13 on also one with a default."""
    if sys.version_info < ((3, 13) if _has_default(variable) else (3, 12)):
        return False
    return variable.__name__.isidentifier() and not keyword.iskeyword(variable.__name__)


def _has_default(parameter: Any) -> bool:
    return hasattr(parameter, "has_default") and parameter.has_default()


def _default(parameter: Any) -> dict[str, Any]:
    return {"default": parameter.__default__} if _has_default(parameter) else {}


def typed_dict_bases(cls: Any) -> Any:
    """Return the bases to make a TypedDict of that doesn't say, up to 3.11, what it was made of.

    Its metaclass wants TypedDict itself, and replaces that by dict.
    """
    if type(cls).__name__ != "_TypedDictMeta" or "__orig_bases__" in vars(cls):
        return None
    typed_dict = getattr(sys.modules.get(type(cls).__module__), "TypedDict", None)
    return None if typed_dict is None else (typed_dict,)


# What PEP 695's syntax makes is evaluated when it is first asked for, and so can refer to
# itself: `class Node[T: Node]`, `type Tree = list[Tree]`. So can what the worker gets: it
# is made by the same syntax, from a dict that is filled once the object is in the memo.


def _reduce_lazy_typevar(namespace: Namespace, variable: Any) -> Reduction:
    values: dict[str, Any] = {}
    annotation = default = ""
    bound = _evaluated(variable, "bound", values)
    constraints = () if bound else _evaluated(variable, "constraints", values)
    if bound:
        annotation = f": {bound}"
    elif constraints:
        items = (f"{constraints}[{i}]" for i in range(len(variable.__constraints__)))
        annotation = f": ({', '.join(items)})"
    if _has_default(variable):
        default = f" = {_evaluated(variable, 'default', values)}"
    if not values:
        return _reduce_parameter(namespace, variable, (), {"infer_variance": True})
    make = _compiled(
        f"def generic[{variable.__name__}{annotation}{default}](): pass",
        "generic.__type_params__[0]",
        variable.__module__,
    )
    later: dict[str, Any] = {}
    made = _tracked(namespace, variable, Call(make, later))
    return *made, (later, values), None, None, fill


def _evaluated(obj: Any, name: str, values: dict[str, Any]) -> str:
    """Put an attribute of `obj` into `values`; return the expression that gets it on the worker.

    Where evaluating it fails here, a name being undefined, the worker gets the code.
    """
    try:
        value = getattr(obj, f"__{name}__")
    except NameError:
        evaluate = _evaluator(obj, name)
        if evaluate is None:
            raise
        values[name] = evaluate
        return f"values[{name!r}]()"
    if value is None and name == "bound" or value == () and name == "constraints":
        return ""
    values[name] = value
    return f"values[{name!r}]"


def _evaluator(obj: Any, name: str) -> Any:
    """Return the function that evaluates an attribute, None where it can't be got at."""
    if hasattr(obj, f"evaluate_{name}"):  # from 3.14 on
        return getattr(obj, f"evaluate_{name}")
    if name != "value":
        return None  # a TypeVar can have two of them, and nothing tells which is which
    import gc

    functions = [o for o in gc.get_referents(obj) if type(o) is types.FunctionType]
    return functions[0] if len(functions) == 1 else None


def reduce_alias(namespace: Namespace, alias: Any) -> Reduction:
    """Reduce an alias that ``type`` or TypeAliasType has made to its parameters and value."""
    if is_importable(namespace, alias, alias.__name__):
        return NotImplemented
    values: dict[str, Any] = {}
    value = _evaluated(alias, "value", values)
    make = _compiled(f"type {alias.__name__} = {value}", alias.__name__, alias.__module__)
    if alias.__type_params__:
        make = _with_parameters(make, alias.__type_params__)
    later: dict[str, Any] = {}
    return make, (later,), (later, values), None, None, fill


def _with_parameters(make: Any, parameters: tuple[Any, ...]) -> Any:
    # `type X[T] = ...` would make a new T, and TypeAliasType() wants the value at once. The
    # parameters that the statement without them gives to its intrinsic are the constant None
    # (codegen_typealias in Python/codegen.c).
    code = make.__code__
    constants = tuple(parameters if item is None else item for item in code.co_consts)
    return types.FunctionType(code.replace(co_consts=constants), make.__globals__, "make")


@functools.lru_cache(256)
def _compiled(statement: str, result: str, module: str) -> Any:
    """Return a function of `values` that runs a statement and returns an expression.

    What it makes takes its module from the function's globals.
    """
    namespace: dict[str, Any] = {"__name__": module}
    source = f"def make(values):\n {statement}\n return {result}\n"
    exec(compile(source, "<gocloudpickle>", "exec", dont_inherit=True), namespace)
    make = namespace.pop("make")
    del namespace["__builtins__"]
    return make


@by_value
def fill(made: Any, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Give what has been made lazily its values, now that they can refer to it."""
    later, values = state
    later.update(values)
