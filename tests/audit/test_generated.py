"""What the preset data allows does nothing else when it is loaded: audit events are the oracle."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path

import gocloudpickle
import pytest

from tests.audit.generated import NAMES, Maker

ROOT = Path(__file__).resolve().parent.parent.parent

# The names of NAMES that make data and nothing else; a policy may allow fewer.
DATA = {
    "builtins.complex",
    "builtins.set",
    "builtins.frozenset",
    "builtins.bytearray",
    "builtins.range",
    "builtins.slice",
    "builtins.int",
    "__builtin__.set",
    "collections.OrderedDict",
    "collections.deque",
    "collections.Counter",
    "datetime.date",
    "datetime.timedelta",
    "decimal.Decimal",
    "fractions.Fraction",
    "uuid.UUID",
    "copyreg._reconstructor",
    "copyreg.__newobj__",
    "_codecs.encode",
    "types.SimpleNamespace",
    "pathlib.PurePosixPath",
    "__builtin__.bytes",  # what b"" is in protocols 0 to 2
}


def loaded_elsewhere(streams: list[bytes], folder: Path) -> list[tuple[str, list[str]]]:
    """Load them in a fresh process: how each load ended, and its audit events."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.audit.generated"],
        input=b"".join(struct.pack("<I", len(stream)) + stream for stream in streams),
        stdout=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(streams)
    return [(ended, events) for ended, events in map(json.loads, lines)]


def check(seed: int, count: int, folder: Path) -> None:
    maker = Maker(seed)
    verdicts: Counter[str] = Counter()
    allowed = []
    for _ in range(count):
        stream = maker.stream()
        verdict = gocloudpickle.audit(stream, policy="data").verdict
        verdicts[verdict] += 1
        if verdict == "allowed":
            allowed.append(stream)
    ends: Counter[str] = Counter()
    for stream, (ended, events) in zip(allowed, loaded_elsewhere(allowed, folder), strict=True):
        ends[ended] += 1
        for event in events:
            name = event.removeprefix("pickle.find_class ")
            assert name != event and name in DATA, f"{event}, by {stream!r}"
    # The streams are of all kinds, or this would show nothing.
    assert verdicts["denied"] > count / 10 and len(allowed) > count / 20, verdicts
    assert ends["loaded"] > len(allowed) / 3, ends


def test_what_is_allowed_does_nothing_else(tmp_path: Path) -> None:
    check(1, 2_000, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_thousand(tmp_path: Path) -> None:
    for seed in range(2, 22):
        check(seed, 5_000, tmp_path)


def test_the_oracle_sees_what_a_load_does(tmp_path: Path) -> None:
    (ended, events), (_, none) = loaded_elsewhere(
        [b"\x80\x04cio\nopen_code\n\x8c\x04none\x85R.", b"\x80\x04K\x01."], tmp_path
    )
    assert ended == "FileNotFoundError" and none == []
    assert events[:1] == ["pickle.find_class io.open_code"] and events[1].startswith(
        "open ('none', "
    )
    assert {".".join(name) for name in NAMES} - DATA
