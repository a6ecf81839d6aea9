"""Pickles that older versions of cloudpickle wrote, from a checkout of it.

Set UPSTREAM to the checkout: `make test-upstream UPSTREAM=...`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UPSTREAM = os.environ.get("UPSTREAM")

# What upstream's tests/test_backward_compat.py expects of each file.
PROGRAM = """
import pickle, sys
sys.path.insert(0, sys.argv[1])
from gocloudpickle import _modules
_modules.enable()
folder = sys.argv[2]

def load(name):
    with open(f"{folder}/{name}.pkl", "rb") as file:
        return pickle.load(file)

f = load("simple_func")
assert (f(1), f(1, 1), f(2, 2)) == (2, 2, 4)
simple = load("simple_class")
assert simple(1).attribute == 1
assert load("simple_class") is simple
module = load("simple_module")
assert (module.f(1), module.f(2, 2)) == (2, 4)
enum = load("simple_enum")
assert (enum.RED, enum.BLUE) == (1, 2)
assert load("simple_enum") is enum
hinted = load("class_with_type_hints")
assert hinted(1).attribute == 1
assert load("class_with_type_hints") is hinted
cls, add = load("function_with_type_hints")
assert add.__annotations__
assert add(cls(1), cls(2)).attribute == 3
assert load("nested_function")(41) == 42
assert _modules.is_ours(sys.modules["cloudpickle.cloudpickle"])
"""


@pytest.mark.skipif(not UPSTREAM, reason="set UPSTREAM to a checkout of cloudpickle")
def test_old_pickles() -> None:
    folders = sorted(Path(UPSTREAM or "", "tests", "old_pickles").iterdir())
    wanted = f"cpython_{sys.version_info.major}{sys.version_info.minor}"
    matching = [folder for folder in folders if folder.name == wanted]
    assert folders, f"no tests/old_pickles in {UPSTREAM}"
    if not matching:
        pytest.skip(f"code objects load in the version that wrote them; no {wanted} there")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM, str(ROOT / "py"), str(matching[0])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
