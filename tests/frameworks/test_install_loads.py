"""install() in modules that load with pickle.loads: modules like Dask's and loky's.

Theirs in real workers: test_dask.py and test_joblib.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.frameworks import child

pytest.importorskip("cloudpickle", reason="there is nothing to install in")

DASK = "distributed.protocol.pickle"
LOKY = ("joblib.externals.loky.backend.queues", "loky.backend.queues")
EACH = pytest.mark.parametrize("name", (DASK, LOKY[0]))

AS_DASK = """
import pickle
HIGHEST_PROTOCOL = pickle.HIGHEST_PROTOCOL
def loads(x, *, buffers=()):
    return pickle.loads(x, buffers=buffers) if buffers else pickle.loads(x)
"""
AS_LOKY = """
from multiprocessing.queues import Queue as mp_Queue
class Queue(mp_Queue):
    pass
"""

# Defined in each program below. load(data) is the module's way to load; native(data)
# tells whether that was the engine's work.
HEAD = """
import _pickle, importlib, multiprocessing.queues, pickle, sys, threading, warnings
import cloudpickle, gocloudpickle
from gocloudpickle import _loader

name = sys.argv[1]
data = cloudpickle.dumps(lambda: 3)
stock_get = multiprocessing.queues.Queue.get

def module():
    return importlib.import_module(name)

def load(data):
    if "loky" not in name:
        return module().loads(data)
    queue = module().Queue(ctx=multiprocessing.get_context())
    queue._sem.acquire()  # what put does
    queue._writer.send_bytes(data)
    return queue.get(True, 60)

def info():  # of the first image, whose loads goes on after a fork
    return engine.loads_info()["native"]

def native(data=data):
    before = info()
    assert load(data)() == 3
    return info() > before

def on():
    return gocloudpickle.engine_info()["modules"][name]["on"]

def is_stock():
    assert pickle.loads is _pickle.loads and multiprocessing.queues.Queue.get is stock_get
    if "loky" not in name:
        return module().pickle is pickle
    return module().Queue.get is stock_get and "get" not in vars(module().Queue)

engine = _loader.engine()
"""


def make(folder: Path, name: str, text: str | None = None) -> None:
    *packages, last = name.split(".")
    for package in packages:
        folder = folder / package
        folder.mkdir()
        (folder / "__init__.py").touch()
    if text is None:
        text = AS_DASK if name == DASK else AS_LOKY
    (folder / f"{last}.py").write_text(text)


def run(tmp_path: Path, name: str, program: str, text: str | None = None) -> None:
    make(tmp_path, name, text)
    assert "done" in child.run(HEAD + program + "\nprint('done')", name, path=(tmp_path,))


@pytest.mark.parametrize("name", (DASK, *LOKY))
@pytest.mark.parametrize("when", ["before", "after"])
def test_on_and_off(tmp_path: Path, name: str, when: str) -> None:
    run(
        tmp_path,
        name,
        f"when = {when!r}"
        + """
if when == "before":
    assert not native()
gocloudpickle.install()
assert native() and on() and not is_stock()
gocloudpickle.install()
assert native() and on()
gocloudpickle.uninstall()
assert not native() and not on() and is_stock()
with gocloudpickle.installed():
    assert native() and on()
assert not native() and is_stock()
""",
    )


@EACH
def test_the_rest_is_pickle_s(tmp_path: Path, name: str) -> None:
    run(
        tmp_path,
        name,
        """
gocloudpickle.install()
assert load(pickle.dumps([1, {"a": 2}])) == [1, {"a": 2}]
for wrong, error in ((b"", EOFError), (b"\\x80\\x05K", pickle.UnpicklingError),
                     (b"cno_such_module\\nf\\n.", ModuleNotFoundError)):
    try:
        load(wrong)
    except error as e:
        assert type(e) is error
    else:
        raise AssertionError(wrong)
assert on()
""",
    )


@EACH
def test_reload(tmp_path: Path, name: str) -> None:
    run(
        tmp_path,
        name,
        """
gocloudpickle.install()
assert native()
early = module().Queue if "loky" in name else module().loads
importlib.reload(module())
assert native() and on()
gocloudpickle.uninstall()
assert not native() and is_stock()
if "loky" in name:
    assert early is not module().Queue and early.get is stock_get
importlib.reload(module())
assert not native() and is_stock()
gocloudpickle.install()
assert native() and on()
""",
    )


@EACH
def test_a_forked_child(tmp_path: Path, name: str) -> None:
    run(
        tmp_path,
        name,
        """
import os
gocloudpickle.install()
assert native()
pid = os.fork()
if pid == 0:
    status = 1
    try:
        ok = native()
        gocloudpickle.uninstall()
        status = 0 if ok and not native() and is_stock() else 2
    finally:
        os._exit(status)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
assert native()
""",
    )


@EACH
def test_threads_import_and_install_at_once(tmp_path: Path, name: str) -> None:
    run(
        tmp_path,
        name,
        """
import time
class Slow:  # makes the import long enough to be met
    def find_spec(self, fullname, path=None, target=None):
        if name.startswith(fullname):
            time.sleep(0.1)
sys.meta_path.insert(0, Slow())
errors = []
def run(function):
    try:
        function()
    except BaseException as error:
        errors.append(error)
work = [module, gocloudpickle.install, lambda: load(data)] * 4
threads = [threading.Thread(target=run, args=(function,), daemon=True) for function in work]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(100)
    assert not thread.is_alive(), "a deadlock"
assert not errors, errors
assert native() and on()
""",
    )


@pytest.mark.parametrize("there", [True, False])
@EACH
def test_install_between_finding_and_making_a_module(
    tmp_path: Path, name: str, there: bool
) -> None:
    run(
        tmp_path,
        name,
        f"there = {there}"
        + """
import time
from importlib import machinery
found = threading.Event()
class Loader(machinery.SourceFileLoader):
    def create_module(self, spec):  # what comes before the module is in sys.modules
        found.set()
        time.sleep(0.3)
        if not there:
            raise ModuleNotFoundError(name)
class Finder:
    def find_spec(self, fullname, path=None, target=None):
        if fullname == name:
            spec = machinery.PathFinder.find_spec(fullname, path)
            spec.loader = Loader(fullname, spec.origin)
            return spec
sys.meta_path.insert(0, Finder())
errors = []
def run():
    try:
        module()
    except ModuleNotFoundError as error:
        errors.append(error)
thread = threading.Thread(target=run)
thread.start()
assert found.wait(60)
gocloudpickle.install()
thread.join()
if there:
    assert native() and on()
else:
    assert errors and name not in sys.modules
""",
    )


@EACH
def test_loading_while_another_thread_switches(tmp_path: Path, name: str) -> None:
    run(
        tmp_path,
        name,
        """
stop, loaded, errors = threading.Event(), [0], []
def loading():
    try:
        while not stop.is_set():
            assert load(data)() == 3
            loaded[0] += 1
    except BaseException as error:
        errors.append(error)
thread = threading.Thread(target=loading)
thread.start()
while loaded[0] < 30 and not errors:
    gocloudpickle.install()
    gocloudpickle.uninstall()
stop.set()
thread.join(100)
assert not thread.is_alive() and not errors, errors
assert is_stock() and not native()
""",
    )


@EACH
def test_where_pickle_s_loads_is_someone_else_s(tmp_path: Path, name: str) -> None:
    # Such as a scanner's: each payload is to go through it.
    run(
        tmp_path,
        name,
        """
seen = []
def scanning(data, **options):
    seen.append(data)
    return _pickle.loads(data, **options)
from multiprocessing.reduction import ForkingPickler
pickle.loads = scanning
ForkingPickler.loads = staticmethod(scanning)
module()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    gocloudpickle.install()
assert [w for w in caught if name in str(w.message) and "replaced" in str(w.message)], caught
assert "replaced" in gocloudpickle.engine_info()["modules"][name]["why_off"]
assert load(data)() == 3 and data in seen
""",
    )


@pytest.mark.parametrize(
    "name, text, why",
    [
        (DASK, "from pickle import loads", "does not use the standard library's pickle"),
        (LOKY[1], "class Queue:\n    def get(self): ...", "does not load as multiprocessing's"),
        (LOKY[1], "Queue = None", "does not load as multiprocessing's"),
    ],
)
def test_a_module_that_is_made_in_another_way_is_left_alone(
    tmp_path: Path, name: str, text: str, why: str
) -> None:
    run(
        tmp_path,
        name,
        f"why = {why!r}"
        + """
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    gocloudpickle.install()
    before = dict(vars(module()))
assert len(caught) == 1 and why in str(caught[0].message), caught
assert gocloudpickle.engine_info()["modules"][name] == {"on": False, "why_off": str(caught[0].message).partition(": ")[2]}
""",
        text,
    )


def test_dask_s_other_uses_of_pickle(tmp_path: Path) -> None:
    run(
        tmp_path,
        DASK,
        """
stock = cloudpickle.dumps(pickle)
gocloudpickle.install()
seen = module().pickle
assert seen is not pickle and seen.dumps is pickle.dumps and seen.Pickler is pickle.Pickler
assert cloudpickle.dumps(seen) == stock
try:
    seen.no_such_name
except AttributeError as error:
    assert "pickle" in str(error)
buffers = []
big = pickle.dumps(pickle.PickleBuffer(b"abc"), protocol=5, buffer_callback=buffers.append)
assert bytes(module().loads(big, buffers=buffers)) == b"abc"
""",
    )


def test_loky_s_get_waits_as_multiprocessing_s_does(tmp_path: Path) -> None:
    run(
        tmp_path,
        LOKY[0],
        """
import inspect, queue as errors
gocloudpickle.install()
Queue = module().Queue
assert Queue.get is not stock_get
assert inspect.signature(Queue.get) == inspect.signature(stock_get)
queue = Queue(ctx=multiprocessing.get_context())
for arguments in ((False,), (True, 0.01)):
    try:
        queue.get(*arguments)
    except errors.Empty:
        pass
    else:
        raise AssertionError(arguments)
threading.Timer(0.2, queue.put, ([1],)).start()
assert queue.get() == [1]
""",
    )
