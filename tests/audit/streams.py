"""Hand-made streams, one at least for each way in which scanners of pickles have been fooled."""

from __future__ import annotations

import base64
import marshal
import pickle
import struct


def s(text: str) -> bytes:
    """A str of protocol 4."""
    data = text.encode()
    return b"\x8c" + bytes([len(data)]) + data


def g(module: str, name: str) -> bytes:
    return s(module) + s(name) + b"\x93"


def call(module: str, name: str, *args: bytes) -> bytes:
    """module.name(*args), with the arguments as opcodes."""
    return g(module, name) + b"(" + b"".join(args) + b"tR"


def whole(body: bytes) -> bytes:
    return b"\x80\x04" + body + b"."


MARKER = s("echo marker")
SYSTEM = call("os", "system", MARKER)
OLD = b"cos\nsystem\n(S'echo marker'\ntR"
INNER = whole(SYSTEM)
FRAMED = b"\x95" + struct.pack("<Q", 3) + b"N0\x95" + struct.pack("<Q", 4) + b"N0" + SYSTEM
CODE = marshal.dumps(compile("print('marker')", "x", "exec"))

# name, capability, when, data
STREAMS = [
    ("REDUCE", "process", "load", whole(SYSTEM)),
    ("GLOBAL of protocol 0", "process", "load", OLD + b"."),
    ("INST", "process", "load", b"(S'echo marker'\nios\nsystem\n."),
    ("OBJ", "process", "load", b"(cos\nsystem\nS'echo marker'\no."),
    ("NEWOBJ", "process", "load", whole(g("subprocess", "Popen") + b"(" + MARKER + b"t\x81")),
    ("NEWOBJ_EX", "process", "load", whole(g("subprocess", "Popen") + b"(" + MARKER + b"t}\x92")),
    ("popped", "process", "load", whole(SYSTEM + b"0N")),
    ("below the top", "process", "load", whole(SYSTEM + b"N")),
    ("POP_MARK", "process", "load", whole(b"(" + SYSTEM + b"1N")),
    ("only named", "process", "call", whole(g("os", "system"))),
    (
        "memo mixed",
        "process",
        "load",
        whole(
            s("os")
            + b"q\x00\x94"
            + s("system")
            + b"r\x05\x00\x00\x00\x94"
            + b"\x93("
            + MARKER
            + b"tR"
        ),
    ),
    (
        "memo holds the top",
        "process",
        "load",
        whole(
            s("math")
            + s("os")
            + b"\x940"
            + b"0"
            + b"h\x00"
            + s("system")
            + b"\x93("
            + MARKER
            + b"tR"
        ),
    ),
    (
        "BUILD on a name",
        "interpreter",
        "load",
        whole(g("collections", "OrderedDict") + b"N}" + s("x") + g("os", "system") + b"s\x86b"),
    ),
    (
        "builtins through numpy",
        "dynamic-code",
        "load",
        whole(call("numpy", "__builtins__.eval", s("1"))),
    ),
    ("dotted name", "process", "load", whole(call("logging", "os.system", MARKER))),
    ("dotted name through a package", "process", "load", whole(call("shutil", "os.popen", MARKER))),
    (
        "submodule",
        "process",
        "load",
        whole(call("multiprocessing.connection", "subprocess.Popen", MARKER)),
    ),
    (
        "submodule of a blocked one",
        "process",
        "load",
        whole(call("asyncio.unix_events", "_UnixSubprocessTransport._start", MARKER)),
    ),
    (
        "resolve_name",
        "process",
        "load",
        whole(call("pkgutil", "resolve_name", s("os:system")) + b"(" + MARKER + b"tR"),
    ),
    (
        "pydoc.locate",
        "process",
        "load",
        whole(call("pydoc", "locate", s("os.system")) + b"(" + MARKER + b"tR"),
    ),
    (
        "import_module",
        "process",
        "load",
        whole(
            g("builtins", "getattr")
            + b"("
            + call("importlib", "import_module", s("os"))
            + s("system")
            + b"tR("
            + MARKER
            + b"tR"
        ),
    ),
    (
        "__import__",
        "process",
        "load",
        whole(
            g("builtins", "getattr")
            + b"("
            + call("builtins", "__import__", s("os"))
            + s("system")
            + b"tR("
            + MARKER
            + b"tR"
        ),
    ),
    (
        "methodcaller",
        "process",
        "load",
        whole(
            call("operator", "methodcaller", s("system"), MARKER)
            + b"("
            + call("builtins", "__import__", s("os"))
            + b"tR"
        ),
    ),
    (
        "attrgetter",
        "process",
        "load",
        whole(
            call("operator", "attrgetter", s("system"))
            + b"("
            + call("builtins", "__import__", s("os"))
            + b"tR("
            + MARKER
            + b"tR"
        ),
    ),
    (
        "partial",
        "process",
        "load",
        whole(call("functools", "partial", g("os", "system"), MARKER) + b")R"),
    ),
    (
        "partial of getattr",
        "process",
        "load",
        whole(
            call(
                "functools",
                "partial",
                g("builtins", "getattr"),
                call("builtins", "__import__", s("os")),
            )
            + b"("
            + s("system")
            + b"tR("
            + MARKER
            + b"tR"
        ),
    ),
    (
        "joined name",
        "process",
        "load",
        whole(
            g("builtins", "getattr")
            + b"("
            + call(
                "builtins",
                "__import__",
                call("builtins", "str.join", s(""), b"(" + s("o") + s("s") + b"t"),
            )
            + s("system")
            + b"tR("
            + MARKER
            + b"tR"
        ),
    ),
    (
        "map",
        "process",
        "load",
        whole(
            call(
                "builtins", "list", call("builtins", "map", g("os", "system"), b"(" + MARKER + b"t")
            )
        ),
    ),
    ("eval", "dynamic-code", "load", whole(call("builtins", "eval", s("1")))),
    ("exec by protocol 2 names", "dynamic-code", "load", b"\x80\x02c__builtin__\nexec\n(U\x01xtR."),
    (
        "pickle.loads",
        "process",
        "load",
        whole(call("pickle", "loads", b"C" + bytes([len(INNER)]) + INNER)),
    ),
    (
        "pickle.loads of what isn't known",
        "unpickle",
        "load",
        whole(call("pickle", "loads", call("builtins", "bytes", b"K\x05"))),
    ),
    (
        "_load_from_bytes",
        "unpickle",
        "load",
        whole(call("torch.storage", "_load_from_bytes", b"C\x01x")),
    ),
    (
        "marshal and FunctionType",
        "dynamic-code",
        "load",
        whole(
            g("types", "FunctionType")
            + b"("
            + call("marshal", "loads", b"B" + struct.pack("<I", len(CODE)) + CODE)
            + b"}tR)R"
        ),
    ),
    (
        "marshal",
        "unpickle",
        "load",
        whole(call("marshal", "loads", b"B" + struct.pack("<I", len(CODE)) + CODE)),
    ),
    ("CodeType", "dynamic-code", "load", whole(call("types", "CodeType", b"K\x00"))),
    ("truncated after the call", "process", "load", b"\x80\x04" + SYSTEM + b"\x8c\xff"),
    ("unknown opcode after the call", "process", "load", b"\x80\x04" + SYSTEM + b"\xff."),
    ("unknown opcode", "", "load", b"\x80\x04N\xff."),
    ("missing memo", "", "load", b"\x80\x04h\x63."),
    ("type confusion", "", "load", b"\x80\x04K\x01K\x02\x93."),
    ("call of an int", "", "load", b"\x80\x04K\x01)R."),
    ("empty stack", "", "load", b"\x80\x04."),
    ("EXT1", "unknown", "load", b"\x80\x04\x82\x07)R."),
    ("EXT4", "unknown", "load", b"\x80\x04\x84\x07\x00\x00\x00."),
    ("frame that is read twice", "process", "load", b"\x80\x04" + FRAMED + b"."),
    (
        "frame across an argument",
        "",
        "load",
        b"\x80\x04\x95" + struct.pack("<Q", 4) + b"\x8c\x03abc.",
    ),
    ("STRING into STACK_GLOBAL", "process", "load", b"S'os'\nS'system'\n\x93(S'echo marker'\ntR."),
    ("UNICODE into STACK_GLOBAL", "process", "load", b"Vos\nVsystem\n\x93(Vecho marker\ntR."),
    ("escapes in UNICODE", "process", "load", b"V\\u006fs\nVsyste\\u006d\n\x93(Vecho marker\ntR."),
    ("several", "", "load", whole(b"N") + whole(SYSTEM)),
    ("data behind", "", "load", whole(b"N") + b"garbage"),
    ("uuid", "process", "load", whole(call("uuid", "_get_command_stdout", s("echo"), s("marker")))),
    ("imaplib", "process", "load", whole(call("imaplib", "IMAP4_stream", MARKER))),
    ("_osx_support", "process", "load", whole(call("_osx_support", "_read_output", MARKER))),
    ("_pyrepl", "process", "load", whole(call("_pyrepl.pager", "pipe_pager", s("x"), MARKER))),
    (
        "_interpreters",
        "dynamic-code",
        "load",
        whole(call("_interpreters", "run_string", b"K\x00", s("1"))),
    ),
    ("unknown module", "unknown", "load", whole(call("nowhere_known", "run"))),
    (
        "unknown module named cloudpickle",
        "unknown",
        "load",
        whole(call("nowhere.cloudpickle.cloudpickle", "subimport", s("math"))),
    ),
    (
        "subimport and getattr",
        "process",
        "load",
        whole(
            g("builtins", "getattr")
            + b"("
            + call("cloudpickle.cloudpickle", "subimport", s("os"))
            + s("system")
            + b"tR("
            + MARKER
            + b"tR"
        ),
    ),
    (
        "_builtin_type",
        "dynamic-code",
        "load",
        whole(call("cloudpickle.cloudpickle", "_builtin_type", s("FunctionType")) + b")R"),
    ),
    (
        "skeleton class by os.system",
        "process",
        "load",
        whole(
            call(
                "cloudpickle.cloudpickle",
                "_make_skeleton_class",
                g("os", "system"),
                s("C"),
                b")",
                b"}",
                b"N",
                b"N",
            )
        ),
    ),
    (
        "class setstate on a name",
        "interpreter",
        "load",
        whole(
            call(
                "cloudpickle.cloudpickle",
                "_class_setstate",
                g("collections", "OrderedDict"),
                b"}}\x86",
            )
        ),
    ),
    (
        "state setter",
        "process",
        "load",
        whole(
            g("collections", "OrderedDict")
            + b")R"
            + g("os", "system")
            + b"("
            + MARKER
            + b"N\x86tR0"
        ),
    ),
    ("cloudpickle.loads", "unpickle", "load", whole(call("cloudpickle", "loads", b"C\x01x"))),
    (
        "private name of a harmless module",
        "process",
        "load",
        whole(call("platform", "_syscmd_ver")),
    ),
    ("memory bomb", "", "load", b"\x80\x04B\xff\xff\xff\x7fx."),
    ("memo bomb", "", "load", b"\x80\x04Nr\xff\xff\xff\x7f" + b"."),
    ("length bomb", "", "load", b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7fx."),
    (
        "repetition",
        "process",
        "load",
        whole(call("operator", "mul", s("x" * 200), b"J\xff\xff\xff\x7f") + b"0" + SYSTEM),
    ),
    ("open", "filesystem", "load", whole(call("builtins", "open", s("/nonexistent")))),
    ("os.remove by io", "filesystem", "load", whole(call("io", "open", s("/nonexistent")))),
    ("numpy.load", "unpickle", "load", whole(call("numpy", "load", s("/nonexistent")))),
    (
        "getattr by __dict__",
        "process",
        "load",
        whole(
            call("builtins", "dict.get", g("os", "__dict__"), s("system")) + b"(" + MARKER + b"tR"
        ),
    ),
    (
        "itemgetter",
        "process",
        "load",
        whole(
            g("builtins", "getattr")
            + b"("
            + call("operator", "itemgetter", s("os"))
            + b"("
            + g("sys", "modules")
            + b"tR"
            + s("system")
            + b"tR("
            + MARKER
            + b"tR"
        ),
    ),
    (
        "reduce",
        "process",
        "load",
        whole(
            call(
                "functools",
                "reduce",
                g("builtins", "getattr"),
                b"(" + s("system") + b"t",
                call("builtins", "__import__", s("os")),
            )
            + b"("
            + MARKER
            + b"tR"
        ),
    ),
    (
        "base64 name",
        "process",
        "load",
        whole(
            g("builtins", "getattr")
            + b"("
            + call(
                "builtins",
                "__import__",
                call(
                    "builtins",
                    "bytes.decode",
                    call("base64", "b64decode", s(base64.b64encode(b"os").decode())),
                ),
            )
            + s("system")
            + b"tR("
            + MARKER
            + b"tR"
        ),
    ),
    (
        "name that can't be known",
        "",
        "load",
        whole(
            g("builtins", "getattr") + b"(" + g("math", "__doc__") + call("time", "ctime") + b"tR"
        ),
    ),
    (
        "itertools",
        "process",
        "load",
        whole(
            call(
                "builtins",
                "list",
                call("itertools", "starmap", g("os", "system"), b"((" + MARKER + b"tt"),
            )
        ),
    ),
    (
        "sorted key",
        "process",
        "load",
        whole(call("builtins", "filter", g("os", "system"), b"(" + MARKER + b"t")),
    ),
    (
        "__setstate__ of partial",
        "process",
        "load",
        whole(
            call("functools", "partial", g("builtins", "len"))
            + b"("
            + g("os", "system")
            + b"("
            + MARKER
            + b"t}}tb)R"
        ),
    ),
    (
        "reversed stack order",
        "process",
        "load",
        whole(s("os") + s("system") + b"\x93" + b"q\x010h\x01(" + MARKER + b"tR"),
    ),
    ("DUP", "process", "load", whole(g("os", "system") + b"20(" + MARKER + b"tR")),
    (
        "protocol 5 frame",
        "process",
        "load",
        b"\x80\x05\x95" + struct.pack("<Q", len(SYSTEM) + 1) + SYSTEM + b".",
    ),
]

assert pickle.HIGHEST_PROTOCOL >= 5
