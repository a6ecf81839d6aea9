"""Loads the engine, the shared library in Go, and loads it again in forked children.

Go's runtime does not survive fork. A child that needs the engine imports a fresh image
of the library: the same bytes under another file name, so that the dynamic linker maps
them anew. The image that came with the fork is never entered again.
"""

from __future__ import annotations

import os
import sys

from gocloudpickle import _import_lock, _modules

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

NAME = "gocloudpickle._engine"
PATH_VARIABLE = "GOCLOUDPICKLE_PATH"
NEEDS = "the engine needs CPython 3.10 to 3.14 (default build) on Linux with glibc"

_engine: ModuleType | None = None
_why_python: str | None = None  # why there is none here, nor in forked children
_pid = 0
_hosted = False  # by a Go program: see adopt
_generation = 0  # of fork: how many fresh images there are between the first and this one
_first_image_of = 0  # the process that loads it, or tried
_is_loading = False  # under the import lock: so whoever sees it is called by the loading itself

_NOT_YET = "this thread is in the middle of loading the engine, or of an import"


def why_unsupported() -> str | None:
    """Say why the engine is not for this interpreter, None if it is."""
    if is_python_asked_for():
        return f"{PATH_VARIABLE}=python"
    other = _what_is_other()
    return None if other is None else f"this is {other}, and {NEEDS}"


def is_python_asked_for() -> bool:
    """Tell whether the user wants to do without the engine."""
    return os.environ.get(PATH_VARIABLE) == "python"


def _what_is_other() -> str | None:
    if sys.implementation.name != "cpython":
        return sys.implementation.name
    if not (3, 10) <= sys.version_info[:2] <= (3, 14):
        return f"Python {sys.version_info.major}.{sys.version_info.minor}"
    if sys.platform != "linux":
        return sys.platform
    # _is_gil_enabled tells of the moment; the build is what decides (PEP 703).
    if "t" in getattr(sys, "abiflags", ""):
        return "a free-threaded build"
    if _libc() == "musl":
        return "a system with musl"
    return None


def _libc() -> str:
    try:
        os.confstr("CS_GNU_LIBC_VERSION")
    except (ValueError, OSError):
        return "musl"
    return "glibc"


def engine() -> ModuleType:
    """Return the engine of this process, which is loaded at the first call.

    Raises ImportError where there is none.
    """
    module = engine_or_none()
    if module is None:
        raise ImportError(
            f"gocloudpickle's engine can't be used here: {_why_python}. Without it gocloudpickle "
            "works as cloudpickle does: leave out require_engine() for that",
            name=NAME,
        )
    return module


def engine_or_none() -> ModuleType | None:
    """Return the engine of this process, None where all is done without it: see why_python.

    None also for a call that comes before the engine is loaded, from within what must be over
    first (see _load). What is done without it finds all imported that it needs then.
    """
    if _engine is not None and _pid == os.getpid():
        return _engine
    return _load() if _why_python is None else None


def implementation() -> tuple[ModuleType, bool]:
    """Return the module whose dumps and dump are to be called, and whether for good."""
    engine = engine_or_none()
    if engine is not None:
        return engine, True
    from gocloudpickle import _python_path

    return _python_path, _why_python is not None


def why_python() -> str | None:
    """Say why this process does without the engine, None if it has one; loads it if need be."""
    return None if engine_or_none() is not None else _why_python or _NOT_YET


def adopt(module: ModuleType) -> None:
    """Take the engine of a Go program that hosts this interpreter: it needs no library."""
    global _engine, _pid, _hosted
    from gocloudpickle import _bind

    sys.modules[NAME] = module
    _bind.bind(module)
    _engine, _pid, _hosted = module, os.getpid(), True


def _load() -> ModuleType | None:
    """Load the engine, and don't wait for what can't come.

    A first use can be a signal handler's, a finalizer's or a callback's of the garbage
    collector, in the middle of this very function or of an import.
    """
    # Not yet under the lock: a thread that is importing one of these waits for the lock,
    # and this one would wait for that thread.
    can_load = _are_imported(_needed()) or (
        _import_lock.import_by(_import_what_is_needed) and _are_imported(_needed())
    )
    if can_load:
        _modules.namespace()  # raises where the module of that name is not cloudpickle
        module: ModuleType | None = _import_lock.run(_load_once)
        return module
    if not _are_imported(_WITHOUT_ENGINE):
        raise RuntimeError(
            "gocloudpickle is used for the first time in the middle of an import, by a signal "
            "handler, a finalizer or a callback of the garbage collector, where it can't import "
            "what it needs: call gocloudpickle.engine_info() when the program starts"
        )
    return None


_WITHOUT_ENGINE = (
    "copyreg collections gocloudpickle._beyond gocloudpickle._bind gocloudpickle._by_value gocloudpickle._pickler "
    "gocloudpickle._python_path gocloudpickle._reducers"
).split()

_ENGINE = (
    "_signal abc codecs enum functools importlib.machinery io mmap resource types weakref "
    "gocloudpickle._loading gocloudpickle._preconditions"
).split()


def _needed() -> list[str]:
    if why_unsupported() is not None:
        return _WITHOUT_ENGINE
    # An installed cloudpickle doesn't keep records of classes: see _bind._class_records.
    keeps_records = hasattr(sys.modules.get(_modules.NAMESPACE), "_CLASS_RECORDS")
    return _WITHOUT_ENGINE + _ENGINE + ([] if keeps_records else ["gocloudpickle._rebuild"])


def _are_imported(names: list[str]) -> bool:
    return _modules.is_ready() and all(map(_import_lock.is_imported, names))


def _import_what_is_needed() -> None:
    _modules.namespace()
    for name in _needed():
        __import__(name)


def _load_once() -> ModuleType | None:
    """Load the engine, under the import lock, if nobody has. Nothing is imported here."""
    global _engine, _pid, _why_python, _is_loading
    if _engine is not None and _pid == os.getpid():
        return _engine
    if _why_python is not None or _is_loading:
        return None
    loader = os.getpid()
    _is_loading = True
    try:
        module = _load_image()
    except Exception as error:
        if os.getpid() != loader:
            return None  # a child, forked by what ran in the middle: it has no use for this image
        if not isinstance(error, (ImportError, OSError)):
            raise
        if isinstance(error, OSError) and error.errno is None:
            raise  # not the system's: a signal's handler has raised TimeoutError
        # Not tried again: what this process lacks now it lacks later, too.
        _why_python = str(error)
        return None
    finally:
        _is_loading = False
    if os.getpid() != loader:
        return None
    _engine, _pid = module, loader
    return module


def _load_image() -> ModuleType:
    reason = why_unsupported()
    if reason is not None:
        raise ImportError(reason)
    if _hosted:
        raise ImportError("this is a forked child of a Go program: start a process instead")
    path = _library()
    from gocloudpickle import _preconditions

    reason = _preconditions.why_not()
    if reason is not None:
        raise ImportError(reason)
    module = _import(path) if _is_first_image() else _import_copy(path)
    from gocloudpickle import _bind

    _bind.bind(module)
    return module


def _is_first_image() -> bool:
    # A child has its parent's, also where loading it failed there.
    global _first_image_of
    if _first_image_of == 0:
        _first_image_of = os.getpid()
    return _first_image_of == os.getpid()


def _library() -> str:
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_engine.so")
    if not os.path.exists(path):
        raise ImportError(
            f"there is no {path}: {_why_not_built(path)}install gocloudpickle's wheel for this "
            "platform, or run 'make engine' in a checkout"
        )
    return path


def _why_not_built(path: str) -> str:
    # build_hooks/engine.py left it in a wheel without an engine.
    try:
        with open(os.path.join(os.path.dirname(path), "_no_engine.txt"), encoding="utf-8") as file:
            return f"{file.read().strip()}; "
    except OSError:
        return ""


def _import(path: str) -> ModuleType:
    import _signal  # type: ignore[import-not-found]
    from importlib.machinery import ExtensionFileLoader, ModuleSpec

    spec = ModuleSpec(NAME, ExtensionFileLoader(NAME, path), origin=path)
    # The threads that Go starts have the signal mask of the thread that loads it. With
    # all blocked there, the program's signals only ever go to its own threads, which may
    # block them too and wait (Go unblocks what it needs itself).
    # Setting a mask calls the handlers of signals that are waiting, and they can raise.
    mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, ())
    try:
        _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
        module = spec.loader.create_module(spec)  # type: ignore[union-attr]
        assert module is not None
        spec.loader.exec_module(module)  # type: ignore[union-attr]
    except ImportError as error:
        if "subinterpreter" not in str(error):
            raise
        raise ImportError("this is a sub-interpreter: the engine runs in the main one") from error
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
    return module


def _import_copy(path: str) -> ModuleType:
    # CPython and the dynamic linker know libraries by name and by inode: a memory
    # file has both anew. It needs no directory that can be written or executed from.
    # A grandchild's memory file can have the number that its parent's had: the dots
    # make another name of it.
    global _generation
    _generation += 1
    number = _memory_file()
    if number < 0:
        raise ImportError(
            "this is a forked child, where the engine needs a file in memory (memfd_create), "
            "and the system gives none: start a process instead of forking"
        )
    try:
        with open(path, "rb") as library:
            size = os.fstat(library.fileno()).st_size
            while size > 0:
                size -= os.sendfile(number, library.fileno(), None, size)
        return _import(f"/proc/self/fd/{'./' * _generation}{number}")
    finally:
        os.close(number)


def _memory_file() -> int:
    # Not every Python has os.memfd_create; without it there is none after a fork in the
    # middle of the first image's loading.
    if _engine is not None:
        number: int = _engine.memory_file()
        return number
    return os.memfd_create("gocloudpickle_engine") if hasattr(os, "memfd_create") else -1


def method_after_fork(name: str) -> Callable[..., Any]:
    """Return a function of this process's engine, or what stands for it without one.

    The functions of an image that came with a fork call this, and then what it returns.
    """
    method: Callable[..., Any] = getattr(implementation()[0], name)
    return method


def method_without_engine(name: str) -> Callable[..., Any]:
    """Return what does the same as a function of the engine, in Python.

    The engine's functions call this, and then what it returns, where they must not have
    Python code above Go on the stack, or can't call Go: see entry.h.
    """
    from gocloudpickle import _python_path

    if name == "pickler_stream":
        return lambda state, pickler, obj, *hooks: _python_path.pickler_dump(pickler, obj)
    method: Callable[..., Any] | None = getattr(_python_path, name, None)
    if method is None:
        raise RuntimeError("the engine, which has the memo of this Pickler, can't be called here")
    return method
