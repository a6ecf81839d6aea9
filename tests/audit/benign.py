"""Payloads that compute only, written to stdout as hostile.py does: an audit has to let them through.

They are functions and classes as people send them to workers, those of the standard library
that compute, sent by value, and objects of this project's own corpus. What the interpreter lacks (NumPy,
pandas, scikit-learn) is left out.
"""

from __future__ import annotations

import base64
import importlib
import json
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "py"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import gocloudpickle

# Modules of which every function computes, but for those that are named.
MODULES = {
    "bisect": (), "calendar": ("LocaleHTMLCalendar", "LocaleTextCalendar", "_get_default_locale", "different_locale", "main", "_CLIDemoLocaleCalendar", "_CLIDemoCalendar"), "colorsys": (), "copy": (), "difflib": ("_test",),
    "fnmatch": (), "fractions": (), "functools": ("_compose_mro", "_find_impl", "singledispatch", "singledispatchmethod"), "graphlib": (), "heapq": (), "html": (),
    "html.entities": (), "ipaddress": (), "json": (), "json.decoder": (), "json.encoder": (), "keyword": (), "operator": (), "pprint": (),
    "queue": (), "quopri": ("main",), "random": (), "reprlib": (), "sched": (), "shlex": ("_print_tokens", "shlex", "split"),
    "statistics": (), "string": (), "stringprep": (), "textwrap": (), "collections": ("namedtuple",),
    "email.utils": ("make_msgid",), "email.quoprimime": (), "email.base64mime": (), "email.header": (), "urllib.parse": (), "base64": ("main", "encode", "decode", "test"),
    "nturl2path": (), "numbers": (), "csv": (), "contextlib": ("_RedirectStream", "chdir", "redirect_stderr", "redirect_stdout"), "abc": (), "posixpath": None, "html.parser": (),
    "secrets": (), "hmac": (), "wave": None, "optparse": None, "xml.etree.ElementTree": None, "zipfile": None, "configparser": None,
}  # fmt: skip

FUNCTIONS = {
    "arithmetic": "def f(x, y=2):\n return (x ** y + 3 * x - 1) / (y or 1)",
    "lambda": "f = lambda x: x * 2",
    "closure": "def make(n):\n def f(x):\n  return [i + n for i in range(x)]\n return f\nf = make(3)",
    "counter": "def make():\n c = 0\n def f():\n  nonlocal c\n  c += 1\n  return c\n return f\nf = make()",
    "recursion": "def f(n):\n return n if n < 2 else f(n - 1) + f(n - 2)",
    "mutual": "def even(n):\n return n == 0 or odd(n - 1)\ndef odd(n):\n return n != 0 and even(n - 1)\nf = even",
    "strings": "def f(s):\n return ' '.join(w.capitalize() for w in s.strip().split() if w)[::-1].encode('utf-8')",
    "f-strings": "def f(a, b):\n return f'{a!r:>10} {b:.2f} {a}'",
    "dicts": "def f(d):\n return {k: v for k, v in sorted(d.items(), key=lambda p: p[1]) if v}",
    "exceptions": "def f(x):\n try:\n  return 1 / x\n except ZeroDivisionError as e:\n  raise ValueError(f'bad {x}') from e\n finally:\n  print('done')",
    "generator": "def f(n):\n a, b = 0, 1\n while a < n:\n  got = yield a\n  a, b = b, a + b",
    "yield from": "def f(t):\n if t:\n  yield from f(t.left)\n  yield t.value\n  yield from f(t.right)",
    "async": "import asyncio\nasync def f(x):\n await asyncio.sleep(0)\n async with x as y:\n  return [z async for z in y]",
    "with": "def f(lock, xs):\n with lock:\n  xs.append(1)\n return xs",
    "match": "def f(c):\n match c:\n  case {'op': 'add', 'args': [x, y]}:\n   return x + y\n  case (x, *rest):\n   return rest\n  case str() | bytes():\n   return len(c)\n  case _:\n   return None",
    "walrus": "def f(xs):\n return [y for x in xs if (y := x * 2) > 3]",
    "star": "def f(*args, **kw):\n return max(*args, **kw), {**kw, 'a': 1}, [*args]",
    "keyword only": "def f(a, /, b, *, c=3):\n return a + b + c",
    "decorator": "import functools\ndef d(g):\n @functools.wraps(g)\n def w(*a, **k):\n  print('call', g.__name__)\n  return g(*a, **k)\n return w\n@d\ndef f(x):\n return x",
    "decorator with arguments": "import functools, time\ndef retry(n):\n def d(g):\n  @functools.wraps(g)\n  def w(*a):\n   for i in range(n):\n    try:\n     return g(*a)\n    except Exception:\n     time.sleep(2 ** i)\n  return w\n return d\n@retry(3)\ndef f(x):\n return 1 / x",
    "partial": "import functools, operator\nf = functools.partial(operator.mul, 3)",
    "partial of a lambda": "import functools\nf = functools.partial(lambda a, b: a - b, b=1)",
    "lru_cache": "import functools\n@functools.lru_cache(None)\ndef f(n):\n return n if n < 2 else f(n - 1) + f(n - 2)",
    "reduce": "from functools import reduce\nfrom operator import add\ndef f(xs):\n return reduce(add, map(abs, filter(None, xs)), 0)",
    "itertools": "import itertools\ndef f(xs):\n return list(itertools.chain.from_iterable(itertools.zip_longest(xs, xs[1:])))",
    "collections": "from collections import Counter, defaultdict, OrderedDict, deque\ndef f(words):\n d = defaultdict(list)\n for w in words:\n  d[len(w)].append(w)\n return Counter(words).most_common(3), d, deque(words, 5), OrderedDict(d)",
    "namedtuple": "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(x):\n p = P(x, 2)\n return p._replace(y=3).x",
    "logging": "import logging\nlog = logging.getLogger('x')\ndef f(x):\n log.info('x is %s', x)\n logging.getLogger(__name__).warning('x')\n return x",
    "time": "import time\ndef f():\n t = time.perf_counter()\n time.sleep(0.1)\n return time.perf_counter() - t, time.strftime('%Y')",
    "datetime": "import datetime as dt\ndef f(s):\n return dt.datetime.strptime(s, '%Y-%m-%d') + dt.timedelta(days=1), dt.date.today().isoformat()",
    "random": "import random\ndef f(n):\n r = random.Random(0)\n return [r.random() for _ in range(n)], random.choice('abc')",
    "math": "import math\ndef f(x):\n return math.sqrt(x) + math.pi * math.log(x, 2)",
    "re": "import re\npattern = re.compile(r'(\\w+)=(\\d+)', re.I)\ndef f(s):\n return {m[1]: int(m[2]) for m in pattern.finditer(s)}, re.sub('a', 'b', s)",
    "json": "import json\ndef f(s):\n return json.dumps(json.loads(s), indent=1, sort_keys=True)",
    "hashlib": "import hashlib\ndef f(b):\n return hashlib.sha256(b).hexdigest()",
    "decimal": "from decimal import Decimal, getcontext\ndef f(x):\n return Decimal(x).quantize(Decimal('0.01'))",
    "warnings": "import warnings\ndef f(x):\n warnings.warn('old', DeprecationWarning, stacklevel=2)\n return x",
    "sys.stderr": "import sys\ndef f(x):\n print(x, file=sys.stderr)\n sys.stdout.flush()\n return sys.version_info >= (3, 9), sys.maxsize",
    "os.path.join": "import os.path\ndef f(a):\n return os.path.join(a, 'b'), os.path.splitext(a)[1], os.path.basename(a)",
    "threading": "import threading\ndef f(g):\n t = threading.Thread(target=g)\n t.start()\n t.join()\n lock = threading.Lock()\n with lock:\n  return 1",
    "thread pool": "from concurrent.futures import ThreadPoolExecutor\ndef f(g, xs):\n with ThreadPoolExecutor(4) as pool:\n  return list(pool.map(g, xs))",
    "typing": "from typing import Any, Optional, TypeVar, cast\nT = TypeVar('T')\ndef f(x: Optional[int], y: 'list[T]') -> Any:\n return cast(int, x)",
    "getattr of an argument": "def f(x, name='value'):\n return getattr(x, name, None), hasattr(x, 'y'), setattr(x, name, 3)",
    "getattr by argument": "def f(x, name):\n return getattr(x, name)()",
    "getattr of self": "class C:\n def go(self, name):\n  return getattr(self, 'do_' + name)()\n def do_x(self):\n  return 1\nf = C()",
    "dispatch": "def a(x): return x\ndef b(x): return -x\ntable = {'a': a, 'b': b, 'len': len}\ndef f(k, x):\n return table[k](x)",
    "callbacks": "def f(xs, on_item=None, key=lambda x: x):\n for x in sorted(xs, key=key):\n  if on_item is not None:\n   on_item(x)\n return min(xs, key=key)",
    "class name": "def f(x):\n return type(x).__name__, x.__class__.__module__, isinstance(x, (int, str)), x.__dict__",
    "sort": "def f(xs):\n for i in range(len(xs)):\n  for j in range(len(xs) - 1 - i):\n   if xs[j] > xs[j + 1]:\n    xs[j], xs[j + 1] = xs[j + 1], xs[j]\n return xs",
    "matrix": "def f(a, b):\n return [[sum(x * y for x, y in zip(r, c)) for c in zip(*b)] for r in a]",
    "sieve": "def f(n):\n s = bytearray([1]) * (n + 1)\n for i in range(2, int(n ** 0.5) + 1):\n  if s[i]:\n   s[i * i::i] = bytes(len(s[i * i::i]))\n return [i for i, v in enumerate(s) if v]",
    "parser": "def f(text):\n out, stack = [], []\n for token in text.replace('(', ' ( ').split():\n  if token == '(':\n   stack.append(out)\n   out = []\n  elif token == ')':\n   inner, out = out, stack.pop()\n   out.append(tuple(inner))\n  else:\n   try:\n    out.append(int(token))\n   except ValueError:\n    out.append(token)\n return out",
    "string table": "from string import ascii_lowercase, Template\ndef f(s):\n t = str.maketrans(ascii_lowercase, ascii_lowercase[3:] + ascii_lowercase[:3])\n return s.translate(t), Template('$x').substitute(x=1)",
    "base64": "import base64, zlib\ndef f(s):\n return base64.b64encode(zlib.compress(s.encode())).decode()",
    "struct": "import struct\ndef f(b):\n return struct.unpack('<IH', b[:6]), int.from_bytes(b, 'big')",
    "io.StringIO": "import io, csv\ndef f(s):\n out = io.StringIO()\n w = csv.writer(out)\n for row in csv.reader(s.splitlines()):\n  w.writerow(row)\n return out.getvalue()",
    "contextmanager": "import contextlib\n@contextlib.contextmanager\ndef timer():\n yield 1\ndef f():\n with timer() as t, contextlib.suppress(KeyError):\n  return t",
    "uuid": "import uuid\ndef f():\n return str(uuid.uuid4()), uuid.UUID(int=3)",
    "traceback": "import traceback\ndef f(g):\n try:\n  return g()\n except Exception:\n  return traceback.format_exc()",
    "copy": "import copy\ndef f(x):\n return copy.deepcopy(x), copy.copy(x)",
    "enumerate": "def f(xs):\n for i, (a, b) in enumerate(zip(xs, reversed(xs)), 1):\n  if i % 2:\n   continue\n  if a is b:\n   break\n else:\n  return None\n return i",
    "global state": "cache = {}\ndef f(k):\n if k not in cache:\n  cache[k] = len(cache)\n return cache[k]",
    "global statement": "n = 0\ndef f():\n global n\n n += 1\n return n",
    "inspect.signature": "import inspect\ndef f(g):\n return list(inspect.signature(g).parameters)",
    "weakref": "import weakref\ndef f(x):\n return weakref.ref(x)()",
    "assert": "def f(x):\n assert isinstance(x, int), 'no int'\n assert x > 0\n return x",
    "delete": "def f(d):\n del d['a']\n x = d\n del x\n return d",
    "nested comprehension": "def f(n):\n return {(i, j): [k for k in range(i) if k != j] for i in range(n) for j in range(n) if i != j}",
    "heap": "import heapq\ndef f(graph, start):\n dist = {start: 0}\n heap = [(0, start)]\n while heap:\n  d, u = heapq.heappop(heap)\n  for v, w in graph[u].items():\n   if d + w < dist.get(v, float('inf')):\n    dist[v] = d + w\n    heapq.heappush(heap, (d + w, v))\n return dist",
}

CLASSES = {
    "class": "class C:\n 'doc'\n kind = 'c'\n def __init__(self, x=1):\n  self.x = x\n def go(self, y):\n  return self.x + y + self.help()\n def help(self):\n  return len(self.kind)\nf = C",
    "instance": "class C:\n def __init__(self, x=1):\n  self.x = x\n  self.items = []\n def add(self, y):\n  self.items.append(y)\n  return self\nf = C(3)",
    "bound method": "class C:\n def __init__(self): self.n = 1\n def go(self, y): return self.n + y\nf = C().go",
    "inheritance": "class A:\n def go(self): return 1\nclass B(A):\n def go(self): return super().go() + 1\nclass C(B):\n def __init__(self):\n  super().__init__()\nf = C",
    "operators": "class V:\n def __init__(self, x, y): self.x, self.y = x, y\n def __add__(self, o): return V(self.x + o.x, self.y + o.y)\n def __eq__(self, o): return (self.x, self.y) == (o.x, o.y)\n def __hash__(self): return hash((self.x, self.y))\n def __repr__(self): return f'V({self.x}, {self.y})'\n def __len__(self): return 2\n def __iter__(self): return iter((self.x, self.y))\n def __getitem__(self, i): return (self.x, self.y)[i]\nf = {V(1, 2): V(3, 4)}",
    "property": "class C:\n def __init__(self): self._x = 1\n @property\n def x(self): return self._x\n @x.setter\n def x(self, v): self._x = v\n @staticmethod\n def s(a): return a\n @classmethod\n def c(cls): return cls()\nf = C()",
    "dataclass": "from dataclasses import dataclass, field\n@dataclass(order=True)\nclass C:\n x: int = 0\n y: list = field(default_factory=list)\n def total(self): return self.x + sum(self.y)\nf = C(1, [2])",
    "frozen dataclass": "from dataclasses import dataclass, replace, asdict\n@dataclass(frozen=True)\nclass C:\n x: int\n def more(self): return replace(self, x=self.x + 1), asdict(self)\nf = C(1)",
    "enum": "import enum\nclass E(enum.Enum):\n A = 1\n B = 'b'\n @property\n def low(self): return self.name.lower()\nf = [E, E.A]",
    "int enum": "import enum\nclass E(enum.IntFlag):\n A = enum.auto()\n B = enum.auto()\nf = E.A | E.B",
    "abc": "import abc\nclass B(abc.ABC):\n @abc.abstractmethod\n def go(self): ...\nclass C(B):\n def go(self): return 1\nf = C()",
    "namedtuple class": "from typing import NamedTuple\nclass P(NamedTuple):\n x: int\n y: int = 2\n def norm(self): return (self.x ** 2 + self.y ** 2) ** 0.5\nf = P(1)",
    "slots": "class C:\n __slots__ = ('x', 'y')\n def __init__(self): self.x = 1\nf = C()",
    "getstate": "class C:\n def __init__(self): self.x, self.lock = 1, None\n def __getstate__(self):\n  d = self.__dict__.copy()\n  d.pop('lock')\n  return d\n def __setstate__(self, s):\n  self.__dict__.update(s)\n  self.lock = None\nf = C()",
    "getattr": "class C:\n def __init__(self, o): self.o = o\n def __getattr__(self, n):\n  if n.startswith('_'):\n   raise AttributeError(n)\n  return getattr(self.o, n)\nf = C",
    "metaclass": "class M(type):\n def __new__(m, n, b, d):\n  d['made'] = True\n  return super().__new__(m, n, b, d)\nclass C(metaclass=M):\n pass\nf = C",
    "registry": "class B:\n all = {}\n def __init_subclass__(cls, **k):\n  super().__init_subclass__(**k)\n  B.all[cls.__name__] = cls\nclass C(B): pass\nf = C",
    "descriptor": "class D:\n def __set_name__(self, o, n): self.n = n\n def __get__(self, o, t=None): return self if o is None else o.__dict__.get(self.n)\n def __set__(self, o, v): o.__dict__[self.n] = v\nclass C:\n x = D()\nf = C()",
    "iterator": "class C:\n def __init__(self, n): self.n = n\n def __iter__(self): return self\n def __next__(self):\n  if self.n <= 0:\n   raise StopIteration\n  self.n -= 1\n  return self.n\nf = C(3)",
    "context": "class C:\n def __enter__(self): return self\n def __exit__(self, *e): return False\ndef f():\n with C() as c:\n  return c",
    "callable": "class C:\n def __init__(self, g): self.g = g\n def __call__(self, *a, **k): return self.g(*a, **k)\nf = C(len)",
    "exception": "class E(Exception):\n def __init__(self, code): super().__init__(f'code {code}'); self.code = code\ndef f(x):\n raise E(x)",
    "dict subclass": "class D(dict):\n def __missing__(self, k):\n  self[k] = []\n  return self[k]\n def __getattr__(self, n): return self[n]\nf = D(a=1)",
    "list subclass": "class L(list):\n def append(self, x):\n  super().append(x)\nf = L([1, 2])",
    "generic": "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass C(Generic[T]):\n def put(self, x: T) -> T: return x\nf = C()",
    "cached_property": "import functools\nclass C:\n @functools.cached_property\n def x(self): return sum(range(10))\nf = C()",
    "singleton": "class C:\n _i = None\n def __new__(cls):\n  if cls._i is None:\n   cls._i = super().__new__(cls)\n  return cls._i\nf = C",
    "state machine": "class C:\n def __init__(self): self.state = 'idle'\n def on(self, e):\n  handler = getattr(self, f'on_{self.state}', self.other)\n  return handler(e)\n def on_idle(self, e): self.state = 'busy'\n def other(self, e): pass\nf = C()",
    "visitor": "class V:\n def visit(self, n): return getattr(self, 'visit_' + type(n).__name__, self.generic)(n)\n def generic(self, n): return [self.visit(c) for c in n]\n def visit_int(self, n): return n\nf = V()",
}

SCIENCE = {
    "numpy": "import numpy as np\ndef f(x):\n a = np.asarray(x, dtype=float)\n return (a - a.mean(axis=0)) / a.std(axis=0), np.linalg.norm(a), a[a > 0].sum(), a @ a.T",
    "numpy random": "import numpy as np\nrng = np.random.default_rng(0)\ndef f(n):\n return rng.normal(size=n), np.random.rand(3)",
    "numpy vectorize": "import numpy as np\ndef f(x):\n return np.vectorize(lambda v: v * 2)(x), np.apply_along_axis(sum, 0, x)",
    "gradient descent": "import numpy as np\ndef f(x, y, steps=100, rate=0.1):\n w = np.zeros(x.shape[1])\n for i in range(steps):\n  g = x.T @ (x @ w - y) / len(y)\n  w -= rate * g\n  if np.abs(g).max() < 1e-6:\n   break\n return w",
    "numpy array": "import numpy as np\nf = np.arange(10.0).reshape(2, 5)",
    "numpy objects": "import numpy as np\nf = [np.float64(1.5), np.dtype('i4'), np.array(['a', None], dtype=object), np.random.RandomState(0)]",
    "pandas": "import pandas as pd\ndef f(df):\n df = df.copy()\n df['z'] = df['x'].apply(lambda v: v + 1)\n return df.groupby('y').agg({'z': ['mean', 'sum']}).reset_index().merge(df, how='left').sort_values('y').head(3)",
    "pandas rolling": "import pandas as pd\ndef f(s):\n return pd.Series(s).rolling(3).mean().fillna(0).to_dict(), pd.to_datetime(['2020-01-01']), pd.concat([pd.DataFrame({'a': [1]})])",
    "data frame": "import pandas as pd\nf = pd.DataFrame({'x': [1, 2], 'y': ['a', 'b'], 'z': pd.to_datetime(['2020-01-01', '2021-01-01'])})",
    "series": "import pandas as pd\nf = pd.Series([1.0, None], index=pd.Index(['a', 'b'], name='k'), name='s')",
    "categorical": "import pandas as pd\nf = pd.Categorical(['a', 'b', 'a'])",
    "linear model": "from sklearn.linear_model import LinearRegression\nimport numpy as np\nf = LinearRegression().fit(np.arange(6).reshape(3, 2), [1, 2, 3])",
    "forest": "from sklearn.ensemble import RandomForestClassifier\nimport numpy as np\nf = RandomForestClassifier(3).fit(np.arange(8).reshape(4, 2), [0, 1, 0, 1])",
    "pipeline": "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler, FunctionTransformer\nfrom sklearn.svm import SVC\nimport numpy as np\nf = make_pipeline(FunctionTransformer(lambda x: x * 2), StandardScaler(), SVC()).fit(np.arange(8).reshape(4, 2), [0, 1, 0, 1])",
}


def dumps(value: Any) -> bytes:
    """The payload of stock cloudpickle, where it has one."""
    try:
        gocloudpickle.Pickler.strict = True
        return gocloudpickle.dumps(value)
    except Exception:
        gocloudpickle.Pickler.strict = None
        return gocloudpickle.dumps(value)


def define(body: str) -> Any:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(body, "<benign>", "exec"), namespace)
    return namespace["f"]


def from_modules() -> Iterator[tuple[str, Any]]:
    """The functions and classes of modules, as if these weren't importable."""
    for name, but in MODULES.items():
        if but is None:
            continue
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        gocloudpickle.register_pickle_by_value(module)
        for attribute, value in sorted(vars(module).items()):
            if attribute in but or getattr(value, "__module__", None) != name:
                continue
            if isinstance(value, types.FunctionType) or isinstance(value, type):
                yield f"{name}.{attribute}", value
        gocloudpickle.unregister_pickle_by_value(module)


# Files of the corpus whose cases compute, but for those that are named.
CORPUS = {
    "numbers_": (), "strings": (), "bytes_": (), "containers": (), "memo": (), "subclasses": (), "functions": (), "function_state": (),
    "function_globals": ("holds_the_globals",), "closures": (), "classes": (), "class_members": (), "slots": (), "abcs": (), "enums": (),
    "dataclasses_": (), "named_tuples": (), "generics": (), "metaclasses": (), "newobj": (), "functools_": (), "numpy_": (),
    "pandas_": (),
}  # fmt: skip


def from_corpus() -> Iterator[tuple[str, Any]]:
    """Cases of tests/corpus."""
    from tests.corpus import usable_cases

    for case in usable_cases():
        file, _, name = case.name.partition(".")
        if name in CORPUS.get(file, (name,)) or case.raises is not None:
            continue
        with case.setup():
            yield f"corpus.{case.name}", case.make()


def payloads() -> Iterator[dict[str, Any]]:
    from tests.audit.benign_science import SCIENTISTS

    for group in (FUNCTIONS, CLASSES, SCIENCE, SCIENTISTS):
        for name, body in group.items():
            try:
                data = dumps(define(body))
            except (ImportError, TypeError):  # not there, or not for this Python
                continue
            yield {"name": name, "data": data}
    for source in (from_modules(), from_corpus()):
        for name, value in source:
            try:
                data = dumps(value)
            except Exception:  # locks, generators and the like
                continue
            if b"tests." in data:  # a name of a module that no worker has
                continue
            yield {"name": name, "data": data}


def main() -> None:
    only = sys.argv[1:]
    for p in payloads():
        if not only or p["name"] in only:
            print(json.dumps({"name": p["name"], "data": base64.b64encode(p["data"]).decode()}))


if __name__ == "__main__":
    main()
