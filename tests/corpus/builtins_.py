"""Builtin functions, types, methods and singletons, by name."""

import builtins
import collections
import types

from tests.corpus.case import Shelf

shelf = Shelf("builtins_")

for _name in (
    "len",
    "print",
    "sorted",
    "__import__",
    "__build_class__",
    "open",
    "int",
    "str",
    "dict",
    "object",
    "type",
    "super",
    "property",
    "Exception",
    "KeyError",
    "OSError",
    "map",
    "range",
    "reversed",
    "enumerate",
):
    shelf.add(f"builtin_{_name}", lambda name=_name: getattr(builtins, name))
# Protocols 0 to 2 write some names as Python 2 knew them, with the nearest class there was.
for _name in (
    "ModuleNotFoundError",
    "BlockingIOError",
    "ConnectionResetError",
    "FileNotFoundError",
    "TimeoutError",
    "RecursionError",
    "ExceptionGroup",
    "BaseExceptionGroup",
    "EncodingWarning",
):
    if hasattr(builtins, _name):
        shelf.add(
            f"builtin_{_name}",
            lambda name=_name: getattr(builtins, name),
            lambda cls, name=_name: issubclass(getattr(builtins, name), cls),
        )
shelf.add("constants", lambda: [None, True, False, Ellipsis, NotImplemented])
shelf.add("types_of_singletons", lambda: [type(None), type(...), type(NotImplemented)])
shelf.add("type_of_none_alone", lambda: type(None))
shelf.add("type_of_ellipsis_alone", lambda: type(...))
shelf.add("type_of_not_implemented_alone", lambda: type(NotImplemented))
shelf.add("type_of_type_of_none", lambda: [type(type(None)), type])

# cloudpickle writes the types of module `types` as _builtin_type(name), of which
# several names may be one type: the last name wins.
for _name, _value in sorted(vars(types).items()):
    if type(_value) is type:
        shelf.add(
            f"types_{_name}",
            lambda name=_name: getattr(types, name),
            lambda t, name=_name: t is getattr(types, name),
        )

shelf.values(
    [
        ("str_upper", str.upper),
        ("dict_fromkeys", dict.fromkeys),
        ("int_from_bytes", int.from_bytes),
        ("bytes_maketrans", bytes.maketrans),
        ("slot_wrapper_int_add", int.__add__),
        ("slot_wrapper_object_repr", object.__repr__),
        ("object_new", object.__new__),
        ("int_new", int.__new__),
        ("collections_namedtuple", collections.namedtuple),
        ("method_descriptor_list_append", list.append),
    ]
)
shelf.add(
    "bound_list_append",
    lambda: [].append,
    lambda method: method(1) is None and method.__self__ == [1],
)
shelf.add("bound_str_join", lambda: ", ".join, lambda method: method(["a", "b"]) == "a, b")
shelf.add("bound_dict_get", lambda: {"a": 1}.get, lambda method: method("a") == 1)
shelf.add(
    "bound_of_recursive_list",
    lambda: (lambda xs: (xs.append(xs.append), xs)[1])([]),
    lambda xs: xs[0].__self__ is xs,
)
shelf.add("method_wrapper", lambda: [1, 2].__len__, lambda method: method() == 2)
shelf.add("method_wrapper_of_int", lambda: (3).__add__, lambda method: method(4) == 7)
shelf.add("bound_iterator_next", lambda: iter([1, 2]).__next__, lambda method: method() == 1)
shelf.add(
    "types_getset", lambda: types.FunctionType.__code__, lambda d: d is types.FunctionType.__code__
)
shelf.add("types_getset_of_type", lambda: type.__dict__["__dict__"], lambda d: d is not None)
shelf.add(
    "types_member",
    lambda: types.FunctionType.__closure__,
    lambda d: d is types.FunctionType.__closure__,
)
shelf.add("classmethod_descriptor", lambda: dict.__dict__["fromkeys"], raises=TypeError)
shelf.add("simple_namespace", lambda: types.SimpleNamespace(a=1, b=[2]))
shelf.add(
    "simple_namespace_of_itself",
    lambda: (lambda n: (setattr(n, "me", n), n)[1])(types.SimpleNamespace()),
    lambda n: n.me is n,
)
shelf.add("plain_object", lambda: object(), lambda obj: type(obj) is object)
shelf.add("slice", lambda: slice(1, None, 2))
shelf.add(
    "exception",
    lambda: ValueError("message", 2),
    lambda e: type(e) is ValueError and e.args == ("message", 2),
)
shelf.add(
    "exception_with_attributes",
    lambda: (lambda e: (setattr(e, "code", 7), e)[1])(KeyError("k")),
    lambda e: e.code == 7,
)
shelf.add(
    "os_error", lambda: OSError(2, "gone", "name"), lambda e: e.errno == 2 and e.filename == "name"
)
shelf.add(
    "exception_class_and_instance",
    lambda: [StopIteration, StopIteration(3)],
    lambda xs: type(xs[1]) is xs[0],
)
shelf.add(
    "zip_types",
    lambda: [
        zip,
        map,
        filter,
        reversed,
        enumerate,
        range,
        slice,
        memoryview,
        staticmethod,
        classmethod,
        frozenset,
    ],
)
