"""The native loads gives what pickle.loads gives, for the whole corpus and for nonsense."""

from __future__ import annotations

import contextlib
import gc
import inspect
import json
import os
import pickle
import re
import subprocess
import sys
import threading
import types
from collections.abc import Iterator
from typing import Any

import gocloudpickle
import pytest
from gocloudpickle import _loader

from tests.corpus import Case, all_cases
from tests.rebuild import payload_describe
from tests.rebuild.payload_describe import describe
from tests.rebuild.payload_samples import SAMPLES
from tests.robust import child

cloudpickle = pytest.importorskip("cloudpickle", "3.1.2", reason="is what we compare with")
if os.environ.get("GOCLOUDPICKLE_PATH") == "portable":
    pytest.skip("the loading side has one path: tested with the other", allow_module_level=True)

NAMESPACE: Any = cloudpickle.cloudpickle
CASES = all_cases()
PROTOCOLS = (4, 5)
ID = re.compile(rb"[0-9a-f]{32}")  # of the class tracker
ADDRESS = re.compile("0x[0-9a-f]+")


@pytest.fixture(scope="module")
def native() -> Any:
    return _loader.engine().loads


@contextlib.contextmanager
def handled() -> Iterator[int]:
    """Assert that a payload was loaded natively, not given to pickle."""
    before = _loader.engine().loads_info()["native"]
    yield before
    assert _loader.engine().loads_info()["native"] > before


def payload(case: Case, protocol: int) -> bytes | None:
    try:
        return bytes(cloudpickle.dumps(case.make(), protocol=protocol))
    except BaseException:  # some cases raise SystemExit
        return None


def outcome(loads: Any, data: bytes, fresh: bool) -> Any:
    if fresh:
        NAMESPACE._DYNAMIC_CLASS_TRACKER_BY_ID.clear()
        NAMESPACE._DYNAMIC_CLASS_TRACKER_BY_CLASS.clear()
    try:
        loaded = loads(data)
    except BaseException as error:
        return type(error), ADDRESS.sub("", str(error))
    try:
        description = describe(loaded)
    except Exception as error:
        description = type(error)
    try:
        again: Any = ID.sub(b"", cloudpickle.dumps(loaded, protocol=5))
    except BaseException as error:
        again = type(error)
    return description, again


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_corpus(case: Case, native: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # What else is alive decides which strings are interned: it differs from load to load.
    monkeypatch.setattr(payload_describe, "interned", lambda text: None)
    if reason := case.why_not():
        pytest.skip(reason)
    made = 0
    with case.setup():
        for protocol in PROTOCOLS:
            data = payload(case, protocol) if protocol in case.protocols else None
            if data is None:
                continue
            made += 1
            for fresh in (False, True):  # a class that the tracker knows, and a new one
                expected = outcome(pickle.loads, data, fresh)
                got = outcome(native, data, fresh)
                # Some are not the same twice: they hold sets, count what they do, or have
                # names that are interned as long as another load of them lives.
                if got != expected:
                    others = [outcome(pickle.loads, data, fresh) for _ in range(3)]
                    ours = [outcome(native, data, fresh) for _ in range(3)]
                    same = any(one in [expected, *others] for one in ours)
                    assert same or any(other != expected for other in others), (got, expected)
    if not made:
        pytest.skip("cloudpickle makes no payload of protocol 4 or 5 of it")


def make_account() -> type:
    space: dict[str, Any] = {"__name__": "made_here"}
    exec("class Account:\n    def add(self): return __class__\n    rate = 2", space)
    made: type = space["Account"]
    return made


def test_a_known_class_is_that_class(native: Any) -> None:
    cls = make_account()
    data = cloudpickle.dumps(cls)
    with handled():
        assert native(data) is cls
    assert native(data) is native(data) is pickle.loads(data)
    gc.collect()  # what pickle made and dropped
    # Some of other tests lie about their names.
    names = [type.__dict__["__name__"].__get__(sub) for sub in object.__subclasses__()]
    assert names.count("Account") == 1


def test_a_known_class_with_other_bases_is_still_itself(native: Any) -> None:
    cls = make_account()
    data = cloudpickle.dumps(cls)
    cls.__name__ = "Renamed"
    assert native(data) is cls and pickle.loads(data) is cls


def test_a_class_that_is_forgotten_is_made_anew(native: Any) -> None:
    data = cloudpickle.dumps(make_account())
    gc.collect()
    cls = native(data)
    assert pickle.loads(data) is cls and cls.rate == 2 and cls().add() is cls
    assert cloudpickle.loads(data) is cls


@pytest.mark.parametrize("slots", ["a", ("a", "__private"), ()], ids=repr)
def test_slots_are_made_natively(native: Any, slots: Any) -> None:
    made = type("Slotted", (), {"__module__": "made_here", "__slots__": slots, "rate": 2})
    data = gocloudpickle.dumps(made)  # in the default mode: stock makes such classes without slots
    with handled():
        assert native(data) is made and pickle.loads(data) is made
    descriptors = {name for name in vars(made) if name.endswith(("a", "private"))}
    del made
    gc.collect()
    with handled():
        cls = native(data)
    assert cls.rate == 2 and cls.__slots__ == slots and not hasattr(cls(), "__dict__")
    assert descriptors <= set(vars(cls)) and pickle.loads(data) is native(data) is cls


@pytest.mark.parametrize("slots", [("a", "a b"), ("__dict__", "__dict__"), 5, ("a", 5)], ids=repr)
def test_wrong_slots_are_refused_as_by_pickle(native: Any, slots: Any) -> None:
    make = sys.modules["cloudpickle.cloudpickle"]._make_skeleton_class
    body = {"__module__": "made_here", "__slots__": slots}
    data = pickle.dumps(Call(make, type, "Slotted", (object,), body, "an id of no class", None))
    errors = []
    for loads in (pickle.loads, native):
        with pytest.raises(TypeError) as failure:
            loads(data)
        errors.append(str(failure.value))
    assert errors[0] == errors[1]


class Call:
    """Pickles as a call."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def __reduce__(self) -> Any:
        return self.parts[0], self.parts[1:]


def test_functions_share_their_globals(native: Any) -> None:
    space: dict[str, Any] = {"__name__": "made_here"}
    exec("def one(): return n\ndef two():\n    global n\n    n = 7\nn = 1", space)
    one, two = native(cloudpickle.dumps((space["one"], space["two"])))
    assert one.__globals__ is two.__globals__
    assert one() == 1
    two()
    assert one() == 7
    assert one.__builtins__ is sys.modules["builtins"].__dict__


def test_what_is_not_cloudpickles_is_left_to_pickle(native: Any) -> None:
    before = _loader.engine().loads_info()
    assert native(pickle.dumps([1, {"a": (2.5, b"b")}])) == [1, {"a": (2.5, b"b")}]
    assert native(cloudpickle.dumps(lambda: 3), fix_imports=0)() == 3
    for protocol in range(4):
        assert native(cloudpickle.dumps(lambda: 3, protocol=protocol))() == 3
    buffers: list[Any] = []
    data = cloudpickle.dumps(
        (lambda: 3, pickle.PickleBuffer(b"x")), protocol=5, buffer_callback=buffers.append
    )
    assert native(data, buffers=buffers)[0]() == 3
    after = _loader.engine().loads_info()
    assert after["native"] == before["native"] and after["pickle"] > before["pickle"]


@pytest.mark.parametrize(
    "kind", [bytearray, memoryview, pickle.PickleBuffer, lambda data: memoryview(bytearray(data))]
)
def test_other_objects_than_bytes(kind: Any, native: Any) -> None:
    with handled():
        assert native(kind(cloudpickle.dumps(lambda: 3)))() == 3
    # One that changes while it is loaded.
    writable = bytearray(cloudpickle.dumps((lambda: 3, Clearing(), "later")))
    CHANGED[:] = [memoryview(writable)]
    assert native(writable)[2] == "later"
    with pytest.raises(BufferError, match="not C-contiguous"):
        native(memoryview(bytes(2 * len(writable)))[::2])


CHANGED: list[Any] = []


class Clearing:
    """Its unpickling overwrites what it is unpickled from."""

    def __reduce__(self) -> Any:
        return clear, ()


def clear() -> None:
    CHANGED[0][-20:] = bytes(20)


@pytest.mark.parametrize(
    "options",
    [{"encoding": "bytes"}, {"encoding": "latin1", "errors": "ignore"}, {"fix_imports": False}],
)
def test_options_for_old_protocols(options: Any, native: Any) -> None:
    with handled():
        assert native(cloudpickle.dumps(lambda: 3), **options)() == 3
    old = b"(S'\xe4'\nccloudpickle.cloudpickle\nsubimport\nt."
    for loads in (native, pickle.loads):
        assert outcome_of(loads, old, options) == outcome_of(pickle.loads, old, options)


@pytest.mark.parametrize(
    "options",
    [
        {"encoding": "a\0b"},
        {"errors": "\ud800"},
        {"encoding": b"ASCII"},
        {"encoding": None},
        {"a": 1},
    ],
)
def test_wrong_options(options: Any, native: Any) -> None:
    data = cloudpickle.dumps(lambda: 3)
    ours, stock = (outcome_of(loads, data, options) for loads in (native, pickle.loads))
    assert ours == stock and isinstance(ours, str)


def outcome_of(loads: Any, data: bytes, options: Any) -> Any:
    try:
        return loads(data, **options)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize(
    "arguments, options",
    [((), {}), ((None,), {}), ((1,), {}), (("text",), {}), ((b"", b""), {}), ((b"",), {"data": 1})],
)
def test_wrong_arguments(arguments: Any, options: Any, native: Any) -> None:
    with pytest.raises(Exception) as expected:
        pickle.loads(*arguments, **options)
    with pytest.raises(type(expected.value), match=re.escape(str(expected.value))):
        native(*arguments, **options)


def test_deep_and_long_payloads(native: Any) -> None:
    deep: Any = ()
    for _ in range(300):
        deep = (deep,)
    for value in (deep, [deep] * 3, list(range(20_000)), {str(n): n for n in range(9_000)}):
        function, loaded = native(cloudpickle.dumps((lambda: 1, value)))
        assert function() == 1 and loaded == value


def test_a_dict_in_itself(native: Any) -> None:
    made: dict[str, Any] = {}
    made["self"], made["tuple"], made["list"] = made, (made,), [made]
    with handled():
        _, loaded = native(cloudpickle.dumps((lambda: 1, made)))
    assert loaded["self"] is loaded is loaded["tuple"][0] is loaded["list"][0]


def test_every_cut_is_refused(native: Any) -> None:
    data = cloudpickle.dumps(make_account())
    for end in range(len(data)):
        with pytest.raises(Exception) as expected:
            pickle.loads(data[:end])
        with pytest.raises(type(expected.value)):
            native(data[:end])


STRICT = {"GOCLOUDPICKLE_STRICT": "1"}


@pytest.mark.parametrize("seed", range(3))
def test_mutated_payloads(seed: int) -> None:
    program = os.path.join(os.path.dirname(__file__), "load_fuzz.py")
    # Without strict mode mutated bytecode is refused, where pickle makes code objects of it.
    child.run_python([program, str(seed), "300"], env=STRICT, timeout=300).check(says="done")


def test_mutated_payloads_collecting_at_every_allocation() -> None:
    program = os.path.join(os.path.dirname(__file__), "load_fuzz.py")
    env = child.CHECKED | STRICT
    run = child.run_python([program, "7", "150", "collecting"], env=env, timeout=300)
    run.check(says="done")


@pytest.mark.parametrize("way", ["greenlets", "threads", "finalizers"])
def test_interleaved(way: str) -> None:
    program = os.path.join(os.path.dirname(__file__), "load_interleaved.py")
    child.run_python([program, way], env=child.CHECKED, timeout=120).check(says="done")


@pytest.mark.parametrize("path", child.paths())
def test_collecting_at_every_allocation(path: str) -> None:
    program = os.path.join(os.path.dirname(__file__), "load_collecting.py")
    child.run_python([program], path, env=child.CHECKED, timeout=200).check(says="done")


def sample_payloads() -> list[bytes]:
    made = []
    for sample in SAMPLES:
        if sample.name in ("standard_output", "file"):  # pytest has changed these
            continue
        program: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        exec(compile(sample.make, f"<{sample.name}>", "exec", dont_inherit=True), program)
        made.append(cloudpickle.dumps(program["made"], protocol=5))
    return made


def test_audit_events() -> None:
    program = os.path.join(os.path.dirname(__file__), "load_audit.py")
    payloads = [data.hex() for data in sample_payloads()]
    done = subprocess.run(
        [sys.executable, program],
        input=json.dumps(payloads),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    pairs = json.loads(done.stdout)
    assert len(pairs) == len(payloads)
    names = {name for of_pickle, _ in pairs for name, _ in of_pickle}
    assert {"pickle.find_class", "code.__new__", "function.__new__"} <= names
    for of_pickle, of_native in pairs:
        different = [pair for pair in zip(of_pickle, of_native, strict=False) if pair[0] != pair[1]]
        assert not different and len(of_pickle) == len(of_native), different[:3]


def test_a_replaced_function_is_called(native: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    original = NAMESPACE._make_cell

    def replaced(*arguments: Any) -> Any:
        calls.append(arguments)
        return original(*arguments)

    value = object
    data = cloudpickle.dumps(lambda: value)
    monkeypatch.setattr(NAMESPACE, "_make_cell", replaced)
    assert native(data)() is object
    assert calls == [(object,)]


def test_changed_code_is_run(native: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def code(name: Any) -> Any:
        raise LookupError(name)

    data = cloudpickle.dumps(lambda: 1)
    monkeypatch.setattr(NAMESPACE._builtin_type, "__code__", code.__code__)
    with pytest.raises(LookupError, match="CodeType"):
        native(data)


def test_memory_does_not_grow(native: Any) -> None:
    good = sample_payloads()
    bad = [data[: len(data) * 3 // 4] + b"." for data in good] + [data[:-1] for data in good]

    def all_of_them() -> None:
        for data in [*good, *bad]:
            with contextlib.suppress(Exception):
                native(data)

    def blocks() -> int:
        gc.collect()
        return sys.getallocatedblocks()

    for _ in range(20):
        all_of_them()
    before = blocks()
    for _ in range(40):
        all_of_them()
    assert blocks() - before < 400  # 40 times some 150 payloads: less than one block for ten


def test_references_come_back(native: Any) -> None:
    marker: Any = types.SimpleNamespace()
    sys.modules["marker_for_test"] = marker
    try:
        marker.thing = object()
        data = (
            b"\x80\x05\x8c\x17cloudpickle.cloudpickle\x940\x8c\x0fmarker_for_test\x94\x8c\x05thing\x94\x93"
            b"\x94h\x03h\x03\x86\x94."
        )
        assert native(data)[0] is marker.thing
        before = sys.getrefcount(marker.thing)
        with handled():
            for _ in range(100):
                native(data)
        after = sys.getrefcount(marker.thing)
        assert after == before
    finally:
        del sys.modules["marker_for_test"]


def test_threads(native: Any) -> None:
    data = [cloudpickle.dumps(make_account()) for _ in range(20)]
    gc.collect()
    classes: list[list[type]] = []
    start = threading.Barrier(4)

    def load() -> None:
        start.wait()
        classes.append([native(one) for one in data for _ in range(5)])

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(classes) == 4
    assert classes[0] == classes[1] == classes[2] == classes[3]


FORK = """
import os, pickle, sys
import gocloudpickle
from gocloudpickle import _loader
loads = _loader.engine().loads
value = 5
data = gocloudpickle.dumps(lambda: value)

class Forks:
    def __reduce__(self):
        return forks, ()
def forks():
    global pid
    pid = os.fork()
    return pid
import types
module = types.ModuleType("forker")
module.forks, forks.__module__ = forks, "forker"
sys.modules["forker"] = module

pid = os.fork()
if pid == 0:
    assert loads(data)() == 5 and gocloudpickle.loads(gocloudpickle.dumps(lambda: value))() == 5
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
# A fork in the middle of a load: both go on.
both = gocloudpickle.dumps((lambda: value, Forks(), lambda: value + 1))
one, number, two = loads(both)
assert one() == 5 and two() == 6
if number == 0:
    assert loads(data)() == 5
    os._exit(8)
assert os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == 8
print("done")
"""


@pytest.mark.parametrize("path", child.paths())
def test_forks(path: str) -> None:
    child.run_python(["-c", FORK], path).check(says="done")


def test_the_package_gives_it_once_the_engine_is_there() -> None:
    program = """
import pickle, sys
import gocloudpickle
from gocloudpickle import loads
assert gocloudpickle.loads is loads and loads.__wrapped__ is pickle.loads
assert loads(pickle.dumps([1])) == [1]
assert "gocloudpickle._engine" not in sys.modules
from gocloudpickle import _loader
data = gocloudpickle.dumps(lambda: 4)
assert gocloudpickle.loads.__wrapped__ is _loader.engine().loads is not pickle.loads
assert gocloudpickle.loads(data)() == loads(data)() == 4
assert _loader.engine().loads_info() == {"native": 1, "pickle": 0}
assert pickle.loads(pickle.dumps(gocloudpickle.loads)) is pickle.loads
print("done")
"""
    child.run_python(["-c", program]).check(says="done")


def test_loads_is_documented(native: Any) -> None:
    assert str(inspect.signature(native)).startswith("(data, /, *, fix_imports=True, encoding=")
    assert native.__module__ == "gocloudpickle" and native.__doc__
    assert gocloudpickle.loads.__wrapped__ is native


def test_install_gives_it_to_cloudpickle() -> None:
    program = """
import pickle
import cloudpickle, gocloudpickle
from gocloudpickle import _loader
gocloudpickle.install()
native = _loader.engine().loads
assert cloudpickle.loads is cloudpickle.cloudpickle.loads is gocloudpickle.loads
assert gocloudpickle.loads.__wrapped__ is native
assert cloudpickle.loads(cloudpickle.dumps(lambda: 4))() == 4
assert _loader.engine().loads_info()["native"] == 1
gocloudpickle.uninstall()
assert cloudpickle.loads is cloudpickle.cloudpickle.loads is pickle.loads
print("done")
"""
    child.run_python(["-c", program]).check(says="done")


def test_with_gocloudpickle_alone() -> None:
    program = """
import sys
sys.path.insert(0, sys.argv[1])
import gocloudpickle
from gocloudpickle import _loader, _modules
class K:
    def m(self): return __class__
data = gocloudpickle.dumps(K)
assert gocloudpickle.loads(data) is K and _modules.is_ours(sys.modules["cloudpickle.cloudpickle"])
assert _loader.engine().loads_info() == {"native": 1, "pickle": 0}
print("done")
"""
    child.run_python(["-I", "-S", "-c", program, str(child.PACKAGE)]).check(says="done")
