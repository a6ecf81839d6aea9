"""How one value leads to the next: closure, global, attribute, key, index, ...

A node of a trace is saved with parts that no person would name: the arguments and the state
that it is made of, cells, the dicts of globals. parts_of passes through these and yields the
values in them, each with the step that leads there. Sizes aren't changed by that: what a value has
in bytes besides its parts is its own.

Nothing here runs code of the objects.
"""

from __future__ import annotations

import types

from gocloudpickle import _pickle_path as words
from gocloudpickle._pickle_path import PLAIN, Step, is_class, key_text, name_of, qualname
from gocloudpickle._trace import (
    AGAIN,
    ARGS,
    CALLABLE,
    DICT_ITEMS,
    KWARGS,
    LIST_ITEMS,
    SAVED,
    STATE,
)

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from gocloudpickle._trace import Trace

    Part = tuple[Step, int]  # and the node; the step lacks the type of what it arrives at


def parts_of(trace: Trace, node: int) -> list[Part]:
    """Return the values that a value leads to, each with the step to it, in pickling order."""
    if trace.kind[node] != SAVED:
        return []
    obj = trace.objects[node]
    container = _CONTAINERS.get(id(type(obj)))
    if container is not None:
        return list(container(trace, node))
    return list(_of_reduced(trace, node, obj))


def _of_sequence(trace: Trace, node: int) -> Iterator[Part]:
    for part in trace.parts_of(node):
        yield Step(words.INDEX, str(trace.position[part])), part


def _of_set(trace: Trace, node: int) -> Iterator[Part]:
    for part in trace.parts_of(node):
        yield Step(words.ITEM, f"of type {qualname(type(trace.objects[part]))}"), part


def _of_dict(trace: Trace, node: int) -> Iterator[Part]:
    for _, part in _pairs(trace, node):
        yield _pair_step(trace, part), part


def _is_by_value(trace: Trace, node: int) -> bool:
    """Tell whether a function or class is more than a name here."""
    if trace.kind[node] != SAVED:
        return trace.kind[node] != AGAIN
    return any(trace.role[part] == ARGS for part in trace.parts_of(node))


def _pairs(trace: Trace, node: int) -> Iterator[tuple[Any, int]]:
    """Yield keys and the nodes of what is saved in a dict: values, and keys that are worth it.

    A key's own key is None.
    """
    for part in trace.parts_of(node):
        if trace.position[part] % 2 or _is_worth_a_step(trace, part):
            yield trace.keys[part], part


def _is_worth_a_step(trace: Trace, node: int) -> bool:
    """Tell whether to show what is mostly a name: not where it is an atom."""
    plain = id(type(trace.objects[node])) in PLAIN
    return not plain or trace.kind[node] == SAVED and trace.size(node) >= _LARGE_NAME


_LARGE_NAME = 1000  # bytes


def _pair_step(trace: Trace, part: int) -> Step:
    if trace.position[part] % 2 == 0:
        return Step(words.A_KEY, f"of type {qualname(type(trace.objects[part]))}")
    return Step(words.KEY, key_text(trace.keys[part]))


_CONTAINERS: dict[int, Callable[[Trace, int], Iterator[Part]]] = {
    id(list): _of_sequence,
    id(tuple): _of_sequence,
    id(set): _of_set,
    id(frozenset): _of_set,
    id(dict): _of_dict,
}


def _of_reduced(trace: Trace, node: int, obj: Any) -> Iterator[Part]:
    how = _HOW.get(id(type(obj)), _of_class if is_class(obj) else _of_instance)
    for part in trace.parts_of(node):
        role = trace.role[part]
        if role == CALLABLE:
            if _is_by_value(trace, part):
                yield (
                    Step(words.CLASS if is_class(trace.objects[part]) else words.RECONSTRUCTOR),
                    part,
                )
        elif role == LIST_ITEMS:
            yield Step(words.INDEX, str(trace.position[part])), part
        elif role == DICT_ITEMS:
            if trace.position[part] % 2 or _is_worth_a_step(trace, part):
                yield _pair_step(trace, part), part
        elif role in (ARGS, KWARGS, STATE):
            yield from how(trace, part, obj, role)


def _named(trace: Trace, node: int, kind: str, owner: str = "") -> Iterator[Part]:
    """Yield the values of a dict of names."""
    if type(trace.objects[node]) is not dict or trace.kind[node] != SAVED:
        yield Step(words.ATTRIBUTE, "__dict__", owner=owner), node
        return
    for key, part in _pairs(trace, node):
        if trace.position[part] % 2 == 0:
            yield _pair_step(trace, part), part
        elif key not in _NAMES or _is_worth_a_step(trace, part):
            yield Step(kind, key if type(key) is str else key_text(key), owner=owner), part


# What functions and classes are called is shown with themselves.
_NAMES = ("__name__", "__qualname__", "__module__")


def _of_instance(trace: Trace, node: int, obj: Any, role: int) -> Iterator[Part]:
    owner, kind = name_of(obj), type(trace.objects[node])
    if trace.kind[node] == SAVED and role == ARGS and kind is tuple:
        for part in trace.parts_of(node):
            yield Step(words.ARGUMENT, str(trace.position[part])), part
    elif trace.kind[node] == SAVED and role == KWARGS and kind is dict:
        yield from _named(trace, node, words.ARGUMENT)
    elif trace.kind[node] == SAVED and role == STATE and kind is dict:
        yield from _named(trace, node, words.ATTRIBUTE, owner)
    elif trace.kind[node] == SAVED and role == STATE and _is_dict_and_slots(trace.objects[node]):
        for part in trace.parts_of(node):
            yield from _named(trace, part, words.ATTRIBUTE, owner)
    else:
        yield Step(words.STATE if role == STATE else "arguments"), node


def _is_dict_and_slots(state: Any) -> bool:
    return (
        type(state) is tuple
        and len(state) == 2
        and (state[0] is None or type(state[0]) is dict)
        and type(state[1]) is dict
    )


def _items(trace: Trace, node: int) -> Iterator[tuple[int, int]]:
    """Yield the items of a tuple or list, with their places."""
    if trace.kind[node] == SAVED:
        for part in trace.parts_of(node):
            yield trace.position[part], part


def _of_function(trace: Trace, node: int, function: Any, role: int) -> Iterator[Part]:
    for place, part in _items(trace, node):
        if role == ARGS and place == 0:
            yield Step(words.CODE), part
        elif role == STATE and place == 0:
            yield from _named(trace, part, words.ATTRIBUTE, function.__qualname__)
        elif role == STATE and trace.kind[part] == SAVED:
            for slot in trace.parts_of(part):
                yield from _of_slot(trace, slot, function)


def _of_slot(trace: Trace, node: int, function: Any) -> Iterator[Part]:
    """Yield the values of one of the items that cloudpickle's _function_setstate gets."""
    slot, code = trace.keys[node], function.__code__
    whole = trace.kind[node] == SAVED
    if slot == "__globals__" and whole:
        yield from _named(trace, node, words.GLOBAL)
    elif slot == "__closure__":
        for place, cell in _items(trace, node):
            yield from _of_cell_in(trace, cell, Step(words.CLOSURE, _at(code.co_freevars, place)))
    elif slot == "__defaults__" and whole:
        defaults = trace.objects[node]
        last = code.co_argcount - (len(defaults) if type(defaults) is tuple else 0)
        for place, part in _items(trace, node):
            yield Step(words.DEFAULT, _at(code.co_varnames, last + place)), part
    elif slot == "__kwdefaults__" and whole:
        yield from _named(trace, node, words.DEFAULT)
    elif slot == "__annotations__" and whole:
        yield from _named(trace, node, words.ANNOTATION)
    elif slot == "_cloudpickle_submodules":
        for _, part in _items(trace, node):
            yield Step(words.SUBMODULE, name_of(trace.objects[part])), part
    elif type(slot) is str and (slot not in _NAMES or _is_worth_a_step(trace, node)):
        yield Step(words.ATTRIBUTE, slot, owner=function.__qualname__), node


def _at(names: tuple[str, ...], place: int) -> str:
    return names[place] if 0 <= place < len(names) else str(place)


def _of_cell_in(trace: Trace, cell: int, step: Step) -> Iterator[Part]:
    """Yield what is in a cell, or the cell where it was met before."""
    if trace.kind[cell] != SAVED or type(trace.objects[cell]) is not types.CellType:
        yield step, cell
        return
    for part in trace.parts_of(cell):
        if trace.role[part] == ARGS:
            for _, contents in _items(trace, part):
                yield step, contents


def _of_class(trace: Trace, node: int, cls: Any, role: int) -> Iterator[Part]:
    owner = qualname(cls)
    for place, part in _items(trace, node):
        value = trace.objects[part]
        if role == STATE and type(value) is dict:
            yield from _named(trace, part, words.ATTRIBUTE, owner)
        elif role == ARGS and type(value) is tuple:
            for _, base in _items(trace, part):
                if _is_by_value(trace, base):
                    yield Step(words.BASE, name_of(trace.objects[base])), base
        elif role == ARGS and type(value) is dict:
            yield from _named(trace, part, words.ATTRIBUTE, owner)
        elif role == ARGS and is_class(value):
            if _is_by_value(trace, part):
                yield Step(words.METACLASS), part
        elif role == ARGS and _is_worth_a_step(trace, part):
            yield Step(words.ARGUMENT, str(place)), part


def _by_names(*names: str) -> Callable[[Trace, int, Any, int], Iterator[Part]]:
    """Return how the arguments of a reduction are called that are attributes."""

    def parts(trace: Trace, node: int, obj: Any, role: int) -> Iterator[Part]:
        if role != ARGS:
            yield from _of_instance(trace, node, obj, role)
            return
        for place, part in _items(trace, node):
            yield Step(words.ATTRIBUTE, _at(names, place), owner=qualname(type(obj))), part

    return parts


def _of_partial(trace: Trace, node: int, obj: Any, role: int) -> Iterator[Part]:
    for place, part in _items(trace, node):
        saved = trace.kind[part] == SAVED
        if role == ARGS:
            yield Step(words.FUNCTION), part
        elif place == 0:
            continue
        elif place == 1 and saved:
            for position, argument in _items(trace, part):
                yield Step(words.ARGUMENT, str(position)), argument
        elif place == 2 and saved and type(trace.objects[part]) is dict:
            yield from _named(trace, part, words.ARGUMENT)
        else:
            yield from _named(trace, part, words.ATTRIBUTE, name_of(obj))


def _of_module(trace: Trace, node: int, module: Any, role: int) -> Iterator[Part]:
    for _, part in _items(trace, node):
        if type(trace.objects[part]) is dict:
            yield from _named(trace, part, words.ATTRIBUTE, name_of(module))


def _of_code(trace: Trace, node: int, code: Any, role: int) -> Iterator[Part]:
    """Yield what is too large to be called code."""
    for place, part in _items(trace, node):
        if trace.kind[part] == SAVED and place == _CONSTANTS:
            for position, constant in _items(trace, part):
                if type(trace.objects[constant]) is not types.CodeType:
                    yield Step(words.CONSTANT, str(position)), constant


_CONSTANTS = 7  # co_consts, of the arguments of types.CodeType


def _of_cell(trace: Trace, node: int, cell: Any, role: int) -> Iterator[Part]:
    for _, part in _items(trace, node):
        yield Step(words.CONTENTS), part


_HOW: dict[int, Callable[[Trace, int, Any, int], Iterator[Part]]] = {
    id(types.FunctionType): _of_function,
    id(types.CodeType): _of_code,
    id(types.CellType): _of_cell,
    id(types.ModuleType): _of_module,
    id(types.MethodType): _by_names("__func__", "__self__"),
    id(property): _by_names("fget", "fset", "fdel", "__doc__"),
    id(classmethod): _by_names("__func__"),
    id(staticmethod): _by_names("__func__"),
}


def learn_partial() -> None:
    """Add functools.partial, where it has been imported."""
    import sys

    functools = sys.modules.get("functools")
    if functools is not None:
        _HOW[id(functools.partial)] = _of_partial
