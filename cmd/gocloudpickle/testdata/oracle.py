"""Pickle code objects as cloudpickle does, and print what CPython says of them.

    python3.12 oracle.py samples argparse ...

One JSON object a line: the pickle, in base64, what pickletools.dis prints of it,
and what dis.dis prints of the code object in it, without addresses. samples are
those of bytecode/gen/samples.py; other names are modules of the standard
library, compiled and not imported.
"""

import base64
import dis
import importlib.util
import io
import json
import os
import pickle
import pickletools
import re
import sys
import types

CODE_FIELDS = (
    "argcount posonlyargcount kwonlyargcount nlocals stacksize flags code consts names"
    " varnames filename name {0} freevars cellvars"
)
if sys.version_info >= (3, 11):
    CODE_FIELDS = CODE_FIELDS.format("qualname firstlineno linetable exceptiontable")
elif sys.version_info >= (3, 10):
    CODE_FIELDS = CODE_FIELDS.format("firstlineno linetable")
else:
    CODE_FIELDS = CODE_FIELDS.format("firstlineno lnotab")


def _builtin_type(name):
    return getattr(types, name)


class Pickler(pickle.Pickler):
    """cloudpickle's way with code objects."""

    def reducer_override(self, obj):
        if isinstance(obj, types.CodeType):
            values = tuple(getattr(obj, "co_" + name) for name in CODE_FIELDS.split())
            return types.CodeType, values
        if obj is types.CodeType:
            return _builtin_type, ("CodeType",)
        return NotImplemented


def module_codes(name):
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        return
    if spec is not None and (spec.origin or "").endswith(".py"):
        with open(spec.origin, "rb") as source:
            yield compile(source.read(), name + ".py", "exec", dont_inherit=True)


def codes(names):
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, os.path.join(here, "..", "..", "..", "bytecode", "gen"))
    from samples import sample_codes

    for name in names:
        yield from sample_codes() if name == "samples" else module_codes(name)


def nested(code):
    yield code
    for value in code.co_consts:
        if isinstance(value, types.CodeType):
            yield from nested(value)


def describe(code, protocol):
    file = io.BytesIO()
    Pickler(file, protocol).dump(code)
    data = file.getvalue()
    opcodes, listing = io.StringIO(), io.StringIO()
    pickletools.dis(data, opcodes)
    # Sets of strings have the order in which the pickle was written.
    dis.dis(code, file=listing)
    return {
        "name": code.co_name,
        "data": base64.b64encode(data).decode(),
        "opcodes": opcodes.getvalue(),
        "code": re.sub(r"(<code object .+?) at 0x[0-9a-f]+(, file)", r"\1\2", listing.getvalue()),
    }


def main(each, names):
    for number, outermost in enumerate(codes(names)):
        for code in nested(outermost) if each else (outermost,):
            print(json.dumps(describe(code, number % (pickle.HIGHEST_PROTOCOL + 1))))


if __name__ == "__main__":
    main(sys.argv[1] == "each", sys.argv[2:])
