"""Payloads that an audit must not let through, written to stdout as lines of JSON.

    python tests/audit/hostile.py [NAME...]

Each line has a name, the capability that an audit has to name, when ("load" or "call"), and the
payload in base64. Nothing here is armed: a payload that is loaded or called by mistake
would print a marker, list a folder or fail. The bodies are compiled by this Python.
"""

from __future__ import annotations

import base64
import codecs
import json
import sys
import textwrap
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "py"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import gocloudpickle

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


SPECIAL = [
    ("eval", "dynamic-code", "def f(x):\n return eval(x)"),
    (
        "eval of a constant",
        "dynamic-code",
        "def f():\n return eval(\"__import__('os').system('echo marker')\")",
    ),
    ("exec", "dynamic-code", "def f():\n exec('import os')"),
    (
        "exec by getattr",
        "dynamic-code",
        "def f():\n import builtins\n getattr(builtins, 'ex' + 'ec')('1')",
    ),
    ("exec by dict", "dynamic-code", "def f():\n return vars(__import__('builtins'))['exec']('1')"),
    ("compile", "dynamic-code", "def f(s):\n return compile(s, 's', 'eval')"),
    (
        "FunctionType",
        "dynamic-code",
        "def f(c):\n import types\n return types.FunctionType(c, {})()",
    ),
    (
        "type of a lambda",
        "dynamic-code",
        "def f(c):\n import types\n return types.LambdaType(c, {})()",
    ),
    ("code.replace", "dynamic-code", "def f(g):\n g.__code__ = f.__code__.replace(co_code=b'')"),
    ("__code__", "dynamic-code", "def g():\n return 1\ndef f(h):\n g.__code__ = h\n return g()"),
    ("runpy", "dynamic-code", "def f(p):\n import runpy\n return runpy.run_path(p)"),
    ("timeit", "dynamic-code", "def f(s):\n import timeit\n return timeit.timeit(s)"),
    (
        "InteractiveInterpreter",
        "dynamic-code",
        "def f(s):\n import code\n code.InteractiveInterpreter().runsource(s)",
    ),
    ("computed import", "dynamic-import", "def f(x):\n return __import__(x)"),
    (
        "computed import_module",
        "dynamic-import",
        "def f(x):\n import importlib\n return importlib.import_module(x + '.y')",
    ),
    (
        "find_spec",
        "dynamic-import",
        "def f(x):\n import importlib.util\n return importlib.util.find_spec(x)",
    ),
    ("__loader__", "dynamic-import", "def f(x):\n return __loader__.load_module(x)"),
    ("__spec__", "dynamic-import", "def f(x):\n return x.__spec__.loader"),
    (
        "subclasses",
        "interpreter",
        "def f():\n return ().__class__.__base__.__subclasses__()[-1].__init__.__globals__['system']('echo marker')",
    ),
    (
        "subclasses to process",
        "process",
        "def f():\n return ().__class__.__base__.__subclasses__()[-1].__init__.__globals__['system']('echo marker')",
    ),
    (
        "subclasses by name",
        "process",
        "def f():\n return [c for c in object.__subclasses__() if c.__name__ == 'Popen'][0](['echo'])",
    ),
    (
        "subclasses wrap_close",
        "process",
        "def f():\n for c in ''.__class__.__mro__[-1].__subclasses__():\n  if c.__name__ == '_wrap_close':\n   return c.__init__.__globals__['popen']('echo marker')",
    ),
    (
        "subclasses catch_warnings",
        "dynamic-import",
        "def f():\n for c in [].__class__.__bases__[0].__subclasses__():\n  if 'catch_warnings' in c.__name__:\n   return c()._module.__builtins__['__import__']('os')",
    ),
    (
        "getattr subclasses",
        "interpreter",
        "def f():\n return getattr(getattr((), '__cla' + 'ss__').__base__, '__subclas' + 'ses__')()",
    ),
    (
        "frame globals",
        "interpreter",
        "def f():\n import sys\n return sys._getframe(1).f_globals['x']",
    ),
    (
        "frame builtins",
        "dynamic-code",
        "def f():\n import sys\n return sys._getframe().f_back.f_builtins['eval']('1')",
    ),
    (
        "generator frame",
        "interpreter",
        "def f():\n g = (x for x in [1])\n return g.gi_frame.f_back.f_globals",
    ),
    (
        "traceback frame",
        "interpreter",
        "def f():\n try:\n  1 / 0\n except ZeroDivisionError as e:\n  return e.__traceback__.tb_frame.f_back",
    ),
    (
        "gc",
        "interpreter",
        "def f():\n import gc\n return [o for o in gc.get_objects() if callable(o)]",
    ),
    (
        "inspect stack",
        "interpreter",
        "def f():\n import inspect\n return inspect.currentframe().f_back",
    ),
    ("closure contents", "interpreter", "def f(g):\n return g.__closure__[0].cell_contents()"),
    ("globals of an argument", "interpreter", "def f(g):\n return g.__globals__['os']"),
    (
        "globals of an argument, os",
        "process",
        "def f(g):\n return g.__init__.__globals__['os'].system('echo marker')",
    ),
    (
        "globals of an argument, sys",
        "process",
        "def f(g):\n return g.__globals__['sys'].modules['os'].popen('echo marker')",
    ),
    ("settrace", "interpreter", "def f(g):\n import sys\n sys.settrace(g)"),
    ("meta_path", "interpreter", "def f(g):\n import sys\n sys.meta_path.insert(0, g)"),
    ("sys.path", "interpreter", "def f(g):\n import sys\n sys.path.insert(0, g)"),
    ("monkeypatch", "interpreter", "def f(g):\n import json\n json.loads = g"),
    ("monkeypatch setattr", "interpreter", "def f(g):\n import json\n setattr(json, 'loads', g)"),
    ("monkeypatch dict", "interpreter", "def f(g):\n import json\n vars(json)['loads'] = g"),
    ("monkeypatch modules", "interpreter", "def f(g):\n import sys\n sys.modules['json'] = g"),
    ("atexit", "interpreter", "def f(g):\n import atexit\n atexit.register(g)"),
    ("audit hook", "interpreter", "def f(g):\n import sys\n sys.addaudithook(g)"),
    ("unknown attribute of a module", "unknown", "def f(x):\n import os\n return getattr(os, x)"),
    ("unknown module", "unknown", "def f(x):\n import nowhere_known\n return nowhere_known.run(x)"),
    (
        "lost name",
        "unknown",
        "def f(x):\n return getattr(x, ''.join(sorted({'e', 'v', 'a'}, key=hash)) + '1')",
    ),
    ("open", "filesystem", "def f(p):\n return open(p).read()"),
    (
        "open for writing",
        "filesystem",
        "def f(p):\n with open(p, 'w') as file:\n  file.write('marker')",
    ),
    ("io.open", "filesystem", "def f(p):\n import io\n return io.open(p)"),
    ("codecs.open", "filesystem", "def f(p):\n import codecs\n return codecs.open(p)"),
    ("pathlib", "filesystem", "def f(p):\n import pathlib\n return pathlib.Path(p).read_text()"),
    ("method of a path", "filesystem", "def f(p):\n return p.write_text('marker')"),
    ("os.listdir", "filesystem", "def f(p):\n import os\n return os.listdir(p)"),
    ("os.path.exists", "filesystem", "def f(p):\n import os.path\n return os.path.exists(p)"),
    ("posix.remove", "filesystem", "def f(p):\n import posix\n return posix.remove(p)"),
    ("tempfile", "filesystem", "def f():\n import tempfile\n return tempfile.mkstemp()"),
    ("glob", "filesystem", "def f():\n import glob\n return glob.glob('*')"),
    ("sqlite", "filesystem", "def f():\n import sqlite3\n return sqlite3.connect('marker')"),
    ("to_csv", "filesystem", "def f(df):\n return df.to_csv('/nonexistent/marker')"),
    ("numpy.load", "filesystem", "def f(p):\n import numpy as np\n return np.load(p)"),
    ("numpy tofile", "filesystem", "def f(p):\n import numpy as np\n return np.zeros(3).tofile(p)"),
    ("read_csv", "filesystem", "def f(p):\n import pandas as pd\n return pd.read_csv(p)"),
    ("pandas.eval", "dynamic-code", "def f(p):\n import pandas as pd\n return pd.eval(p)"),
    ("read_pickle", "unpickle", "def f(p):\n import pandas as pd\n return pd.read_pickle(p)"),
    ("joblib.load", "unpickle", "def f(p):\n import joblib\n return joblib.load(p)"),
    ("pickle.loads", "unpickle", "def f(p):\n import pickle\n return pickle.loads(p)"),
    (
        "pickle.Unpickler",
        "unpickle",
        "def f(p):\n import pickle\n return pickle.Unpickler(p).load()",
    ),
    (
        "pickle.loads by getattr",
        "unpickle",
        "def f(p):\n return getattr(__import__('pick' + 'le'), 'loa' + 'ds')(p)",
    ),
    (
        "cloudpickle.loads",
        "unpickle",
        "def f(p):\n import cloudpickle\n return cloudpickle.loads(p)",
    ),
    ("shelve", "unpickle", "def f(p):\n import shelve\n return shelve.open(p)"),
    (
        "numpy builtins",
        "dynamic-code",
        "def f(p):\n import numpy\n return numpy.__builtins__['eval'](p)",
    ),
    ("environ", "environment", "def f():\n import os\n return dict(os.environ)"),
    ("environ item", "environment", "def f():\n from os import environ\n return environ['HOME']"),
    ("getenv", "environment", "def f():\n import os\n return os.getenv('HOME')"),
    (
        "urlopen",
        "network",
        "def f(u):\n import urllib.request\n return urllib.request.urlopen(u).read()",
    ),
    (
        "http.client",
        "network",
        "def f(h):\n import http.client\n return http.client.HTTPSConnection(h)",
    ),
    (
        "asyncio connection",
        "network",
        "async def f(h):\n import asyncio\n return await asyncio.open_connection(h, 80)",
    ),
    (
        "asyncio process",
        "process",
        "async def f(h):\n import asyncio\n return await asyncio.create_subprocess_shell(h)",
    ),
    ("smtplib", "network", "def f(h):\n import smtplib\n smtplib.SMTP(h)"),
    ("requests", "network", "def f(u):\n import requests\n return requests.get(u)"),
    (
        "multiprocessing",
        "process",
        "def f(g):\n import multiprocessing\n multiprocessing.Process(target=g).start()",
    ),
    (
        "ProcessPoolExecutor",
        "process",
        "def f(g):\n from concurrent.futures import ProcessPoolExecutor\n return ProcessPoolExecutor().submit(g)",
    ),
    ("fork", "process", "def f():\n import os\n return os.fork()"),
    ("kill", "process", "def f():\n import os\n os.kill(1, 0)"),
    ("pty", "process", "def f():\n import pty\n pty.spawn('echo')"),
    ("posix", "process", "def f():\n import posix\n posix.system('echo marker')"),
    (
        "_posixsubprocess",
        "process",
        "def f(*a):\n import _posixsubprocess\n _posixsubprocess.fork_exec(*a)",
    ),
    ("uuid", "process", "def f():\n import uuid\n return uuid._get_command_stdout('echo')"),
    (
        "imaplib",
        "process",
        "def f():\n import imaplib\n return imaplib.IMAP4_stream('echo marker')",
    ),
    (
        "_osx_support",
        "process",
        "def f():\n import _osx_support\n return _osx_support._read_output('echo')",
    ),
    ("webbrowser", "process", "def f(u):\n import webbrowser\n webbrowser.open(u)"),
    (
        "a module of a module",
        "process",
        "def f():\n import random\n return random._os.system('echo marker')",
    ),
    (
        "a module of a package",
        "process",
        "def f():\n import shutil\n return shutil.os.system('echo marker')",
    ),
    ("loop popen", "process", "async def f(loop, p):\n await loop.subprocess_exec(p, 'echo')"),
    ("ctypes", "native-code", "def f():\n import ctypes\n return ctypes.pythonapi"),
    (
        "ctypes cast",
        "native-code",
        "def f(x):\n from ctypes import cast, c_void_p\n return cast(x, c_void_p)",
    ),
    ("cffi", "native-code", "def f():\n import cffi\n return cffi.FFI().dlopen(None)"),
]


def on_load(act: str) -> Iterator[tuple[str, str]]:
    """Methods that loading runs: a name, and a body that defines f, of which the instance is pickled."""
    yield (
        "__setstate__",
        f"class C:\n def __init__(self): self.x = 1\n def __setstate__(self, s):\n  {act}\nf = C()",
    )
    yield (
        "__setstate__ of a base",
        f"class B:\n def __setstate__(self, s):\n  {act}\nclass C(B):\n def __init__(self): self.x = 1\nf = C()",
    )
    yield (
        "__setstate__ by a helper",
        f"def h():\n {act}\nclass C:\n def __init__(self): self.x = 1\n def __setstate__(self, s):\n  h()\nf = C()",
    )
    yield (
        "__setstate__ by a method",
        f"class C:\n def __init__(self): self.x = 1\n def go(self):\n  {act}\n def __setstate__(self, s):\n  self.go()\nf = C()",
    )
    yield (
        "__del__",
        f"class C:\n def __del__(self):\n  if not getattr(self, 'quiet', True):\n   {act}\nf = C()",
    )
    yield (
        "__hash__",
        f"class C:\n def __hash__(self):\n  import sys\n  if hasattr(sys, 'armed'):\n   {act}\n  return 1\nf = {{C()}}",
    )
    yield (
        "__eq__",
        f"class C:\n def __hash__(self): return 1\n def __eq__(self, o):\n  import sys\n  if hasattr(sys, 'armed'):\n   {act}\n  return False\nf = {{C(): 1}}",
    )
    yield (
        "__new__",
        f"class C:\n def __new__(cls, *a):\n  import sys\n  if hasattr(sys, 'armed'):\n   {act}\n  return object.__new__(cls)\nf = C()",
    )
    yield (
        "__getattribute__",
        f"class C:\n def __getattribute__(self, n):\n  import sys\n  if hasattr(sys, 'armed'):\n   {act}\n  return object.__getattribute__(self, n)\nf = C()",
    )
    yield (
        "__init_subclass__",
        f"class B:\n def __init_subclass__(cls):\n  import sys\n  if hasattr(sys, 'armed'):\n   {act}\nclass C(B): pass\nf = C",
    )
    yield (
        "metaclass __new__",
        f"class M(type):\n def __new__(m, *a, **k):\n  import sys\n  if hasattr(sys, 'armed'):\n   {act}\n  return type.__new__(m, *a)\nclass C(metaclass=M): pass\nf = C",
    )
    yield (
        "metaclass __setattr__",
        f"class M(type):\n def __setattr__(c, n, v):\n  import sys\n  if hasattr(sys, 'armed'):\n   {act}\n  type.__setattr__(c, n, v)\nclass C(metaclass=M):\n x = 1\nf = C",
    )
    yield (
        "reduce to a shipped function",
        f"def h(x):\n {act}\nclass C:\n def __reduce__(self): return h, (1,)\nf = C()",
    )
    yield (
        "reduce to a lambda",
        f"class C:\n def __reduce__(self): return (lambda x: [{act}]), (1,)\nf = C()",
    )
    yield (
        "reduce to a bound method",
        f"class D:\n def go(self, x):\n  {act}\nclass C:\n def __reduce__(self): return D().go, (1,)\nf = C()",
    )
    yield (
        "reduce with a map",
        f"def h(x):\n {act}\nclass C:\n def __reduce__(self): return list, (map(h, [1]),)\nf = C()",
    )
    yield (
        "state setter",
        f"def h(o, s):\n {act}\nclass C:\n def __reduce__(self): return C, (), 1, None, None, h\nf = C()",
    )
    yield (
        "items",
        f"class C(list):\n def append(self, x):\n  import sys\n  if hasattr(sys, 'armed'):\n   {act}\n def extend(self, x):\n  self.append(x)\nf = C([1])",
    )
    yield (
        "items of a dict",
        f"class C(dict):\n def __setitem__(self, k, v):\n  import sys\n  if hasattr(sys, 'armed'):\n   {act}\nf = C(a=1)",
    )


def define(body: str) -> Any:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(textwrap.dedent(body), "<hostile>", "exec"), namespace)
    return namespace["f"]


def payloads() -> Iterator[dict[str, Any]]:
    from tests.audit.hostile_indirect import INDIRECT
    from tests.audit.streams import STREAMS

    for name, capability, when, data in STREAMS:
        yield {"name": f"stream: {name}", "capability": capability, "when": when, "data": data}
    bodies = [
        (f"{m}.{a}: {how}", c, "call", body)
        for c, m, a, args in TARGETS
        for how, body in reaching(m, a, args)
    ]
    bodies += [(name, c, "call", body) for name, c, body in SPECIAL]
    for c, act in (
        ("process", "__import__('os').system('echo marker')"),
        ("network", "__import__('socket').socket()"),
    ):
        bodies += [(f"on load, {c}: {how}", c, "load", body) for how, body in on_load(act)]
    for name, capability, when, body in INDIRECT:
        try:
            data = gocloudpickle.dumps(define(body))
        except ImportError:  # NumPy, pandas, a module of another Python
            continue
        yield {"name": f"indirect: {name}", "capability": capability, "when": when, "data": data}
    for name, capability, when, body in bodies:
        # Stock cloudpickle makes classes so that their hooks run when they are loaded.
        gocloudpickle.Pickler.strict = True if when == "load" else None
        yield {
            "name": name,
            "capability": capability,
            "when": when,
            "data": gocloudpickle.dumps(define(body)),
        }


def main() -> None:
    only = sys.argv[1:]
    for p in payloads():
        if not only or p["name"] in only:
            print(json.dumps({**p, "data": base64.b64encode(p["data"]).decode()}))


if __name__ == "__main__":
    main()
