"""Strings of every kind, and which of them are one object."""

import sys

from tests.corpus.case import Shelf

shelf = Shelf("strings")

shelf.values(
    [
        ("empty", ""),
        ("one_ascii", "a"),
        ("one_latin1", "é"),
        ("one_ucs2", "\u20ac"),
        ("one_ucs4", "\U0001f600"),
        ("ascii", "hello, world"),
        ("latin1", "naïve café ÿ\x80"),
        ("ucs2", "Ω≈ç√∫"),
        ("ucs2_highest", "\ufffe\uffff"),
        ("ucs4", "emoji \U0001f40d and \U0010ffff"),
        ("mixed_widths", "a\xe9\u20ac\U0001f600"),
        ("surrogate_high", "\ud800"),
        ("surrogate_low", "x\udc00y"),
        ("surrogate_escape", b"\xff\xfe".decode("ascii", "surrogateescape")),
        ("surrogate_pair_apart", "\ud83d\ude00"),
        ("surrogate_beside_ucs4", "\ud800\U0001f600\udfff"),
        ("newline", "a\nb\r\n"),
        ("nul", "a\0b\0"),
        ("backslash", "a\\b\\n\\\\"),
        ("backslash_u", "\\u0041\\U00000041"),
        ("substitute", "a\x1ab\x1a"),
        ("protocol_0_escapes", "\\\0\n\r\x1a"),
        ("protocol_0_escapes_wide", "\\\0\n\r\x1a\u20ac\U0001f600\ud800"),
        ("controls", "".join(map(chr, range(32))) + "\x7f\x85\u2028\u2029"),
        ("every_latin1", "".join(map(chr, range(256)))),
        ("every_latin1_reversed", "".join(map(chr, range(255, -1, -1)))),
    ]
)
# SHORT_BINUNICODE counts UTF-8 bytes up to 255.
for _n in (254, 255, 256, 257):
    shelf.values(
        [
            (f"ascii_{_n}", "s" * _n),
            (f"latin1_{_n}_bytes", "é" * (_n // 2) + "s" * (_n % 2)),
            (f"ucs2_{_n}_bytes", "\u20ac" * (_n // 3) + "s" * (_n % 3)),
        ]
    )
for _n in (65534, 65535, 65536, 65537):
    shelf.values(
        [(f"ascii_{_n}", "s" * _n), (f"latin1_{_n}_bytes", "é" * (_n // 2) + "s" * (_n % 2))]
    )


@shelf.case(lambda strings: strings[0] is strings[1])
def same_object_twice():
    text = "".join(["not ", "interned"])
    return [text, text]


@shelf.case(lambda strings: strings == ["not interned"] * 2 and strings[0] is not strings[1])
def equal_but_not_the_same():
    return ["".join(["not ", "interned"]), "".join(["not ", "interned"])]


@shelf.case()
def interned_and_fresh():
    return [
        sys.intern("corpus_interned"),
        "".join(["corpus_", "interned"]),
        sys.intern("corpus_interned"),
    ]


@shelf.case()
def single_characters_are_singletons():
    return ["".join("a"), "ba"[1], chr(97), chr(0xE9), "é", "".join("\u20ac"), "\u20ac"]


@shelf.case()
def empty_strings():
    return ["", "".join([]), "abc"[3:], str()]


@shelf.case()
def attribute_names_shared_with_values():
    class Box:
        pass

    box = Box()
    box.corpus_name = "corpus_name"
    return [box.__dict__, list(box.__dict__), "corpus_name"]


@shelf.case()
def many_distinct():
    return [f"string number {i}" for i in range(600)]


@shelf.case()
def many_distinct_wide():
    return (
        [f"\u20ac{i}" for i in range(300)]
        + [f"\U0001f600{i}" for i in range(300)]
        + [f"é{i}" for i in range(300)]
    )


@shelf.case()
def surrogates_many():
    return [f"\udc80{i}\ud800" for i in range(300)]


@shelf.case()
def utf8_already_cached():
    # The interpreter keeps the UTF-8 form of a string inside it once somebody asked.
    text = "".join(["caf", "é", " cached"])
    text.encode()
    try:
        import ctypes

        ctypes.pythonapi.PyUnicode_AsUTF8.restype = ctypes.c_char_p
        ctypes.pythonapi.PyUnicode_AsUTF8(ctypes.py_object(text))
    except (ImportError, AttributeError):
        pass
    return [text, text]


class Text(str):
    pass


shelf.add(
    "subclass_by_reference",
    lambda: Text("é text"),
    lambda t: type(t).__name__ == "Text" and str(t) == "é text",
)
