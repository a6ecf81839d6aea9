"""The corpus: one small object for each thing that cloudpickle 3.1.2 can pickle or refuses.

Each file holds the cases of one kind.  The differential tests compare the bytes
of every case, the oracles load them elsewhere and look at what came out.
"""

from __future__ import annotations

import functools
import importlib
import os
from types import ModuleType

from tests.corpus.case import ALL_PROTOCOLS, Case, Either

__all__ = [
    "ALL_PROTOCOLS",
    "Case",
    "Either",
    "all_cases",
    "by_name",
    "stock",
    "under_test",
    "usable_cases",
]

FILES = (
    "numbers_",
    "strings",
    "bytes_",
    "containers",
    "batches",
    "memo",
    "framing",
    "subclasses",
    "builtins_",
    "functions",
    "function_state",
    "function_globals",
    "closures",
    "by_reference",
    "classes",
    "class_creation",
    "metaclasses",
    "slots",
    "class_members",
    "abcs",
    "enums",
    "dataclasses_",
    "named_tuples",
    "generics",
    "typing_",
    "modules",
    "by_value_registry",
    "reduce_protocol",
    "reduce_nonsense",
    "newobj",
    "copyreg_",
    "dispatch",
    "buffers",
    "views",
    "files",
    "functools_",
    "iterators",
    "stdlib",
    "unpicklable",
    "new_in_311",
    "new_in_312",
    "new_in_313",
    "new_in_314",
    "numpy_",
    "pandas_",
)


def under_test() -> ModuleType:
    """The module these tests are about.

    GOCLOUDPICKLE_UNDER_TEST names another one; with `cloudpickle` the tests
    are checked against the reference itself.
    """
    return importlib.import_module(os.environ.get("GOCLOUDPICKLE_UNDER_TEST", "gocloudpickle"))


def stock() -> ModuleType:
    """cloudpickle 3.1.2, the reference."""
    module = importlib.import_module("cloudpickle")
    version = getattr(module, "__version__", "unknown")
    if version != "3.1.2":
        raise RuntimeError(
            f"the reference is cloudpickle 3.1.2, but {version} is installed: pip install cloudpickle==3.1.2"
        )
    return module


@functools.lru_cache(maxsize=None)
def all_cases() -> tuple[Case, ...]:
    cases: list[Case] = []
    for file in FILES:
        cases.extend(importlib.import_module(f"tests.corpus.{file}").shelf.cases)
    return tuple(cases)


def usable_cases() -> list[Case]:
    """The cases that mean something on this interpreter."""
    return [case for case in all_cases() if case.why_not() is None]


def by_name(name: str) -> Case:
    """One case, importing only its own file: a worker checks with no more than it needs."""
    file = name.split(".", 1)[0]
    for case in importlib.import_module(f"tests.corpus.{file}").shelf.cases:
        if case.name == name:
            return case
    raise KeyError(name)
