"""Bodies that reach what they want by a way round: protocols of classes, the interpreter's tools, functions of packages.

Each has a name, the capability that an audit has to name, when, and the source that defines f.
"""

from __future__ import annotations

# fmt: off
A = "__import__('os').system('echo marker')"

PROTOCOLS = [
    ("descriptor __get__", "process", "call", f"class D:\n def __get__(self, o, t=None): return {A}\nclass C:\n x = D()\ndef f(): return C().x"),
    ("descriptor __set__", "process", "call", f"class D:\n def __set__(self, o, v): {A}\nclass C:\n x = D()\ndef f(): C().x = 1"),
    ("descriptor __delete__", "process", "call", f"class D:\n def __delete__(self, o): {A}\nclass C:\n x = D()\ndef f():\n del C().x"),
    ("__prepare__", "process", "call", f"class M(type):\n @classmethod\n def __prepare__(m, *a): return {A} or {{}}\ndef f():\n class C(metaclass=M): pass"),
    ("__class_getitem__", "process", "call", f"class C:\n def __class_getitem__(cls, k): return {A}\ndef f(): return C[1]"),
    ("__mro_entries__", "process", "call", f"class B:\n def __mro_entries__(self, bases):\n  {A}\n  return (object,)\ndef f():\n class C(B()): pass"),
    ("__instancecheck__", "process", "call", f"class M(type):\n def __instancecheck__(c, o): return {A}\nclass C(metaclass=M): pass\ndef f(x): return isinstance(x, C)"),
    ("__format__", "process", "call", f"class C:\n def __format__(self, s): return str({A})\ndef f(): return f'{{C():x}}'"),
    ("__missing__", "process", "call", f"class C(dict):\n def __missing__(self, k): return {A}\ndef f(): return C()['x']"),
    ("__index__", "process", "call", f"class C:\n def __index__(self): return {A}\ndef f(): return [1][C()]"),
    ("__iter__ in a call", "process", "call", f"class C:\n def __iter__(self):\n  yield {A}\ndef f(): return print(*C())"),
    ("__exit__", "process", "call", f"class C:\n def __enter__(self): return self\n def __exit__(self, *a): {A}\ndef f():\n with C(): pass"),
    ("__eq__ by a match", "process", "call", f"class C:\n def __eq__(self, o): return {A}\ndef f(x): return x in [C()]"),
    ("__getattr__ of a module by value", "process", "call", f"import types\nm = types.ModuleType('m')\nexec(\"def __getattr__(n): return {A}\", m.__dict__)\ndef f(): return m.x"),
    ("partialmethod", "process", "call", "import functools, os\nclass C:\n go = functools.partialmethod(lambda s, n: getattr(os, n), 'system')\nf = C()"),
    ("cached property", "process", "call", f"import functools\nclass C:\n @functools.cached_property\n def x(self): return {A}\nf = C()"),
    ("dataclass default factory", "process", "call", f"import dataclasses\n@dataclasses.dataclass\nclass C:\n x: int = dataclasses.field(default_factory=lambda: {A})\nf = C"),
    ("enum _missing_", "process", "call", f"import enum\nclass E(enum.Enum):\n A = 1\n @classmethod\n def _missing_(cls, v): {A}\ndef f(): return E(7)"),
]

TOOLS = [
    ("format walk", "interpreter", "call", "def f(x): return '{0.__class__.__init__.__globals__[os]}'.format(x)"),
    ("format_map walk", "interpreter", "call", "def f(x): return '{x.__init__.__globals__}'.format_map({'x': x})"),
    ("string.Formatter", "interpreter", "call", "import string\ndef f(x): return string.Formatter().get_field('0.__init__.__globals__', (x,), {})"),
    ("codecs.register", "interpreter", "call", "import codecs\ndef f(g): codecs.register(lambda n: codecs.CodecInfo(g, g)); return 'x'.encode('marker')"),
    ("sys.meta_path", "dynamic-import", "call", "import sys\ndef f(x): sys.meta_path.insert(0, x)"),
    ("singledispatch", "process", "call", f"import functools\n@functools.singledispatch\ndef g(x): return 0\n@g.register(int)\ndef h(x): return {A}\ndef f(): return g(1)"),
    ("singledispatch registry", "process", "call", "import functools, os\ndef f():\n g = functools.singledispatch(os.system)\n return g('echo marker')"),
    ("ExitStack callback", "process", "call", "import contextlib\ndef f():\n import os\n with contextlib.ExitStack() as s:\n  s.callback(getattr(os, 'sys' + 'tem'), 'echo marker')"),
    ("generator frame", "interpreter", "call", "def f():\n g = (x for x in ())\n return g.gi_frame.f_builtins['eval']"),
    ("traceback frame", "interpreter", "call", "def f():\n try: 1 / 0\n except Exception as e: return e.__traceback__.tb_frame.f_globals"),
    ("traceback frame by exc_info", "interpreter", "call", "import sys\ndef f():\n try: 1 / 0\n except Exception: return sys.exc_info()[2].tb_frame.f_builtins"),
    ("sys._getframe", "interpreter", "call", "import sys\ndef f(): return sys._getframe(0).f_builtins"),
    ("logging.config", "dynamic-import", "call", "import logging.config\ndef f(): logging.config.dictConfig({'version': 1, 'handlers': {'h': {'()': 'os.system', 'command': 'echo marker'}}})"),
    ("logging.FileHandler", "filesystem", "call", "import logging\ndef f(): logging.getLogger().addHandler(logging.FileHandler('/nonexistent/marker'))"),
    ("logging.basicConfig", "filesystem", "call", "import logging\ndef f(): logging.basicConfig(filename='/nonexistent/marker')"),
    ("warnings.showwarning", "interpreter", "call", "import warnings\ndef f(g): warnings.showwarning = g"),
    ("methodcaller chain", "process", "call", "import operator\ndef f():\n import os\n return operator.methodcaller('system', 'echo marker')(os)"),
    ("attrgetter walk", "interpreter", "call", "import operator\ndef f(x): return operator.attrgetter('__init__.__globals__')(x)"),
    ("reduce over getattr", "interpreter", "call", "import functools\ndef f(x): return functools.reduce(getattr, ['__class__', '__base__', '__subclasses__'], x)()"),
    ("map of getattr", "process", "call", "import os\ndef f(): return [g('echo marker') for g in map(getattr, [os], ['system'])]"),
    ("timeit", "dynamic-code", "call", "import timeit\ndef f(): return timeit.timeit('pass')"),
    ("doctest", "dynamic-code", "call", "import doctest\ndef f(): return doctest.testmod()"),
    ("pdb", "dynamic-code", "call", "import pdb\ndef f(): return pdb.run('1')"),
    ("code.interact", "dynamic-code", "call", "import code\ndef f(): code.InteractiveInterpreter().runsource('1')"),
    ("runpy", "dynamic-code", "call", "import runpy\ndef f(): return runpy.run_path('/nonexistent/marker')"),
    ("trace", "dynamic-code", "call", "import trace\ndef f(): trace.Trace().run('1')"),
    ("cProfile", "dynamic-code", "call", "import cProfile\ndef f(): cProfile.run('1')"),
    ("sched", "process", "call", "import sched\ndef f():\n import os\n s = sched.scheduler()\n s.enter(0, 1, os.system, ('echo marker',))\n s.run()"),
    ("threading.Timer", "process", "call", "import threading\ndef f():\n import os\n threading.Timer(0, os.system, ['echo marker']).start()"),
    ("weakref.finalize", "process", "call", "import weakref\ndef f(x):\n import os\n weakref.finalize(x, os.system, 'echo marker')"),
    ("atexit", "process", "call", "import atexit\ndef f():\n import os\n atexit.register(os.system, 'echo marker')"),
    ("signal handler", "process", "call", "import signal\ndef f(g): signal.signal(10, g)"),
    ("gc.get_objects", "interpreter", "call", "import gc\ndef f(): return [o for o in gc.get_objects() if callable(o)]"),
    ("inspect.getmodule", "interpreter", "call", "import inspect\ndef f(g): return inspect.getmodule(g).os"),
    ("typing.get_type_hints", "dynamic-code", "call", "import typing\ndef g(x: \"__import__('os').system('echo marker')\"): pass\ndef f(): return typing.get_type_hints(g)"),
    ("ForwardRef", "dynamic-code", "call", "import typing\ndef f(): return typing.ForwardRef(\"__import__('os')\")._evaluate({}, {}, frozenset())"),
    ("globals of a namedtuple", "interpreter", "call", "import collections\ndef f(): return collections.namedtuple('C', 'a').__new__.__globals__"),
    ("ast and compile", "dynamic-code", "call", "import ast\ndef f(t): return eval(compile(ast.parse(t), 'x', 'eval'))"),
    ("copyreg.pickle", "interpreter", "call", "import copyreg\ndef f(g): copyreg.pickle(int, g)"),
    ("copyreg.add_extension", "interpreter", "call", "import copyreg\ndef f(): copyreg.add_extension('os', 'system', 77)"),
    ("importlib.resources", "filesystem", "call", "import importlib.resources\ndef f(): return importlib.resources.read_text('json', '__init__.py')"),
    ("zipimport", "dynamic-import", "call", "import zipimport\ndef f(p): return zipimport.zipimporter(p).load_module('x')"),
    ("xml entity parser", "filesystem", "call", "import xml.sax\ndef f(p): xml.sax.parse(p, None)"),
    ("fileinput", "filesystem", "call", "import fileinput\ndef f(p): return list(fileinput.input(p))"),
    ("linecache", "filesystem", "call", "import linecache\ndef f(): return linecache.getline('/etc/hostname', 1)"),
    ("mmap", "filesystem", "call", "import mmap\ndef f(n): return mmap.mmap(n, 0)"),
    ("csv of a path", "filesystem", "call", "import csv\ndef f(p): return list(csv.reader(open(p)))"),
    ("configparser", "filesystem", "call", "import configparser\ndef f(p): return configparser.ConfigParser().read(p)"),
    ("sys.modules", "process", "call", "import sys\ndef f(): return sys.modules['o' + 's'].system('echo marker')"),
]

PACKAGES = [
    ("numpy.load of pickles", "unpickle", "call", "import numpy as np\ndef f(p): return np.load(p, allow_pickle=True)"),
    ("numpy.lib.format", "unpickle", "call", "import numpy.lib.format as x\ndef f(p): return x.read_array(p, allow_pickle=True)"),
    ("numpy ndarray.dump", "filesystem", "call", "import numpy as np\ndef f(p): np.zeros(1).dump(p)"),
    ("numpy.ctypeslib", "native-code", "call", "import numpy as np\ndef f(): return np.ctypeslib.load_library('marker', '.')"),
    ("numpy ctypes of an array", "native-code", "call", "import numpy as np\ndef f(): return np.zeros(1).ctypes.data_as(None)"),
    ("numpy.vectorize of a callee", "process", "call", "import numpy as np\ndef f():\n import os\n return np.vectorize(os.system)(['echo marker'])"),
    ("numpy.fromfunction", "process", "call", "import numpy as np\ndef f():\n import os\n return np.fromfunction(os.system, (1,))"),
    ("numpy testing", "dynamic-code", "call", "import numpy.testing as t\ndef f(): return t.measure('1')"),
    ("DataFrame.eval", "dynamic-code", "call", "import pandas as pd\ndef f(): return pd.DataFrame({'a': [1]}).eval('@a')"),
    ("DataFrame.query", "dynamic-code", "call", "import pandas as pd\ndef f(): return pd.DataFrame({'a': [1]}).query('@x.y()')"),
    ("DataFrame.to_pickle", "filesystem", "call", "import pandas as pd\ndef f(p): pd.DataFrame().to_pickle(p)"),
    ("Series.apply of a callee", "process", "call", "import pandas as pd\ndef f():\n import os\n return pd.Series(['echo marker']).apply(os.system)"),
    ("Series.map by getattr", "process", "call", "import pandas as pd\ndef f():\n import os\n return pd.Series(['system']).map(lambda n: getattr(os, n))"),
    ("DataFrame.pipe", "process", "call", "import pandas as pd\ndef f():\n import os\n return pd.DataFrame().pipe(lambda d: os.system('echo marker'))"),
    ("pandas io.common", "filesystem", "call", "import pandas as pd\ndef f(p): return pd.io.common.get_handle(p, 'r')"),
    ("a lazy module", "process", "call", "import types\nclass L(types.ModuleType):\n def __getattr__(self, n): return __import__(n)\ndef f(): return L('x').os.system('echo marker')"),
    ("joblib Memory", "filesystem", "call", "import joblib\ndef f(p): return joblib.Memory(p)"),
]

INDIRECT = PROTOCOLS + TOOLS + PACKAGES
