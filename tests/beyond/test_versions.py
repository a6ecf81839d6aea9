"""Payloads of another minor version of CPython: refused with both versions' names, before they can run."""

from __future__ import annotations

import base64
import dis
import io
import json
import os
import pickle
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gocloudpickle
import pytest
from gocloudpickle import _foreign, _rebuild

VERSIONS = json.loads(Path(__file__).with_name("versions.json").read_text())
HERE = f"3.{sys.version_info.minor}"
OTHERS = [(version, name) for version, made in VERSIONS.items() if version != HERE for name in made]
# What these two compile alike in the eyes of who knows opcodes only, and runs alike.
ALIKE = {"3.11": "3.12", "3.12": "3.11"}.get(HERE)
USE = """
import asyncio, base64, sys
import gocloudpickle
gocloudpickle.engine_info()
f = gocloudpickle.loads(base64.b64decode(sys.argv[2]))
print({
    "plain": lambda: f(3) == 7,
    "closure": lambda: f(1) == [1, 2, 3],
    "generator": lambda: list(f(2)) == [0, 1],
    "coroutine": lambda: asyncio.run(f(1)) == 2,
    "context": lambda: (f(1), f(2)) == ("one", 2),
    "class": lambda: f("x").total([{"amount": 1}]) == 1,
    "lambda": lambda: f() == 1,
    "deep": lambda: list(f[0]["a"][0]["b"](2)) == [0, 1],
}[sys.argv[1]]())
"""


REST = 2 << 20


def long(data: bytes) -> bytes:
    """A payload with more in it than loads does natively."""
    return b"\x80\x05B" + REST.to_bytes(4, "little") + bytes(REST) + data[2:-1] + b"\x86."


def pipe(data: bytes) -> Any:
    read, write = os.pipe()
    with os.fdopen(write, "wb", buffering=0) as file:
        file.write(data)
    return os.fdopen(read, "rb")


class OnlyReads:
    """A file that has what pickle needs, and no more."""

    def __init__(self, data: bytes) -> None:
        file = io.BytesIO(data)
        self.read, self.readline = file.read, file.readline


WAYS: dict[str, Callable[[bytes], Any]] = {
    "loads": gocloudpickle.loads,
    "long": lambda data: gocloudpickle.loads(long(data))[1],
    "long memoryview": lambda data: gocloudpickle.loads(memoryview(long(data)))[1],
    "buffers": lambda data: gocloudpickle.loads(data, buffers=[b""]),
    "load": lambda data: gocloudpickle.load(io.BytesIO(data)),
    "load long": lambda data: gocloudpickle.load(io.BytesIO(long(data)))[1],
    "load with peek": lambda data: gocloudpickle.load(io.BufferedReader(io.BytesIO(data))),
    "load from a pipe": lambda data: gocloudpickle.load(pipe(data)),
    "load from little": lambda data: gocloudpickle.load(OnlyReads(data)),
    "policy": lambda data: gocloudpickle.loads(data, policy="functions"),
}


def is_without_engine() -> bool:
    return bool(gocloudpickle.engine_info()["path"] == "python")


def use(name: str, payload: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", USE, name, payload],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("version", "name"), OTHERS)
def test_another_version_is_refused(version: str, name: str, way: str) -> None:
    if way == "policy" and is_without_engine():
        pytest.skip("a policy wants the engine or the command")
    payload = VERSIONS[version][name]
    try:
        WAYS[way](base64.b64decode(payload))
    except pickle.UnpicklingError as error:
        assert f"this is Python {HERE}:" in str(error)
        newer = "3.11 or newer" if HERE == "3.10" else version
        assert (newer if version != "3.10" else "3.10 or older") in str(error)
    else:
        # It can't be told from this version's, so it has to run as this version's does.
        assert version == ALIKE, f"{name} of {version} is loaded"
        if way == "loads":
            done = use(name, payload)
            assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_code_is_refused_before_there_is_any(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to its function the code object would be there, and making one can end the process."""
    if way == "policy" and is_without_engine():
        pytest.skip("a policy wants the engine or the command")
    monkeypatch.setattr(_rebuild, "_check_version", lambda code: None)
    version = "3.10" if HERE != "3.10" else "3.12"
    with pytest.raises(
        pickle.UnpicklingError, match=version if HERE != "3.10" else "3.11 or newer"
    ):
        WAYS[way](base64.b64decode(VERSIONS[version]["deep"]))


@pytest.mark.parametrize("way", WAYS)
def test_a_foreign_payload_may_be_carried(way: str) -> None:
    """The bytes of a payload of another version are no code."""
    if way == "policy" and is_without_engine():
        pytest.skip("a policy wants the engine or the command")
    foreign = [base64.b64decode(payload) for _, payload in every_foreign()]
    data = gocloudpickle.dumps((foreign, lambda: 1, foreign))
    carried, function, _ = WAYS[way](data)
    assert (carried, function()) == (foreign, 1)


def every_foreign() -> Any:
    return [(name, VERSIONS[version][name]) for version, name in OTHERS]


@pytest.mark.parametrize("name", list(VERSIONS[HERE]))
def test_this_version_is_not(name: str) -> None:
    done = use(name, VERSIONS[HERE][name])
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


@pytest.mark.skipif(sys.version_info < (3, 11), reason="3.10 can tell by the arguments alone")
def test_how_each_version_begins() -> None:
    # What pickle.loads has made of a payload is looked at before it is a function.
    begins = {
        "3.11": bytes([135, 75, 1, 151, 100]),
        "3.12": bytes([144, 135, 135, 151, 100]),
        "3.13": bytes([62, 94, 149, 83]),
        "3.14": bytes([60, 97, 34, 31, 128, 82]),
    }
    for version, units in begins.items():
        found = {
            f"3.{minor}" for minor in _rebuild._BEGINNINGS if _rebuild._begins_as(minor, units)
        }
        assert found == {version} | ({"3.11", "3.12"} & {version} and {"3.11", "3.12"})


@pytest.mark.skipif(sys.version_info < (3, 11), reason="3.10 can tell by the arguments alone")
def test_a_function_is_not_made_of_an_unknown_opcode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_rebuild, "_opcodes", bytes(range(2)))
    with pytest.raises(pickle.UnpicklingError, match=f", and this is Python {HERE}:"):
        _rebuild._make_function((lambda: 1).__code__, {}, None, None, None)
    with pytest.raises(TypeError):
        _rebuild._make_function(None, {}, None, None, None)  # type: ignore[arg-type]


def codes(code: types.CodeType) -> Any:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def test_the_standard_library_s_own_code_is_taken() -> None:
    count = 0
    for name in [
        "ast",
        "asyncio.tasks",
        "dataclasses",
        "dis",
        "enum",
        "inspect",
        "typing",
        "zipfile",
    ]:
        path = __import__(name, fromlist=["x"]).__file__
        for code in codes(compile(Path(path).read_bytes(), path, "exec")):
            data = gocloudpickle.dumps(code)
            gocloudpickle.loads(data)
            _foreign.check(data)
            assert _foreign._pattern().fullmatch(code.co_code)
            _rebuild._check_version(code)
            count += 1
    assert count > 500


def test_code_that_no_compiler_has_made_is_taken() -> None:
    code = (lambda: 1).__code__
    resume = dis.opmap.get("RESUME")
    changed = code.replace(co_code=code.co_code[2:] if resume == code.co_code[0] else code.co_code)
    data = gocloudpickle.dumps(changed)
    for load in (gocloudpickle.loads, lambda data: gocloudpickle.load(io.BytesIO(data))):
        assert load(data).co_code == changed.co_code
