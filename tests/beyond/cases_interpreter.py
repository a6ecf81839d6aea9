"""Types that only the interpreter's own code names, and what it makes one object of."""

from __future__ import annotations

from tests.beyond.case import FAILS, RIGHT, Case

ROW = "types that only the interpreter names"

CASES = [
    Case(
        "types of views and iterators",
        ROW,
        FAILS,
        """
        import collections
        def types_of(content):
            views = content.keys(), content.values(), content.items()
            every = [*views, *map(iter, views), *map(reversed, views)]
            return [type(view) for view in every]
        def others():
            contents = [], (), "", "\\u0100", b"", bytearray(), set(), range(0), range(1 << 64)
            return [*map(type, map(iter, contents)), type(iter(int, 0)), type(reversed([]))]
        own = types_of({}) + types_of(collections.OrderedDict()) + others()
        def f():
            return own, types_of({}) + types_of(collections.OrderedDict()) + others()
        obj = f
        """,
        """
        got, expected = obj()
        assert len(got) == len(expected) and all(map(lambda a, b: a is b, got, expected))
        """,
    ),
    Case(
        "an ABC with a registered type of views",
        ROW,
        FAILS,
        """
        import abc
        class View(abc.ABC):
            pass
        View.register(type({}.items()))
        obj = View
        """,
        """
        assert isinstance({}.items(), obj) and not isinstance({}.keys(), obj)
        """,
    ),
    Case(
        "sys.version_info under another name",
        ROW,
        FAILS,
        """
        import sys
        VERSION, flags = sys.version_info, sys.flags
        def f():
            return VERSION, VERSION >= (3, 10), flags
        obj = f
        """,
        """
        import sys
        version, is_new, flags = obj()
        assert version is sys.version_info and is_new and flags is sys.flags
        """,
    ),
    Case(
        "sys.float_info and its like",
        ROW,
        FAILS,
        """
        import sys
        obj = [sys.float_info, sys.int_info, sys.hash_info, sys.thread_info, type(sys.flags)]
        """,
        """
        import sys
        floats, ints, hashes, threads, flags = obj
        assert floats == sys.float_info and floats.max == sys.float_info.max
        assert type(ints) is type(sys.int_info) and type(hashes) is type(sys.hash_info)
        assert type(threads) is type(sys.thread_info) and flags is type(sys.flags)
        """,
    ),
    Case(
        "a type of C code that has slots and isn't one of these",
        ROW,
        FAILS,
        """
        import sys
        obj = type(sys.get_asyncgen_hooks())
        """,
        "",
        refused=True,
    ),
    Case(
        "types that the module types names",
        ROW,
        RIGHT,
        """
        import types
        obj = types.MappingProxyType, types.GeneratorType, types.FrameType, type(...)
        """,
        """
        import types
        assert obj == (types.MappingProxyType, types.GeneratorType, types.FrameType, type(...))
        """,
    ),
]
