"""Objects that nobody can pickle; what counts is the type of the exception."""

import _thread
import asyncio
import contextlib
import contextvars
import copyreg
import ctypes
import mmap
import os
import queue
import re
import socket
import sqlite3
import ssl
import sys
import threading
import types
import weakref

from tests.corpus.case import Either, Shelf
from tests.corpus.files import standard_streams

# Below protocol 2 copyreg makes a reduction of almost anything, that can't be loaded.
LATE = {"raises": lambda protocol: Exception if protocol >= 2 else Either}
shelf = Shelf("unpicklable", **LATE)


def _generator():
    yield 1


def _frame():
    return sys._getframe()


def _traceback():
    try:
        raise ValueError
    except ValueError as error:
        return error.__traceback__


class Target:
    def method(self):
        pass


TARGET = Target()
TARGET_METHOD = TARGET.method


for _name, _make in {
    "lock": threading.Lock,
    "rlock": threading.RLock,
    "condition": threading.Condition,
    "event": threading.Event,
    "local": threading.local,
    "thread_lock_type": lambda: _thread.allocate_lock(),
    "generator": lambda: _generator(),
    "generator_started": lambda: (lambda g: (next(g), g)[1])(_generator()),
    "frame": _frame,
    "traceback": _traceback,
    "socket": lambda: socket.socket(),
    "weakref": lambda: weakref.ref(TARGET),
    "weak_key_dictionary": lambda: weakref.WeakKeyDictionary({TARGET: 1}),
    "weak_value_dictionary": lambda: weakref.WeakValueDictionary({1: TARGET}),
    "weak_method": lambda: weakref.WeakMethod(TARGET_METHOD),
    "queue": queue.Queue,
    "simple_queue": queue.SimpleQueue,
    "context": contextvars.copy_context,
    "context_var": lambda: contextvars.ContextVar("v"),
    "mmap": lambda: mmap.mmap(-1, 16),
    "regex_match": lambda: re.match("a", "a"),
    "sqlite": lambda: sqlite3.connect(":memory:"),
    "ssl_context": lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    "directory_iterator": lambda: os.scandir("."),
    "directory_entry": lambda: next(os.scandir(os.path.dirname(os.path.abspath(__file__)))),
    "capsule": lambda: __import__("datetime").datetime_CAPI,
    "simple_namespace_of_a_lock": lambda: types.SimpleNamespace(lock=threading.Lock()),
    "context_manager": lambda: contextlib.contextmanager(_generator)(),
    "async_generator": lambda: _async_generator(),
    "method_of_a_lock": lambda: threading.Lock().acquire,
    "lock_in_a_closure": lambda: (lambda lock: lambda: lock)(threading.Lock()),
    "lock_in_a_list": lambda: [1, [2, {"lock": threading.Lock()}]],
    "lock_in_an_instance": lambda: _instance_with_a_lock(),
    "lock_in_a_class": lambda: type("Local", (), {"lock": threading.Lock()}),
    "lock_in_a_tuple_after_much": lambda: ([b"x" * 100_000], list(range(5000)), threading.Lock()),
    "binary_file": lambda: open(os.devnull, "rb"),
}.items():
    shelf.add(_name, _make)


async def _async_generator():
    yield 1


def _instance_with_a_lock():
    class Local:
        def __init__(self):
            self.lock = threading.Lock()

    return Local()


class _Coroutine:
    """Closes what it made, so that nobody warns of a coroutine never awaited."""

    def __init__(self, coroutine):
        self.coroutine = coroutine

    def __del__(self):
        self.coroutine.close()


shelf.add("coroutine", lambda: _Coroutine(asyncio.sleep(0)))


class NoReduce:
    def __reduce__(self):
        raise TypeError("cannot pickle this")


class NoGetState:
    def __getstate__(self):
        raise TypeError("cannot pickle this state")


class _Spec(ctypes.Structure):  # PyType_Spec
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("basicsize", ctypes.c_int),
        ("itemsize", ctypes.c_int),
        ("flags", ctypes.c_uint),
        ("slots", ctypes.c_void_p),
    ]


_no_slots = ctypes.create_string_buffer(ctypes.sizeof(ctypes.c_void_p) * 2)
_uncallable = _Spec(
    b"tests.corpus.unpicklable.Uncallable", 0, 0, 1 << 7, ctypes.addressof(_no_slots)
)


def _called(function, *args):
    function.argtypes, function.restype = [type(arg) for arg in args], ctypes.py_object
    return function(*args)


Uncallable = _called(ctypes.pythonapi.PyType_FromSpec, ctypes.pointer(_uncallable))
"""A class without a tp_new, as extension modules in Rust have them."""


def _uncallable_object():
    copyreg._slotnames(Uncallable)  # as a dump with protocol 0 does
    make = ctypes.pythonapi.PyType_GenericAlloc
    return _called(make, ctypes.py_object(Uncallable), ctypes.c_ssize_t(0))


# A proxy answers with the class of what it stands for, and is then remade as one.
shelf.add("weak_proxy", lambda: weakref.proxy(TARGET), raises=Either)
# A thread holds sys.stderr.
shelf.add("thread", lambda: threading.Thread(name="corpus"), setup=standard_streams)
shelf.add("object_of_a_class_without_new", _uncallable_object)
shelf.add("refuses_reduce", NoReduce, raises=TypeError)
shelf.add("refuses_getstate", NoGetState, raises=TypeError)
shelf.add(
    "global_that_cannot_go",
    lambda: types.FunctionType((lambda: lock).__code__, {"lock": threading.Lock()}),  # noqa: F821
)
shelf.add("default_that_cannot_go", lambda: lambda lock=threading.Lock(): lock)
shelf.add("set_of_something_that_cannot_go", lambda: {threading.Lock()})
shelf.add("frozenset_of_something_that_cannot_go", lambda: frozenset([threading.Lock()]))
shelf.add("dict_key_that_cannot_go", lambda: {threading.Lock(): 1})
shelf.add("nested_50000_deep", lambda: _deep(50_000), raises=Exception)


def _deep(levels):
    data = []
    for _ in range(levels):
        data = [data]
    return data


def _instance_deep():
    class Node:
        pass

    head = node = Node()
    for _ in range(20_000):
        node.next = Node()
        node = node.next
    return head


shelf.add("linked_20000_long", _instance_deep, raises=Exception)
