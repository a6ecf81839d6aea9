"""The path to what could not be pickled, made of the places where a pickler was.

A pickler goes through more than a person would name: the arguments and the state that an
object is made of, cells, the dicts of globals. A trail has all of that, and steps_of says
which closure variable, global, attribute, ... it comes to.
"""

from __future__ import annotations

import sys
import types
from collections import namedtuple

from gocloudpickle import _pickle_path as words
from gocloudpickle._pickle_path import Step, key_text, name_of, qualname, type_name

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

# What an object is for the one that is being saved. In the order of pickler/trail.go.
(
    INDEX,  # in a tuple or list, or of what is appended
    LIST_INDEX,  # in a list that has never been made
    VALUE,  # in a dict, or of what is set
    KEY,  # the same
    ELEMENT,  # in a set
    CLASS,  # of __newobj__ and __newobj_ex__
    NEW_ARGUMENTS,  # the same
    RECONSTRUCTOR,  # of a reduce value
    ARGUMENTS,
    STATE,
    SETTER,
    OBJECT,  # the reduce value as a whole
    PERSISTENT_ID,
) = range(13)

# One place. owner is the object that it is in, None for a tuple, list or dict that the
# pickler has never made; index and key say which of the items.
Place = namedtuple("Place", "place index owner key", defaults=(0, None, None))


def steps_of(obj: Any, places: Iterable[Place], culprit: Any) -> list[Step]:
    """Return the path from obj, through the places, the outermost first, to the culprit.

    None for the culprit says that it isn't known.
    """
    trail = _Trail([place for place in places if place.place != OBJECT], culprit)
    steps = [Step(words.OBJECT, name_of(obj), type_name(type(obj)))]
    while trail.more():
        steps.append(trail.step())
    return steps


class _Trail:
    """Places, and how many of them have been read."""

    def __init__(self, places: list[Place], culprit: Any) -> None:
        self._places, self._culprit = places, culprit
        self._read = 0

    def more(self) -> bool:
        return self._read < len(self._places)

    def next_is(self, *kinds: int) -> bool:
        """Tell whether the next place is of one of some kinds."""
        return self.more() and self._places[self._read].place in kinds

    def take(self) -> Place:
        self._read += 1
        return self._places[self._read - 1]

    def peek(self, ahead: int = 0) -> Place:
        """Return a place that is yet to be read, or one that is nothing."""
        at = self._read + ahead
        return self._places[at] if at < len(self._places) else _NOTHING

    def arrived(self) -> Any:
        """Return what the places that have been read lead to, or None."""
        return self._places[self._read].owner if self.more() else self._culprit

    def step(self) -> Step:
        """Read as many places as make one step."""
        place = self.take()
        kind, name, owner = _READ[place.place](self, place)
        arrived = self.arrived()
        owner = owner.rpartition("<locals>.")[2]  # the rest would only make it longer
        return Step(kind, name, "" if arrived is None else type_name(type(arrived)), owner)

    def type_words(self) -> str:
        arrived = self.arrived()
        return "" if arrived is None else f"of type {qualname(type(arrived))}"


_NOTHING = Place(-1)

_Named = tuple[str, str, str]  # a step's kind, name and owner


def _index(trail: _Trail, place: Place) -> _Named:
    return words.INDEX, str(place.index), ""


def _value(trail: _Trail, place: Place) -> _Named:
    return words.KEY, key_text(place.key), ""


def _key(trail: _Trail, place: Place) -> _Named:
    return words.A_KEY, trail.type_words(), ""


def _element(trail: _Trail, place: Place) -> _Named:
    return words.ITEM, trail.type_words(), ""


def _alone(kind: str) -> Callable[[_Trail, Place], _Named]:
    return lambda trail, place: (kind, "", "")


def _arguments(trail: _Trail, place: Place) -> _Named:
    """Read where in the arguments of what makes an object."""
    owner = place.owner
    if place.place == NEW_ARGUMENTS and trail.next_is(VALUE):  # of __newobj_ex__
        return words.ARGUMENT, _name(trail.take().key), ""
    if not trail.next_is(INDEX):
        return words.ARGUMENTS, "", ""
    read = _of_class_arguments if words.is_class(owner) else _ARGUMENTS.get(id(type(owner)))
    if read is None or place.place == NEW_ARGUMENTS:
        read = _of_arguments
    return read(trail, owner, trail.take().index)


def _of_arguments(trail: _Trail, owner: Any, index: int) -> _Named:
    if index == 0 and _is_partial(owner):
        return words.FUNCTION, "", ""
    return words.ARGUMENT, str(index), ""


def _of_function_arguments(trail: _Trail, function: Any, index: int) -> _Named:
    if index == 0:
        return words.CODE, "", ""
    if index == 1 and trail.next_is(VALUE):
        return words.GLOBAL, _name(trail.take().key), ""
    return words.ARGUMENT, str(index), ""


def _of_code_arguments(trail: _Trail, code: Any, index: int) -> _Named:
    if trail.next_is(INDEX):
        return words.CONSTANT, str(trail.take().index), ""
    return words.ARGUMENT, str(index), ""


def _of_class_arguments(trail: _Trail, cls: Any, index: int) -> _Named:
    """Read what _make_skeleton_class or _make_skeleton_enum gets."""
    if trail.next_is(INDEX):  # the bases
        base = trail.take()
        arrived = trail.arrived()
        return words.BASE, name_of(arrived) if words.is_class(arrived) else str(base.index), ""
    if trail.next_is(VALUE):
        return words.ATTRIBUTE, _name(trail.take().key), qualname(cls)
    return (words.METACLASS, "", "") if index == 0 else (words.ARGUMENT, str(index), "")


def _of_module_arguments(trail: _Trail, module: Any, index: int) -> _Named:
    if trail.next_is(VALUE):
        return words.ATTRIBUTE, _name(trail.take().key), name_of(module)
    return words.ARGUMENT, str(index), ""


def _of_set_arguments(trail: _Trail, owner: Any, index: int) -> _Named:
    if trail.next_is(INDEX):
        trail.take()
        return words.ITEM, trail.type_words(), ""
    return words.ARGUMENT, str(index), ""


def _of_dict_arguments(trail: _Trail, owner: Any, index: int) -> _Named:
    if trail.next_is(VALUE):
        return words.KEY, key_text(trail.take().key), ""
    return words.ARGUMENT, str(index), ""


def _by_names(*names: str) -> Callable[[_Trail, Any, int], _Named]:
    """Return how arguments are called that are attributes."""

    def read(trail: _Trail, owner: Any, index: int) -> _Named:
        return words.ATTRIBUTE, _at(names, index), qualname(type(owner))

    return read


_ARGUMENTS: dict[int, Callable[[_Trail, Any, int], _Named]] = {
    id(types.FunctionType): _of_function_arguments,
    id(types.CodeType): _of_code_arguments,
    id(types.CellType): lambda trail, owner, index: (words.CONTENTS, "", ""),
    id(types.ModuleType): _of_module_arguments,
    id(types.MappingProxyType): _of_dict_arguments,
    id(set): _of_set_arguments,
    id(frozenset): _of_set_arguments,
    id(types.MethodType): _by_names("__func__", "__self__"),
    id(types.BuiltinFunctionType): _by_names("__self__", "__name__"),
    id(property): _by_names("fget", "fset", "fdel", "__doc__"),
    id(classmethod): _by_names("__func__"),
    id(staticmethod): _by_names("__func__"),
}


def _state(trail: _Trail, place: Place) -> _Named:
    """Read where in the state of an object."""
    owner = place.owner
    if words.is_class(owner):
        name = qualname(owner)
    elif type(owner) is types.FunctionType:
        return _of_function_state(trail, owner)
    elif _is_partial(owner):
        return _of_partial_state(trail, owner)
    elif trail.next_is(INDEX) and trail.peek(1).key in _SLOTS:
        return _of_function_state(trail, owner)  # of what says that it is a function
    else:
        name = qualname(type(owner))
    if trail.next_is(INDEX) and trail.peek(1).place == VALUE and _is_dict_and_slots(trail.peek()):
        trail.take()
    if trail.next_is(VALUE) and type(trail.peek().key) is str:
        return words.ATTRIBUTE, trail.take().key, name
    return words.STATE, "", ""


def _is_dict_and_slots(place: Place) -> bool:
    state = place.owner
    return state is None or (
        type(state) is tuple
        and len(state) == 2
        and (state[0] is None or type(state[0]) is dict)
        and type(state[1]) is dict
    )


def _of_function_state(trail: _Trail, function: Any) -> _Named:
    """Read where in the state that cloudpickle's _function_setstate gets."""
    if not trail.next_is(INDEX):
        return words.STATE, "", ""
    index = trail.take().index
    if not trail.next_is(VALUE):
        return words.STATE, "", ""
    slot = trail.take().key
    if index == 0:
        return words.ATTRIBUTE, _name(slot), name_of(function)
    code = function.__code__ if type(function) is types.FunctionType else _NO_CODE
    if slot == "__globals__" and trail.next_is(VALUE):
        return words.GLOBAL, _name(trail.take().key), ""
    if slot == "__closure__" and trail.next_is(INDEX):
        cell = trail.take()
        if trail.next_is(ARGUMENTS) and trail.peek(1).place == INDEX:
            trail.take(), trail.take()
        return words.CLOSURE, _at(code.co_freevars, cell.index), ""
    if slot == "__defaults__" and trail.next_is(INDEX):
        default = trail.take()
        count = len(default.owner) if type(default.owner) is tuple else 0
        return words.DEFAULT, _at(code.co_varnames, code.co_argcount - count + default.index), ""
    if slot == "__kwdefaults__" and trail.next_is(VALUE):
        return words.DEFAULT, _name(trail.take().key), ""
    if slot == "__annotations__" and trail.next_is(VALUE):
        return words.ANNOTATION, _name(trail.take().key), ""
    if slot == "_cloudpickle_submodules" and trail.next_is(INDEX, LIST_INDEX):
        trail.take()
        arrived = trail.arrived()
        return words.SUBMODULE, "" if arrived is None else name_of(arrived), ""
    return words.ATTRIBUTE, _name(slot), name_of(function)


_NO_CODE = (lambda: None).__code__
_SLOTS = ("__globals__", "__closure__", "__defaults__", "__kwdefaults__", "__annotations__")


def _of_partial_state(trail: _Trail, partial: Any) -> _Named:
    if not trail.next_is(INDEX):
        return words.STATE, "", ""
    index = trail.take().index
    if index == 0:
        return words.FUNCTION, "", ""
    if trail.next_is(INDEX):
        return words.ARGUMENT, str(trail.take().index), ""
    if trail.next_is(VALUE):
        key = _name(trail.take().key)
        return (words.ARGUMENT, key, "") if index == 2 else (words.ATTRIBUTE, key, name_of(partial))
    return words.STATE, "", ""


def _is_partial(obj: Any) -> bool:
    functools = sys.modules.get("functools")
    return functools is not None and issubclass(type(obj), functools.partial)


def _name(key: Any) -> str:
    return key if type(key) is str else key_text(key)


def _at(names: tuple[str, ...], index: int) -> str:
    return names[index] if 0 <= index < len(names) else str(index)


_READ: dict[int, Callable[[_Trail, Place], _Named]] = {
    INDEX: _index,
    LIST_INDEX: _index,
    VALUE: _value,
    KEY: _key,
    ELEMENT: _element,
    CLASS: _alone(words.CLASS),
    NEW_ARGUMENTS: _arguments,
    RECONSTRUCTOR: _alone(words.RECONSTRUCTOR),
    ARGUMENTS: _arguments,
    STATE: _state,
    SETTER: _alone(words.STATE_SETTER),
    PERSISTENT_ID: _alone(words.PERSISTENT_ID),
}
