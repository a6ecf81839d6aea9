"""None, booleans and numbers, at the edges where the opcode changes."""

import math

from tests.corpus.case import Shelf

shelf = Shelf("numbers_")

shelf.values(
    [
        ("none", None),
        ("true", True),
        ("false", False),
        ("ellipsis", ...),
        ("not_implemented", NotImplemented),
    ]
)


def _edges():
    yield "zero", 0
    for bits in (7, 8, 15, 16, 31, 32, 63, 64, 2039, 2040, 2047, 2048):
        for offset in (-1, 0, 1):
            yield f"int_2_{bits}{offset:+d}", 2**bits + offset
            yield f"int_minus_2_{bits}{offset:+d}", -(2**bits) + offset


shelf.values(_edges())
# LONG1 holds 255 bytes, so LONG4 starts here.
for _bytes in (254, 255, 256):
    shelf.values(
        [
            (f"long_{_bytes}_bytes", int.from_bytes(b"\x7f" * _bytes, "little", signed=True)),
            (
                f"long_{_bytes}_bytes_negative",
                int.from_bytes(b"\x80" * _bytes, "little", signed=True),
            ),
            (f"long_{_bytes}_bytes_all_ones", (1 << (8 * _bytes)) - 1),
            (f"long_{_bytes}_bytes_lowest", -(1 << (8 * _bytes - 1))),
        ]
    )
shelf.values(
    [
        ("int_1000_digits", int("123456789" * 111)),
        ("int_minus_1000_digits", -int("987654321" * 111)),
    ]
)
# str(int) of more than 4300 digits is refused since 3.11 (CVE-2020-10735), repr of
# protocol 0 has to meet the same limit as pickle does.
shelf.add(
    "int_5000_digits", lambda: 7**6000, raises=lambda protocol: ValueError if protocol < 2 else None
)
# The same int twice: numbers are never memoized.
shelf.values([("ints_shared", [10**30, 10**30]), ("floats_shared", [1.5, 1.5])])


def _int_5000_digits_is_refused():
    """Old patch releases have no limit; ask the interpreter."""
    try:
        repr(7**6000)
    except ValueError:
        return True
    return False


if not _int_5000_digits_is_refused():
    shelf.cases = [case for case in shelf.cases if not case.name.endswith("int_5000_digits")]
    shelf.add("int_5000_digits", lambda: 7**6000)

shelf.values(
    [
        ("float_zero", 0.0),
        ("float_one_third", 1 / 3),
        ("float_tiny", 5e-324),
        ("float_huge", 1.7976931348623157e308),
        ("float_inf", math.inf),
        ("float_minus_inf", -math.inf),
        ("float_integral", 1e16),
        ("float_exponent", 1e22),
        ("complex", 1 + 2j),
        ("complex_zero", 0j),
    ]
)
shelf.add("float_minus_zero", lambda: -0.0, lambda x: x == 0 and math.copysign(1, x) == -1)
shelf.add("float_nan", lambda: math.nan, lambda x: math.isnan(x))
shelf.add(
    "complex_nan_inf",
    lambda: complex(math.nan, -math.inf),
    lambda z: math.isnan(z.real) and z.imag == -math.inf,
)
shelf.add("complex_shared", lambda: [z := 3 - 4j, z], lambda zs: zs[0] == 3 - 4j and zs[0] is zs[1])
