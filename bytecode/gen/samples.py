"""Sources whose code objects show each feature of the compiler once.

The golden files in testdata come from these. A source is compiled by the
versions that know its syntax.
"""

from __future__ import annotations

import sys
import types
from typing import Any, Callable, Iterator

BASICS = '''
"""A module with a docstring."""
import os.path as p
from sys import argv, path as where
counter: int = 0
def bump(by=1, *, twice=False):
    global counter, gone
    counter += by if not twice else 2 * by
    gone = counter
    del gone
    return len(str(counter)), argv
def outer(a, b):
    c = [a, b]
    def inner(x):
        nonlocal c
        c = [*c, x]
        return a, c, counter
    return inner
class Base(Exception):
    limit = 10
    __slots__ = ("x", "y")
    def m(self, other):
        return super().__init__() or self.x @ other.y is not None and other not in (1, 2)
def loop(items):
    for i, (j, *rest) in enumerate(items):
        if i == 3:
            continue
        elif i > 10:
            break
        while j < 5:
            j += 1
    else:
        print("done", sep="")
    return {k: v for k, v in items}, {i for i in items}, (i for i in items), [i for i in items]
def handle(f):
    try:
        with f() as g, f():
            assert g, "no g"
            return g[1:2], g[:], ~g
    except (ValueError, Base) as e:
        raise RuntimeError(f"{e!r:>{10}} {e} {e!s} {e:x}") from e
    finally:
        print("end")
async def co(xs):
    async with xs as y:
        async for z in y:
            await z
            yield z
    return_ = [i async for i in xs if await i]
def gen():
    x = yield
    yield from x
CONSTS = (1, -1, 1 << 70, 1.5, 1e100, -0.0, 2j, "s", "it's", 'q"')
MORE = ("\\n\\x00\\u20ac\\ud800", b"b\\xff'", None, True, ..., ())
def unusual(x):
    return x in {1, "two", 3.0}, lambda *a, k=1, **kw: (a, k, kw)
'''

# More than 256 names, and a jump over more than 256 units.
WIDE = (
    "def wide(x):\n  while x:\n    x = ("
    + "".join(f"n{i}, " for i in range(260))
    + ")\n  return n259\n"
)

# Lines far apart, in both directions, and columns beyond a byte.
FAR_LINES = "x = (1 +" + "\n" * 300 + "f(" + " " * 300 + "y)" + "\n" * 5 + ")\nz = x\n"

MATCH = """
def m(x):
    match x:
        case [1, *rest] if rest: return rest
        case {"k": v, **others}: return v, others
        case Point(x=0) | None: return 0
        case _: pass
"""
EXCEPT_STAR = """
def f():
    try: g()
    except* ValueError as e: print(e)
"""
TYPE_PARAMS = """
type Alias[T] = list[T]
def ident[T: int](x: T) -> T:
    return super(T, x).y, super(T, x).z(), [lambda: i for i in x]
class Box[T]: pass
"""
TYPE_DEFAULTS = """
class Defaults[T = int]: pass
"""
TEMPLATES = """
def t(x): return t"{x!r:>3} {x}", x[1:2], any(i for i in x), -x[0:None]
"""

SOURCES: list[tuple[tuple[int, int], str, str]] = [
    ((3, 8), "basics", BASICS),
    ((3, 8), "wide", WIDE),
    ((3, 8), "far_lines", FAR_LINES),
    ((3, 10), "match", MATCH),
    ((3, 11), "except_star", EXCEPT_STAR),
    ((3, 12), "type_params", TYPE_PARAMS),
    ((3, 13), "type_defaults", TYPE_DEFAULTS),
    ((3, 14), "templates", TEMPLATES),
]

HOT = """
total = 0
def hot(items):
    global total
    for item in items:
        total = total + len(item) + abs(item[0])
    return total
"""


def run_hot() -> types.CodeType:
    """A code object that has run often enough to be specialized.

    co_code shows none of that: it is what the compiler wrote.
    """
    namespace: dict[str, Any] = {}
    exec(compile(HOT, "hot.py", "exec", dont_inherit=True), namespace)
    hot: Any = namespace["hot"]
    for _ in range(2000):
        hot([(1, 2), (3,)])
    code: types.CodeType = hot.__code__
    return code


def run_traced() -> types.CodeType:
    """A code object that is instrumented while we look at it (3.12+)."""
    namespace: dict[str, Any] = {}
    exec(compile(HOT, "traced.py", "exec", dont_inherit=True), namespace)
    hot: Any = namespace["hot"]

    def trace(frame: types.FrameType, event: str, arg: object) -> Any:
        return trace

    before: Any = sys.gettrace()
    sys.settrace(trace)
    try:
        hot([(1, 2), (3,)])
    finally:
        sys.settrace(before)
    code: types.CodeType = hot.__code__
    return code


def sample_codes() -> Iterator[types.CodeType]:
    """The outermost code objects of all sources that this version knows."""
    for since, name, source in SOURCES:
        if sys.version_info >= since:
            yield compile(source, name + ".py", "exec", dont_inherit=True)
    runs: list[Callable[[], types.CodeType]] = [run_hot, run_traced]
    for run in runs:
        yield run()
