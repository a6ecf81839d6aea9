"""audit() without an engine asks the command gocloudpickle."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.robust import child

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import os, pickle
import gocloudpickle
assert gocloudpickle.engine_info()["path"] == "python"
data = gocloudpickle.dumps(lambda: 4)
assert gocloudpickle.audit(data).verdict == "allowed"
assert gocloudpickle.audit(data, "data").verdict == "denied"
assert gocloudpickle.loads(data, policy="functions")() == 4
try:
    gocloudpickle.loads(b"cos\\nsystem\\n.", policy="functions")
except gocloudpickle.PolicyError as error:
    assert error.findings[0]["subject"] == "os.system"
else:
    raise AssertionError
try:
    gocloudpickle.audit(data, {"version": 3})
except ValueError as error:
    assert "version is 3" in str(error)
else:
    raise AssertionError
print("done")
"""


def environment(folder: Path) -> dict[str, str]:
    """Without another command gocloudpickle on the PATH than the one in a folder."""
    rest = [
        p for p in os.environ["PATH"].split(os.pathsep) if not (Path(p) / "gocloudpickle").exists()
    ]
    return {"PATH": os.pathsep.join([str(folder), *rest])}


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("go") is None or not (ROOT / "go.mod").exists():
        pytest.skip("the command is built for this, which needs Go and the checkout")
    folder = tmp_path_factory.mktemp("bin")
    subprocess.run(
        ["go", "build", "-o", str(folder / "gocloudpickle"), "./cmd/gocloudpickle"],
        cwd=ROOT,
        env={**os.environ, "CGO_ENABLED": "0"},
        check=True,
    )
    return folder


def test_with_the_command(command: Path) -> None:
    child.run_python(["-c", PROGRAM], "python", environment(command)).check(says="done")


def test_without_it(tmp_path: Path) -> None:
    program = """
import gocloudpickle
assert gocloudpickle.loads(b"N.") is None
for f in (gocloudpickle.audit, lambda d: gocloudpickle.loads(d, policy="data")):
    try:
        f(b"N.")
    except ImportError as error:
        assert "auditing needs the engine" in str(error) and "GOCLOUDPICKLE_PATH=python" in str(error)
    else:
        raise AssertionError
print("done")
"""
    child.run_python(["-c", program], "python", environment(tmp_path)).check(says="done")


def test_with_a_command_that_can_not(tmp_path: Path) -> None:
    fake = tmp_path / "gocloudpickle"
    fake.write_text("#!/bin/sh\necho 'no such command' >&2\nexit 3\n")
    fake.chmod(0o700)
    program = """
import gocloudpickle
try:
    gocloudpickle.audit(b"N.")
except ImportError as error:
    assert "no such command" in str(error)
else:
    raise AssertionError
print("done")
"""
    child.run_python(["-c", program], "python", environment(tmp_path)).check(says="done")
