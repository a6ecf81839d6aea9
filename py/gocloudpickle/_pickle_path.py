"""The words that say where in an object something is, and what to do about what can't be pickled.

A path is a tuple of steps, from the object that was to be pickled on: what dumps puts into
an exception as its pickle_path, and what explain shows. It holds names alone, no objects.

Nothing here runs code of the objects that it names.
"""

from __future__ import annotations

import types
from collections import namedtuple

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

# The kinds of steps. Each leads from one value to a value in it.
OBJECT = "object"  # where a path begins; name is what it is called
CLOSURE = "closure"  # a variable of the functions around a function
GLOBAL = "global"  # a global that a function's code names
DEFAULT = "default"  # of a parameter
ANNOTATION = "annotation"
ATTRIBUTE = "attribute"  # owner is of what
KEY = "key"  # the value that a dict has under it
A_KEY = "a key"  # a dict's key itself; name says of what type
INDEX = "index"
ITEM = "item"  # of a set; name says of what type
ARGUMENT = "argument"  # of a partial, or of what __reduce__ says to call
FUNCTION = "function"  # what a partial calls
CLASS = "class"  # of an instance
BASE = "base"
METACLASS = "metaclass"
SUBMODULE = "submodule"  # of a package that a function's code names
CODE = "code"
CONSTANT = "constant"  # of a code object
CONTENTS = "contents"  # of a cell
RECONSTRUCTOR = "reconstructor"  # what __reduce__ says to call
ARGUMENTS = "arguments"  # for it, all of them
STATE = "state"  # what __reduce__ or __getstate__ gives as such
STATE_SETTER = "state setter"  # the sixth item of what __reduce__ returns
PERSISTENT_ID = "persistent id"
MORE = "more"  # steps left out of a long path; name is how many

MAX_STEPS = 40
_MAX_KEY = 40


class Step(namedtuple("Step", "kind name type owner", defaults=("", "", ""))):
    """One step of a path.

    kind is one of the words above; name is which closure variable, attribute, key, ...; type
    is the name of the type that the step arrives at; owner is what an attribute is of.
    str(step) is for people. It is pickled as a tuple, for programs without gocloudpickle.

    >>> str(Step("attribute", "session", "Session", "Client"))
    'Client.session'
    >>> str(Step("closure", "client"))
    "closure 'client'"
    """

    __slots__ = ()

    def __str__(self) -> str:
        if self.kind == OBJECT:
            return str(self.name)
        if self.kind == MORE:
            return f"... {self.name} more ..."
        if self.kind == ATTRIBUTE and self.owner:
            return f"{self.owner}.{self.name}"
        if self.kind in _BARE:
            return f"{self.kind} {self.name}"
        return f"{self.kind} {self.name!r}" if self.name else str(self.kind)

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (tuple(self),)


_BARE = frozenset((KEY, A_KEY, INDEX, ARGUMENT, ITEM))  # names that are shown as they are


def path_text(steps: Sequence[Step]) -> str:
    """Return a path for people, on one line.

    >>> path_text((Step("object", "agent"), Step("global", "lock"), Step("index", "0")))
    "agent -> global 'lock' -> index 0"
    """
    return " -> ".join(map(str, shortened(steps)))


def shortened(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps, or the first and last of them with the number of those between."""
    if len(steps) <= MAX_STEPS:
        return tuple(steps)
    half = MAX_STEPS // 2
    left_out = Step(MORE, f"{len(steps) - 2 * half:,}")
    return (*steps[:half], left_out, *steps[-half:])


# Types are compared by id: the hash of one is its metaclass's, which can be anybody's code.
PLAIN = frozenset(map(id, (str, int, float, bool, bytes, type(None))))

_own_qualname = type.__dict__["__qualname__"].__get__
_own_module = type.__dict__["__module__"].__get__


def qualname(cls: type) -> str:
    """Return a class's __qualname__, whatever its metaclass says."""
    name = _own_qualname(cls)
    return name if type(name) is str else "?"


def module_of(cls: type) -> str:
    """Return a class's __module__, "" where it has none that is a str."""
    try:
        module = _own_module(cls)
    except AttributeError:
        return ""
    return module if type(module) is str else ""


def type_name(cls: type) -> str:
    """Return a class's name, with its module where that tells something."""
    module = module_of(cls)
    return qualname(cls) if module in ("", "builtins", "__main__") else f"{module}.{qualname(cls)}"


def is_class(obj: Any) -> bool:
    """Tell whether obj is a class, whatever it says of itself."""
    return issubclass(type(obj), type)


def name_of(obj: Any) -> str:
    """Return what a path calls an object where it begins, or where an attribute is of it."""
    if type(obj) is types.FunctionType:
        return obj.__qualname__
    if is_class(obj):
        return qualname(obj)
    if type(obj) is types.ModuleType:
        name = vars(obj).get("__name__")
        return name if type(name) is str else "module"
    return qualname(type(obj))


def key_text(key: Any) -> str:
    """Return a dict's key as a path has it."""
    items = key if type(key) is tuple and len(key) <= _MAX_KEY else (key,)
    if not all(id(type(item)) in PLAIN for item in items):
        return f"of type {qualname(type(key))}"
    if any(type(item) is int and item.bit_length() > 200 for item in items):
        return "of a long int"  # which repr can refuse
    if type(key) in (str, bytes):
        key = key[:_MAX_KEY]
    text = repr(key)
    return text if len(text) <= _MAX_KEY else f"{text[: _MAX_KEY - 4]}...{text[-1]}"


_LOCK = (
    "a lock belongs to its process: leave it out in __getstate__ and make a new one in __setstate__"
)
_FILE = "an open file belongs to its process: pass its name, and open it where it is used"
_SOCKET = "a socket belongs to its process: pass its address, and connect where it is used"
_CONTEXT = "a TLS context belongs to its process: make one where it is used"
_LOCAL = "what is local to a thread isn't another thread's: make it where it is used"
_DATABASE = (
    "a database connection belongs to its process: pass what it was opened with, "
    "and connect where it is used"
)
_GENERATOR = (
    "a generator can't be copied: pass the function that makes it and its arguments, "
    "or a list of its items"
)
_COROUTINE = (
    "a coroutine can't be copied: pass the function that makes it and its arguments, "
    "and await it where it is used"
)
_THREAD = "a thread belongs to its process: pass what it runs, and start it where it is used"
_PROCESS = "a handle of a process works in the one that has it only: pass what it is needed for"
_MODULE = "a module is code: import it where it is used"
_FRAME = "a frame or traceback can't be copied: pass its text, which traceback.format_exc() gives"
_VIEW = "a view of memory can't be copied as such: pass bytes(view), or what it is a view of"
_EXTENSION = (
    "this type is from an extension module and has no support for pickle: make the object where "
    "it is used, from what it was made of, or give copyreg.pickle a reducer for the type"
)

_REMEDIES: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset(
            (
                "_thread.lock",
                "_thread.RLock",
                "threading._RLock",
                "threading.Condition",
                "threading.Semaphore",
                "threading.Event",
                "threading.Barrier",
                "_queue.SimpleQueue",
                "queue.Queue",
                "multiprocessing.synchronize.SemLock",
                "_multiprocessing.SemLock",
            )
        ),
        _LOCK,
    ),
    (frozenset(("_socket.socket", "ssl.SSLObject", "_ssl._SSLSocket")), _SOCKET),
    (frozenset(("_ssl._SSLContext",)), _CONTEXT),
    (frozenset(("_thread._local", "_threading_local.local")), _LOCAL),
    (
        frozenset(
            (
                "sqlite3.Connection",
                "sqlite3.Cursor",
                "psycopg2.extensions.connection",
                "psycopg2.extensions.cursor",
                "psycopg.BaseConnection",
                "psycopg._connection_base.BaseConnection",
                "asyncpg.connection.Connection",
                "pymysql.connections.Connection",
                "MySQLdb._mysql.connection",
                "_mysql.connection",
                "mysql.connector.abstracts.MySQLConnectionAbstract",
                "pyodbc.Connection",
                "oracledb.connection.BaseConnection",
                "duckdb.DuckDBPyConnection",
                "_duckdb.DuckDBPyConnection",
                "_dbm.dbm",
                "_gdbm.gdbm",
            )
        ),
        _DATABASE,
    ),
    (frozenset(("_io._IOBase", "mmap.mmap", "zipfile.ZipFile", "tarfile.TarFile")), _FILE),
    (frozenset(("builtins.generator",)), _GENERATOR),
    (
        frozenset(
            (
                "builtins.coroutine",
                "builtins.coroutine_wrapper",
                "builtins.async_generator",
                "_asyncio.Future",
                "asyncio.futures.Future",
            )
        ),
        _COROUTINE,
    ),
    (
        frozenset(
            (
                "threading.Thread",
                "_thread._ThreadHandle",
                "concurrent.futures._base.Executor",
            )
        ),
        _THREAD,
    ),
    (
        frozenset(
            (
                "subprocess.Popen",
                "multiprocessing.process.BaseProcess",
                "select.epoll",
                "select.poll",
                "select.kqueue",
                "selectors.BaseSelector",
            )
        ),
        _PROCESS,
    ),
    (frozenset(("builtins.module",)), _MODULE),
    (frozenset(("builtins.frame", "builtins.traceback")), _FRAME),
    (frozenset(("builtins.memoryview", "_collections_abc.memoryview")), _VIEW),
)


def remedy(cls: type, error: BaseException | None = None) -> str:
    """Say what to do about objects of a type that can't be pickled, "" where nothing is known.

    error is what has been raised for one, if that is known.

    >>> import threading
    >>> remedy(type(threading.Lock()))
    'a lock belongs to its process: leave it out in __getstate__ and make a new one in __setstate__'
    >>> remedy(dict)
    ''
    """
    bases = _own_mro(cls)
    for base in bases:
        name = f"{module_of(base)}.{qualname(base)}"
        for names, text in _REMEDIES:
            if name in names:
                return text
    # An extension's own words, or those of a class derived from its, are better than these.
    unsupported = error is None or (type(error) is TypeError and _says_cannot_pickle(error.args))
    return _EXTENSION if unsupported and any(map(_is_of_extension, bases)) else ""


def _says_cannot_pickle(args: tuple[Any, ...]) -> bool:
    return len(args) == 1 and type(args[0]) is str and args[0].startswith("cannot pickle ")


_own_mro = type.__dict__["__mro__"].__get__
_own_flags = type.__dict__["__flags__"].__get__
_own_dict = type.__dict__["__dict__"].__get__
_HEAP_TYPE, _IMMUTABLE_TYPE = 1 << 9, 1 << 8  # Py_TPFLAGS of Include/object.h


def _is_of_extension(cls: type) -> bool:
    """Tell whether a type is written in C, and neither a builtin nor of the abstract kind."""
    if module_of(cls) in ("", "builtins", "typing", "abc", "collections.abc"):
        return False
    flags = _own_flags(cls)
    if not flags & _HEAP_TYPE or flags & _IMMUTABLE_TYPE:
        return True
    # The statement class leaves one of these, unless a class and its bases have them all.
    own = _own_dict(cls)
    if not own.keys().isdisjoint(("__dict__", "__weakref__", "__slots__", "__firstlineno__")):
        return False
    return any(type(value) in _OF_C for value in own.values())


_OF_C = (types.MethodDescriptorType, types.MemberDescriptorType, types.GetSetDescriptorType)
