"""Interpreters that the engine can't serve, played by this one."""

from __future__ import annotations

import os
import sys
import types


def refused(kind: str) -> None:
    """Importing works everywhere; the first use says why it can't be, and what to do."""
    if kind == "pypy":
        sys.implementation = types.SimpleNamespace(**{**vars(sys.implementation), "name": "pypy"})  # type: ignore[assignment]
    elif kind == "free_threaded":
        sys.abiflags = "t"
    elif kind == "too_old":
        _set_version(3, 9)
    elif kind == "too_new":
        _set_version(3, 99)
    elif kind == "python_4":
        _set_version(4, 0)
    elif kind == "musl":

        def confstr(name: object) -> str:
            raise ValueError("unrecognized configuration name")

        os.confstr = confstr  # type: ignore[assignment]
    elif kind == "macos":
        sys.platform = "darwin"
    elif kind == "windows":
        sys.platform = "win32"
    elif kind == "no_engine":
        real = os.path.exists
        os.path.exists = lambda path: not str(path).endswith("_engine.so") and real(path)

    import gocloudpickle

    for use in (
        lambda: gocloudpickle.dumps(1),
        lambda: gocloudpickle.engine_info(),
        lambda: gocloudpickle.dump,
        lambda: gocloudpickle.Pickler(__import__("io").BytesIO()),
        lambda: gocloudpickle.dumps(1),
    ):
        try:
            use()
        except ImportError as error:
            print(error)
        else:
            raise AssertionError(f"{kind} was served")
    # What needs no engine still works.
    assert gocloudpickle.loads(b"\x80\x04K\x05.") == 5
    assert gocloudpickle.list_registry_pickle_by_value() == set()


def _set_version(major: int, minor: int) -> None:
    class VersionInfo(tuple):  # type: ignore[type-arg]
        major = property(lambda self: self[0])
        minor = property(lambda self: self[1])
        micro = property(lambda self: self[2])
        releaselevel = property(lambda self: self[3])

    sys.version_info = VersionInfo((major, minor, 0, "final", 0))  # type: ignore[assignment]


PROGRAM = """
import sys
try:
    import gocloudpickle
    gocloudpickle.dumps(1)
except ImportError as error:
    print("ImportError:", error)
else:
    print("served")
sys.stdout.flush()
"""


def sub_interpreter(kind: str, first: str) -> None:
    """kind: isolated or legacy; first: whether the main interpreter has used the engine before."""
    if first == "used":
        import gocloudpickle

        gocloudpickle.dumps(1)
    if sys.version_info >= (3, 13):
        import _interpreters as interpreters

        made = interpreters.create("isolated" if kind == "isolated" else "legacy")
        failed = interpreters.run_string(made, PROGRAM)
        assert failed is None, failed
    else:
        import _xxsubinterpreters as interpreters

        options = {"isolated": kind == "isolated"}
        made = interpreters.create(**options)
        interpreters.run_string(made, PROGRAM)
    interpreters.destroy(made)
    import gocloudpickle

    assert gocloudpickle.loads(gocloudpickle.dumps(lambda: 5))() == 5
    print("the main interpreter is fine")
