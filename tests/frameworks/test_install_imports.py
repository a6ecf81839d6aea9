"""What is imported after install(), and the copies of cloudpickle inside packages."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.frameworks import child
from tests.frameworks.copies import AS_IN_3_0, VENDORED, make_copy

pytest.importorskip("cloudpickle", reason="there is nothing to install in")

# Defined in each program below: on(name) tells whether a module's dumps is the engine's.
ON = """
import importlib, sys, warnings
import gocloudpickle

def engine_s(dumps):
    before = sum(gocloudpickle.engine_info()["dumps"].values())
    dumps(lambda: 0)
    return sum(gocloudpickle.engine_info()["dumps"].values()) - before

def on(name):
    module = importlib.import_module(name)
    assert gocloudpickle.engine_info()["modules"][name]["on"] == bool(engine_s(module.dumps))
    return bool(engine_s(module.dumps))
"""


def test_cloudpickle_imported_later() -> None:
    child.run(
        "import gocloudpickle; gocloudpickle.install()\n"
        + ON
        + "assert on('cloudpickle.cloudpickle')"
    )


@pytest.mark.parametrize("name", VENDORED)
def test_a_copy_imported_later_and_one_imported_before(tmp_path: Path, name: str) -> None:
    make_copy(tmp_path, name)
    program = (
        ON
        + """
name, when = sys.argv[1:]
package = name.rpartition(".")[0]
if when == "before":
    from importlib import import_module
    early = import_module(name).dumps
    gocloudpickle.install()
else:
    gocloudpickle.install()
    early = importlib.import_module(name).dumps
assert on(name) and engine_s(early)
assert engine_s(importlib.import_module(package).dumps)
payload = early(lambda x: x + 1)
assert name.encode() in payload and b"\\x17cloudpickle.cloudpickle" not in payload
assert importlib.import_module(package).loads(payload)(1) == 2
gocloudpickle.uninstall()
assert not on(name) and not engine_s(early)
"""
    )
    for when in ("before", "after"):
        child.run(program, name, when, path=(tmp_path,))


def test_each_copy_has_its_own_registry_and_tracker(tmp_path: Path) -> None:
    name = VENDORED[0]
    make_copy(tmp_path, name)
    child.run(
        ON
        + """
import pickle, types, cloudpickle
gocloudpickle.install()
copy = importlib.import_module(sys.argv[1])
module = sys.modules["made_here"] = types.ModuleType("made_here")
exec("def f(): return 5", vars(module))
cloudpickle.register_pickle_by_value(module)
assert b"_make_function" in cloudpickle.dumps(module.f)
assert b"_make_function" not in copy.dumps(module.f)
class C: pass
assert pickle.loads(cloudpickle.dumps(C)) is C
assert pickle.loads(copy.dumps(C)) is C
assert C in copy._DYNAMIC_CLASS_TRACKER_BY_CLASS
""",
        name,
        path=(tmp_path,),
    )


def test_a_copy_with_other_bytes_is_left_alone(tmp_path: Path) -> None:
    name = VENDORED[1]
    make_copy(tmp_path, name, AS_IN_3_0)
    child.run(
        ON
        + """
name = sys.argv[1]
gocloudpickle.install()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    module = importlib.import_module(name)
assert [w.category for w in caught] == [RuntimeWarning] and name in str(caught[0].message)
assert not on(name)
info = gocloudpickle.engine_info()["modules"][name]
assert "a closure" in info["why_off"] and info["why_off"] in str(caught[0].message)
with warnings.catch_warnings():
    warnings.simplefilter("error")
    gocloudpickle.install()  # said once
""",
        name,
        path=(tmp_path,),
    )


def test_a_module_of_that_name_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    package = tmp_path / "ray" / "cloudpickle"
    package.mkdir(parents=True)
    for folder in (package.parent, package):  # a namespace package would come after Ray itself
        (folder / "__init__.py").write_text("")
    (package / "cloudpickle.py").write_text("dumps = None\n")
    child.run(
        ON
        + """
gocloudpickle.install()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import ray.cloudpickle.cloudpickle
assert len(caught) == 1 and "older than 3.0" in str(caught[0].message)
assert ray.cloudpickle.cloudpickle.dumps is None
""",
        path=(tmp_path,),
    )


def test_a_copy_in_a_zip_file(tmp_path: Path) -> None:
    # Spark's executors have PySpark as a zip file: one loader for all its modules.
    name = VENDORED[1]
    make_copy(tmp_path / "folder", name)
    archive = tmp_path / "pyspark.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in (tmp_path / "folder").rglob("*.py"):
            file.write(path, path.relative_to(tmp_path / "folder"))
    child.run(
        ON
        + """
gocloudpickle.install()
assert on(sys.argv[1])
module = sys.modules[sys.argv[1]]
assert ".zip" in module.__file__
assert type(module.__spec__.loader).__name__ == "zipimporter" == type(module.__loader__).__name__
""",
        name,
        path=(archive,),
    )


def test_the_finder_leaves_no_trace(tmp_path: Path) -> None:
    make_copy(tmp_path, VENDORED[2])
    child.run(
        ON
        + """
import importlib.metadata, importlib.resources, importlib.util, inspect, pkgutil
from importlib.machinery import SourceFileLoader
gocloudpickle.install()

# Before the import: what a finder answers looks like what it would be without us.
import ray.cloudpickle
del sys.modules["ray.cloudpickle.cloudpickle"], sys.modules["ray.cloudpickle"]
spec = importlib.util.find_spec("cloudpickle.cloudpickle")
assert isinstance(spec.loader, SourceFileLoader)
assert "def dumps" in spec.loader.get_source(spec.name)
assert spec.loader.get_code(spec.name).co_filename == spec.origin
assert spec.has_location and spec.cached

import cloudpickle
module = sys.modules["cloudpickle.cloudpickle"]
assert on("cloudpickle.cloudpickle")
for loader in (module.__loader__, module.__spec__.loader):
    assert type(loader) is SourceFileLoader and vars(loader).keys() == {"name", "path"}
assert module.__loader__ is module.__spec__.loader
assert "class Pickler" in inspect.getsource(module)
assert importlib.metadata.version("cloudpickle") == cloudpickle.__version__
assert importlib.resources.files("cloudpickle").joinpath("cloudpickle.py").is_file()
assert {m.name for m in pkgutil.iter_modules(cloudpickle.__path__)} >= {"cloudpickle"}
assert importlib.util.find_spec("cloudpickle.no_such_module") is None
""",
        path=(tmp_path,),
    )


def test_lazy_loading() -> None:
    # As importlib's documentation shows it.
    child.run(
        ON
        + """
import importlib.util
gocloudpickle.install()
import cloudpickle
for name in ("cloudpickle", "cloudpickle.cloudpickle"):
    del sys.modules[name]
spec = importlib.util.find_spec("cloudpickle.cloudpickle")
spec.loader = importlib.util.LazyLoader(spec.loader)
module = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = module
spec.loader.exec_module(module)
assert engine_s(module.dumps) and engine_s(module.dumps)
"""
    )


def test_reload() -> None:
    child.run(
        ON
        + """
import cloudpickle.cloudpickle as module
early, early_class = module.dumps, module.Pickler
gocloudpickle.install()
importlib.reload(module)
assert module.Pickler is not early_class
assert on("cloudpickle.cloudpickle") and engine_s(early)
gocloudpickle.uninstall()
assert not engine_s(module.dumps) and not engine_s(early)
assert "memo" not in vars(module.Pickler) and "memo" not in vars(early_class)
importlib.reload(module)
assert not engine_s(module.dumps)
gocloudpickle.install()
assert on("cloudpickle.cloudpickle")
"""
    )


def test_a_finder_before_ours_that_answers() -> None:
    # The module is not seen then; install() again takes it in.
    child.run(
        ON
        + """
from importlib.machinery import PathFinder
gocloudpickle.install()
for name in [name for name in sys.modules if name.startswith("cloudpickle")]:
    del sys.modules[name]
sys.meta_path.insert(0, PathFinder)
import cloudpickle
assert not engine_s(cloudpickle.dumps)
gocloudpickle.install()
assert engine_s(cloudpickle.dumps)
"""
    )


def test_threads_import_and_install_at_once() -> None:
    child.run(
        ON
        + """
import threading, time
class Slow:  # makes the import long enough to be met
    def find_spec(self, name, path=None, target=None):
        if name.startswith("cloudpickle"):
            time.sleep(0.2)
for name in [name for name in sys.modules if name.startswith("cloudpickle")]:
    del sys.modules[name]
sys.meta_path.insert(0, Slow())
errors = []
def run(function):
    try:
        function()
    except BaseException as error:
        errors.append(error)
def importing():
    import cloudpickle
    cloudpickle.dumps(lambda: 0)
work = [importing, gocloudpickle.install, lambda: gocloudpickle.dumps(lambda: 0)] * 4
threads = [threading.Thread(target=run, args=(function,), daemon=True) for function in work]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(100)
    assert not thread.is_alive(), "a deadlock"
assert not errors, errors
assert on("cloudpickle.cloudpickle")
"""
    )


def test_importing_while_another_thread_loads_the_engine() -> None:
    # Found as a deadlock: the engine was loaded, and cloudpickle imported, under the
    # import lock, for which a thread that was importing cloudpickle waited.
    child.run(
        """
import sys, threading, time
import gocloudpickle
met = threading.Event()
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "cloudpickle":
            met.set()
            time.sleep(0.5)
sys.meta_path.insert(0, Slow())
def importing():
    import cloudpickle
threads = [threading.Thread(target=importing, daemon=True),
           threading.Thread(target=lambda: gocloudpickle.dumps(1), daemon=True)]
threads[0].start()
assert met.wait(60)
threads[1].start()
for thread in threads:
    thread.join(100)
    assert not thread.is_alive(), "a deadlock"
"""
    )


def test_a_fork_while_another_thread_installs() -> None:
    child.run(
        ON
        + """
import os, threading, cloudpickle
stop = threading.Event()
def toggle():
    while not stop.is_set():
        gocloudpickle.install()
        gocloudpickle.uninstall()
gocloudpickle.install()
thread = threading.Thread(target=toggle)
thread.start()
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        gocloudpickle.uninstall()
        gocloudpickle.install()
        os._exit(0 if on("cloudpickle.cloudpickle") else 1)
    assert os.waitpid(pid, 0)[1] == 0
stop.set()
thread.join()
"""
    )


def test_where_cloudpickle_is_not_installed(tmp_path: Path) -> None:
    # gocloudpickle answers to the name itself: there is nothing to switch.
    child.run(
        """
import sys
import gocloudpickle
from gocloudpickle import _modules
sys.path[:] = [p for p in sys.path if "site-packages" not in p]
with gocloudpickle.installed():
    import cloudpickle
    assert _modules.is_ours(cloudpickle)
    assert cloudpickle.loads(cloudpickle.dumps(lambda: 5))() == 5
"""
    )
