"""The Python side of the differential tests. One JSON request a line, one answer a line."""

import base64
import copyreg
import io
import json
import pickle
import pickletools
import struct
import sys

try:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
except (ImportError, ValueError, OSError):
    pass

sys.setrecursionlimit(20000)


class Meta(type):
    """Every symbolic value is a class, so that any opcode accepts it as callable, type or instance."""

    def __call__(cls, *args, **kwargs):
        return make("call", cls, args, kwargs)

    def extend(cls, items):
        cls.updates.append(("append", list(items)))

    def append(cls, item):
        cls.updates.append(("append", [item]))

    def add(cls, item):
        cls.updates.append(("add", [item]))

    def __setitem__(cls, key, value):
        cls.updates.append(("set", [key, value]))

    def __setstate__(cls, state):
        cls.updates.append(("build", [state]))

    def __hash__(cls):
        if cls.kind == "pers":
            return hash(cls.args)
        return id(cls)

    def __eq__(cls, other):
        if isinstance(other, Meta) and cls.kind == "pers" and other.kind == "pers":
            return cls.args == other.args
        return cls is other


def new(cls, *args, **kwargs):
    return make("new", cls, args, kwargs)


def make(kind, func, args, kwargs):
    fields = {
        "__new__": new,
        "kind": kind,
        "func": func,
        "args": args,
        "kwargs": kwargs,
        "updates": [],
    }
    return type.__new__(Meta, "Symbol", (), fields)


class Peekable(io.BytesIO):
    """Lets the C unpickler buffer everything, as pickle.loads does with bytes: with a plain file it buffers frame by frame, and loses bytes where an argument crosses the end of one."""

    def peek(self, n):
        return self.getvalue()[self.tell() :]


def loader(base):
    class Loader(base):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.names = {}

        def find_class(self, module, name):
            key = (module, name)
            if key not in self.names:
                self.names[key] = make("global", None, key, {})
            return self.names[key]

        def persistent_load(self, pid):
            return make("pers", None, pid, {})

    return Loader


CLoader = loader(pickle.Unpickler)
PyLoader = loader(pickle._Unpickler)

for code in (1, 2, 200, 255, 256, 65535, 70000, 2**31 - 1):
    copyreg._inverted_registry[code] = ("ext", "e%d" % code)


def canon(root):
    """A text that is equal exactly when two values mean the same to Python, identity included."""
    seen = {}
    out = []
    unnumbered = 0

    def number(v):
        seen[id(v)] = (len(seen), v)
        out.append("#%d=" % (len(seen) - 1))

    def walk(v):
        t = type(v)
        if v is None or t is bool:
            out.append(str(v))
        elif t is int:
            out.append("i%x" % v)
        elif t is float:
            out.append("f" + struct.pack(">d", v).hex() if v == v else "fnan")
        elif t is complex:
            out.append("c")
            walk(v.real)
            walk(v.imag)
        elif t is str:
            out.append("s" + v.encode("utf-8", "surrogatepass").hex())
        elif t is bytes:
            out.append("b" + v.hex())
        elif t is tuple and (not v or unnumbered):
            group("(", v, ")")
        elif t is frozenset:
            unordered("fs{", v)
        elif id(v) in seen:
            out.append("#%d" % seen[id(v)][0])
        elif t is tuple:
            number(v)
            group("(", v, ")")
        elif t is bytearray:
            number(v)
            out.append("a" + v.hex())
        elif t is list:
            number(v)
            group("[", v, "]")
        elif t is dict:
            number(v)
            group("{", [x for kv in v.items() for x in kv], "}")
        elif t is set:
            number(v)
            unordered("{", v)
        elif t is memoryview:
            number(v)
            out.append("m%s%s" % ("r" if v.readonly else "w", bytes(v).hex()))
        elif t is Meta:
            symbol(v)
        else:
            raise TypeError("no canonical form for %r" % t)

    def group(opening, items, closing):
        out.append(opening)
        for x in items:
            walk(x)
            out.append(",")
        out.append(closing)

    def unordered(opening, items):
        nonlocal out, unnumbered
        whole, parts = out, []
        unnumbered += 1  # the order of a set must not decide about numbers
        for x in items:
            out = []
            walk(x)
            parts.append("".join(out))
        unnumbered -= 1
        out = whole
        out.append(opening + ",".join(sorted(parts)) + "}")

    def symbol(v):
        if v.kind == "global":
            out.append("g%s.%s" % v.args if not v.updates else "")
            if not v.updates:
                return
        if v.kind == "pers":
            out.append("p")
            walk(v.args)
            return
        number(v)
        if v.kind == "global":
            out.append("g%s.%s" % v.args)
        else:
            out.append(v.kind + " ")
            walk(v.func)
            group("(", v.args, ")")
            if v.kwargs:
                walk(v.kwargs)
        merged = []
        for kind, items in v.updates:
            if merged and merged[-1][0] == kind and kind != "build":
                merged[-1][1].extend(items)
            else:
                merged.append((kind, list(items)))
        for kind, items in merged:
            group("." + kind + "(", items, ")")

    walk(root)
    return "".join(out)


NAMES = {}
exec(
    """
import array, collections, datetime, decimal, enum, fractions, functools, operator, pathlib, types, uuid, dataclasses
def shared():
    x = [1]
    return [x, x]
def cycle():
    x = []
    x.append(x)
    return x
def cycle_dict():
    d = {}
    d["me"] = d
    return d
def cycle_tuple():
    x = []
    t = (x, 1)
    x.append(t)
    return t
class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y
class Slots:
    __slots__ = ("a", "b")
    def __init__(self, a, b):
        self.a, self.b = a, b
class Color(enum.Enum):
    RED = 1
    GREEN = 2
@dataclasses.dataclass
class Record:
    name: str
    size: int = 0
Pair = collections.namedtuple("Pair", "left right")
class Level(enum.IntEnum):
    LOW = 1
    HIGH = 7
class Perm(enum.Flag):
    READ = 4
    WRITE = 2
class ShopError(Exception): pass
def shop_error():
    e = ShopError("closed", 3)
    e.code = 7
    return e
class MyList(list): pass
class MyDict(dict): pass
class MyInt(int): pass
class MyStr(str): pass
""",
    NAMES,
)
# The classes of the cases pretend to live in a module of their own.
mod = type(sys)("cases")
for value in list(NAMES.values()):
    if (
        isinstance(value, type)
        and value.__module__ in ("builtins", "__main__")
        and value.__name__ in NAMES
    ):
        value.__module__ = "cases"
        setattr(mod, value.__name__, value)
sys.modules["cases"] = mod


def answer(request):
    op = request["op"]
    if op == "loads":
        data = base64.b64decode(request["data"])
        cls = PyLoader if request.get("python") else CLoader
        kwargs = {"encoding": request.get("encoding", "ASCII")}
        if "buffers" in request:
            kwargs["buffers"] = [bytearray(base64.b64decode(b)) for b in request["buffers"]]
        copyreg._extension_cache.clear()
        f = io.BytesIO(data) if request.get("python") else Peekable(data)
        try:
            value = cls(f, **kwargs).load()
        except MemoryError:
            return {"skip": "MemoryError"}
        except RecursionError:
            return {"skip": "RecursionError"}
        except BaseException as e:
            return {"ok": False, "error": "%s: %s" % (type(e).__name__, e)}
        try:
            return {"ok": True, "canon": canon(value), "used": f.tell()}
        except RecursionError:
            return {"skip": "RecursionError"}
    if op == "dumps":
        value = eval(request["expr"], NAMES)
        result = {}
        for proto in request["protos"]:
            try:
                data = pickle.dumps(value, proto)
            except TypeError:
                continue  # __slots__ before protocol 2
            result[str(proto)] = base64.b64encode(data).decode()
        return {"ok": True, "data": result}
    if op == "run":
        # Loads for real: the value must be one that is safe to make.
        buffers = [base64.b64decode(b) for b in request.get("buffers", ())]
        value = pickle.loads(base64.b64decode(request["data"]), buffers=buffers)
        expr = request.get("expr")
        same = None
        if expr is not None:
            same = bool(value == eval(expr, NAMES))
        return {"ok": True, "repr": repr(value), "same": same}
    if op == "real":
        # Loads without stand-ins for classes, and dumps again.
        value = pickle.loads(base64.b64decode(request["data"]))
        return {
            "ok": True,
            "canon": canon(value),
            "data": base64.b64encode(pickle.dumps(value, request["proto"])).decode(),
        }
    if op == "dis":
        # The descriptions of --annotate are ours, the layout is pickletools'.
        for op in pickletools.opcodes:
            op.doc = request.get("docs", {}).get(op.name, op.doc)
        out = io.StringIO()
        options = {k: request[k] for k in ("indentlevel", "annotate") if k in request}
        try:
            pickletools.dis(base64.b64decode(request["data"]), out, **options)
        except ValueError as e:
            return {"ok": False, "error": str(e), "text": out.getvalue()}
        return {"ok": True, "text": out.getvalue()}
    if op == "version":
        return {"ok": True, "text": sys.version.split()[0]}
    raise ValueError(op)


for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as e:
        reply = {"ok": False, "error": "%s: %s" % (type(e).__name__, e)}
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()
