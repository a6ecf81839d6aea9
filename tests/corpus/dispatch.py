"""The reducers of cloudpickle's own table, each once, and types near to them."""

import abc
import io
import logging
import os
import types
import typing
import weakref
from collections import OrderedDict

from tests.corpus.case import Either, Shelf, refused_below_2

shelf = Shelf("dispatch")


class Kept:
    """Can be referred to weakly."""


KEPT = [Kept(), Kept()]

shelf.add("memoryview", lambda: memoryview(b"abc"), lambda m: m == b"abc" and type(m) is bytes)
shelf.add(
    "memoryview_of_bytearray", lambda: memoryview(bytearray(b"abc"))[1:], lambda m: m == b"bc"
)
shelf.add("memoryview_strided", lambda: memoryview(b"abcdef")[::2], lambda m: m == b"ace")
shelf.add(
    "memoryview_cast", lambda: memoryview(bytes(range(8))).cast("H"), lambda m: m == bytes(range(8))
)
shelf.add(
    "memoryview_cast_2d",
    lambda: memoryview(bytes(range(6))).cast("B", (2, 3)),
    lambda m: m == bytes(range(6)),
)
shelf.add("memoryview_empty", lambda: memoryview(b""), lambda m: m == b"")
shelf.add(
    "memoryview_large", lambda: [memoryview(b"z" * 100_000)], lambda ms: ms == [b"z" * 100_000]
)
shelf.add(
    "memoryview_released",
    lambda: (lambda m: (m.release(), m)[1])(memoryview(b"abc")),
    raises=ValueError,
)
shelf.add(
    "memoryview_shared", lambda: (lambda m: [m, m])(memoryview(b"abc")), lambda ms: ms[0] is ms[1]
)
shelf.add(
    "mapping_proxy",
    lambda: types.MappingProxyType({"a": 1}),
    lambda p: type(p) is types.MappingProxyType and p["a"] == 1,
)
shelf.add(
    "mapping_proxy_of_ordered_dict",
    lambda: types.MappingProxyType(OrderedDict(b=1, a=2)),
    lambda p: list(p) == ["b", "a"],
)
shelf.add(
    "mapping_proxy_of_a_class", lambda: type("Local", (), {"x": 1}).__dict__, lambda p: p["x"] == 1
)
shelf.add("weak_set", lambda: weakref.WeakSet(KEPT), lambda s: type(s) is weakref.WeakSet)
shelf.add(
    "weak_set_and_its_items",
    lambda: (lambda k: [k, weakref.WeakSet([k])])(Kept()),
    lambda xs: list(xs[1]) == [xs[0]],
)
shelf.add("weak_set_empty", lambda: weakref.WeakSet(), lambda s: len(s) == 0)
shelf.add("weak_set_of_classes", lambda: weakref.WeakSet([Kept]), lambda s: list(s) == [Kept])
shelf.add(
    "getset_descriptor",
    lambda: types.FunctionType.__code__,
    lambda d: d is types.FunctionType.__code__,
)
shelf.add(
    "getset_descriptors",
    lambda: [types.FrameType.f_locals, types.CodeType.co_code, BaseException.args],
    lambda ds: ds[0] is types.FrameType.f_locals,
)
shelf.add("root_logger", logging.getLogger, lambda log: log is logging.getLogger())
shelf.add(
    "logger",
    lambda: logging.getLogger("corpus.logger"),
    lambda log: log is logging.getLogger("corpus.logger"),
)
shelf.add(
    "logger_in_a_function",
    lambda: (lambda log: lambda: log.name)(logging.getLogger("corpus.closure")),
    lambda f: f() == "corpus.closure",
)
shelf.add(
    "logger_not_registered",
    lambda: logging.Logger("corpus.unregistered"),
    lambda log: log.name == "corpus.unregistered",
    raises=None,
)
shelf.add(
    "logger_adapter",
    lambda: logging.LoggerAdapter(logging.getLogger("corpus.adapter"), {"k": 1}),
    lambda a: a.logger.name == "corpus.adapter" and a.extra == {"k": 1},
)


class SubLogger(logging.Logger):
    """Not in the table: logging.Logger reduces itself by its name, if registered."""


shelf.add(
    "logger_subclass_not_registered", lambda: SubLogger("corpus.sub.unregistered"), raises=Exception
)
shelf.add("method", lambda: Kept().__init_subclass__, lambda m: callable(m))
shelf.add("method_of_a_class", lambda: abc.ABC.register, lambda m: m == abc.ABC.register)
shelf.add(
    "method_of_a_module_object",
    lambda: logging.getLogger("corpus.logger").info,
    lambda m: m.__self__.name == "corpus.logger",
)
shelf.add("type_var", lambda: typing.TypeVar("T"), lambda t: t.__name__ == "T")
shelf.add("code", lambda: (lambda: 1).__code__, lambda c: eval(c) == 1)
shelf.add(
    "string_io", lambda: io.StringIO("abc"), lambda s: s.getvalue() == "abc", raises=refused_below_2
)
shelf.add(
    "string_io_moved",
    lambda: (lambda s: (s.read(2), s)[1])(io.StringIO("abc")),
    lambda s: s.read() == "c",
    raises=refused_below_2,
)
shelf.add(
    "bytes_io", lambda: io.BytesIO(b"abc"), lambda b: b.getvalue() == b"abc", raises=refused_below_2
)
shelf.add(
    "string_io_closed",
    lambda: (lambda s: (s.close(), s)[1])(io.StringIO("abc")),
    raises=(ValueError, TypeError),
)
shelf.add("raw_file", lambda: open(os.devnull, "rb", buffering=0), raises=TypeError)
shelf.add("buffered_reader", lambda: open(os.devnull, "rb"), raises=TypeError)


class SubProperty(property):
    """Subclasses aren't in the table, which goes by exact type."""

    # Before protocol 2 copyreg rebuilds from the base's own instance, and so on for ever.


class SubStatic(staticmethod):
    pass


shelf.add(
    "property_subclass",
    lambda: SubProperty(len),
    raises=lambda protocol: Exception if protocol < 2 else Either,
)
shelf.add(
    "static_method_subclass",
    lambda: SubStatic(len),
    raises=lambda protocol: Exception if protocol < 2 else Either,
)
