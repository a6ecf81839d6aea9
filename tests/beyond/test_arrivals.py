"""What stays of a class that arrives again, and what the sender has changed.

Each program is a process of its own, for each way in which a payload comes in.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.beyond import batches
from tests.oracles.processes import site_without

PRELUDE = """
import gc, io, os, pickle, subprocess, sys, textwrap, weakref
{see_only_ours}
import gocloudpickle as cp
cp.dumps(0)  # which loads the engine
def long(data):  # a payload with more in it than loads does natively
    rest = 2 << 20
    return b"\\x80\\x05B" + rest.to_bytes(4, "little") + bytes(rest) + data[2:-1] + b"\\x86."

def install():
    import cloudpickle
    cp.install()
    return cloudpickle

def pipe(data):
    read, write = os.pipe()
    with os.fdopen(write, "wb", buffering=0) as file:
        file.write(data)
    return os.fdopen(read, "rb")

loads = {loads}

def elsewhere(program, data):
    flags = ["-S", "-B"] if {see_only_ours!r} else ["-B"]
    command = [sys.executable, *flags, "-c", PRELUDE + textwrap.dedent(program)]
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout
"""

SENDER = """
class Model:
    steps = 0
    bonus = 1
    seen = []
    def __repr__(self): return "sent"
    def score(self): return self.bonus
"""

Run = Callable[..., None]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site_without(tmp_path_factory.mktemp("ours") / "site", "cloudpickle", "gocloudpickle")


WAYS = {
    "pickle.loads without cloudpickle": "pickle.loads",
    "loads without cloudpickle": "cp.loads",
    "loads": "cp.loads",
    "a long payload": "lambda data: cp.loads(long(data))[1]",
    "buffers": "lambda data: cp.loads(data, buffers=[b''])",
    "a pipe": "lambda data: cp.load(pipe(data))",
    "a policy": "lambda data: cp.loads(data, policy='functions')",
    "cloudpickle with install()": "install().loads",
    "a long payload with install()": "lambda data: install().loads(long(data))[1]",
}


@pytest.fixture(params=list(WAYS))
def run(request: pytest.FixtureRequest, site: Path) -> Run:
    """Runs a program, with `loads` as one of those that keep what is set."""
    path = batches.paths()[0]
    installed = "without cloudpickle" not in request.param
    if path == "python" and ("install()" in request.param or request.param == "a policy"):
        pytest.skip("install() does nothing without an engine, and a policy wants the command")
    prelude = PRELUDE.format(
        see_only_ours="" if installed else f"sys.path.append({str(site)!r})",
        loads=WAYS[request.param],
    )
    prelude += f"PRELUDE = {prelude!r}\nPRELUDE += f'PRELUDE = {{PRELUDE!r}}\\n'\n"
    env = batches._environment(path)
    if not installed:
        del env["PYTHONPATH"]
    flags = ["-B"] if installed else ["-S", "-B"]

    def run_program(program: str, **environment: str) -> None:
        process = subprocess.run(
            [sys.executable, *flags, "-c", prelude + SENDER + dedent(program)],
            capture_output=True,
            text=True,
            env={**env, **environment},
            cwd="/",
            timeout=100,
        )
        assert process.returncode == 0, process.stderr

    return run_program


def test_the_process_that_defines_a_class_keeps_it(run: Run) -> None:
    """cloudpickle issue 439, and 376, where a method loses its closure."""
    run("""
        def make():
            mine = []
            class Foo:
                made = 0
                def __init__(self): mine.append(1); Foo.made += 1
            return Foo, mine
        Foo, mine = make()
        payload = cp.dumps((Model, Foo))
        Model.steps = 100
        Foo.made = 7
        Model.seen.append(1)
        for _ in range(3):
            assert loads(payload) == (Model, Foo)
            assert (Model.steps, Model.seen, Foo.made) == (100, [1], 7)
    """)


def test_what_the_sender_has_changed_arrives(run: Run) -> None:
    run("""
        first = cp.dumps(Model)
        Model.bonus = 2
        Model.steps = 1
        Model.later = 3
        Model.seen = [7]
        Model.__repr__ = lambda self: "changed"
        second = cp.dumps(Model)
        elsewhere('''
            first, second = pickle.load(sys.stdin.buffer)
            Model = loads(first)
            assert loads(first) is Model
            Model.steps = 50
            assert loads(second) is Model
            assert (Model.steps, Model.bonus, Model.later) == (50, 2, 3)
            assert Model().score() == 2 and repr(Model()) == "changed" and Model.seen == [7]
            Model.__repr__ = lambda self: "mine"
            Model.seen.append(8)
            loads(first)
            assert Model.seen == [7, 8] and repr(Model()) == "mine" and Model.bonus == 1
        ''', pickle.dumps((first, second)))
    """)


def test_a_result_brings_what_the_worker_has_set(run: Run) -> None:
    """What is as it was when the class left is updated, as by cloudpickle."""
    run("""
        payload = cp.dumps(Model)
        Model.steps = 100
        result = elsewhere('''
            Model = loads(sys.stdin.buffer.read())
            Model.bonus = 9
            Model.steps = 3
            sys.stdout.buffer.write(cp.dumps(Model))
        ''', payload)
        assert loads(result) is Model
        assert (Model.bonus, Model.steps) == (9, 100)
    """)


def test_a_worker_that_has_sent_a_class_keeps_it(run: Run) -> None:
    run("""
        elsewhere('''
            payload = sys.stdin.buffer.read()
            Model = loads(payload)
            Model.steps = 3
            cp.dumps(Model)
            loads(payload)
            assert Model.steps == 3
        ''', cp.dumps(Model))
    """)


def test_strict_sets_all_that_arrives(run: Run) -> None:
    run(
        """
        payload = cp.dumps(Model)
        Model.steps = 100
        loads(payload)
        assert Model.steps == 0
        """,
        GOCLOUDPICKLE_STRICT="1",
    )


def test_records_keep_nothing_alive(run: Run) -> None:
    run("""
        class Large: pass
        class Slotted:
            __slots__ = ("owner",)
        class Holder:
            data = Large()
            def f(self): return Holder, __class__
            @classmethod
            def g(cls): return __class__
            @property
            def h(self): return __class__
        Holder.slotted = Slotted()
        Holder.slotted.owner = Holder
        payload = cp.dumps(Holder)
        there = weakref.ref(Holder.data)
        Holder.data = None
        assert there() is None
        loads(payload)
        assert Holder.data is None
        gone = weakref.ref(Holder)
        del Holder
        gc.collect()
        assert gone() is None
        new = loads(payload)
        assert new.slotted.owner is new and loads(payload) is new
        there, gone = weakref.ref(new.data), weakref.ref(new)
        new.data = None
        assert there() is None and loads(payload).data is None
        del new
        gc.collect()
        assert gone() is None
    """)


def test_odd_values_and_metaclasses(run: Run) -> None:
    """Values that lie, are deep or hold themselves; metaclasses that set and compare otherwise."""
    run("""
        import enum
        deep = []
        for _ in range(12): deep = [deep]
        around = []
        around.append(around)
        class Liar:
            @property
            def __class__(self): raise RuntimeError
        class Meta(type):
            @property
            def elsewhere(cls): return cls.kept
            @elsewhere.setter
            def elsewhere(cls, value): cls.kept = value
        class Compared(type):
            def __eq__(cls, other): return cls is other
            def __hash__(cls): return 1
        class Odd(metaclass=Meta):
            values = [float("nan"), b"", bytearray(b"a"), {1, "a"}, frozenset([(1,)]), deep, around]
            steps = 0
        class Same(metaclass=Compared):
            steps = 0
        Odd.liar = Liar()
        class Color(enum.Enum):
            RED = 1
            def f(self): return 1
        try: cp.dumps(Odd)
        except RuntimeError: del Odd.liar
        payload = cp.dumps((Odd, Same, Color))
        Odd.steps = Same.steps = 4
        Color.f = lambda self: 2
        for _ in range(2):
            assert loads(payload) == (Odd, Same, Color)
            assert len(Odd.values) == 7 and Color.RED.f() == 2 and Odd.steps == 4
            assert Same.steps == 0, "a metaclass that compares its classes itself is not asked"
    """)
