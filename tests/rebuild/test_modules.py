"""cloudpickle's module names: who answers to them, and when.

Each test is a program of its own, since what it looks at is the state of a fresh
process. INSTALLED is a folder with the installed cloudpickle in it.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

cloudpickle = pytest.importorskip("cloudpickle", "3.1.2", reason="is what has to win")

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = str(Path(cloudpickle.__file__).parents[1])


def run(
    program: str, *arguments: str, path: str | None = None, flags: tuple[str, ...] = ()
) -> None:
    """Run a program where only gocloudpickle can be imported; it has to print 'done'."""
    start = f"import sys\nsys.path.insert(0, {path or str(ROOT / 'py')!r})\n"
    start += f"INSTALLED = {INSTALLED!r}\nfrom gocloudpickle import _modules\n"
    done = subprocess.run(
        [sys.executable, "-I", "-S", *flags, "-c", start + textwrap.dedent(program), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1:] == ["done"], done.stdout


def test_our_modules() -> None:
    run(
        """
        import types
        _modules.enable()
        import cloudpickle, cloudpickle.cloudpickle, cloudpickle.cloudpickle_fast
        inner, fast = cloudpickle.cloudpickle, cloudpickle.cloudpickle_fast
        assert _modules.is_ours(cloudpickle) and _modules.is_ours(inner) and _modules.is_ours(fast)
        assert _modules.namespace() is inner is sys.modules["cloudpickle.cloudpickle"]
        assert cloudpickle.__version__ == "3.1.2"
        assert cloudpickle.register_pickle_by_value is inner.register_pickle_by_value
        assert cloudpickle.DEFAULT_PROTOCOL == 5 and cloudpickle.subimport is inner.subimport
        assert fast._class_setstate is inner._class_setstate
        for module in (cloudpickle, inner, fast):
            spec = module.__spec__
            assert (spec.name, spec.parent) == (module.__name__, "cloudpickle")
            assert module.__package__ == "cloudpickle" and module.__loader__ is spec.loader
            assert module.__file__ == spec.origin and module.__doc__
            assert hasattr(module, "__path__") == (module is cloudpickle)
        assert inner._make_function.__module__ == "cloudpickle.cloudpickle"
        for missing in ("nope", "_make_function", "__wrapped__"):
            assert not hasattr(cloudpickle, missing), missing
        print("done")
        """
    )


def test_installed_wins() -> None:
    run(
        """
        sys.path.append(INSTALLED)
        _modules.enable()
        namespace = _modules.namespace()
        import cloudpickle, cloudpickle.cloudpickle_fast
        assert namespace is cloudpickle.cloudpickle and cloudpickle.__file__.startswith(INSTALLED)
        assert not _modules.is_ours(namespace) and not _modules.is_ours(cloudpickle)
        print("done")
        """
    )


def test_installed_wins_when_its_finder_comes_after_ours() -> None:
    """As that of a package installed in editable mode, whose .pth file runs late."""
    run(
        """
        import importlib.machinery
        _modules.enable()
        class Editable:
            @classmethod
            def find_spec(cls, name, path=None, target=None):
                if name.partition(".")[0] == "cloudpickle":
                    return importlib.machinery.PathFinder.find_spec(name, path or [INSTALLED])
        sys.meta_path.append(Editable)
        assert not _modules.is_ours(_modules.namespace())
        print("done")
        """
    )


def test_ours_does_not_complete_an_installed_one(tmp_path: Path) -> None:
    """Of a cloudpickle that lacks a module, the module stays missing."""
    package = tmp_path / "cloudpickle"
    package.mkdir()
    (package / "__init__.py").write_text("__version__ = '9.0'\n")
    run(
        """
        sys.path.append(sys.argv[1])
        _modules.enable()
        import cloudpickle
        for name in ("cloudpickle.cloudpickle", "cloudpickle.cloudpickle_fast"):
            try:
                __import__(name)
            except ModuleNotFoundError as error:
                assert error.name == name
            else:
                raise SystemExit(name)
        try:
            _modules.namespace()
        except ImportError as error:
            assert "is not cloudpickle: rename it" in str(error), error
            assert sys.argv[1] in str(error)
        else:
            raise SystemExit("no error")
        print("done")
        """,
        str(tmp_path),
    )


def test_a_folder_of_that_name_is_named_in_the_error(tmp_path: Path) -> None:
    """A checkout of cloudpickle's repository in the working directory is a namespace package."""
    (tmp_path / "cloudpickle").mkdir()
    run(
        """
        sys.path.append(sys.argv[1])
        try:
            _modules.namespace()
        except ImportError as error:
            assert "is not cloudpickle: rename it" in str(error), error
            assert sys.argv[1] in str(error)
        else:
            raise SystemExit("no error")
        print("done")
        """,
        str(tmp_path),
    )


def test_an_old_cloudpickle_is_refused(tmp_path: Path) -> None:
    package = tmp_path / "cloudpickle"
    package.mkdir()
    (package / "__init__.py").write_text("from . import cloudpickle\n__version__ = '2.2.1'\n")
    (package / "cloudpickle.py").write_text("def _make_function(*args): ...\n")
    run(
        """
        sys.path.append(sys.argv[1])
        for _ in range(2):
            try:
                _modules.namespace()
            except ImportError as error:
                assert str(error).startswith("cloudpickle 2.2.1 (" + sys.argv[1]), error
                assert "_class_setstate" in str(error) and "_make_function" not in str(error)
                assert "needs 3.0 or later" in str(error)
            else:
                raise SystemExit("no error")
        print("done")
        """,
        str(tmp_path),
    )


def test_a_blocked_cloudpickle_stays_blocked() -> None:
    run(
        """
        sys.modules["cloudpickle"] = None
        try:
            _modules.namespace()
        except ModuleNotFoundError as error:
            assert error.name == "cloudpickle.cloudpickle"
        else:
            raise SystemExit("no error")
        print("done")
        """
    )


def test_a_broken_cloudpickle_says_so_itself(tmp_path: Path) -> None:
    package = tmp_path / "cloudpickle"
    package.mkdir()
    (package / "__init__.py").write_text("import not_there\n")
    run(
        """
        sys.path.append(sys.argv[1])
        try:
            _modules.namespace()
        except ModuleNotFoundError as error:
            assert error.name == "not_there"
        else:
            raise SystemExit("no error")
        print("done")
        """,
        str(tmp_path),
    )


def test_enable_again_changes_nothing() -> None:
    run(
        """
        import importlib, threading
        for _ in range(3):
            _modules.enable()
        threads = [threading.Thread(target=_modules.enable) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        importlib.reload(_modules)
        _modules.enable()
        ours = [f for f in sys.meta_path if hasattr(f, "answers_for_cloudpickle")]
        assert len(ours) == 1 and sys.meta_path[-1] is ours[0]
        _modules.namespace()
        print("done")
        """
    )


def test_enable_by_many_threads_at_once() -> None:
    run(
        """
        import threading
        sys.setswitchinterval(1e-6)
        for _ in range(50):
            barrier = threading.Barrier(8)
            def enable():
                barrier.wait()
                _modules.enable()
            threads = [threading.Thread(target=enable) for _ in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            assert sum(hasattr(f, "answers_for_cloudpickle") for f in sys.meta_path) == 1
            sys.meta_path.pop()
        print("done")
        """
    )


def test_enable_costs_no_import() -> None:
    run(
        """
        before = set(sys.modules)
        _modules.enable()
        assert set(sys.modules) == before
        print("done")
        """
    )


def test_nothing_else_is_answered() -> None:
    run(
        """
        _modules.enable()
        import importlib.util
        for name in ("cloudpickle2", "cloudpickl", "not_there"):
            assert importlib.util.find_spec(name) is None
        import cloudpickle
        assert importlib.util.find_spec("cloudpickle.other") is None
        assert "cloudpickle.cloudpickle_fast" not in sys.modules
        print("done")
        """
    )


@pytest.mark.parametrize("installed", [False, True])
def test_threads_wait_for_a_half_imported_module(installed: bool, tmp_path: Path) -> None:
    package = tmp_path / "cloudpickle"
    if installed:
        package.mkdir()
        (package / "__init__.py").write_text("from . import cloudpickle\n")
        names = "\n".join(f"{name} = 1" for name in required())
        (package / "cloudpickle.py").write_text(f"import time\ntime.sleep(0.5)\n{names}\n")
    run(
        """
        import threading, time
        if sys.argv[2] == "True":
            sys.path.append(sys.argv[1])
        _modules.enable()
        if sys.argv[2] == "False":
            slow = _modules._Loader.get_code
            def get_code(self, name):
                time.sleep(0.5)
                return slow(self, name)
            _modules._Loader.get_code = get_code
        first = threading.Thread(target=__import__, args=("cloudpickle",))
        first.start()
        while "cloudpickle.cloudpickle" not in sys.modules:
            time.sleep(0.001)
        assert not hasattr(sys.modules["cloudpickle.cloudpickle"], "_class_setstate")
        namespaces = []
        threads = [
            threading.Thread(target=lambda: namespaces.append(_modules.namespace())) for _ in range(4)
        ]
        for thread in threads: thread.start()
        for thread in [first, *threads]: thread.join()
        assert namespaces == [sys.modules["cloudpickle.cloudpickle"]] * 4
        assert all(hasattr(namespace, "_class_setstate") for namespace in namespaces)
        assert _modules.is_ours(namespaces[0]) == (sys.argv[2] == "False")
        print("done")
        """,
        str(tmp_path),
        str(installed),
    )


def required() -> tuple[str, ...]:
    from gocloudpickle import _modules

    return _modules.REQUIRED


def test_half_imported_in_the_same_thread(tmp_path: Path) -> None:
    package = tmp_path / "cloudpickle"
    package.mkdir()
    (package / "__init__.py").write_text("from . import cloudpickle\n")
    (package / "cloudpickle.py").write_text(
        "from gocloudpickle import _modules\n_modules.namespace()\n"
    )
    run(
        """
        sys.path.append(sys.argv[1])
        try:
            import cloudpickle
        except ImportError as error:
            assert "is still being imported, by the same thread" in str(error), error
        else:
            raise SystemExit("no error")
        print("done")
        """,
        str(tmp_path),
    )


def test_reload() -> None:
    run(
        """
        import importlib, pickle
        namespace = _modules.namespace()
        import cloudpickle, cloudpickle.cloudpickle_fast
        old = namespace._make_function
        namespace._PICKLE_BY_VALUE_MODULES.add("a")
        assert importlib.reload(namespace) is namespace
        assert namespace._make_function is not old
        assert cloudpickle.list_registry_pickle_by_value() == set()
        assert importlib.reload(cloudpickle) is cloudpickle
        assert importlib.reload(cloudpickle.cloudpickle_fast)._make_function is namespace._make_function
        assert _modules.namespace() is namespace
        print("done")
        """
    )


def test_imported_again_after_it_was_removed() -> None:
    run(
        """
        first = _modules.namespace()
        del sys.modules["cloudpickle.cloudpickle"], sys.modules["cloudpickle"]
        second = _modules.namespace()
        assert second is not first and second is sys.modules["cloudpickle.cloudpickle"]
        print("done")
        """
    )


def test_pickle_by_name() -> None:
    run(
        """
        import pickle
        namespace = _modules.namespace()
        for name in ("_make_function", "subimport", "_empty_cell_value", "register_pickle_by_value"):
            value = getattr(namespace, name)
            for protocol in range(6):
                assert pickle.loads(pickle.dumps(value, protocol)) is value, name
        assert pickle.loads(b"ccloudpickle.cloudpickle_fast\\n_class_setstate\\n.") is namespace._class_setstate
        print("done")
        """
    )


def test_inspect() -> None:
    run(
        """
        import inspect, linecache, traceback
        namespace = _modules.namespace()
        import cloudpickle
        assert inspect.getsource(namespace._make_cell).startswith("def _make_cell(")
        assert inspect.getsource(namespace) == open(namespace.__file__).read()
        assert "_Loader" in inspect.getsource(cloudpickle)
        assert inspect.getmodule(namespace._make_cell) is namespace
        assert inspect.getdoc(cloudpickle) == "cloudpickle, provided by gocloudpickle."
        assert "dumps" in dir(cloudpickle) and "_make_cell" in dir(namespace)
        try:
            namespace.subimport("not_there")
        except ImportError as error:
            assert "__import__(name)" in "".join(traceback.format_exception(error))
        print("done")
        """
    )


def test_the_bytecode_cache_is_used(tmp_path: Path) -> None:
    program = """
        import os
        spec = _modules.namespace().__spec__
        assert spec.cached.startswith(sys.pycache_prefix) and os.path.exists(spec.cached)
        print("done")
        """
    run(program, flags=("-X", f"pycache_prefix={tmp_path}"))
    (cached,) = tmp_path.rglob("_rebuild.*.pyc")
    written = cached.stat().st_mtime_ns
    run(program, flags=("-X", f"pycache_prefix={tmp_path}"))
    assert cached.stat().st_mtime_ns == written


def test_from_a_zip_file(tmp_path: Path) -> None:
    """The Python part alone, as in `spark-submit --py-files`, loads payloads."""
    archive = tmp_path / "gocloudpickle.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("_import_lock.py", "_modules.py", "_rebuild.py"):
            file.write(ROOT / "py" / "gocloudpickle" / name, f"gocloudpickle/{name}")
        file.writestr("gocloudpickle/__init__.py", "")
    run(
        """
        import inspect
        namespace = _modules.namespace()
        assert ".zip" in namespace.__file__
        assert namespace._make_cell(5).cell_contents == 5
        assert inspect.getsource(namespace._make_cell).startswith("def _make_cell(")
        print("done")
        """,
        path=str(archive),
    )


def test_an_incomplete_installation_says_so(tmp_path: Path) -> None:
    package = tmp_path / "gocloudpickle"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for name in ("_import_lock.py", "_modules.py"):
        (package / name).write_bytes((ROOT / "py/gocloudpickle" / name).read_bytes())
    run(
        """
        try:
            _modules.namespace()
        except ImportError as error:
            assert "gocloudpickle is incomplete: gocloudpickle._rebuild is not in" in str(error), error
        else:
            raise SystemExit("no error")
        print("done")
        """,
        path=str(tmp_path),
    )


def test_fork_while_another_thread_enables() -> None:
    """The lock is the import lock, which fork leaves in order."""
    run(
        """
        import _imp, os, signal, threading
        def hold():
            _imp.acquire_lock()
            taken.set()
            released.wait(1)
            _imp.release_lock()
        taken, released = threading.Event(), threading.Event()
        thread = threading.Thread(target=hold)
        thread.start()
        taken.wait()
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            _modules.namespace()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        thread.join()
        assert status == 0, status
        print("done")
        """
    )
