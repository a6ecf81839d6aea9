"""What becomes of the exception that a dump has raised: it says where in the object it was.

Type, arguments and text stay stock's. What is added, unless the Pickler is strict, is

* pickle_path, a tuple of steps (see _pickle_path) from the object to what couldn't be pickled;
* a note (PEP 678) with the path and, for some types, what to do. Python 3.10 has no
  notes: there it comes after the text, where that is the exception's one argument.

The exception is another program's: nothing here calls its methods, or keeps the objects on
the path alive.
"""

from __future__ import annotations

import sys

from gocloudpickle._pickle_path import Step, path_text, remedy, shortened
from gocloudpickle._pickle_trail import Place, steps_of
from gocloudpickle._strict import is_strict

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

PREFIX = "pickle path: "  # of a note
_HAS_NOTES = sys.version_info >= (3, 11)

_own_dict = BaseException.__dict__["__dict__"].__get__
_own_args = BaseException.__dict__["args"]
_own_text = BaseException.__dict__["__str__"]


def explain(
    error: BaseException, obj: Any, flat: tuple[Any, ...], culprit: Any, pickler: Any, nested: bool
) -> None:
    """Give the path to an exception of a dump of obj.

    flat has the fields of Places, the outermost first, one after another; culprit is the
    object where they lead, or None. pickler is the Pickler object, or None. nested says
    that the exception is one that a dump inside of this one has been given.
    """
    if is_strict(pickler):
        return
    fields = iter(flat)
    places = map(Place, fields, fields, fields, fields)
    finish(error, steps_of(obj, places, culprit), culprit, nested)


def explain_asked(error: BaseException, obj: Any, asked: Any, pickler: Any, nested: bool) -> None:
    """Do explain for CPython's pickler, which doesn't tell where it was.

    asked is the object that its reducer_override has got last: the one that could not be
    pickled, unless the memo has it. None says that it has got none.
    """
    if is_strict(pickler):
        return
    from gocloudpickle import _pickle_walk, _python_path

    reducers = _pickle_walk.Reducers(pickler)
    if type(error) is _python_path.PicklingError and error.args == (_python_path.TOO_DEEP,):
        asked = _pickle_walk.NOTHING
    elif asked is None or reducers.has_memoized(asked) or _is_of_file(error, asked):
        return
    places, culprit = _pickle_walk.find(reducers, obj, asked)
    if places is not None:
        finish(error, steps_of(obj, places, culprit), culprit, nested)


def _is_of_file(error: BaseException, asked: Any) -> bool:
    """Tell whether it is the file that failed, and no object, as far as that can be told."""
    from gocloudpickle import _pickle_walk

    of_file = issubclass(type(error), OSError) or error.args == ("write to closed file",)
    return of_file and _pickle_walk.is_in_c(type(asked))


def finish(error: BaseException, steps: Sequence[Step], culprit: Any, nested: bool) -> None:
    """Give the path to an exception."""
    own = _own_dict(error)
    earlier = own.get("pickle_path") if nested else None
    if type(earlier) is tuple and all(type(step) is Step for step in earlier):
        steps = [*steps, *earlier]
        hint = _remedy_of(own, error)
    else:
        hint = "" if culprit is None else remedy(type(culprit), error)
    path = shortened(steps)
    own["pickle_path"] = path
    text = PREFIX + path_text(path)
    if path[-1].type and path[-1].kind != "more":
        text += f" ({path[-1].type})"
    if hint:
        text += f"\nremedy: {hint}"
    _say(error, own, text)


def _remedy_of(own: dict[str, Any], error: BaseException) -> str:
    """Return the remedy of the note that an exception has."""
    said = own.get("__notes__") if _HAS_NOTES else list(_own_args.__get__(error))
    for note in said if type(said) is list else ():
        if type(note) is str and PREFIX in note:
            return note.partition("\nremedy: ")[2]
    return ""


def _say(error: BaseException, own: dict[str, Any], text: str) -> None:
    """Add a note, in the place of one from another dump."""
    if _HAS_NOTES:
        notes = own.get("__notes__")
        if notes is None:
            own["__notes__"] = [text]
        elif type(notes) is list:
            notes[:] = [n for n in notes if not (type(n) is str and n.startswith(PREFIX))]
            notes.append(text)
        return
    args = _own_args.__get__(error)
    if len(args) == 1 and type(args[0]) is str and _shows_its_argument(type(error)):
        before = args[0].partition(f"\n{PREFIX}")[0]
        _own_args.__set__(error, (f"{before}\n{text}",))


def _shows_its_argument(cls: type) -> bool:
    for base in type.__dict__["__mro__"].__get__(cls):
        found = type.__dict__["__dict__"].__get__(base).get("__str__")
        if found is not None:
            return found is _own_text
    return False
