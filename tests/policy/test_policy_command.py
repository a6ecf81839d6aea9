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


FILES = """
import gzip, os, pathlib, pickle, zipfile
import gocloudpickle
folder = pathlib.Path(FOLDER)
data = gocloudpickle.dumps(lambda: 4)
(folder / "fine.pkl.gz").write_bytes(gzip.compress(data))
assert gocloudpickle.audit(folder).verdict == "allowed"
assert gocloudpickle.audit(folder / "fine.pkl.gz", "data").verdict == "denied"
assert gocloudpickle.audit(folder, {"version": 1, "extends": ["functions"]}).verdict == "allowed"
with zipfile.ZipFile(folder / "-evil.pt", "w") as archive:
    archive.writestr("archive/data.pkl", b"cos\\nsystem\\n.")
os.chdir(folder)
for path in (folder, pathlib.Path("-evil.pt")):
    found = gocloudpickle.audit(path)
    assert found.verdict == "denied", found
    first = found.findings[0]
    assert (first["subject"], first["in"]) == ("os.system", "archive/data.pkl"), first
    assert first["path"] == str(folder / "-evil.pt")
    assert f"byte 0 of archive/data.pkl in {folder / '-evil.pt'}" in str(found), str(found)
for wrong, policy, error in (
    (folder / "none", "data", FileNotFoundError),
    (folder, {"version": 3}, ValueError),
    (folder, "no such", FileNotFoundError),
):
    try:
        gocloudpickle.audit(wrong, policy)
    except error as got:
        assert "version is 3" in str(got) or error is not ValueError
    else:
        raise AssertionError(wrong)
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


@pytest.mark.parametrize("path", ["layout", "python"])
def test_files(command: Path, tmp_path: Path, path: str) -> None:
    program = FILES.replace("FOLDER", repr(str(tmp_path)))
    child.run_python(["-c", program], path, environment(command)).check(says="done")


def test_files_without_it(tmp_path: Path) -> None:
    program = """
import pathlib
import gocloudpickle
try:
    gocloudpickle.audit(pathlib.Path("."))
except ImportError as error:
    assert "files are read by the command" in str(error)
else:
    raise AssertionError
print("done")
"""
    child.run_python(["-c", program], "python", environment(tmp_path)).check(says="done")


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
