"""The sdist and the wheels: what is in them, and that they work when installed."""

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def hatch(target, source, into, **environ):
    """Run the build that pip would, with the hatchling of this environment."""
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)]
    environ = {**os.environ, "GOCLOUDPICKLE_REQUIRE_ENGINE": "1", **environ}
    return subprocess.run(command, cwd=source, env=environ, stderr=subprocess.PIPE, text=True)


def build(target, source, into, **environ):
    """Build something, and return its file and what was said."""
    done = hatch(target, source, into, **environ)
    assert done.returncode == 0, done.stderr
    (made,) = into.iterdir()
    return made, done.stderr


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))[0]


@pytest.fixture(scope="module")
def source(sdist, tmp_path_factory):
    """The sdist, unpacked."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(folder, filter="data")
        else:
            archive.extractall(folder)
    (source,) = folder.iterdir()
    return source


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory):
    """The wheel of this platform, built from the sdist as pip does it."""
    return build("wheel", source, tmp_path_factory.mktemp("wheel"))[0]


@pytest.fixture(scope="module")
def pure_wheel(source, tmp_path_factory):
    """The wheel for every platform."""
    folder = tmp_path_factory.mktemp("pure")
    made, said = build("wheel", source, folder, GOCLOUDPICKLE_PURE_WHEEL="1")
    assert "NOTICE" not in said, said
    return made


def test_sdist_holds_sources_only(sdist):
    with tarfile.open(sdist) as archive:
        members = {m.name.partition("/")[2]: m for m in archive.getmembers()}
    for name in [
        "LICENSE",
        "go.mod",
        "go.sum",
        "cmd/engine/main.go",
        "cmd/gocloudpickle/main.go",
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
    (command,) = (n for n in names if n.endswith(".data/scripts/gocloudpickle"))
    assert not any(n.endswith(("entry_points.txt", "_no_engine.txt")) for n in names)
    assert {"gocloudpickle/_licences/cobra.txt", "gocloudpickle/_licences/pflag.txt"} <= names
    assert wheel.stat().st_size < 7e6, "the engine and the command are 5 MB together"
    version = (ROOT / "py" / "gocloudpickle" / "_version.py").read_text().split('"')[1]
    assert f"\nVersion: {version}\n" in metadata


def test_programs_name_no_folder_of_the_build(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (command,) = (n for n in archive.namelist() if n.endswith("/scripts/gocloudpickle"))
        for program in [archive.read("gocloudpickle/_engine.so"), archive.read(command)]:
            assert program.startswith(b"\x7fELF")
            for folder in [ROOT, Path.home(), wheel.parent.parent]:
                if folder != Path("/"):
                    assert bytes(folder) not in program


def test_pure_wheel_has_nothing_of_a_platform(pure_wheel):
    assert pure_wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(pure_wheel) as archive:
        names = set(archive.namelist())
        assert not any(archive.read(n).startswith(b"\x7fELF") for n in names)
        (points,) = (archive.read(n).decode() for n in names if n.endswith("entry_points.txt"))
        assert b"Root-Is-Purelib: true" in archive.read(
            next(n for n in names if n.endswith("/WHEEL"))
        )
    assert "gocloudpickle = gocloudpickle._command:main" in points


def without_go(tmp_path):
    """A PATH with none of Go and the compilers."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sh").symlink_to(shutil.which("sh"))
    return str(folder)


def test_without_go_the_sdist_makes_the_pure_wheel(source, tmp_path, monkeypatch):
    environ = {"PATH": without_go(tmp_path), "GOCLOUDPICKLE_REQUIRE_ENGINE": "0"}
    made, said = build("wheel", source, tmp_path / "made", **environ)
    assert made.name.endswith("-py3-none-any.whl")
    assert "NOTICE: gocloudpickle: the engine can't be built: Go is missing" in said
    assert "a wheel without it is built, where all is done in Python" in said
    python = install(made, tmp_path, monkeypatch)
    program = "import gocloudpickle; print(gocloudpickle.engine_info()['why_python'])"
    run = subprocess.run([python, "-c", program], stdout=-1, check=True, text=True)
    assert "Go is missing; install Go 1.25 or later" in run.stdout


def test_without_go_it_is_an_error_where_the_engine_is_required(source, tmp_path):
    done = hatch("wheel", source, tmp_path / "made", PATH=without_go(tmp_path))
    assert done.returncode != 0
    assert "the engine can't be built: Go is missing" in done.stderr
    assert not list(tmp_path.glob("made/*"))


def test_without_its_modules_the_command_is_the_one_in_python(source, tmp_path):
    """As where Go's modules can't be downloaded: the engine needs none."""
    environ = {"GOMODCACHE": str(tmp_path / "none"), "GOPROXY": "off", "GOFLAGS": "-mod=readonly"}
    environ["GOCLOUDPICKLE_REQUIRE_ENGINE"] = ""
    made, said = build("wheel", source, tmp_path / "made", **environ)
    assert "NOTICE: gocloudpickle: the command can't be built" in said
    with zipfile.ZipFile(made) as archive:
        names = archive.namelist()
    assert "gocloudpickle/_engine.so" in names
    assert any(name.endswith("entry_points.txt") for name in names)
    assert not any("/scripts/" in name for name in names)


@pytest.mark.parametrize("which", ["wheel", "pure_wheel"])
def test_wheel_works_alone(which, tmp_path, monkeypatch, request):
    """In an environment that has neither the checkout nor cloudpickle."""
    python = install(request.getfixturevalue(which), tmp_path, monkeypatch)
    smoke = Path(__file__).with_name("smoke.py")
    done = subprocess.run(
        [python, str(smoke)], cwd=tmp_path, check=True, stdout=subprocess.PIPE, text=True
    )
    assert done.stdout.strip().endswith("works")


def install(wheel, tmp_path, monkeypatch):
    """Install a wheel alone, and return the Python to run it with."""
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    python = tmp_path / "env" / "bin" / "python"
    # pip of this environment installs into the other: the embedded CPython has no ensurepip.
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    install = [*pip, "install", "--quiet", "--no-index", "--no-deps", str(wheel)]
    subprocess.run(install, check=True)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return str(python)
