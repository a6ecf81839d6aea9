"""Print what CPython's `dis` says about code objects, one JSON line each.

    python3.12 bytecode/gen/oracle.py samples > bytecode/testdata/golden_312.jsonl
    python3.12 bytecode/gen/oracle.py json argparse asyncio.tasks ...

A code object's line comes after those of the code objects in its constants,
which name it by its number. The Go tests compare these lines with what the
package makes of the same bytes.
"""

from __future__ import annotations

import dis
import importlib.util
import io
import json
import re
import sys
import types
from itertools import groupby
from typing import Any, Iterator

from samples import sample_codes

Code = types.CodeType

VERSION = sys.version_info[:2]
GLOBAL_OPS = {dis.opmap[name] for name in ("LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL")}
JUMPS = set(dis.hasjrel) | set(dis.hasjabs)


class Numbers:
    """Gives code objects their numbers, in the order they are printed."""

    def __init__(self) -> None:
        """Start with none."""
        self.by_id: dict[int, int] = {}
        self.kept: list[Code] = []

    def add(self, code: Code) -> int:
        """Give the next number, counted from 0."""
        number = len(self.by_id)
        self.by_id[id(code)] = number
        self.kept.append(code)  # so that no other object gets its id
        return number


def text_value(value: str) -> Any:
    """A string that JSON can carry, or its bytes."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return {"s": value.encode("utf-8", "surrogatepass").hex()}
    return value


def const(value: Any, numbers: Numbers) -> Any:
    """A constant, with a tag where JSON has no type for it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return {"i": hex(value)}
    if isinstance(value, float):
        return {"f": value.hex()}
    if isinstance(value, complex):
        return {"c": [value.real.hex(), value.imag.hex()]}
    if isinstance(value, str):
        return text_value(value)
    if isinstance(value, bytes):
        return {"b": value.hex()}
    if isinstance(value, tuple):
        return {"t": [const(item, numbers) for item in value]}
    if isinstance(value, frozenset):
        return {"z": [const(item, numbers) for item in value]}
    if isinstance(value, slice):
        return {"l": [const(item, numbers) for item in (value.start, value.stop, value.step)]}
    if value is Ellipsis:
        return {"e": True}
    if isinstance(value, Code):
        return {"k": numbers.by_id[id(value)]}
    raise TypeError("no spelling for a constant of type " + type(value).__name__)


def instruction(ins: dis.Instruction) -> list[Any]:
    """[offset, opname, arg, argrepr, jump target]; null where not compared."""
    target = ins.argval if ins.opcode in JUMPS else None
    argrepr: str | None = without_addresses(ins.argrepr)
    if target is not None and VERSION >= (3, 13):
        argrepr = None  # a label, such as "to L1"
    if ins.opname == "KW_NAMES" and VERSION == (3, 11):
        argrepr = None  # 3.11 explains LOAD_CONST only
    return [ins.offset, ins.opname, ins.arg, argrepr, target]


def without_addresses(text: str) -> str:
    """Code objects print their address, which nobody else can know."""
    return re.sub(r'(<code object [^"]+?) at 0x[0-9a-fA-F]+(, file ")', r"\1\2", text)


def line_of_each_unit(code: Code) -> list[int | None]:
    """The source line of each two-byte unit of code."""
    newer: Any = code
    units: list[int | None] = [None] * (len(code.co_code) // 2)
    if VERSION >= (3, 10):
        for start, end, line in newer.co_lines():
            units[start // 2 : end // 2] = [line] * (end // 2 - start // 2)
        return units
    for start, line in dis.findlinestarts(code):
        units[start // 2 :] = [line] * (len(units) - start // 2)
    return units


def runs(values: list[Any]) -> list[Any]:
    """[[count, value], ...] of equal neighbours."""
    return [[len(list(group)), value] for value, group in groupby(values)]


def listing(code: Code) -> str:
    """What dis.dis prints."""
    out = io.StringIO()
    dis.dis(code, file=out)
    return without_addresses(out.getvalue())


def describe(code: Code, numbers: Numbers, listed: bool) -> dict[str, Any]:
    """All that is compared for one code object."""
    newer: Any = code  # has attributes that older versions lack
    instructions = list(dis.get_instructions(code))
    described: dict[str, Any] = {
        "name": code.co_name,
        "filename": code.co_filename,
        "firstlineno": code.co_firstlineno,
        "flags": code.co_flags,
        "code": code.co_code.hex(),
        "consts": [const(value, numbers) for value in code.co_consts],
        "names": code.co_names,
        "varnames": code.co_varnames,
        "freevars": code.co_freevars,
        "cellvars": code.co_cellvars,
        "instructions": [instruction(ins) for ins in instructions],
        "globals": [ins.argval for ins in instructions if ins.opcode in GLOBAL_OPS],
        "lines": runs(line_of_each_unit(code)),
    }
    if VERSION >= (3, 10):
        described["linetable"] = newer.co_linetable.hex()
    else:
        described["linetable"] = newer.co_lnotab.hex()
    if VERSION >= (3, 11):
        described["exceptiontable"] = newer.co_exceptiontable.hex()
        described["positions"] = runs([list(p) for p in newer.co_positions()])
        entries: Any = dis._parse_exception_table(code)  # type: ignore[attr-defined]
        described["handlers"] = [[e.start, e.end, e.target, e.depth, e.lasti] for e in entries]
    if listed:
        described["listing"] = listing(code)
    # Last: a code object becomes a constant of others once it has its number.
    described["number"] = numbers.add(code)
    return described


def nested_first(code: Code) -> Iterator[Code]:
    """A code object and those below it, each before the one that holds it."""
    for value in code.co_consts:
        if isinstance(value, Code):
            yield from nested_first(value)
    yield code


def module_code(name: str) -> Code | None:
    """Compile a module of the standard library without importing it."""
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        return None
    if spec is None or not (spec.origin or "").endswith(".py"):
        return None
    assert spec.origin is not None
    with open(spec.origin, "rb") as source:
        return compile(source.read(), name + ".py", "exec", dont_inherit=True)


def codes(arguments: list[str]) -> Iterator[Code]:
    """The outermost code objects that the command line asks for."""
    if arguments == ["samples"]:
        yield from sample_codes()
        return
    for name in arguments:
        found = module_code(name)
        if found is not None:
            yield found


def main(arguments: list[str]) -> None:
    """Print one line for each code object, nothing else."""
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n")
    numbers = Numbers()
    for outermost in codes(arguments):
        for code in nested_first(outermost):
            # The listing of the wide sample would be half of a golden file.
            listed = code is outermost and code.co_filename != "wide.py"
            described = describe(code, numbers, listed)
            out.write(json.dumps(described, separators=(",", ":")) + "\n")
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
