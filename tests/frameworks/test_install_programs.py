"""python -m gocloudpickle, and the environment variable."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import gocloudpickle
import pytest

from tests.frameworks import child
from tests.frameworks.child import ROOT

if os.environ.get("GOCLOUDPICKLE_PATH") == "portable":
    pytest.skip("how programs start is the same on each path", allow_module_level=True)

PACKAGE = Path(gocloudpickle.__file__).resolve().parent

# Prints what a program can see of how it was started.
SEEN = """
import json, sys
import __main__
print(json.dumps({
    "argv": sys.argv, "path": sys.path[0], "name": __name__, "main": vars(__main__) is globals(),
    "file": globals().get("__file__"), "package": __package__,
    "spec": __spec__ and __spec__.name, "loader": type(__loader__).__name__,
    "code": sys._getframe().f_code.co_filename,
}))
"""

USES = """
import sys
import cloudpickle, gocloudpickle
def function(x): return helper(x) + 1
def helper(x): return x * 2
payload = cloudpickle.dumps(function)
assert sum(gocloudpickle.engine_info()["dumps"].values()) == 1
assert b"_make_function" in payload and b"helper" in payload, "sent by value, as from a script"
if __name__ == "__main__":
    print("done", cloudpickle.loads(payload)(5))
    sys.exit(3)
"""


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT / "py")},
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with one program in each form."""
    (tmp_path / "script.py").write_text(SEEN)
    (tmp_path / "module.py").write_text(SEEN)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "package" / "__main__.py").write_text(SEEN)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "__main__.py").write_text(SEEN)
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("__main__.py", SEEN)
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        ["script.py"],
        ["./folder/../script.py", "-x", "a b"],
        ["-m", "module", "-m"],
        ["-m", "package", "x"],
        ["-c", SEEN, "x"],
        ["folder", "x"],
        ["archive.zip"],
    ],
    ids=lambda command: command[0] + command[1][:8] if len(command) > 1 else command[0],
)
def test_a_program_sees_what_it_sees_in_a_plain_run(programs: Path, command: list[str]) -> None:
    plain = run(*command, cwd=programs)
    ours = run("-m", "gocloudpickle", *command, cwd=programs)
    assert plain.returncode == ours.returncode == 0, ours.stderr
    assert ours.stdout == plain.stdout


def test_the_engine_is_on_and_the_exit_status_is_the_program_s(tmp_path: Path) -> None:
    pytest.importorskip("cloudpickle", reason="there is nothing to install in")
    script = tmp_path / "script.py"
    script.write_text(USES)
    done = run("-m", "gocloudpickle", script)
    assert (done.returncode, done.stdout) == (3, "done 11\n"), done.stderr


def test_a_script_s_functions_in_spawned_processes(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing\n"
        "def double(x): return x * 2\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.map(double, [1, 2]))\n"
    )
    done = run("-m", "gocloudpickle", script)
    assert (done.returncode, done.stdout) == (0, "[2, 4]\n"), done.stderr


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ([], "usage:"),
        (["-x"], "no option -x"),
        (["-m"], "-m needs an argument"),
        (["no_such_script.py"], "no_such_script.py"),
        (["-m", "no_such_module"], "no module named no_such_module"),
        (["-m", "no_such.module"], "no_such"),
    ],
)
def test_what_can_t_be_run(command: list[str], says: str) -> None:
    done = run("-m", "gocloudpickle", *command)
    assert done.returncode != 0 and done.stdout == ""
    assert says in done.stderr and "Traceback" not in done.stderr, done.stderr


def test_help() -> None:
    done = run("-m", "gocloudpickle", "--help")
    assert done.returncode == 0 and "usage:" in done.stdout and not done.stderr


# The environment variable, in an environment into which the package is installed.


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The python of an environment with gocloudpickle.pth, as the wheel lays it."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(folder)],
        check=True,
        timeout=240,
    )
    site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    site /= "site-packages"
    (site / "gocloudpickle").symlink_to(PACKAGE)
    (site / "gocloudpickle.pth").write_text(PACKAGE.with_name("gocloudpickle.pth").read_text())
    cloudpickle = pytest.importorskip("cloudpickle", reason="there is nothing to install in")
    (site / "cloudpickle").symlink_to(Path(cloudpickle.__file__).parent)
    return folder / "bin" / "python"


def start(environment: Path, program: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(environment), "-c", program],
        env={"PATH": os.environ.get("PATH", ""), **variables},
        capture_output=True,
        text=True,
        timeout=240,
    )


ENGINE_USED = """
import sys
assert "gocloudpickle._engine" not in sys.modules, "the start has become slow"
import cloudpickle
cloudpickle.dumps(lambda: 0)
import gocloudpickle
print(sum(gocloudpickle.engine_info()["dumps"].values()))
"""


def test_the_variable_installs(environment: Path) -> None:
    done = start(environment, ENGINE_USED, GOCLOUDPICKLE_INSTALL="1")
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.parametrize(
    "variables", [{}, {"GOCLOUDPICKLE_INSTALL": "0"}, {"GOCLOUDPICKLE_INSTALL": ""}]
)
def test_without_the_variable_nothing_happens(environment: Path, variables: dict[str, str]) -> None:
    done = start(environment, ENGINE_USED, **variables)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_without_the_variable_nothing_is_imported(environment: Path) -> None:
    program = "import sys; print([name for name in sys.modules if 'gocloudpickle' in name])"
    assert start(environment, program).stdout == "[]\n"


def test_processes_of_a_process_install_too(environment: Path) -> None:
    program = (
        "import subprocess, sys\n"
        f"print(subprocess.run([sys.executable, '-c', {ENGINE_USED!r}], "
        "capture_output=True, text=True).stdout)"
    )
    done = start(environment, program, GOCLOUDPICKLE_INSTALL="1")
    assert done.stdout.strip() == "1", done.stderr


def test_gocloudpickle_may_be_used_first(environment: Path) -> None:
    program = (
        "import gocloudpickle; gocloudpickle.dumps(0)\n"
        + ENGINE_USED.partition("\n")[2].partition("\n")[2]
    )
    program = program.replace('assert "gocloudpickle._engine" not in sys.modules', "assert True")
    done = start(environment, "import sys\n" + program, GOCLOUDPICKLE_INSTALL="1")
    assert (done.stdout, done.stderr) == ("2\n", "")


def copy_sources(package: Path) -> None:
    """Make a gocloudpickle without its engine."""
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("*.so", "__pycache__"))


def test_an_interpreter_that_can_t_be_served_starts_all_the_same(
    environment: Path, tmp_path: Path
) -> None:
    # A package whose engine is missing, and one that does not even import.
    for name, content in (("missing", None), ("broken", "raise RuntimeError('broken')")):
        package = tmp_path / name / "gocloudpickle"
        copy_sources(package)
        if content is not None:
            (package / "_install.py").write_text(content)
        program = "import cloudpickle; print(cloudpickle.loads(cloudpickle.dumps(lambda: 5))())"
        done = start(
            environment, program, GOCLOUDPICKLE_INSTALL="1", PYTHONPATH=str(tmp_path / name)
        )
        assert (done.returncode, done.stdout) == (0, "5\n"), done.stderr
        # An engine that can't be used is told to who asks: in a cluster, each process has one.
        expected = "" if content is None else "broken"
        assert expected in done.stderr and "Traceback" not in done.stderr
        assert bool(done.stderr) == bool(expected), done.stderr


def test_a_program_without_the_engine_is_told_on_one_line(tmp_path: Path) -> None:
    package = tmp_path / "gocloudpickle"
    copy_sources(package)
    program = "import cloudpickle; print(cloudpickle.loads(cloudpickle.dumps(lambda: 5))())"
    command = [sys.executable, "-m", "gocloudpickle", "-c", program]
    for path, lines in (("", 1), ("python", 0)):  # who asked for it is told nothing
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": str(tmp_path), "GOCLOUDPICKLE_PATH": path},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stdout) == (0, "5\n"), done.stderr
        assert len(done.stderr.splitlines()) == lines, done.stderr
        assert lines == 0 or "keeps stock cloudpickle: there is no" in done.stderr, done.stderr


def test_an_unsupported_interpreter_is_named(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("")
    program = """
import sys, types
sys.implementation = types.SimpleNamespace(**{**vars(sys.implementation), "name": "pypy"})
import os
os.environ["GOCLOUDPICKLE_INSTALL"] = "1"
import gocloudpickle._startup
import cloudpickle
print(cloudpickle.loads(cloudpickle.dumps(lambda: 5))())
import gocloudpickle
print(gocloudpickle.engine_info()["modules"]["cloudpickle.cloudpickle"]["why_off"])
"""
    done = start(environment, program)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout.startswith("5\nthis is pypy"), done.stdout


def test_the_wheel_lays_the_file_where_site_looks() -> None:
    config = (ROOT / "pyproject.toml").read_text()
    assert '"py/gocloudpickle.pth" = "gocloudpickle.pth"' in config
    line = (ROOT / "py" / "gocloudpickle.pth").read_text()
    # site reads one line at a time, and executes those that begin so.
    assert line.startswith("import ") and line.count("\n") == 1


def test_child_processes_say_why_they_failed() -> None:
    with pytest.raises(AssertionError, match="the reason"):
        child.run("raise SystemExit('the reason')")
