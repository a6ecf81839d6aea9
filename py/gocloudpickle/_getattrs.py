"""The names that code takes by getattr: getattr(concurrent, "futures") names a submodule too.

The compiler makes of such a call, from CPython 3.10 to 3.14, with NULLs and caches left out:

    LOAD_GLOBAL  getattr
    LOAD_GLOBAL  concurrent     or LOAD_DEREF; any number of LOAD_ATTR; or another such call
    LOAD_CONST   'futures'
    (one load)                  of a default, or another such call
    CALL         2 or 3         CALL_FUNCTION in 3.10, PRECALL and CALL in 3.11

pickler/getattrs.go does the same in Go.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    import types

# What a call under way lacks: its object, its name, nothing more, not even a default.
OBJECT, NAME, CALL, FULL_CALL = range(4)

_PUSHES = ("LOAD_GLOBAL", "LOAD_DEREF")
_CALLS = ("CALL", "CALL_FUNCTION")
_CONSTANTS = ("LOAD_CONST", "LOAD_SMALL_INT")
_NOTHING = ("CACHE", "COPY_FREE_VARS", "EXTENDED_ARG", "NOP", "PRECALL", "PUSH_NULL", "RESUME")

_found: WeakKeyDictionary[types.CodeType, list[str]] = WeakKeyDictionary()


def constant_getattrs(code: types.CodeType) -> list[str]:
    """Return the names that getattr is called with, of globals, closure values and their attributes.

    >>> from gocloudpickle import _getattrs
    >>> _getattrs.constant_getattrs((lambda: getattr(concurrent, "futures").wait).__code__)
    ['futures']
    """
    names = _found.get(code)
    if names is None:
        names = _found[code] = _find(code)
    return names


def _find(code: types.CodeType) -> list[str]:
    import dis

    names: list[str] = []
    calls: list[list[str | int]] = []  # those under way, the innermost last: state and name
    for instruction in dis.get_instructions(code):
        what, value = instruction.opname, instruction.argval
        if what in _NOTHING:
            continue
        state = calls[-1][0] if calls else None
        if what == "LOAD_GLOBAL" and value == "getattr":
            if state not in (OBJECT, CALL):
                calls.clear()
            calls.append([OBJECT, ""])
        elif what == "LOAD_CONST" and state == NAME and type(value) is str:
            calls[-1] = [CALL, value]
        elif state == OBJECT and what in _PUSHES:
            calls[-1][0] = NAME
        elif state == CALL and what in (*_PUSHES, *_CONSTANTS):
            calls[-1][0] = FULL_CALL
        elif state in (CALL, FULL_CALL) and what in _CALLS and instruction.arg == state:
            names.append(str(calls.pop()[1]))
            if calls:  # it is the object or the default of another one
                calls[-1][0] = NAME if calls[-1][0] == OBJECT else FULL_CALL
        elif not (what == "LOAD_ATTR" and state in (NAME, FULL_CALL)):
            calls.clear()
    return names
