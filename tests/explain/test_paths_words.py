"""The words of paths, and what is said to do about types that can't be pickled."""

import doctest
import io
import pickle
import random
import socket
import sqlite3
import threading
import types
import zlib

import pytest
from gocloudpickle import _pickle_path
from gocloudpickle._pickle_path import Step, key_text, name_of, path_text, remedy, type_name


def test_the_examples_are_true():
    assert doctest.testmod(_pickle_path).failed == 0


def test_a_step_is_pickled_as_a_tuple():
    step = Step("attribute", "session", "Session", "Client")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps((step,), protocol)
        assert b"gocloudpickle" not in data
        assert pickle.loads(data) == (("attribute", "session", "Session", "Client"),)


def test_a_long_path_is_shortened_in_its_middle():
    steps = [Step("object", "list"), *(Step("index", str(i)) for i in range(100_000))]
    text = path_text(steps)
    assert len(text) < 1000
    assert text.startswith("list -> index 0 -> ")
    assert " -> ... 99,961 more ... -> " in text
    assert text.endswith(" -> index 99999")
    shortened = _pickle_path.shortened(steps)
    assert _pickle_path.shortened(steps[:40]) == tuple(steps[:40])
    assert shortened[0].name == "list" and len(shortened) == 41


class Lying(type):
    """Its classes can't be asked for anything, hashed or compared."""

    def __getattribute__(cls, name):
        raise AssertionError(f"asked for {name}")

    def __hash__(cls):
        raise AssertionError("hashed")

    def __eq__(cls, other):
        raise AssertionError("compared")


class Liar(metaclass=Lying):
    def __repr__(self):
        raise AssertionError("shown")

    def __getattribute__(self, name):
        raise AssertionError(f"asked for {name}")


def test_names_run_no_code_of_the_objects():
    liar = object.__new__(Liar)
    assert name_of(liar) == name_of(Liar) == "Liar"
    assert type_name(Liar).endswith(".Liar")
    assert key_text(liar) == "of type Liar"
    assert remedy(Liar) == ""


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("name", "'name'"),
        (7, "7"),
        (("a", 1), "('a', 1)"),
        (b"x", "b'x'"),
        (1 << 5000, "of a long int"),
        (frozenset((1,)), "of type frozenset"),
        ("x" * 100, f"'{'x' * 35}...'"),
    ],
)
def test_a_key_is_shown_on_little_room(key, text):
    assert key_text(key) == text


def made_by_generator():
    yield


async def made_by_coroutine():
    yield


class Heir(io.StringIO):
    pass


class OwnRandom(random.Random):
    def __reduce__(self):
        raise ValueError("no")


def closed(resource):
    resource.close()
    return type(resource)


@pytest.mark.parametrize(
    ("cls", "begins"),
    [
        (type(threading.Lock()), "a lock "),
        (type(threading.RLock()), "a lock "),
        (threading.Event, "a lock "),
        (io.TextIOWrapper, "an open file "),
        (Heir, "an open file "),
        (socket.socket, "a socket "),
        (closed(sqlite3.connect(":memory:")), "a database connection "),
        (types.GeneratorType, "a generator "),
        (types.AsyncGeneratorType, "a coroutine "),
        (types.CoroutineType, "a coroutine "),
        (threading.Thread, "a thread "),
        (types.ModuleType, "a module "),
        (types.FrameType, "a frame "),
        (memoryview, "a view "),
        (type(zlib.compressobj()), "this type is from an extension module "),
        (OwnRandom, "this type is from an extension module "),
        (list, ""),
        (type("Made", (), {}), ""),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_what_to_do_about_a_type(cls, begins):
    assert remedy(cls).startswith(begins)
    assert bool(remedy(cls)) == bool(begins)


def test_an_extension_is_not_blamed_for_what_a_class_of_its_own_raises():
    assert remedy(OwnRandom, ValueError("no")) == ""
    assert remedy(OwnRandom, TypeError("cannot pickle 'OwnRandom' object")) != ""
