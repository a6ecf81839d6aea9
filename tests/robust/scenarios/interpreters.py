"""Interpreters that the engine can't serve, played by this one."""

from __future__ import annotations

import io
import os
import pickle
import sys
import types
import warnings


def served_without_engine(kind: str) -> None:
    """All of the API works, with cloudpickle's bytes, and says why there is no engine."""
    import cloudpickle

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
        _play_windows()
    elif kind == "no_engine":
        real = os.path.exists
        os.path.exists = lambda path: not str(path).endswith("_engine.so") and real(path)
    elif kind == "variable":
        os.environ["GOCLOUDPICKLE_PATH"] = "python"

    import gocloudpickle

    _check_bytes(gocloudpickle, cloudpickle)
    info = gocloudpickle.engine_info()
    assert info["path"] == "python" and info["why_portable"] is None, info
    assert info["dumps"]["python"] > 0 == info["dumps"]["layout"] == info["dumps"]["portable"], info
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        stock = cloudpickle.Pickler.dump
        gocloudpickle.install()
        with gocloudpickle.installed():
            assert cloudpickle.Pickler.dump is stock
        gocloudpickle.uninstall()
    assert [w.category for w in said] == ([] if kind == "variable" else [RuntimeWarning] * 2), said
    assert all(info["why_python"] in str(w.message) for w in said)
    assert all(w.filename == __file__ for w in said), said
    module = gocloudpickle.engine_info()["modules"]["cloudpickle.cloudpickle"]
    assert module == {"on": False, "why_off": info["why_python"]}
    try:
        gocloudpickle.require_engine()
    except ImportError as error:
        assert info["why_python"] in str(error) and "require_engine()" in str(error), error
    else:
        raise AssertionError("require_engine() found one")
    assert "gocloudpickle._engine" not in sys.modules
    print(info["why_python"])


def _check_bytes(ours: types.ModuleType, stock: types.ModuleType) -> None:
    class Local:
        def method(self) -> object:
            return super().__repr__()

    def function(x: int) -> object:
        return x, Local, function

    for obj in (1, [Local(), Local], function, lambda: io, io, type(None), {"a": function}):
        for protocol in (None, -1, 0, 2, 4, 5):
            expected = stock.dumps(obj, protocol)
            assert ours.dumps(obj, protocol=protocol) == expected
            file = io.BytesIO()
            ours.dump(obj, file, protocol)
            assert file.getvalue() == expected
            file = io.BytesIO()
            ours.CloudPickler(file, protocol).dump(obj)
            assert file.getvalue() == expected
            ours.load(io.BytesIO(expected))
    buffers: list[pickle.PickleBuffer] = []
    ours.dumps(pickle.PickleBuffer(b"out of band"), buffer_callback=buffers.append)
    assert [bytes(buffer) for buffer in buffers] == [b"out of band"]
    assert ours.loads(ours.dumps(function))(5)[0] == 5
    ours.register_pickle_by_value(pickle)
    assert ours.list_registry_pickle_by_value() == {"pickle"}
    ours.unregister_pickle_by_value(pickle)


def _play_windows() -> None:
    sys.platform = "win32"
    for name in ("fork", "register_at_fork", "confstr", "sendfile", "memfd_create", "getuid"):
        if hasattr(os, name):
            delattr(os, name)
    for name in ("fcntl", "resource", "_posixsubprocess", "pwd", "termios"):
        sys.modules[name] = None  # type: ignore[assignment]
    del sys.abiflags


def _set_version(major: int, minor: int) -> None:
    class VersionInfo(tuple):  # type: ignore[type-arg]
        major = property(lambda self: self[0])
        minor = property(lambda self: self[1])
        micro = property(lambda self: self[2])
        releaselevel = property(lambda self: self[3])

    sys.version_info = VersionInfo((major, minor, 0, "final", 0))  # type: ignore[assignment]


PROGRAM = """
import sys
import gocloudpickle
assert gocloudpickle.loads(gocloudpickle.dumps(lambda: 5))() == 5
info = gocloudpickle.engine_info()
print(info["path"], info["dumps"], info["why_python"])
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
