"""Print the opcode table of the running CPython as a Go source file.

    python3.12 bytecode/gen/tables.py | gofmt > bytecode/table_312.go

Everything comes from the interpreter's own `opcode`, `_opcode` and `dis`
modules. A new version is one run of this file and an entry in version.go; if
its `dis` explains one more opcode, so do this file and resolver.go.
"""

from __future__ import annotations

import dis
import opcode
import sys
from typing import Any

# These replace an instruction that only the interpreter still knows, so
# nothing can be said about what they stand for.
HIDDEN = {"INSTRUMENTED_LINE", "INSTRUMENTED_INSTRUCTION", "ENTER_EXECUTOR", "CACHE"}

# Two local variables packed into one argument, four bits each (3.13+).
LOCAL_PAIRS = {
    "LOAD_FAST_LOAD_FAST",
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW",
    "STORE_FAST_LOAD_FAST",
    "STORE_FAST_STORE_FAST",
}

# Arguments that `dis` explains by name of the opcode, not by a list in
# `opcode`. IS_OP and CONTAINS_OP are explained from 3.14 on.
BY_NAME = {
    "BINARY_OP": "ArgBinaryOp",
    "CALL_INTRINSIC_1": "ArgIntrinsic1",
    "CALL_INTRINSIC_2": "ArgIntrinsic2",
    "FORMAT_VALUE": "ArgFormat",
    "CONVERT_VALUE": "ArgConvert",
    "MAKE_FUNCTION": "ArgFunctionFlags",
    "SET_FUNCTION_ATTRIBUTE": "ArgFunctionFlags",
    "LOAD_SPECIAL": "ArgSpecialMethod",
    "LOAD_COMMON_CONSTANT": "ArgCommonConstant",
}
BY_NAME_314 = {"IS_OP": "ArgIs", "CONTAINS_OP": "ArgContains"}

VERSION = sys.version_info[:2]


def base_name(name: str) -> str:
    """The instruction that an instrumented one stands for."""
    if name.startswith("INSTRUMENTED_") and name not in HIDDEN:
        return name[len("INSTRUMENTED_") :]
    return name


def specialized_names() -> set[str]:
    """Opcodes that only appear in running code, never in co_code."""
    return set(getattr(opcode, "_specialized_opmap", ()))


def has_arg(op: int) -> bool:
    """Whether the opcode reads its argument byte."""
    listed: list[int] | None = getattr(opcode, "hasarg", None)
    return op in listed if listed is not None else op >= opcode.HAVE_ARGUMENT


def jump_kind(op: int, name: str) -> str:
    """Absolute, or relative to the next instruction in either direction."""
    if op in opcode.hasjabs:
        return "ArgJumpAbsolute"
    is_backward = getattr(dis, "_is_backward_jump", None)
    if is_backward is not None and is_backward(opcode.opmap[name]):
        return "ArgJumpBackward"
    return "ArgJumpForward"


def name_kind(name: str) -> str:
    """How many flag bits sit below the index into co_names."""
    if name == "LOAD_GLOBAL" and VERSION >= (3, 11):
        return "ArgName1"
    if name == "LOAD_ATTR" and VERSION >= (3, 12):
        return "ArgName1"
    if name == "LOAD_SUPER_ATTR":
        return "ArgName2"
    return "ArgName"


def arg_kind(op: int, name: str) -> str:
    """The Go name of what the argument of one opcode means."""
    if name in HIDDEN:
        return "ArgHidden"
    name = base_name(name)
    op = opcode.opmap[name]
    by_name = dict(BY_NAME)
    if VERSION >= (3, 14):
        by_name.update(BY_NAME_314)
    jumps = set(opcode.hasjrel) | set(opcode.hasjabs)
    checks = [
        (not has_arg(op), "ArgNone"),
        (name == "EXTENDED_ARG", "ArgExtended"),
        (op in opcode.hasconst, "ArgConst"),
        (op in opcode.hasname, name_kind(name)),
        (op in jumps, jump_kind(op, name) if op in jumps else ""),
        (name in LOCAL_PAIRS, "ArgLocalPair"),
        (op in opcode.haslocal, "ArgLocal"),
        (op in opcode.hasfree, "ArgFree"),
        (op in opcode.hascompare, "ArgCompare"),
        (name in by_name, by_name.get(name, "")),
    ]
    return next((kind for holds, kind in checks if holds), "ArgNumber")


def caches(name: str) -> int:
    """Inline cache entries after the instruction, none before 3.11."""
    if name in HIDDEN:
        return 0
    entries: Any = getattr(opcode, "_inline_cache_entries", {})
    name = base_name(name)
    if isinstance(entries, dict):
        return int(entries.get(name, 0))
    return int(entries[opcode.opmap[name]])


def compare_operators() -> tuple[str, ...]:
    """The spelled-out operators, in the order of the argument's values."""
    return tuple(opcode.cmp_op)


def common_constants() -> tuple[str, ...]:
    """What LOAD_COMMON_CONSTANT pushes, as `dis` prints it."""
    values: list[Any] = getattr(opcode, "_common_constants", [])
    return tuple(v.__name__ if isinstance(v, type) else repr(v) for v in values)


def rows() -> list[tuple[int, str, str, int]]:
    """(opcode, name, Go kind, caches) of every real opcode, by number."""
    hide = specialized_names()
    found = [
        (op, name, arg_kind(op, name), caches(name))
        for name, op in opcode.opmap.items()
        # Numbers over 255 are the compiler's pseudo instructions.
        if op < 256 and name not in hide
    ]
    return sorted(found)


def go_strings(values: tuple[str, ...]) -> str:
    """A Go composite literal."""
    quoted = ", ".join('"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"' for v in values)
    return "[]string{" + quoted + "}"


def main() -> None:
    """Write the Go file to standard output."""
    names = {
        "compare": compare_operators(),
        "binary": tuple(op for _, op in getattr(opcode, "_nb_ops", [])),
        "intrinsic1": tuple(getattr(opcode, "_intrinsic_1_descs", [])),
        "intrinsic2": tuple(getattr(opcode, "_intrinsic_2_descs", [])),
        "special": tuple(getattr(opcode, "_special_method_names", [])),
        "common": common_constants(),
    }
    major, minor = VERSION
    print("// Code generated by gen/tables.py; DO NOT EDIT.")
    print()
    print("package bytecode")
    print()
    print(f"var spec{major}{minor} = spec{{")
    print(f"version: Version{{{major}, {minor}}},")
    print(f"haveArgument: {opcode.HAVE_ARGUMENT},")
    for key, values in names.items():
        if values:
            print(f"{key}: {go_strings(values)},")
    print("ops: []opSpec{")
    for op, name, kind, cache in rows():
        print(f'{{{op}, "{name}", {kind}, {cache}}},')
    print("},")
    print("}")


if __name__ == "__main__":
    main()
