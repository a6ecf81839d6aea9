"""Makes pickles at random, and loads those that `data` allows under an audit hook.

python under_hook.py COUNT SEED: prints how many were allowed and loaded. Exit status 1 if one did
what the policy doesn't allow.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "py"), str(ROOT)]

import gocloudpickle  # noqa: E402 -- of this checkout

from tests.audit.watching import Watch, import_codecs  # noqa: E402

BAD = [
    *("os.system os.getcwd builtins.eval builtins.exec builtins.getattr builtins.open").split(),
    *("subprocess.Popen importlib.import_module operator.attrgetter numpy.load").split(),
    *("collections.OrderedDict.update builtins.dict.fromkeys datetime.sys.exit").split(),
    *("uuid.os.system numpy.__builtins__ functools.partial codecs.open socket.socket").split(),
]


def names() -> list[tuple[str, str]]:
    """Those that the preset allows and this interpreter has, imported."""
    policy = json.loads((ROOT / "audit/policy/presets/data.json").read_text())
    found = []
    for dotted in policy["allow"]["names"]:
        module, _, name = dotted.rpartition(".")
        try:
            getattr(__import__(module, fromlist=["x"]), name)
        except (ImportError, AttributeError):
            continue
        found.append((module, name))
    return found


class Maker:
    """Writes opcodes at random, most of them such that the stack fits."""

    def __init__(self, rand: random.Random, good: list[tuple[str, str]]) -> None:
        self.rand = rand
        self.good = good
        self.memo = 0

    def text(self, value: str) -> bytes:
        data = value.encode()
        return b"\x8c" + bytes([len(data)]) + data

    def name(self) -> bytes:
        if self.rand.random() < 0.02:
            module, _, name = self.rand.choice(BAD).partition(".")
        else:
            module, name = self.rand.choice(self.good)
        if self.rand.random() < 0.3:
            return f"c{module}\n{name}\n".encode()
        return self.text(module) + self.text(name) + b"\x93"

    def value(self, depth: int) -> bytes:
        r = self.rand
        kind = r.randrange(5 if depth <= 0 else 16)
        if kind < 5:
            some = (
                b"N",
                b"\x88",
                b"K" + bytes([r.randrange(9)]),
                self.text(r.choice(("a", "latin1", "f8", "__class__", "i4", "rot13", "x" * 5))),
                b"C\x04" + bytes(r.randrange(256) for _ in range(4)),
            )
            return some[kind]
        inner = depth - 1
        if kind == 5:
            return self.name()
        if kind == 6:
            return b"(" + b"".join(self.value(inner) for _ in range(r.randrange(4))) + b"t"
        if kind == 7:
            return b"](" + b"".join(self.value(inner) for _ in range(r.randrange(4))) + b"e"
        if kind == 8:
            pairs = (self.value(0) + self.value(inner) for _ in range(r.randrange(3)))
            return b"}(" + b"".join(pairs) + b"u"
        if kind == 9:
            return self.value(inner) + self.value(inner) + b"b"
        if kind == 10:
            self.memo += 1
            return self.value(inner) + b"\x94"
        if kind == 11 and self.memo:
            return b"h" + bytes([r.randrange(self.memo) & 0xFF])
        arguments = b"(" + b"".join(self.value(inner) for _ in range(r.randrange(4))) + b"t"
        call = self.name() + arguments + r.choice((b"R", b"R", b"\x81"))
        if kind == 12:
            return call + self.value(inner) + b"b"
        if kind == 13:
            return call + b"(" + self.value(0) + self.value(inner) + b"u"
        if kind == 14:
            return call + b"(" + self.value(inner) + b"e"
        return call

    def whole(self) -> bytes:
        self.memo = 0
        return b"\x80\x04" + self.value(self.rand.randrange(1, 5)) + b"."


def main() -> int:
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    warnings.simplefilter("ignore")
    maker = Maker(random.Random(seed), names())
    watch = Watch()
    gocloudpickle.audit(b"N.", "data")
    import_codecs()
    allowed = loaded = 0
    for _ in range(count):
        data = maker.whole()
        if gocloudpickle.audit(data, "data").verdict != "allowed":
            continue
        allowed += 1
        signal.alarm(20)
        ended, events = watch.load(data)
        loaded += ended == "loaded"
        seen = [event for event in events if not event.startswith("pickle.find_class ")]
        if seen:
            print(data, seen)
            return 1
    signal.alarm(0)
    print(f"{allowed} allowed, {loaded} loaded")
    return 0


if __name__ == "__main__":
    sys.exit(main())
