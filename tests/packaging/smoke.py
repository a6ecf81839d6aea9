"""Try an installed gocloudpickle: run with the python of its environment.

Not a test module: `make wheel` runs it in a clean environment of each Python,
and `make test-arm64` under an emulator, which SMOKE_PYTHON then starts.
"""

import json
import os
import shlex
import subprocess
import sys
import sysconfig
from importlib import metadata, resources

import gocloudpickle

OTHER_PROCESS = """
import pickle, sys
import gocloudpickle
add, Point = pickle.loads(sys.stdin.buffer.read())
print(add(2), Point(3, 4).norm())
"""


def make_objects():
    """Return a closure and a class that no other process can import."""
    base = 40

    class Point:
        def __init__(self, x, y):
            self.x, self.y = x, y

        def norm(self):
            return (self.x**2 + self.y**2) ** 0.5

    return (lambda n: base + n), Point


ENGINE_IS_IN = any(p.name == "_engine.so" for p in resources.files("gocloudpickle").iterdir())


def check_files():
    installed = metadata.version("gocloudpickle")
    assert gocloudpickle.__version__ == installed, (gocloudpickle.__version__, installed)
    names = {path.name for path in resources.files("gocloudpickle").iterdir()}
    missing = {"_rebuild.py", "__init__.pyi", "py.typed"} - names
    assert not missing, f"not installed: {missing}"
    assert ENGINE_IS_IN != ("_no_engine.txt" in names), names


def check_round_trip():
    payload = gocloudpickle.dumps(make_objects())
    add, point = gocloudpickle.loads(payload)
    assert (add(2), point(3, 4).norm()) == (42, 5.0)
    python = shlex.split(os.environ.get("SMOKE_PYTHON", shlex.quote(sys.executable)))
    run = subprocess.run([*python, "-c", OTHER_PROCESS], input=payload, stdout=-1, check=True)
    assert run.stdout.split() == [b"42", b"5.0"], run.stdout


def check_engine():
    info = gocloudpickle.engine_info()
    wanted = os.environ.get("GOCLOUDPICKLE_PATH") or ("layout" if ENGINE_IS_IN else "python")
    assert info["path"] == wanted, info
    assert info["dumps"][wanted] > 0, info
    return info


def command():
    """The command that came with the package: on PATH once the environment is active."""
    default = shlex.quote(os.path.join(sysconfig.get_path("scripts"), "gocloudpickle"))
    return shlex.split(os.environ.get("SMOKE_COMMAND", default))


def check_command():
    """The command is the one in Go exactly where the engine is."""
    run = subprocess.run([*command(), "version", "--json"], stdout=-1, check=True)
    about = json.loads(run.stdout)
    assert about["version"] == gocloudpickle.__version__, about
    assert ("go" in about) == ENGINE_IS_IN, about
    payload = gocloudpickle.dumps(make_objects())
    run = subprocess.run([*command(), "dis", "-"], input=payload, stdout=-1, check=True)
    lines = run.stdout.decode().splitlines()
    assert lines[0].split() == ["0:", r"\x80", "PROTO", "5"], lines[0]
    code = f"CPython {sys.version_info[0]}.{sys.version_info[1]}: "
    assert any(line.startswith(code) for line in lines) == ENGINE_IS_IN, lines[-30:]
    damaged = subprocess.run([*command(), "dis", "-"], input=payload[:-1], stdout=-1, stderr=-1)
    assert damaged.returncode == 2, damaged


if __name__ == "__main__":
    check_files()
    check_round_trip()
    check_command()
    info = check_engine()
    print(f"   Python {info['python']}, {os.uname().machine}, {info['path']} path: works")
