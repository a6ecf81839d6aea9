"""gocloudpickle.audit gives verdicts, and takes policies in every form."""

from __future__ import annotations

import bz2
import collections
import datetime
import decimal
import gzip
import json
import os
import pathlib
import pickle
import random
import shutil
import uuid
from collections.abc import Callable
from typing import Any

import gocloudpickle
import pytest

from tests.audit.hostile_sizes import CALLS, SIZES

try:
    gocloudpickle.require_engine()
except ImportError:
    pytest.skip("there is no engine to audit with on this path", allow_module_level=True)

EVIL = b"cos\nsystem\n(S'true'\ntR."
ALLOW_SYSTEM = {"version": 1, "allow": {"names": ["os.system"]}}

DATA = {
    "plain": [1, 2.5, "text", b"bytes", None, True, (1, {2: {3}})],
    "builtins": [frozenset([1]), bytearray(b"x"), complex(1, 2), range(3), slice(1)],
    "collections": [
        collections.OrderedDict(a=1),
        collections.Counter("abc"),
        collections.deque([1]),
        collections.defaultdict(list, a=[1]),
    ],
    "dates": [
        datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc),
        datetime.date(2026, 1, 1),
        datetime.timedelta(1),
    ],
    "numbers": [decimal.Decimal("1.5"), uuid.UUID(int=5)],
    "path": pathlib.PurePosixPath("/a/b"),
}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("preset", ["data", "ml", "functions", "trusted-imports"])
def test_data_is_allowed_by_every_preset(name: str, protocol: int, preset: str) -> None:
    data = pickle.dumps(DATA[name], protocol)
    found = gocloudpickle.audit(data, preset)
    assert found.verdict == "allowed", found
    assert gocloudpickle.loads(data, policy=preset) == DATA[name]


def test_arrays_are_data() -> None:
    numpy = pytest.importorskip("numpy")
    for array in (
        numpy.arange(5.0),
        numpy.array(["a", "bc"]),
        numpy.zeros(2, dtype=[("a", "i4"), ("b", "f8")]),
        numpy.float64(1.5),
        numpy.array([1, None], dtype=object),
        numpy.asfortranarray(numpy.ones((2, 3))),
    ):
        for protocol in range(2, 6):
            data = pickle.dumps(array, protocol)
            assert gocloudpickle.audit(data, "data").verdict == "allowed"
            assert repr(gocloudpickle.loads(data, policy="data")) == repr(array)


def test_a_function_is_no_data() -> None:
    data = gocloudpickle.dumps(lambda x: x + 1)
    assert gocloudpickle.audit(data, "data").verdict == "denied"
    assert gocloudpickle.audit(data, "functions").verdict == "allowed"
    assert gocloudpickle.audit(data).verdict == "allowed"  # the default


def test_the_result() -> None:
    found = gocloudpickle.audit(b"N." + EVIL, "data")
    assert found.verdict == "denied"
    first = found.findings[0]
    assert {
        "rule",
        "verdict",
        "capability",
        "when",
        "subject",
        "via",
        "offset",
        "why",
    } <= first.keys()
    assert (first["subject"], first["offset"], first["when"]) == ("os.system", 2, "load")
    assert first["rule"] == "names: os.system"
    assert json.loads(found.json)["findings"] == found.findings
    assert str(found).startswith("denied\n  os.system when loaded (")
    assert repr(found) == f"<denied, {len(found.findings)} findings>"


@pytest.mark.parametrize("data", [b"", b"(", b"N.x", b"\x80\x05N", b"hello", EVIL[:-1] + b"\xff"])
def test_what_is_not_read_is_never_allowed(data: bytes) -> None:
    assert gocloudpickle.audit(data, "trusted-imports").verdict != "allowed"


def test_a_container_is_no_pickle(tmp_path: pathlib.Path) -> None:
    """The command reads them; here they are never allowed, nor is a name of a member in a tar a pickle."""
    inside = tmp_path / "N."
    inside.write_bytes(pickle.dumps([1]))
    packed = {"gzip": gzip.compress(inside.read_bytes()), "bz2": bz2.compress(inside.read_bytes())}
    for kind in ("zip", "tar", "gztar"):
        file = shutil.make_archive(str(tmp_path / f"archive-{kind}"), kind, tmp_path, "N.")
        packed[kind] = pathlib.Path(file).read_bytes()
    for kind, data in packed.items():
        assert gocloudpickle.audit(data, "trusted-imports").verdict == "inconclusive", kind


def test_any_buffer() -> None:
    for make in (bytes, bytearray, memoryview):
        assert gocloudpickle.audit(make(b"N.")).verdict == "allowed"
    with pytest.raises(TypeError):
        gocloudpickle.audit("N.")  # type: ignore[arg-type]


def test_a_policy_as_a_dict_as_json_and_in_a_file(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(ALLOW_SYSTEM))
    policies: list[Any] = [ALLOW_SYSTEM, json.dumps(ALLOW_SYSTEM), file, str(file)]
    for policy in policies:
        assert gocloudpickle.audit(EVIL, policy).verdict == "allowed"
        assert gocloudpickle.audit(b"cos\nunlink\n.", policy).verdict == "denied"


def test_a_policy_in_yaml(tmp_path: pathlib.Path) -> None:
    pytest.importorskip("yaml", reason="policies in YAML need PyYAML")
    text = "version: 1 # first\nallow:\n  names:\n    - os.system\n"
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    for policy in (text, file):
        assert gocloudpickle.audit(EVIL, policy).verdict == "allowed"
    for wrong, says in {
        "version: 1\nversion: 1\n": "line 2: 'version' is there twice",
        "version: 1\nallow:\n  name: [os.system]\n": "name",
        "version: [1\n": "line",
        "- a\n- b\n": "there is no policy in it",
    }.items():
        with pytest.raises(ValueError, match=says):
            gocloudpickle.audit(EVIL, wrong)


@pytest.mark.parametrize(
    ("policy", "error", "says"),
    [
        ("dta", FileNotFoundError, "the presets are data, ml"),
        ({"version": 2}, ValueError, "version is 2"),
        ({"version": 1, "allow": {"moduls": []}}, ValueError, "moduls"),
        ({"version": 1, "allow": {"names": ["len"]}}, ValueError, r"allow.names\[0\]"),
        (5, TypeError, "the name of a preset"),
    ],
)
def test_what_is_no_policy(policy: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        gocloudpickle.audit(b"N.", policy)


def test_nothing_is_imported_or_called(tmp_path: pathlib.Path) -> None:
    import sys

    marker = tmp_path / "marker"
    for name in ("this", "antigravity"):
        sys.modules.pop(name, None)
        gocloudpickle.audit(f"c{name}\ns\n.".encode(), "trusted-imports")
        assert name not in sys.modules
    data = f"cos\nsystem\n(S'touch {marker}'\ntR.".encode()
    assert gocloudpickle.audit(data, ALLOW_SYSTEM).verdict == "allowed"
    assert not os.path.exists(marker)


# What is large, or endless, and takes no memory until somebody goes through it.
LAZY: dict[str, Callable[[], Any]] = {
    "a range": lambda: range(10**12),
    "a large int": lambda: 10**5000,
    "bytes that are there": lambda: [b"x" * 10**6, bytearray(10**6)],
    "many ints that are there": lambda: [list(range(200_000)), set(range(200_000))],
    "a bound of a deque": lambda: collections.deque([1, 2], 10**9),
    "a slice": lambda: slice(0, 10**12),
    "an iterator of a range": lambda: iter(range(10**12)),
    "enumerate": lambda: enumerate(range(10**12)),
    "map": lambda: map(str, range(10**12)),
    "a time": lambda: [datetime.datetime(2030, 1, 1), datetime.timedelta(10**6)],
    "a random state": lambda: random.Random(2),
}


@pytest.mark.parametrize("name", LAZY)
def test_what_is_large_without_taking_memory_is_allowed(name: str) -> None:
    data = gocloudpickle.dumps(LAZY[name]())
    assert gocloudpickle.audit(data, "functions").verdict == "allowed"


@pytest.mark.parametrize("preset", ["data", "ml", "functions", "trusted-imports"])
@pytest.mark.parametrize("name", sorted(CALLS))
def test_what_would_take_all_memory_is_not_loaded(name: str, preset: str) -> None:
    data = dict(SIZES)[name]
    with pytest.raises(gocloudpickle.PolicyError):
        gocloudpickle.loads(data, policy=preset)
