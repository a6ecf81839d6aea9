"""Unpicklers that do what a plan says and nothing else.

The plan is what was read of the pickle before (policy.Plan in Go). The two readers follow one
specification, so that they do the same; where they don't, one of them has a gap, and the
unpickler stops before it acts.
"""

from __future__ import annotations

import pickle
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from typing import Any

from gocloudpickle import _unpickler
from gocloudpickle._policy import PolicyError, _finding


def unpickler(has_code: bool) -> type[Any]:
    """Return the class for a pickle with code objects in it, or for one without.

    Without any, all that can be called are names. Functions in the pickle could be
    called too: for them each call is compared, in Python.
    """
    return WatchedCalls if has_code else WatchedNames


class _Names:
    """Looks up the names of a plan only."""

    def __init__(self, plan: dict[str, Any], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._names = {(module, name) for module, name in plan["names"]}

    def find_class(self, module: str, name: str) -> Any:
        names = self._names
        if (module, name) not in names and _in_python_3(module, name) not in names:
            raise _unforeseen(f"{module}.{name}", "a name is looked up that wasn't read there")
        return super().find_class(module, name)  # type: ignore[misc]


class WatchedNames(_Names, _unpickler.OurUnpickler):
    """Looks up the names of a plan only."""


_InPython: Any = pickle._Unpickler  # whose steps are methods


class WatchedCalls(_Names, _unpickler.FindsOurs, _InPython):  # type: ignore[misc]
    """Makes only the calls of a plan, in its order."""

    dispatch = dict(_InPython.dispatch)

    def __init__(self, plan: dict[str, Any], *args: Any, **options: Any) -> None:
        super().__init__(plan, *args, **options)
        self._calls = iter(plan["calls"])
        self._found: dict[int, tuple[Any, set[str]]] = {}

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        _, spellings = self._found.setdefault(id(found), (found, set()))
        spellings.add(f"{module}.{name}")
        spellings.add(".".join(_in_python_3(module, name)))
        return found

    def _check(self, function: Any) -> None:
        planned = next(self._calls, None)
        found = self._found.get(id(function))
        if planned is None or (planned not in found[1] if found else planned != ""):
            what = sorted(found[1])[0] if found else repr(type(function))
            raise _unforeseen(what, f"it is called, where {planned or 'another call'} was read")

    def load_reduce(self) -> None:
        self._check(self.stack[-2])
        super().load_reduce()

    def load_newobj(self) -> None:
        self._check(self.stack[-2])
        super().load_newobj()

    def load_newobj_ex(self) -> None:
        self._check(self.stack[-3])
        super().load_newobj_ex()

    def _instantiate(self, klass: Any, args: Any) -> None:
        self._check(klass)
        super()._instantiate(klass, args)

    dispatch[pickle.REDUCE[0]] = load_reduce
    dispatch[pickle.NEWOBJ[0]] = load_newobj
    dispatch[pickle.NEWOBJ_EX[0]] = load_newobj_ex


def _in_python_3(module: str, name: str) -> tuple[str, str]:
    # As find_class of pickle.py does below protocol 3.
    if (module, name) in NAME_MAPPING:
        return NAME_MAPPING[module, name]
    return IMPORT_MAPPING.get(module, module), name


def _unforeseen(subject: str, why: str) -> PolicyError:
    return PolicyError("inconclusive", [_finding(subject, 0, why)])
