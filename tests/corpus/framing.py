"""Frames of protocol 4 and later: 4 bytes at least, 64 KiB wanted, large data outside."""

from tests.corpus.case import Shelf

shelf = Shelf("framing")

KIB64 = 64 * 1024

for _n in (1, 2, 3, 4, 5):
    shelf.values([(f"near_least_frame_{_n}", (None,) * _n)])
for _offset in range(-12, 13, 3):
    _n = KIB64 + _offset
    shelf.values(
        [
            (f"bytes_64k{_offset:+d}", [b"x" * _n, 1]),
            (f"string_64k{_offset:+d}", ["x" * _n, 1]),
            (f"wide_string_64k{_offset:+d}", ["\u20ac" * (_n // 3) + "x" * (_n % 3), 1]),
            (f"bytearray_64k{_offset:+d}", [bytearray(b"x" * _n), 1]),
            (
                f"filled_to_64k{_offset:+d}",
                ["x" * 30_000, "y" * (KIB64 - 30_000 - 20 + _offset), [1, 2, 3], "tail"],
            ),
        ]
    )
shelf.values(
    [
        ("many_ints", list(range(40_000))),
        ("many_small_strings", [f"item {i}" for i in range(12_000)]),
        ("many_dicts", [{"index": i, "half": i / 2} for i in range(4_000)]),
        (
            "large_between_small",
            [1, "small", b"L" * 100_000, "small again", "M" * 100_000, 2, "é" * 100_000, 3],
        ),
        ("large_first", [b"L" * 100_000, 1]),
        ("large_last", [1, b"L" * 100_000]),
        ("large_alone_bytes", b"L" * 100_000),
        ("large_alone_string", "L" * 100_000),
        ("large_alone_bytearray", bytearray(b"L" * 100_000)),
        ("large_in_a_row", [b"L" * 70_000, b"M" * 70_000, "N" * 70_000, "O" * 70_000]),
        ("large_in_tuple_3", (b"L" * 70_000, "M" * 70_000, 5)),
        ("large_dict_values", {"a": b"L" * 70_000, "b": "M" * 70_000, "c": 1}),
        ("long_int_over_a_frame", [1 << 600_000, 2]),
        ("surrogates_64k", ["\ud800" * 22_000, 1]),
    ]
)


def _no_repr_limit(protocol):
    return ValueError if protocol < 2 else None


# Protocols 0 and 1 write this int in decimal, which newer patch releases refuse.
def _repr_is_limited():
    try:
        repr(1 << 600_000)
    except ValueError:
        return True
    return False


if _repr_is_limited():
    shelf.cases = [case for case in shelf.cases if case.name != "framing.long_int_over_a_frame"]
    shelf.add("long_int_over_a_frame", lambda: [1 << 600_000, 2], raises=_no_repr_limit)


@shelf.case(lambda got: got[0] is got[2] and got[1] is got[3] and len(got[1]) == 70_000)
def large_and_shared():
    data, text = b"L" * 70_000, "M" * 70_000
    return [data, text, data, text]


@shelf.case(lambda f: len(f()) == 70_000)
def function_with_a_large_constant():
    space = {}
    exec(compile(f"def f():\n    return {'k' * 70_000!r}\n", "<corpus>", "exec"), space)
    return space["f"]
