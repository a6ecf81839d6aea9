"""Streams made at random, most of which load: plain data, with names and calls among it.

What a stream does when it is loaded is told by CPython's audit events, in a process of its
own: python -m tests.audit.generated, which reads streams from standard input.
"""

from __future__ import annotations

import json
import pickle
import random
import struct
import sys
from typing import Any, BinaryIO

from tests.audit.watching import Watch, import_codecs

# What data needs, what it doesn't, and names that only look like either.
NAMES = [
    ("builtins", "complex"),
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("builtins", "bytearray"),
    ("builtins", "range"),
    ("builtins", "slice"),
    ("builtins", "int"),
    ("builtins", "getattr"),
    ("builtins", "eval"),
    ("builtins", "exec"),
    ("builtins", "open"),
    ("builtins", "print"),
    ("builtins", "__import__"),
    ("__builtin__", "eval"),
    ("__builtin__", "set"),
    ("collections", "OrderedDict"),
    ("collections", "deque"),
    ("collections", "Counter"),
    ("collections", "_sys.modules"),
    ("datetime", "date"),
    ("datetime", "timedelta"),
    ("datetime", "sys.modules.clear"),
    ("decimal", "Decimal"),
    ("fractions", "Fraction"),
    ("uuid", "UUID"),
    ("uuid", "getnode"),
    ("copyreg", "_reconstructor"),
    ("copyreg", "__newobj__"),
    ("_codecs", "encode"),
    ("codecs", "open"),
    ("operator", "attrgetter"),
    ("operator", "itemgetter"),
    ("functools", "partial"),
    ("os", "getcwd"),
    ("os", "path.exists"),
    ("posix", "getpid"),
    ("sys", "modules"),
    ("sys", "exc_info"),
    ("io", "StringIO"),
    ("io", "open_code"),
    ("pathlib", "PurePosixPath"),
    ("tempfile", "gettempdir"),
    ("socket", "gethostname"),
    ("importlib", "import_module"),
    ("types", "SimpleNamespace"),
    ("json", "codecs.builtins.open"),
    ("encodings", "search_function"),
    ("string", "Formatter"),
    ("abc", "ABC"),
    ("wave", "open"),
    ("this", "s"),
    ("no_such_module", "name"),
]
ATOMS: list[Any] = [
    None,
    True,
    0,
    -1,
    1 << 40,
    1 << 80,
    0.5,
    "",
    "os",
    "getcwd",
    "x" * 300,
    b"",
    b"\xff",
]


class Maker:
    """Makes streams; each adds opcodes whose effect on the stack is one object more."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.kept = 0

    def stream(self) -> bytes:
        self.kept = 0
        protocol = self.random.choice([0, 2, 3, 4, 4, 5])
        begin = b"\x80" + bytes([protocol]) if protocol else b""
        body = self.item(4)
        for _ in range(self.random.randrange(3)):
            body += b"0" + self.item(3)  # POP: what was made is thrown away
        data = begin + body + b"."
        if self.random.random() < 0.1:  # of these some still load
            at = self.random.randrange(len(data))
            data = data[:at] + bytes([self.random.randrange(256)]) + data[at + 1 :]
        return data

    def item(self, depth: int) -> bytes:
        made = self.made(depth)
        if self.random.random() < 0.2 and self.kept < 200:
            made += b"q" + bytes([self.kept])  # BINPUT
            self.kept += 1
        return made

    def made(self, depth: int) -> bytes:
        choose = self.random.random()
        if depth == 0 or choose < 0.25:
            return self.atom()
        if choose < 0.3 and self.kept:
            return b"h" + bytes([self.random.randrange(self.kept)])  # BINGET
        if choose < 0.55:
            return self.container(depth - 1)
        name = self.name()
        if choose < 0.65:
            return name
        arguments = b"(" + self.items(depth - 1) + b"t"
        if choose < 0.9:
            made = name + arguments + self.random.choice([b"R", b"R", b"\x81"])  # REDUCE, NEWOBJ
        elif choose < 0.95:
            made = b"(" + name + self.items(depth - 1) + b"o"  # OBJ
        else:
            module, attribute = self.random.choice(NAMES)
            made = b"(" + self.items(depth - 1) + f"i{module}\n{attribute}\n".encode()  # INST
        if self.random.random() < 0.2:
            made += self.item(depth - 1) + b"b"  # BUILD
        return made

    def atom(self) -> bytes:
        value = self.random.choice(ATOMS)
        data = pickle.dumps(value, self.random.choice([0, 2, 4]))
        begin = 2 if data[:1] == b"\x80" else 0
        begin += 9 if data[begin : begin + 1] == b"\x95" else 0
        data = data[begin:-1]
        return data.replace(b"\x94", b"") if isinstance(value, str) else data.rstrip(b"\x94")

    def name(self) -> bytes:
        module, attribute = self.random.choice(NAMES)
        if self.random.random() < 0.5:
            return f"c{module}\n{attribute}\n".encode()
        parts = [b"\x8c" + bytes([len(part)]) + part.encode() for part in (module, attribute)]
        return b"".join(parts) + b"\x93"  # STACK_GLOBAL

    def items(self, depth: int) -> bytes:
        return b"".join(self.item(depth) for _ in range(self.random.randrange(4)))

    def container(self, depth: int) -> bytes:
        kind = self.random.randrange(5)
        if kind == 0:
            return b"(" + self.items(depth) + b"t"
        if kind == 1:
            return b"](" + self.items(depth) + b"e"
        if kind == 2:
            pairs = b"".join(
                self.atom() + self.item(depth) for _ in range(self.random.randrange(3))
            )
            return b"}(" + pairs + b"u"
        if kind == 3:
            return b"\x8f(" + b"".join(self.atom() for _ in range(3)) + b"\x90"
        return b"(" + self.items(depth) + b"\x91"


def load_all(source: BinaryIO) -> None:
    """Load each stream, after its length; print as JSON how that ended, and its events."""
    for module in {module for module, _ in NAMES} - {"__builtin__", "this", "no_such_module"}:
        __import__(module)
    import_codecs()
    watch = Watch()
    while head := source.read(4):
        data = source.read(struct.unpack("<I", head)[0])
        print(json.dumps(watch.load(data)), flush=True)


if __name__ == "__main__":
    load_all(sys.stdin.buffer)
