"""Try an installed gocloudpickle: run with the python of its environment.

Not a test module: `make wheel` runs it in a clean environment of each Python,
and `make test-arm64` under an emulator, which SMOKE_PYTHON then starts.
"""

import os
import shlex
import subprocess
import sys
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


def check_files():
    installed = metadata.version("gocloudpickle")
    assert gocloudpickle.__version__ == installed, (gocloudpickle.__version__, installed)
    names = {path.name for path in resources.files("gocloudpickle").iterdir()}
    missing = {"_engine.so", "_rebuild.py", "__init__.pyi", "py.typed"} - names
    assert not missing, f"not installed: {missing}"


def check_round_trip():
    payload = gocloudpickle.dumps(make_objects())
    add, point = gocloudpickle.loads(payload)
    assert (add(2), point(3, 4).norm()) == (42, 5.0)
    python = shlex.split(os.environ.get("SMOKE_PYTHON", shlex.quote(sys.executable)))
    run = subprocess.run([*python, "-c", OTHER_PROCESS], input=payload, stdout=-1, check=True)
    assert run.stdout.split() == [b"42", b"5.0"], run.stdout


def check_engine():
    info = gocloudpickle.engine_info()
    wanted = os.environ.get("GOCLOUDPICKLE_PATH") or "layout"
    assert info["path"] == wanted, info
    assert info["dumps"][wanted] > 0, info
    return info


if __name__ == "__main__":
    check_files()
    check_round_trip()
    info = check_engine()
    print(f"   Python {info['python']}, {os.uname().machine}, {info['path']} path: works")
