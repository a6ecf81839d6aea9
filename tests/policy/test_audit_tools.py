"""The command's audit under the tools that run it and read it: pre-commit, and readers of SARIF.

Set SARIF_SCHEMA to the path of OASIS' schema of SARIF 2.1.0, sarif-schema-2.1.0.json, which is no part of this project.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = os.environ.get("SARIF_SCHEMA")
EVIL = b"cos\nsystem\n(S'true'\ntR."

if shutil.which("go") is None or not (ROOT / "go.mod").exists():
    pytest.skip("the command is built for this, which needs Go and the checkout", allow_module_level=True)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the command, and one with pickles in it."""
    made = tmp_path_factory.mktemp("tools")
    build = ["go", "build", "-o", str(made / "bin" / "gocloudpickle"), "./cmd/gocloudpickle"]
    subprocess.run(build, cwd=ROOT, env={**os.environ, "CGO_ENABLED": "0"}, check=True)
    pickles = made / "pickles"
    pickles.mkdir()
    (pickles / "good.pkl").write_bytes(pickle.dumps([1]))
    (pickles / "bad one.pkl").write_bytes(EVIL)
    (pickles / "cut.pkl").write_bytes(EVIL[:-3])
    shutil.make_archive(str(pickles / "packed"), "zip", pickles, "bad one.pkl")
    return made


@pytest.mark.slow
@pytest.mark.skipif(not SCHEMA, reason="set SARIF_SCHEMA to the path of sarif-schema-2.1.0.json")
@pytest.mark.skipif(find_spec("jsonschema") is None, reason="jsonschema is not installed")
def test_sarif_is_what_its_schema_says(folder: Path) -> None:
    import jsonschema

    command = [folder / "bin" / "gocloudpickle", "audit", "--sarif", "pickles"]
    run = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    log = json.loads(run.stdout)
    assert run.returncode == 1 and len(log["runs"][0]["results"]) > 4
    jsonschema.Draft4Validator(json.loads(Path(str(SCHEMA)).read_text())).validate(log)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("pre_commit") is None, reason="pre-commit is not installed")
def test_the_hook_of_pre_commit(folder: Path) -> None:
    repository = folder / "pickles"
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@localhost"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *words], cwd=repository, check=True)
    for file, status in {"good.pkl": 0, "bad one.pkl": 1}.items():
        run = subprocess.run(
            [sys.executable, "-m", "pre_commit", "try-repo", ROOT, "gocloudpickle-audit-installed", "--files", file],
            cwd=repository,
            env={**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "PRE_COMMIT_HOME": str(folder / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert run.returncode == status, run.stdout + run.stderr
        assert ("bad one.pkl: denied" in run.stdout) == bool(status)
