"""Loads the engine, the shared library in Go, and loads it again in forked children.

Go's runtime does not survive fork. A child that needs the engine imports a fresh image
of the library: the same bytes under another file name, so that the dynamic linker maps
them anew. The image that came with the fork is never entered again.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

NAME = "gocloudpickle._engine"
SUPPORTED = "gocloudpickle needs CPython 3.10 to 3.14 (default build) on Linux with glibc"
INSTEAD = "use stock cloudpickle here: it works beside gocloudpickle"

_engine: ModuleType | None = None
_pid = 0
_hosted = False  # by a Go program: see adopt
_generation = 0  # of fork: how many fresh images there are between the first and this one
_lock: Any = None


def why_unsupported() -> str | None:
    """Say why the engine can't run in this interpreter, None if it can."""
    if sys.implementation.name != "cpython":
        return f"this is {sys.implementation.name}"
    if not (3, 10) <= sys.version_info[:2] <= (3, 14):
        return f"this is Python {sys.version_info.major}.{sys.version_info.minor}"
    if sys.platform != "linux":
        return f"this is {sys.platform}"
    # _is_gil_enabled tells of the moment; the build is what decides (PEP 703).
    if "t" in getattr(sys, "abiflags", ""):
        return "this is a free-threaded build"
    if _libc() == "musl":
        return "the C library here is musl"
    return None


def _libc() -> str:
    try:
        os.confstr("CS_GNU_LIBC_VERSION")
    except (ValueError, OSError):
        return "musl"
    return "glibc"


def engine() -> ModuleType:
    """Return the engine of this process, which is loaded at the first call.

    Raises ImportError, which says what to do, where it can't be.
    """
    if _engine is not None and _pid == os.getpid():
        return _engine
    return _load()


def adopt(module: ModuleType) -> None:
    """Take the engine of a Go program that hosts this interpreter: it needs no library."""
    global _engine, _pid, _hosted
    from gocloudpickle import _bind

    sys.modules[NAME] = module
    _bind.bind(module)
    _engine, _pid, _hosted = module, os.getpid(), True


def _load() -> ModuleType:
    global _engine, _pid
    from gocloudpickle import _modules

    # Imports cloudpickle, not yet under the lock: a thread that is importing it waits
    # for the lock, and this one would wait for that thread.
    if why_unsupported() is None:
        _modules.namespace()
    _imp_lock = _import_lock()
    _imp_lock.acquire_lock()  # fork takes it too: a child never inherits it locked
    try:
        if _engine is not None and _pid == os.getpid():
            return _engine
        reason = why_unsupported()
        if reason is not None:
            raise ImportError(f"{SUPPORTED}; {reason}. {INSTEAD}", name=NAME)
        if _hosted:
            raise ImportError(
                "gocloudpickle can't be used in a forked child of a Go program: "
                "start a process instead",
                name=NAME,
            )
        path = _library()
        fresh = _engine is not None
        module = _import_copy(path) if fresh else _import(path)
        from gocloudpickle import _bind

        _bind.bind(module)
        _engine, _pid = module, os.getpid()
        return module
    finally:
        _imp_lock.release_lock()


def _import_lock() -> Any:
    import _imp

    return _imp


def _library() -> str:
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_engine.so")
    if not os.path.exists(path):
        raise ImportError(
            f"gocloudpickle's engine is missing: there is no {path}. "
            "Install gocloudpickle again, or run 'make engine' in a checkout",
            name=NAME,
            path=path,
        )
    return path


def _import(path: str) -> ModuleType:
    import _signal  # type: ignore[import-not-found]
    from importlib.machinery import ExtensionFileLoader, ModuleSpec

    spec = ModuleSpec(NAME, ExtensionFileLoader(NAME, path), origin=path)
    # The threads that Go starts have the signal mask of the thread that loads it. With
    # all blocked there, the program's signals only ever go to its own threads, which may
    # block them too and wait (Go unblocks what it needs itself).
    mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
    try:
        module = spec.loader.create_module(spec)  # type: ignore[union-attr]
        assert module is not None
        spec.loader.exec_module(module)  # type: ignore[union-attr]
    except ImportError as error:
        if "subinterpreter" not in str(error):
            raise
        raise ImportError(
            "gocloudpickle can't run in a sub-interpreter: use it in the main one, "
            "or stock cloudpickle here",
            name=NAME,
        ) from error
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
    assert _engine is not None
    number: int = _engine.memory_file()
    if number < 0:
        raise ImportError(
            "gocloudpickle can't be used in this forked child: it needs a file in memory "
            "(memfd_create), and the system gives none. Start a process instead of forking",
            name=NAME,
        )
    try:
        with open(path, "rb") as library:
            size = os.fstat(library.fileno()).st_size
            while size > 0:
                size -= os.sendfile(number, library.fileno(), None, size)
        return _import(f"/proc/self/fd/{'./' * _generation}{number}")
    finally:
        os.close(number)


def method_after_fork(name: str) -> Callable[..., Any]:
    """Return a function of this process's engine.

    The functions of an image that came with a fork call this, and then what it returns.
    """
    method: Callable[..., Any] = getattr(engine(), name)
    return method
