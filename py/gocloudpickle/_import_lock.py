"""The import system's locks: taking the import lock, and importing where others hold some.

A signal handler, a finalizer or a callback of the garbage collector can run in the middle
of Lib/importlib/_bootstrap.py, where this thread has the import lock or the inner lock of a
module's lock. An import there that waits for another thread's module can wait for ever,
since that thread wants what this one has, and importlib finds such circles of module locks
only. So it is not begun there unless it can't wait.
"""

from __future__ import annotations

import _imp
import _thread
import gc
import os
import sys

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_IMPORTLIB = "<frozen importlib._bootstrap>"
_UNDER_THE_IMPORT_LOCK = ("_find_spec", "_get_module_lock", "cb")


def run(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function under the import lock.

    fork takes it too (CPython, PyOS_BeforeFork): a child never inherits it locked by
    another thread.
    """
    try:
        # An interrupt comes after a call, not before it: it leaves the lock free only if it
        # finds this in the try.
        _imp.acquire_lock()
        return function(*args)
    finally:
        _imp.release_lock()


def import_by(function: Callable[[], Any]) -> bool:
    """Call a function that imports; not at all, and return False, if it could wait for ever."""
    has_import_lock, has_module_lock = _held_by_this_thread()
    if not (has_import_lock or has_module_lock):
        function()
        return True
    if has_module_lock and (sys.version_info < (3, 12) or _imp.lock_held()):
        # Up to 3.11 not even an import of this thread alone may begin there (gh-106176).
        return False
    return bool(run(_import_alone, function))


def is_held() -> bool:
    """Tell whether this thread has one of the import system's locks, other than modules'."""
    return any(_held_by_this_thread())


def is_imported(name: str) -> bool:
    """Tell whether a module's import is complete: importing it again takes no lock."""
    module = sys.modules.get(name)
    return module is not None and not is_initializing(module)


def is_initializing(module: Any) -> bool:
    """Tell whether a module's import is under way, in whichever thread."""
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


def is_searched_for(name: str) -> bool:
    """Tell whether a thread has the lock of a module, or is about to take it."""
    return name in _module_locks()


def _held_by_this_thread() -> tuple[bool, bool]:
    """Look for the import lock, and for the inner lock of a module's lock, in the frames."""
    import_lock = module_lock = False
    frame: Any = sys._getframe()
    while frame is not None:
        code = frame.f_code
        if code is run.__code__:
            import_lock = True
        elif code.co_filename == _IMPORTLIB:
            if code.co_name in _UNDER_THE_IMPORT_LOCK:
                import_lock = True
            elif code.co_name in ("acquire", "release"):
                module_lock = module_lock or _is_inner_lock_held(frame)
        frame = frame.f_back
    return import_lock, module_lock


def _is_inner_lock_held(frame: Any) -> bool:
    # acquire() waits for another thread's import without it. Up to 3.11 it must not be
    # entered a second time even then: it deletes its _blocking_on twice.
    lock = getattr(frame.f_locals.get("self"), "lock", None)
    if lock is None or (sys.version_info < (3, 12) and frame.f_code.co_name == "acquire"):
        return True
    is_owned = getattr(lock, "_is_owned", None) or lock.locked
    return bool(is_owned())


def _import_alone(function: Callable[[], Any]) -> bool:
    # Whoever begins to import a module takes the import lock for it, so that no other
    # thread begins now.
    if _do_others_import():
        return False
    function()
    return True


def _do_others_import() -> bool:
    if _is_only_thread():
        return False
    me = _thread.get_ident()
    locks = [ref() for ref in list(_module_locks().values())]
    # One without an owner can be another thread's next step.
    return any(lock is not None and lock.owner != me for lock in locks)


def _module_locks() -> dict[str, Any]:
    return getattr(sys.modules.get("_frozen_importlib"), "_module_locks", {})


def _is_only_thread() -> bool:
    """Tell whether this is the only thread; to be called under the import lock."""
    if sys.version_info >= (3, 12):
        return len(sys._current_frames()) == 1
    # It allocates while it has the lock of the list of threads. The garbage collector ran at
    # that moment, and what it calls can wait for the GIL, which a thread can have that begins
    # or ends and wants this lock (gh-106883).
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return len(sys._current_frames()) == 1
    finally:
        if was_enabled:
            gc.enable()


def _forget_imports_of_the_dead() -> None:
    """Let a forked child import what other threads were importing at the fork.

    The locks of these modules would never be released. It is as if that import had failed.
    """
    get_ident: Any = _thread.get_ident
    if type(get_ident) is not type(len):
        return  # gevent's: greenlets own locks, and go on in the child
    me = _thread.get_ident()
    for name, ref in list(_module_locks().items()):
        if getattr(ref(), "owner", None) in (None, me) or not _is_needed(name):
            continue
        _module_locks().pop(name, None)
        if is_initializing(sys.modules.get(name)):
            del sys.modules[name]


# At the fork, when no other thread has begun: later, who owns a lock and lives can be told
# only while nobody imports.
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget_imports_of_the_dead)


def _is_needed(name: str) -> bool:
    package = name.partition(".")[0]
    return package in ("cloudpickle", "gocloudpickle") or package in sys.stdlib_module_names
