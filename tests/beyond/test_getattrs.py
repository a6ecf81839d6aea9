"""The names that code takes by getattr, found in Go and in Python."""

from __future__ import annotations

import concurrent.futures.thread
import io
import types
import xml.dom.minidom
from typing import Any

import gocloudpickle
import pytest
from gocloudpickle import _getattrs, _python_path

# An expression, and the names.
CASES: dict[str, list[str]] = {
    "getattr(concurrent, 'futures')": ["futures"],
    "getattr(concurrent.futures, 'thread')": ["thread"],
    "getattr(getattr(concurrent, 'futures'), 'thread')": ["futures", "thread"],
    "getattr(getattr(concurrent, 'futures', None), 'thread', 1)": ["futures", "thread"],
    "getattr(xml, 'dom', getattr(xml, 'etree', None))": ["etree", "dom"],
    "getattr(xml, 'dom', xml.etree)": ["dom"],
    "getattr(xml, 'dom').minidom.parseString('<a/>')": ["dom"],
    "getattr(xml, 'dom') and getattr(concurrent, 'futures')": ["dom", "futures"],
    "[getattr(xml, 'dom'), getattr(concurrent, 'futures')]": ["dom", "futures"],
    "getattr(xml, 'd' if x else 'dom')": [],
    "getattr(xml, x)": [],
    "getattr(x, 'dom')": [],
    "getattr(xml, 'dom', *x)": [],
    "getattr(xml, x, 'dom')": [],
    "getattr(x(xml), 'dom')": [],
    "print(xml, 'dom', getattr)": [],
    "print(getattr, xml, 'dom')": [],
    "getattr('dom', 'dom')": [],
    "getattr(x, getattr(xml, 'dom'))": ["dom"],
    "hasattr(xml, 'dom')": [],
}


def function_of(expression: str) -> Any:
    namespace: dict[str, Any] = {"xml": xml, "concurrent": concurrent, "__name__": "__main__"}
    code = compile(f"def f(x=None): return {expression}", "a file", "exec")
    exec(code, namespace)
    return namespace["f"]


@pytest.mark.parametrize("expression", CASES)
def test_the_names(expression: str) -> None:
    assert _getattrs.constant_getattrs(function_of(expression).__code__) == CASES[expression]


@pytest.mark.parametrize("expression", CASES)
def test_go_and_python_find_the_same(expression: str) -> None:
    function = function_of(expression)
    assert gocloudpickle.dumps(function) == _python_path.dumps(function)


def test_arguments_of_more_than_a_byte() -> None:
    many = ", ".join(f"n{i}, 'c{i}'" for i in range(300))
    function = function_of(f"(lambda: ({many})) and [{many}, getattr(xml, 'dom')]")
    assert _getattrs.constant_getattrs(function.__code__) == ["dom"]
    data = gocloudpickle.dumps(function)
    assert data == _python_path.dumps(function) and b"xml.dom" in data


def test_what_strict_leaves_out() -> None:
    class Strict(gocloudpickle.Pickler):
        strict = True

    file = io.BytesIO()
    Strict(file).dump(function_of("getattr(xml, 'dom')"))
    assert b"xml.dom" not in file.getvalue()


def test_code_of_every_function_of_some_modules() -> None:
    import argparse
    import ast
    import typing

    for module in (argparse, ast, typing, types, io):
        for value in list(vars(module).values()):
            if type(value) is types.FunctionType:
                names = _getattrs.constant_getattrs(value.__code__)
                assert set(names) <= {c for c in value.__code__.co_consts if type(c) is str}
