"""bytes and bytearray."""

from tests.corpus.case import Shelf

shelf = Shelf("bytes_")

shelf.values(
    [
        ("empty", b""),
        ("one", b"a"),
        ("ascii", b"hello"),
        ("high", bytes(range(256))),
        ("newlines", b"\n\r\0\\\x1a'\""),
    ]
)
for _n in (254, 255, 256, 257, 65534, 65535, 65536, 65537, 200_000):
    shelf.values([(f"bytes_{_n}", b"b" * _n), (f"bytearray_{_n}", bytearray(b"B" * _n))])
shelf.values(
    [
        ("bytearray_empty", bytearray()),
        ("bytearray_one", bytearray(b"\xff")),
        ("bytearray_high", bytearray(range(256))),
    ]
)
shelf.add("empty_bytes_many", lambda: [b"", b"", bytes(), b"x"[:0]])
shelf.add("one_byte_singletons", lambda: [b"a", b"ba"[1:], bytes([97])])
shelf.add("bytes_shared", lambda: [b := bytes([1, 2, 3]), b], lambda bs: bs[0] is bs[1])
shelf.add("bytes_equal_not_shared", lambda: [bytes([1, 2, 3]), bytes([1, 2, 3])])
shelf.add(
    "bytearray_shared",
    lambda: [b := bytearray(b"abc"), b],
    lambda bs: bs[0] is bs[1] and bs[0] == bytearray(b"abc"),
)
shelf.add(
    "bytearray_equal_not_shared",
    lambda: [bytearray(b"abc"), bytearray(b"abc")],
    lambda bs: bs[0] is not bs[1],
)


@shelf.case()
def bytearray_with_slack():
    # A front deletion leaves ob_start past ob_bytes (bytearrayobject.c).
    data = bytearray(range(100)) * 3
    del data[:37]
    data.append(7)
    return data
