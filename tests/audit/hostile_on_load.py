"""Methods of hostile classes that loading runs."""

from __future__ import annotations

from collections.abc import Iterator


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
