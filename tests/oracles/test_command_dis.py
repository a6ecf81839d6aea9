"""`gocloudpickle dis` of every payload: pickletools' opcodes, code of this Python."""

from __future__ import annotations

import io
import json
import pickletools
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus import all_cases
from tests.oracles.processes import dump

ROOT = Path(__file__).resolve().parents[2]
LARGE = 100_000
"""pickletools is slow."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> str:
    if shutil.which("go") is None or not (ROOT / "go.mod").exists():
        pytest.skip("this is a copy of the tests, or there is no Go")
    path = tmp_path_factory.mktemp("bin") / "gocloudpickle"
    build = ["go", "build", "-o", str(path), "./cmd/gocloudpickle"]
    subprocess.run(build, cwd=ROOT, check=True)
    return str(path)


@pytest.fixture(scope="module", params=[0, 2, 5])
def payloads(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    """A file for each payload, named after its case."""
    folder = tmp_path_factory.mktemp("payloads")
    for case in all_cases():
        if case.name == "reduce_protocol.string_subclass_as_answer":
            continue  # CPython 3.14 writes it, and no Python can load it
        made = dump(case, request.param) if case.why_not() is None else None
        if made is not None and len(made[0]) < LARGE:
            (folder / case.name).write_bytes(made[0])
    return sorted(folder.iterdir())


def run(command: str, *arguments: str | Path) -> str:
    done = subprocess.run([command, "dis", *arguments], capture_output=True, timeout=300)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return done.stdout.decode("utf-8", "surrogatepass")


def of_pickletools(payload: bytes) -> str:
    out = io.StringIO()
    pickletools.dis(payload, out)
    return out.getvalue()


def test_opcodes_are_those_of_pickletools(command: str, payloads: list[Path]) -> None:
    listings = run(command, "--only", "opcodes", *payloads)
    parts = re.split(r"^==> (.*) <==\n", listings, flags=re.M)[1:]
    got = {Path(name).name: text for name, text in zip(parts[::2], parts[1::2])}
    assert sorted(got) == [path.name for path in payloads]
    assert len(got) > 300
    for path in payloads:
        try:
            want = of_pickletools(path.read_bytes())
        except ValueError as error:
            assert "digits" in str(error) and "<int of " in got[path.name], path.name
            continue
        assert got[path.name].rstrip("\n") == want.rstrip("\n"), path.name


def test_code_is_of_this_python(command: str, payloads: list[Path]) -> None:
    this = f"{sys.version_info[0]}.{sys.version_info[1]}"
    seen = 0
    for line in run(command, "--only", "code", "--json", *payloads).splitlines():
        file = json.loads(line)
        for code in (c for pickled in file["pickles"] for c in pickled.get("code", ())):
            assert this in code["python_candidates"], (file["file"], code["name"])
            seen += 1
        assert not any("problems" in pickled for pickled in file["pickles"]), file
    assert seen > 100
