"""What hostile functions reach, and the ways by which they reach it."""

from __future__ import annotations

import base64
import codecs
import json
import zlib
from collections.abc import Iterator

# What is reached: capability, module, attribute, arguments as source.
TARGETS = [
    ("process", "os", "system", "'echo marker'"),
    ("process", "subprocess", "Popen", "['echo', 'marker']"),
    ("filesystem", "shutil", "rmtree", "'/nonexistent/marker'"),
    ("network", "socket", "create_connection", "('192.0.2.1', 9)"),
    ("native-code", "ctypes", "CDLL", "'marker.so'"),
    ("unpickle", "marshal", "loads", "b'marker'"),
]


def reaching(m: str, a: str, args: str) -> Iterator[tuple[str, str]]:
    """Ways to call m.a(args): a name, and a body that defines f."""
    b64 = lambda s: base64.b64encode(s.encode()).decode()
    rot = lambda s: codecs.encode(s, "rot13")
    xor = lambda s, k: [ord(c) ^ k for c in s]
    half = len(a) // 2
    yield "import", f"def f():\n import {m}\n return {m}.{a}({args})"
    yield "import as", f"def f():\n import {m} as z\n return z.{a}({args})"
    yield "from import", f"def f():\n from {m} import {a}\n return {a}({args})"
    yield "from import as", f"def f():\n from {m} import {a} as z\n return z({args})"
    yield "global", f"import {m}\ndef f():\n return {m}.{a}({args})"
    yield "global name", f"from {m} import {a} as z\ndef f():\n return z({args})"
    yield "__import__", f"def f():\n return __import__({m!r}).{a}({args})"
    yield (
        "import_module",
        f"def f():\n import importlib\n return importlib.import_module({m!r}).{a}({args})",
    )
    yield "getattr", f"def f():\n import {m}\n return getattr({m}, {a!r})({args})"
    yield (
        "concatenation",
        f"def f():\n return getattr(__import__({m[:1]!r} + {m[1:]!r}), {a[:half]!r} + {a[half:]!r})({args})",
    )
    yield (
        "variables",
        f"def f():\n x = {m[:1]!r}\n x += {m[1:]!r}\n y = {a[half:]!r}\n y = {a[:half]!r} + y\n return getattr(__import__(x), y)({args})",
    )
    yield (
        "join",
        f"def f():\n return getattr(__import__(''.join({list(m)!r})), ''.join({tuple(a)!r}))({args})",
    )
    yield (
        "join of a split",
        f"def f():\n return getattr(__import__(''.join({'-'.join(m)!r}.split('-'))), {a!r})({args})",
    )
    yield (
        "reversed slice",
        f"def f():\n return getattr(__import__({m[::-1]!r}[::-1]), {a[::-1]!r}[::-1])({args})",
    )
    yield (
        "reversed()",
        f"def f():\n return getattr(__import__(''.join(reversed({m[::-1]!r}))), {a!r})({args})",
    )
    yield (
        "slice",
        f"def f():\n return getattr(__import__({'xx' + m + 'yy'!r}[2:-2]), {a + 'zz'!r}[:-2])({args})",
    )
    yield (
        "every second",
        f"def f():\n return getattr(__import__({''.join(c + '.' for c in m)!r}[::2]), {a!r})({args})",
    )
    yield (
        "indexing",
        f"def f():\n s = {m + a!r}\n return getattr(__import__({' + '.join(f's[{i}]' for i in range(len(m)))}), {a!r})({args})",
    )
    yield (
        "base64",
        f"def f():\n import base64\n return getattr(__import__(base64.b64decode({b64(m)!r}).decode()), base64.b64decode({b64(a)!r}).decode())({args})",
    )
    yield (
        "base32",
        f"def f():\n import base64\n return getattr(__import__(base64.b32decode({base64.b32encode(m.encode())!r}).decode()), {a!r})({args})",
    )
    yield (
        "base85",
        f"def f():\n import base64\n return getattr(__import__(base64.b85decode({base64.b85encode(m.encode())!r}).decode()), {a!r})({args})",
    )
    yield (
        "binascii",
        f"def f():\n import binascii\n return getattr(__import__(binascii.unhexlify({m.encode().hex()!r}).decode()), {a!r})({args})",
    )
    yield (
        "rot13",
        f"def f():\n import codecs\n return getattr(__import__(codecs.decode({rot(m)!r}, 'rot13')), codecs.encode({rot(a)!r}, 'rot_13'))({args})",
    )
    yield (
        "codecs hex",
        f"def f():\n import codecs\n return getattr(__import__(codecs.decode({m.encode().hex()!r}, 'hex').decode()), {a!r})({args})",
    )
    yield (
        "fromhex",
        f"def f():\n return getattr(__import__(bytes.fromhex({m.encode().hex()!r}).decode()), bytes.fromhex({a.encode().hex()!r}).decode())({args})",
    )
    yield (
        "bytes of ints",
        f"def f():\n return getattr(__import__(bytes({list(m.encode())!r}).decode('ascii')), {a!r})({args})",
    )
    yield (
        "bytearray",
        f"def f():\n return getattr(__import__(bytearray({list(m.encode())!r}).decode()), {a!r})({args})",
    )
    yield (
        "zlib",
        f"def f():\n import zlib\n return getattr(__import__(zlib.decompress({zlib.compress(m.encode())!r}).decode()), {a!r})({args})",
    )
    yield (
        "chr",
        f"def f():\n return getattr(__import__({' + '.join(f'chr({ord(c)})' for c in m)}), {a!r})({args})",
    )
    yield (
        "chr in a comprehension",
        f"def f():\n return getattr(__import__(''.join([chr(c) for c in {[ord(c) for c in m]!r}])), {a!r})({args})",
    )
    yield (
        "chr in a generator",
        f"def f():\n return getattr(__import__(''.join(chr(c - 1) for c in {[ord(c) + 1 for c in m]!r})), {a!r})({args})",
    )
    yield (
        "map chr",
        f"def f():\n return getattr(__import__(''.join(map(chr, {[ord(c) for c in m]!r}))), ''.join(map(chr, {tuple(ord(c) for c in a)!r})))({args})",
    )
    yield (
        "map lambda",
        f"def f():\n return getattr(__import__(''.join(map(lambda c: chr(c ^ 9), {xor(m, 9)!r}))), {a!r})({args})",
    )
    yield (
        "xor loop",
        f"def f():\n s = ''\n for c in {xor(m, 77)!r}:\n  s += chr(c ^ 77)\n return getattr(__import__(s), {a!r})({args})",
    )
    yield (
        "xor loop over bytes",
        f"def f():\n s = bytearray()\n for i, c in enumerate({bytes(xor(m, 33))!r}):\n  s.append(c ^ 33)\n return getattr(__import__(s.decode()), {a!r})({args})",
    )
    yield (
        "while loop",
        f"def f():\n s, i, t = '', 0, {m[::-1]!r}\n while i < len(t):\n  s = t[i] + s\n  i += 1\n return getattr(__import__(s), {a!r})({args})",
    )
    yield (
        "loop after a branch",
        f"def f(x):\n if x:\n  y = 1\n else:\n  y = 2\n s = ''\n for c in {xor(m, 5)!r}:\n  s += chr(c ^ 5)\n return getattr(__import__(s), {a!r})({args})",
    )
    yield (
        "decoding helper",
        f"def d(t, k):\n return ''.join(chr(ord(c) ^ k) for c in t)\ndef f():\n return getattr(__import__(d({''.join(map(chr, xor(m, 3)))!r}, 3)), d({''.join(map(chr, xor(a, 3)))!r}, 3))({args})",
    )
    yield (
        "recursive helper",
        f"def d(t):\n return t if len(t) < 2 else d(t[1:]) + t[0]\ndef f():\n return getattr(__import__(d({m[::-1]!r})), {a!r})({args})",
    )
    yield (
        "f-string",
        f"def f():\n x, y, z = {m[:1]!r}, {m[1:]!r}, {a[half:]!r}\n return getattr(__import__(f'{{x}}{{y}}'), f'{a[:half]}{{z}}')({args})",
    )
    yield (
        "format",
        f"def f():\n return getattr(__import__('{{}}{{}}'.format({m[:1]!r}, {m[1:]!r})), '{{1}}{{0}}'.format({a[half:]!r}, {a[:half]!r}))({args})",
    )
    yield (
        "format by name",
        f"def f():\n return getattr(__import__('{{x}}{{y}}'.format(x={m[:1]!r}, y={m[1:]!r})), {a!r})({args})",
    )
    yield (
        "percent",
        f"def f():\n return getattr(__import__('%s%s' % ({m[:1]!r}, {m[1:]!r})), '%s' % {a!r})({args})",
    )
    yield (
        "percent dict",
        f"def f():\n return getattr(__import__('%(a)s%(b)s' % {{'a': {m[:1]!r}, 'b': {m[1:]!r}}}), {a!r})({args})",
    )
    yield (
        "replace",
        f"def f():\n return getattr(__import__({m[0] + '@@' + m[1:]!r}.replace('@@', '')), {a!r})({args})",
    )
    yield (
        "translate",
        f"def f():\n return getattr(__import__({m.upper()!r}.translate(str.maketrans({''.join(sorted(set(m.upper())))!r}, {''.join(sorted(set(m)))!r}))), {a!r})({args})",
    )
    yield (
        "lower",
        f"def f():\n return getattr(__import__({m.upper()!r}.lower()), {a.swapcase()!r}.swapcase())({args})",
    )
    yield (
        "strip",
        f"def f():\n return getattr(__import__({'  ' + m + ' '!r}.strip()), {'xx' + a!r}.lstrip('x'))({args})",
    )
    yield (
        "unbound join",
        f"def f():\n return getattr(__import__(str.join('', {list(m)!r})), {a!r})({args})",
    )
    yield "repr", f"def f():\n return getattr(__import__(repr({m!r})[1:-1]), {a!r})({args})"
    yield (
        "int to bytes",
        f"def f():\n return getattr(__import__(({int.from_bytes(m.encode()[:7], 'big')}).to_bytes({len(m.encode()[:7])}, 'big').decode() + {m[7:]!r}), {a!r})({args})",
    )
    yield (
        "json",
        f"def f():\n import json\n return getattr(__import__(json.loads({json.dumps({'m': m})!r})['m']), {a!r})({args})",
    )
    yield (
        "dict of parts",
        f"def f():\n d = {{'a': {m!r}, 'b': {a!r}}}\n return getattr(__import__(d['a']), d['b'])({args})",
    )
    yield (
        "dict.get",
        f"def f():\n d = {{1: {m!r}}}\n return getattr(__import__(d.get(1)), {a!r})({args})",
    )
    yield (
        "list.pop",
        f"def f():\n l = ['x', {m!r}]\n return getattr(__import__(l.pop()), {a!r})({args})",
    )
    yield (
        "list of chars",
        f"def f():\n l = []\n l.append({m[:1]!r})\n l.extend({list(m[1:])!r})\n return getattr(__import__(''.join(l)), {a!r})({args})",
    )
    yield (
        "sorted",
        f"def f():\n l = sorted({[(i, c) for i, c in enumerate(m)][::-1]!r})\n return getattr(__import__(''.join(c for _, c in {[(i, c) for i, c in enumerate(m)]!r})), {a!r})({args})",
    )
    yield (
        "unpacking",
        f"def f():\n x, *y = {list(m)!r}\n return getattr(__import__(x + ''.join(y)), {a!r})({args})",
    )
    yield (
        "zip",
        f"def f():\n return getattr(__import__(''.join(x for x, _ in zip({m!r}, range(99)))), {a!r})({args})",
    )
    yield "walrus", f"def f():\n return getattr((z := __import__({m!r})), {a!r})({args})"
    yield (
        "conditional",
        f"def f(x):\n n = {m!r} if x else {m!r} + ''\n return getattr(__import__(n), {a!r})({args})",
    )
    yield (
        "one of some",
        f"def f(x):\n n = {m!r} if x else 'math'\n return getattr(__import__(n), {a!r}, None)({args})",
    )
    yield "dead branch", f"def f():\n if 1 > 2:\n  import {m}\n  return {m}.{a}({args})"
    yield (
        "except",
        f"def f():\n try:\n  raise ValueError\n except ValueError:\n  import {m}\n  return {m}.{a}({args})",
    )
    yield "finally", f"def f(x):\n try:\n  return x.y\n finally:\n  import {m}\n  {m}.{a}({args})"
    yield "with", f"def f(x):\n with x as y:\n  import {m}\n  {m}.{a}({args})"
    yield (
        "match",
        f"def f(x):\n match x:\n  case {{'k': v}}:\n   import {m}\n   return {m}.{a}({args})\n  case [1, *_]:\n   return 1\n  case int(n) if n > 3:\n   return 2",
    )
    yield "async", f"async def f():\n import {m}\n return {m}.{a}({args})"
    yield (
        "async for",
        f"async def f(x):\n async for y in x:\n  async with y:\n   import {m}\n   {m}.{a}({args})",
    )
    yield "generator", f"def f():\n yield 1\n import {m}\n yield {m}.{a}({args})"
    yield (
        "yield from",
        f"def g():\n yield {m!r}\ndef f():\n for x in g():\n  getattr(__import__(x), {a!r})({args})",
    )
    yield "lambda", f"f = lambda: getattr(__import__({m!r}), {a!r})({args})"
    yield "lambda in a default", f"f = lambda g=lambda: __import__({m!r}): g().{a}({args})"
    yield "default", f"def f(m={m!r}, a={a!r}):\n return getattr(__import__(m), a)({args})"
    yield "keyword default", f"def f(*, m={m!r}):\n return getattr(__import__(m), {a!r})({args})"
    yield "default object", f"import {m}\ndef f(z={m}.{a}):\n return z({args})"
    yield (
        "closure",
        f"def make(m, a):\n def f():\n  return getattr(__import__(m), a)({args})\n return f\nf = make({m!r}, {a!r})",
    )
    yield (
        "closure object",
        f"def make(z):\n def f():\n  return z({args})\n return f\nimport {m}\nf = make({m}.{a})",
    )
    yield (
        "nonlocal",
        f"def f():\n s = ''\n def g(c):\n  nonlocal s\n  s += c\n for c in {m!r}:\n  g(c)\n return getattr(__import__(s), {a!r})({args})",
    )
    yield (
        "nested",
        f"def f():\n def g():\n  def h():\n   import {m}\n   return {m}.{a}({args})\n  return h\n return g",
    )
    yield (
        "nested lambda",
        f"def f(xs):\n return [lambda: __import__({m!r}).{a}({args}) for x in xs]",
    )
    yield "comprehension", f"def f(xs):\n return [__import__({m!r}).{a}({args}) for x in xs]"
    yield (
        "set comprehension",
        f"def f(xs):\n return {{getattr(__import__({m!r}), {a!r}) for x in xs}}",
    )
    yield "sorted key", f"def f(xs):\n import {m}\n return sorted(xs, key={m}.{a})"
    yield "passed on", f"def f(g):\n import {m}\n return g({m}.{a}, {args})"
    yield "module passed on", f"def f(g):\n import {m}\n return g({m})"
    yield "returned", f"def f():\n import {m}\n return {m}.{a}"
    yield (
        "helper in globals",
        f"def g(n):\n return __import__(n)\ndef f():\n return g({m!r}).{a}({args})",
    )
    yield (
        "helper returns module",
        f"def g():\n import {m}\n return {m}\ndef f():\n z = g()\n return z.{a}({args})",
    )
    yield (
        "attribute of self",
        f"class C:\n def __init__(self):\n  self.m = __import__({m!r})\n def go(self):\n  return self.m.{a}({args})\nf = C",
    )
    yield (
        "name in self",
        f"class C:\n def __init__(self):\n  self.n = {m!r}\n def go(self):\n  return getattr(__import__(self.n), {a!r})({args})\nf = C",
    )
    yield "method", f"class C:\n def go(self, x):\n  import {m}\n  return {m}.{a}({args})\nf = C"
    yield (
        "bound method",
        f"class C:\n def go(self):\n  import {m}\n  return {m}.{a}({args})\nf = C().go",
    )
    yield (
        "static method",
        f"class C:\n @staticmethod\n def go():\n  return __import__({m!r}).{a}({args})\nf = C",
    )
    yield (
        "class method",
        f"class C:\n @classmethod\n def go(cls):\n  return __import__({m!r}).{a}({args})\nf = C",
    )
    yield (
        "property",
        f"class C:\n @property\n def go(self):\n  return __import__({m!r}).{a}({args})\nf = C",
    )
    yield "class attribute", f"import {m}\nclass C:\n go = {m}.{a}\nf = C"
    yield (
        "inherited",
        f"class B:\n def go(self):\n  return __import__({m!r}).{a}({args})\nclass C(B):\n def run(self):\n  return super().go()\nf = C",
    )
    yield (
        "operator method",
        f"class C:\n def __add__(self, o):\n  return __import__({m!r}).{a}({args})\nf = C",
    )
    yield (
        "call method",
        f"class C:\n def __call__(self, *a):\n  return __import__({m!r}).{a}({args})\nf = C()",
    )
    yield (
        "metaclass",
        f"class M(type):\n def __call__(cls):\n  return __import__({m!r}).{a}({args})\nclass C(metaclass=M): pass\nf = C",
    )
    yield (
        "decorated",
        f"import functools\ndef d(g):\n @functools.wraps(g)\n def w(*x):\n  __import__({m!r}).{a}({args})\n  return g(*x)\n return w\n@d\ndef f(x):\n return x",
    )
    yield (
        "class inside",
        f"def f():\n class C:\n  def __init__(self):\n   import {m}\n   {m}.{a}({args})\n return C",
    )
    yield "class body", f"def f():\n class C:\n  import {m}\n  z = {m}.{a}({args})\n return C"
    yield (
        "dispatch",
        f"import {m}\ntable = {{'a': len, 'b': {m}.{a}}}\ndef f(k):\n return table[k]({args})",
    )
    yield (
        "global list",
        f"l = ['math', {m!r}]\ndef f(i):\n return getattr(__import__(l[i]), {a!r})({args})",
    )
    yield "partial", f"import functools, {m}\nf = functools.partial({m}.{a}, {args})"
    yield (
        "partial inside",
        f"def f():\n import functools, {m}\n return functools.partial({m}.{a}, {args})()",
    )
    yield (
        "partial getattr",
        f"def f():\n import functools\n return functools.partial(getattr, __import__({m!r}))({a!r})({args})",
    )
    yield (
        "attrgetter",
        f"def f():\n import operator\n return operator.attrgetter({a!r})(__import__({m!r}))({args})",
    )
    yield (
        "methodcaller",
        f"def f():\n import operator\n return operator.methodcaller({a!r}, {args})(__import__({m!r}))",
    )
    yield (
        "reduce",
        f"def f():\n import functools\n return functools.reduce(getattr, [{a!r}], __import__({m!r}))({args})",
    )
    yield (
        "map getattr",
        f"def f():\n return list(map(getattr, [__import__({m!r})], [{a!r}]))[0]({args})",
    )
    yield "map call", f"def f():\n import {m}\n return list(map({m}.{a}, [{args}]))"
    yield "vars", f"def f():\n import {m}\n return vars({m})[{a!r}]({args})"
    yield "__dict__", f"def f():\n import {m}\n return {m}.__dict__[{a!r}]({args})"
    yield "__dict__.get", f"def f():\n import {m}\n return {m}.__dict__.get({a!r})({args})"
    yield "__getattribute__", f"def f():\n import {m}\n return {m}.__getattribute__({a!r})({args})"
    yield (
        "object.__getattribute__",
        f"def f():\n import {m}\n return object.__getattribute__({m}, {a!r})({args})",
    )
    yield "__call__", f"def f():\n import {m}\n return {m}.{a}.__call__({args})"
    yield "sys.modules", f"def f():\n import sys, {m}\n return sys.modules[{m!r}].{a}({args})"
    yield "sys.modules.get", f"def f():\n import sys\n return sys.modules.get({m!r}).{a}({args})"
    yield (
        "builtins import",
        f"def f():\n import builtins\n return builtins.__import__({m!r}).{a}({args})",
    )
    yield (
        "builtins getattr",
        f"def f():\n import builtins\n return getattr(builtins, '__imp' + 'ort__')({m!r}).{a}({args})",
    )
    yield (
        "builtins dict",
        f"def f():\n import builtins\n return builtins.__dict__['__import__']({m!r}).{a}({args})",
    )
    yield (
        "globals builtins",
        f"def f():\n b = globals()['__builtins__']\n b = b if isinstance(b, dict) else vars(b)\n return b['__import__']({m!r}).{a}({args})",
    )
    yield "__builtins__", f"def f():\n return __builtins__['__import__']({m!r}).{a}({args})"
    yield (
        "globals of a function",
        f"def g(): pass\ndef f():\n return g.__globals__['__builtins__']['__import__']({m!r}).{a}({args})",
    )
    yield "print.__self__", f"def f():\n return print.__self__.__import__({m!r}).{a}({args})"
    yield (
        "logging's module",
        f"def f():\n import logging\n return logging.sys.modules[{m!r}].{a}({args})",
    )
    yield (
        "resolve_name",
        f"def f():\n import pkgutil\n return pkgutil.resolve_name('{m}:{a}')({args})",
    )
    yield "pydoc.locate", f"def f():\n import pydoc\n return pydoc.locate('{m}.{a}')({args})"
    yield (
        "star arguments",
        f"def f():\n g = lambda m, a: getattr(__import__(m), a)\n return g(*({m!r}, {a!r}))({args})",
    )
    yield (
        "keyword arguments",
        f"def f():\n g = lambda **k: getattr(__import__(k['m']), k['a'])\n return g(**{{'m': {m!r}, 'a': {a!r}}})({args})",
    )
    yield (
        "locals",
        f"def f():\n {m[0]}_ = {m!r}\n return getattr(__import__(locals()[{m[0] + '_'!r}]), {a!r})({args})",
    )
    yield "globals write", f"def f():\n globals()['z'] = __import__({m!r})\n return z.{a}({args})"
    yield (
        "global statement",
        f"def f():\n global z\n z = __import__({m!r})\n return g()\ndef g():\n return z.{a}({args})\nz = None",
    )
    yield "setattr", f"def f(x):\n setattr(x, 'go', __import__({m!r}).{a})\n return x.go({args})"
    yield (
        "thread",
        f"def f():\n import threading, {m}\n t = threading.Thread(target={m}.{a}, args=({args},))\n t.start()",
    )
    yield (
        "thread of a closure",
        f"def f():\n import threading\n def g():\n  __import__({m!r}).{a}({args})\n threading.Thread(target=g).start()",
    )
    yield (
        "iter sentinel",
        f"def f():\n import {m}\n return next(iter(lambda: {m}.{a}({args}), None))",
    )
    yield "starred list", f"def f():\n import {m}\n return [*map({m}.{a}, [{args}])]"
    yield "subscript chain", f"def f():\n import {m}\n return [[{m}.{a}]][0][0]({args})"
    yield "boolean chain", f"def f(x):\n import {m}\n return (x and {m}.{a} or len)({args})"
    yield "assert", f"def f(x):\n assert x, __import__({m!r}).{a}({args})"
    yield (
        "delayed by del",
        f"def f():\n class D:\n  def __del__(self):\n   __import__({m!r}).{a}({args})\n D()",
    )
    yield (
        "contextmanager",
        f"import contextlib\n@contextlib.contextmanager\ndef c():\n __import__({m!r}).{a}({args})\n yield\ndef f():\n with c():\n  pass",
    )
    yield (
        "cached",
        f"import functools\n@functools.lru_cache\ndef g(n):\n return __import__(n)\ndef f():\n return g({m!r}).{a}({args})",
    )
    yield (
        "dataclass",
        f"import dataclasses\n@dataclasses.dataclass\nclass C:\n x: int = 0\n def __post_init__(self):\n  __import__({m!r}).{a}({args})\nf = C",
    )
    yield (
        "enum",
        f"import enum\nclass C(enum.Enum):\n A = 1\n def go(self):\n  return __import__({m!r}).{a}({args})\nf = C",
    )
