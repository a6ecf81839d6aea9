"""PickleBuffer, in band and out of band, and objects that hand theirs over."""

import array
import pickle
from pickle import PickleBuffer

from tests.corpus.case import Shelf

# PickleBuffer needs protocol 5.
OLD = {"raises": lambda protocol: pickle.PicklingError if protocol < 5 else None}
shelf = Shelf("buffers", buffers=True, **OLD)

for _n in (0, 1, 255, 256, 65535, 65536, 65537, 200_000):
    shelf.add(
        f"bytes_{_n}", lambda n=_n: PickleBuffer(b"x" * n), lambda b, n=_n: bytes(b) == b"x" * n
    )
    shelf.add(
        f"bytearray_{_n}",
        lambda n=_n: PickleBuffer(bytearray(b"x" * n)),
        lambda b, n=_n: bytes(b) == b"x" * n,
    )
shelf.add("read_only_view", lambda: PickleBuffer(memoryview(b"abc")), lambda b: bytes(b) == b"abc")
shelf.add(
    "writable_view",
    lambda: PickleBuffer(memoryview(bytearray(b"abc"))),
    lambda b: bytes(b) == b"abc",
)
shelf.add(
    "array",
    lambda: PickleBuffer(array.array("d", [1.0, 2.0])),
    lambda b: bytes(b) == array.array("d", [1.0, 2.0]).tobytes(),
)
shelf.add(
    "fortran_free_strided",
    lambda: PickleBuffer(memoryview(b"abcdef")[::2]),
    raises=(pickle.PicklingError, BufferError),
)
shelf.add(
    "released",
    lambda: (lambda b: (b.release(), b)[1])(PickleBuffer(b"abc")),
    raises=(ValueError, pickle.PicklingError),
)
shelf.add(
    "shared",
    lambda: (lambda b: [b, b])(PickleBuffer(bytearray(b"shared"))),
    lambda bs: bytes(bs[0]) == bytes(bs[1]) == b"shared",
)
shelf.add(
    "two_of_one_object",
    lambda: (lambda a: [PickleBuffer(a), PickleBuffer(a), a])(bytearray(b"both")),
    lambda bs: bytes(bs[0]) == b"both" and bytes(bs[2]) == b"both",
)
shelf.add(
    "bytes_and_its_buffer",
    lambda: (lambda a: [a, PickleBuffer(a)])(b"some bytes"),
    lambda bs: bytes(bs[1]) == b"some bytes",
)
shelf.add(
    "many",
    lambda: [PickleBuffer(bytes([i]) * i) for i in range(50)],
    lambda bs: [len(bytes(b)) for b in bs] == list(range(50)),
)
shelf.add(
    "nested",
    lambda: {"a": [PickleBuffer(b"a"), (PickleBuffer(bytearray(b"b")),)]},
    lambda d: bytes(d["a"][1][0]) == b"b",
)


class ZeroCopy(bytearray):
    """The example of PEP 574."""

    def __reduce_ex__(self, protocol):
        if protocol >= 5:
            return type(self)._rebuild, (PickleBuffer(self),), None
        return type(self)._rebuild, (bytearray(self),)

    @classmethod
    def _rebuild(cls, obj):
        with memoryview(obj) as view:
            return view.obj if type(view.obj) is cls else cls(obj)


shelf.add(
    "zero_copy_object",
    lambda: ZeroCopy(b"zero copy"),
    lambda b: bytes(b) == b"zero copy",
    raises=None,
)
shelf.add(
    "zero_copy_object_large",
    lambda: [ZeroCopy(b"z" * 100_000)] * 2,
    lambda bs: bs[0] is bs[1] and len(bs[0]) == 100_000,
    raises=None,
)
shelf.add(
    "in_a_closure",
    lambda: (lambda b: lambda: bytes(b))(PickleBuffer(b"closed over")),
    lambda f: f() == b"closed over",
)
shelf.add("in_a_global", lambda: _global_user(), lambda f: f() == b"global")


def _global_user():
    space = {"__name__": "corpus_dynamic", "buffer": PickleBuffer(b"global")}
    exec(compile("def f():\n    return bytes(buffer)\n", "<corpus>", "exec"), space)
    return space["f"]
