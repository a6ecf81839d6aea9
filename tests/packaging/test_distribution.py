"""The sdist and the wheel: what is in them, and that they work when installed."""

import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def build(target, source, into):
    """Build what pip would, with the hatchling of this environment."""
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)]
    subprocess.run(command, cwd=source, check=True)
    (made,) = into.iterdir()
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory):
    """The wheel, built from the unpacked sdist as pip does it."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(folder, filter="data")
        else:
            archive.extractall(folder)
    (source,) = folder.iterdir()
    return build("wheel", source, tmp_path_factory.mktemp("wheel"))


def test_sdist_holds_sources_only(sdist):
    with tarfile.open(sdist) as archive:
        members = {m.name.partition("/")[2]: m for m in archive.getmembers()}
    for name in [
        "LICENSE",
        "go.mod",
        "cmd/engine/main.go",
        "build_hooks/engine.py",
        "py/gocloudpickle/_rebuild.py",
        "rebuild/rebuild.py",
    ]:
        assert name in members
    links = [name for name, member in members.items() if not member.isreg()]
    assert not links, "everything is a file of its own"
    unwanted = (".so", ".pyc", "_engine.h", "_test.go")
    assert [name for name in members if name.endswith(unwanted)] == []


def test_wheel_is_for_every_cpython(wheel):
    assert wheel.name.split("-", 2)[2].startswith("py3-none-linux_")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        rebuild = archive.read("gocloudpickle/_rebuild.py")
        (metadata,) = (archive.read(n).decode() for n in names if n.endswith("/METADATA"))
    wanted = {"__init__.py", "__init__.pyi", "py.typed", "_engine.so", "_version.py"}
    assert wanted <= {n.removeprefix("gocloudpickle/") for n in names}
    assert [n for n in names if n.endswith((".h", ".pyc"))] == []
    assert rebuild == (ROOT / "rebuild" / "rebuild.py").read_bytes()
    assert "Requires-Python: >=3.10" in metadata
    version = (ROOT / "py" / "gocloudpickle" / "_version.py").read_text().split('"')[1]
    assert f"\nVersion: {version}\n" in metadata


def test_engine_names_no_folder_of_the_build(wheel):
    with zipfile.ZipFile(wheel) as archive:
        engine = archive.read("gocloudpickle/_engine.so")
    for folder in [ROOT, Path.home(), wheel.parent.parent]:
        if folder != Path("/"):
            assert bytes(folder) not in engine


def test_wheel_works_alone(wheel, tmp_path, monkeypatch):
    """In an environment that has neither the checkout nor cloudpickle."""
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    python = tmp_path / "env" / "bin" / "python"
    # pip of this environment installs into the other: the embedded CPython has no ensurepip.
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    install = [*pip, "install", "--quiet", "--no-index", "--no-deps", str(wheel)]
    subprocess.run(install, check=True)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    smoke = Path(__file__).with_name("smoke.py")
    done = subprocess.run(
        [str(python), str(smoke)], cwd=tmp_path, check=True, stdout=subprocess.PIPE, text=True
    )
    assert done.stdout.strip().endswith("works")
