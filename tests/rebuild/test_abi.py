"""What package abi says, held against Python: ours, cloudpickle's, and the interpreter's.

tests/abi.json is generated from the Go table. Every other place that spells a name, an
arity or an order takes it from there, or is compared with it here.
"""

from __future__ import annotations

import abc
import inspect
import json
import pickletools
import sys
import types
from pathlib import Path

import cloudpickle.cloudpickle as stock
import pytest
from gocloudpickle import _by_value, _modules, _rebuild, _reducers

ABI = json.loads((Path(__file__).parents[1] / "abi.json").read_text())
MODULES = pytest.mark.parametrize("module", [stock, _rebuild], ids=["cloudpickle", "ours"])
CODE_ARGUMENTS = ABI["code_arguments"][f"3.{sys.version_info[1]}"]


@MODULES
@pytest.mark.parametrize("name", sorted(ABI["functions"]))
def test_signature(module, name):
    want = ABI["functions"][name]
    parameters = inspect.signature(getattr(module, name)).parameters.values()
    assert [p.name for p in parameters] == want["params"]
    assert [p.name for p in parameters if p.default is p.empty] == want["params"][
        : want["required"]
    ]


def test_every_rebuilder_is_in_the_table():
    """What a payload can call is a function of the module that no dumping code has asked for."""
    rebuilders = {
        name
        for name, value in vars(_rebuild).items()
        if isinstance(value, types.FunctionType)
        and value.__module__ == _rebuild.__name__
        and (
            name.startswith(("_make_", "_get_dataclass"))
            or name.endswith(("_setstate", "subimport"))
        )
    }
    assert rebuilders <= set(ABI["functions"])
    assert {"_builtin_type", "_file_reconstructor"} == set(ABI["functions"]) - rebuilders


def test_names_of_modules():
    assert (ABI["package"], ABI["module"], ABI["former_module"]) == (
        _modules.PACKAGE,
        _modules.NAMESPACE,
        _modules.COMPATIBILITY,
    )
    functions = {name for name in _modules.REQUIRED if name in ABI["functions"]}
    assert set(_modules.REQUIRED) - functions == {
        "_PICKLE_BY_VALUE_MODULES",
        "_get_or_create_tracker_id",
    }


@MODULES
def test_empty_cell_value(module):
    assert getattr(module, ABI["empty_cell_value"]).__reduce__() == ABI["empty_cell_value"]


def make_function():
    free = 1

    def function(a, /, b=2, *, c=3):
        return a, b, c, free, json

    return function


@MODULES
def test_code_arguments(module):
    """CodeType takes the arguments in this order, and both picklers give them so."""
    code = make_function().__code__
    values = [getattr(code, name) for name in CODE_ARGUMENTS]
    assert types.CodeType(*values) == code
    if module is stock:
        kind, arguments = stock._code_reduce(code)
    else:
        kind, arguments = _reducers.reduce_code(stock, code)
    assert kind is types.CodeType
    assert list(arguments) == values


@pytest.mark.parametrize("version", ABI["code_arguments"])
def test_code_arguments_by_version(version):
    """Those of another version differ from ours in what code objects of one of us lack."""
    here, there = set(CODE_ARGUMENTS), ABI["code_arguments"][version]
    assert len(set(there)) == len(there)
    odd = {"co_lnotab", "co_linetable", "co_qualname", "co_exceptiontable"}
    assert here ^ set(there) <= odd
    assert [name for name in there if name not in odd] == [
        name for name in CODE_ARGUMENTS if name not in odd
    ]


def test_function_state():
    function = make_function()
    namespace, attributes = state = stock._function_getstate(function)
    assert len(state) == ABI["function_state"]
    assert list(attributes) == ABI["function_attributes"]
    ours = _by_value._function_state(stock, function, True)
    assert len(ours) == ABI["function_state"]
    assert list(ours[1]) == ABI["function_attributes"]


def test_base_globals():
    everything = dict.fromkeys(["__spec__", *ABI["base_globals"], "other"], 1)
    assert list(_by_value.base_globals(everything)) == ABI["base_globals"]


def test_class_state():
    class Abstract(abc.ABC):
        __slots__ = ()

    for state in stock._class_getstate(Abstract), _by_value._class_state(Abstract):
        assert len(state) == ABI["class_state"]
        assert ABI["abc_registry"] in state[0]


def test_class_kwargs():
    class Odd:
        @property
        def __dict__(self):
            return {}

    kwargs = stock._class_getnewargs(Odd)[3]
    assert sorted(kwargs) == sorted(ABI["class_kwargs"])
    assert list(_by_value._class_arguments(stock, Odd)[3]) == ABI["class_kwargs"]


def test_payload_names_the_table():
    """What the payload of a function names in cloudpickle's module is all in the table."""
    named = set()
    for module, name in globals_of(stock.dumps(make_function())):
        if module == ABI["module"]:
            named.add(name)
    assert named <= {*ABI["functions"], ABI["empty_cell_value"]}
    assert {"_make_function", "_function_setstate", "_make_empty_cell", "_make_cell"} <= named


def globals_of(payload):
    """Yield the names of a payload of protocol 4 or 5, whose strings come right before."""
    strings, memo = [], []
    for opcode, argument, _ in pickletools.genops(payload):
        if opcode.name == "MEMOIZE":
            memo.append(strings[-1] if strings else None)
        elif opcode.name == "STACK_GLOBAL":
            yield tuple(strings[-2:])
            strings.append(None)
        elif "UNICODE" in opcode.name:
            strings.append(argument)
        elif opcode.name in ("BINGET", "LONG_BINGET"):
            strings.append(memo[argument])
        elif opcode.name != "FRAME":
            strings.append(None)
