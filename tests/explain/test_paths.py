"""What dumps says about where an object is that can't be pickled."""

from __future__ import annotations

import gc
import io
import os
import pickle
import runpy
import subprocess
import sys
import threading
import traceback
import weakref
from pathlib import Path
from typing import Any

import gocloudpickle
import pytest
from gocloudpickle._pickle_path import path_text, remedy

HERE = Path(__file__).parent
WITHOUT_ENGINE = os.environ.get("GOCLOUDPICKLE_PATH") == "python"
NOTES = sys.version_info >= (3, 11)


def failure(obj: Any, **options: Any) -> BaseException:
    try:
        gocloudpickle.dumps(obj, **options)
    except BaseException as error:
        return error
    raise AssertionError("it was pickled")


def said(error: BaseException) -> str:
    """The note, or what stands for it on 3.10."""
    if not NOTES:
        return str(error.args[0]).partition("\n")[2]
    notes = [note for note in error.__notes__ if note.startswith("pickle path: ")]
    assert len(notes) == 1
    assert error.__notes__[-1] == notes[0]
    return notes[0]


def way(error: BaseException) -> str:
    return path_text(error.pickle_path)


@pytest.fixture(scope="module")
def culprits():
    main = sys.modules["__main__"]
    defined = runpy.run_path(str(HERE / "culprits.py"), run_name="__main__")
    yield defined
    assert sys.modules["__main__"] is main
    cases = defined.pop("CASES")
    cases.clear()


CASES = range(70)


@pytest.mark.parametrize("number", CASES)
def test_a_culprit_has_its_path(culprits, number):
    obj, expected = culprits["CASES"][number]
    if WITHOUT_ENGINE and type(obj).__name__ == "Registered":
        expected = "Registered"  # whose reducer is not called twice to look into it
    error = failure(obj)
    assert way(error) == expected
    if NOTES or isinstance(error, (TypeError, pickle.PicklingError)):
        assert said(error).startswith(f"pickle path: {expected}")


@pytest.mark.parametrize("protocol", [4, 3, 2])
def test_a_path_is_the_same_in_older_protocols(culprits, protocol):
    for obj, expected in culprits["CASES"]:
        got = way(failure(obj, protocol=protocol))
        if WITHOUT_ENGINE and type(obj).__name__ == "Registered":
            expected = "Registered"
        if protocol < 4 and got.startswith("NewArgumentsByName"):
            # They have no opcode for it, and pickle a partial instead.
            expected = "NewArgumentsByName -> reconstructor -> argument lock"
        assert got == expected


def test_there_are_as_many_cases(culprits):
    assert len(culprits["CASES"]) == len(CASES)


def deep(levels: int, kind: Any = list) -> Any:
    obj: Any = threading.Lock()
    for _ in range(levels):
        obj = [obj] if kind is list else {"k": obj} if kind is dict else (obj,)
    return obj


@pytest.mark.parametrize("kind", [list, dict, tuple])
def test_a_nest_too_deep_has_a_short_path(kind):
    obj = deep(100_000, kind)
    error = failure(obj)
    assert type(error) is pickle.PicklingError
    assert type(error.__cause__) is RecursionError
    assert len(error.pickle_path) <= 41 and any(s.kind == "more" for s in error.pickle_path)
    assert len(said(error)) < 1000
    del error
    while type(obj) in (list, tuple, dict):  # taken apart, not freed all at once
        obj = obj["k"] if type(obj) is dict else obj[0]


def test_a_path_of_many_steps_is_shortened():
    error = failure(deep(100))
    assert [s.name for s in error.pickle_path if s.kind == "more"] == ["61"]
    assert error.pickle_path[-1].type == "_thread.lock"


def dump_to_file(obj):
    gocloudpickle.dump(obj, io.BytesIO())


def dump_of_pickler(obj):
    gocloudpickle.Pickler(io.BytesIO()).dump(obj)


def dump_of_subclass(obj):
    class Own(gocloudpickle.Pickler):
        def reducer_override(self, obj):
            return super().reducer_override(obj)

        def persistent_id(self, obj):
            return None

    Own(io.BytesIO()).dump(obj)


@pytest.mark.parametrize("dump", [dump_to_file, dump_of_pickler, dump_of_subclass])
def test_every_dump_says_where(culprits, dump):
    obj, expected = culprits["CASES"][0]
    with pytest.raises(TypeError) as raised:
        dump(obj)
    assert way(raised.value) == expected
    assert said(raised.value)


def test_a_pickler_says_so_again_for_each_dump():
    pickler = gocloudpickle.Pickler(io.BytesIO())
    for name in "ab":
        with pytest.raises(TypeError) as raised:
            pickler.dump({name: threading.Lock()})
        assert way(raised.value) == f"dict -> key {name!r}"


def test_the_remedy_is_in_the_note():
    text = said(failure([threading.Lock()]))
    assert text.splitlines() == [
        "pickle path: list -> index 0 (_thread.lock)",
        f"remedy: {remedy(type(threading.Lock()))}",
    ]


@pytest.mark.skipif(not NOTES, reason="Python 3.10 has no notes")
def test_the_text_and_arguments_stay():
    error = failure([threading.Lock()])
    assert error.args == ("cannot pickle '_thread.lock' object",) == (str(error),)


@pytest.mark.skipif(NOTES, reason="Python 3.11 has notes, and the text stays")
def test_the_text_has_it_where_there_are_no_notes():
    error = failure([threading.Lock()])
    assert str(error).startswith("cannot pickle '_thread.lock' object\npickle path: list -> ind")
    assert len(error.args) == 1


def test_a_traceback_shows_it():
    shown = "".join(traceback.format_exception(failure([threading.Lock()])))
    assert "\npickle path: list -> index 0 (_thread.lock)\nremedy: a lock " in shown


def test_nothing_is_kept_alive():
    class Kept:
        def __init__(self):
            self.lock = threading.Lock()

    kept = Kept()
    gone = weakref.ref(kept)
    error = failure([{"a": kept}])
    error.__traceback__ = None
    del kept
    gc.collect()
    assert gone() is None
    assert way(error) == "list -> index 0 -> key 'a' -> Kept.lock"


def test_a_pickler_keeps_nothing_of_a_dump_that_is_over():
    pickler = gocloudpickle.Pickler(io.BytesIO())
    before = set(vars(pickler))
    pickler.dump(lambda: 0)
    assert set(vars(pickler)) == before
    with pytest.raises(TypeError):
        pickler.dump([threading.Lock()])
    assert set(vars(pickler)) == before


def test_an_exception_can_be_sent_to_a_process_without_gocloudpickle():
    data = pickle.dumps(failure([threading.Lock()]))
    assert b"gocloudpickle" not in data
    copy = pickle.loads(data)
    assert copy.pickle_path == (("object", "list", "list", ""), ("index", "0", "_thread.lock", ""))


class Raising:
    """Its __reduce__ raises what it is given."""

    def __init__(self, error: Any) -> None:
        self.error = error

    def __reduce__(self) -> Any:
        raise self.error


class Quiet(Exception):
    """It refuses attributes, notes and its text."""

    __slots__ = ("own",)

    def __setattr__(self, name, value):
        if not name.startswith("__"):
            raise AssertionError("set")

    def add_note(self, note):
        raise AssertionError("noted")

    def __str__(self):
        raise AssertionError("shown")

    def __getattribute__(self, name):
        if name in ("pickle_path", "__notes__"):
            raise AssertionError("asked")
        return super().__getattribute__(name)


class LyingNotes(Exception):
    __notes__ = "no list"


class NoNotes(Exception):
    @property
    def __notes__(self):
        raise AssertionError("asked for notes")

    @property
    def pickle_path(self):
        return "its own"


@pytest.mark.skipif(
    sys.version_info >= (3, 14), reason="CPython's own notes ask such an exception from 3.14 on"
)
@pytest.mark.parametrize("cls", [Quiet, LyingNotes, NoNotes])
def test_an_odd_exception_is_raised_as_it_is(cls):
    error = cls("mine")
    got = failure([Raising(error)])
    assert got is error
    assert got.args == ("mine",) or not NOTES
    assert got.__cause__ is None and got.__context__ is None


def test_notes_that_are_no_list_stay():
    error = ValueError("mine")
    error.__notes__ = ("no", "list")
    got = failure(Raising(error))
    assert got is error and error.__notes__ == ("no", "list")
    assert way(got) == "Raising"


def test_notes_of_its_own_stay():
    error = ValueError("mine")
    error.__notes__ = ["own"]
    failure(Raising(error))
    assert error.__notes__[0] == "own" and len(error.__notes__) == 1 + NOTES


def test_an_exception_raised_twice_has_its_last_path_once():
    error = ValueError("shared")
    raising = Raising(error)
    for obj, expected in [([raising], "list -> index 0"), ({"k": raising}, "dict -> key 'k'")] * 3:
        assert failure(obj) is error
        assert way(error) == expected
        assert said(error).startswith(f"pickle path: {expected} (")
    assert str(error.args[0]).count("pickle path: ") == (0 if NOTES else 1)


class Wrapper:
    """Pickled with its content as bytes, as joblib's and Dask's wrappers are."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def __reduce__(self) -> Any:
        return pickle.loads, (gocloudpickle.dumps(self.content),)


def test_a_dump_inside_a_dump_has_one_path():
    error = failure([Wrapper({"a": threading.Lock()})])
    assert way(error) == "list -> index 0 -> dict -> key 'a'"
    assert said(error).endswith(f"remedy: {remedy(type(threading.Lock()))}")


class Recovering:
    def __reduce__(self) -> Any:
        try:
            gocloudpickle.dumps(threading.Lock())
        except TypeError as error:
            raise ValueError("recovered") from error


def test_a_failure_that_was_caught_is_another():
    error = failure([Recovering()])
    assert type(error) is ValueError and way(error) == "list -> index 0"
    assert way(error.__cause__) == "lock"


@pytest.mark.parametrize("cls", [KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError])
def test_some_are_left_alone(cls):
    error = failure([Raising(cls("stop"))])
    assert type(error) is cls
    assert not hasattr(error, "pickle_path")
    assert not any("pickle path" in note for note in getattr(error, "__notes__", ()))


class FailingFile:
    def write(self, data):
        raise OSError("disk full")


def test_a_failing_file_is_no_objects_fault():
    with pytest.raises(OSError) as raised:
        gocloudpickle.dump([1, b"x" * 1_000_000], FailingFile())
    assert not hasattr(raised.value, "pickle_path")


class Counting:
    calls = 0

    def __getstate__(self):
        Counting.calls += 1
        return {"a": 1}


def test_reducers_are_called_once():
    Counting.calls = 0
    error = failure([Counting(), {"lock": threading.Lock()}])
    assert way(error) == "list -> index 1 -> key 'lock'"
    assert Counting.calls == 1


class Strict(gocloudpickle.Pickler):
    strict = True


def test_a_strict_pickler_says_no_more_than_stock():
    for pickler in (Strict(io.BytesIO()), gocloudpickle.Pickler(io.BytesIO())):
        pickler.strict = True
        with pytest.raises(TypeError) as raised:
            pickler.dump([threading.Lock()])
        assert not hasattr(raised.value, "pickle_path")
        assert raised.value.args == ("cannot pickle '_thread.lock' object",)
        assert not any("path" in note for note in getattr(raised.value, "__notes__", ()))


STRICT_PROGRAM = """
import gocloudpickle, threading
try:
    gocloudpickle.dumps([threading.Lock()])
except TypeError as error:
    print(error.args, hasattr(error, "pickle_path"))
"""


def test_a_strict_process_says_no_more_than_stock():
    done = subprocess.run(
        [sys.executable, "-c", STRICT_PROGRAM],
        env={**os.environ, "GOCLOUDPICKLE_STRICT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == """("cannot pickle '_thread.lock' object",) False\n"""
