"""One Ray cluster with and without gocloudpickle: workers of both kinds, and the Ray client."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from checks import Checks

checks = Checks()
PACKAGE = sys.argv[2]
sys.path.insert(0, PACKAGE)

import gocloudpickle  # noqa: E402
import numpy  # noqa: E402
import ray  # noqa: E402

# An installed gocloudpickle has a .pth file, which Python reads when it starts. Here one
# file does that for both directories.
SITE = Path("site").resolve()
SITE.mkdir()
(SITE / "sitecustomize.py").write_text(f"import site; site.addsitedir({PACKAGE!r})\n")
ON = {"env_vars": {"PYTHONPATH": str(SITE), "GOCLOUDPICKLE_INSTALL": "1"}}
HAS_IT = {"env_vars": {"PYTHONPATH": PACKAGE}}
PORT = os.environ["RAY_CLIENT_PORT"]


def dumps() -> int:
    return sum(gocloudpickle.engine_info()["dumps"].values())


@ray.remote
def called(function, *arguments):
    return function(*arguments)


@ray.remote
def found():
    import importlib.util
    import sys

    spec = importlib.util.find_spec("gocloudpickle")
    return spec is not None, "gocloudpickle._engine" in sys.modules


@ray.remote
def counted():
    import gocloudpickle
    import ray

    before = sum(gocloudpickle.engine_info()["dumps"].values())
    ray.cloudpickle.dumps(lambda: 0)
    return sum(gocloudpickle.engine_info()["dumps"].values()) - before


class Point:
    """Has a bit of everything."""

    count = 0

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y

    @property
    def sum(self):
        return self.x + self.y

    @classmethod
    def origin(cls):
        return cls(0, 0)

    def __eq__(self, other):
        return type(other) is type(self) and (self.x, self.y) == (other.x, other.y)


with checks("a cluster without gocloudpickle starts"):
    gocloudpickle.install()
    command = f"start --head --port=0 --ray-client-server-port={PORT} --num-cpus=3"
    command += " --include-dashboard=false --disable-usage-stats --object-store-memory=200000000"
    subprocess.run([sys.executable, "-m", "ray.scripts.scripts", *command.split()], check=True)
    ray.init(address="auto")

with checks("workers without gocloudpickle load what the engine made"):
    before = dumps()
    assert ray.get(found.remote()) == (False, False)
    y = 3
    assert ray.get(called.remote(lambda x: x * y, 14)) == 42
    back = ray.get(called.remote(lambda point: (point.sum, type(point)(2, 3)), Point(1, 2)))
    assert back == (3, Point(2, 3)) and type(back[1]) is Point
    assert ray.get(called.remote(lambda cls: cls.origin() == cls(0, 0), Point))
    assert dumps() > before

with checks("the driver loads what they make"):
    made = ray.get(called.remote(lambda n: lambda x: x + n, 40))
    assert made(2) == 42
    Made = ray.get(called.remote(lambda: type("Made", (), {"value": 5})))
    assert Made().value == 5

with checks("workers that have gocloudpickle and are not switched on"):
    assert ray.get(found.options(runtime_env=HAS_IT).remote()) == (True, False)
    assert ray.get(called.options(runtime_env=HAS_IT).remote(lambda x: x * y, 14)) == 42

with checks("runtime_env's env_vars switch workers on"):
    assert ray.get(counted.options(runtime_env=ON).remote()) == 1
    assert ray.get(found.options(runtime_env=ON).remote()) == (True, True)

with checks("functions and classes go from worker to worker of either kind"):
    plain, on = called, called.options(runtime_env=ON)
    for first, second in ((plain, on), (on, plain), (on, on)):
        function = first.remote(lambda n: lambda x: (x + n, Point(x, n)), 40)
        applied = second.remote(lambda f, *a: f(*a), function, 2)
        assert ray.get(applied) == (42, Point(2, 40)), (first, second)

with checks("arrays stay zero-copy in either kind"):
    ref = ray.put(numpy.arange(100_000))
    for task in (plain, on):
        look = task.remote(
            lambda a, b: (a.flags.writeable, a.ctypes.data == b.ctypes.data), ref, ref
        )
        assert ray.get(look) == (False, True)
    ray.shutdown()

with checks("the Ray client connects"):
    ray.init(f"ray://127.0.0.1:{PORT}", runtime_env=ON)

with checks("the Ray client: functions and actors of __main__"):
    before = dumps()

    @ray.remote
    def client_task(x):
        return x * y, Point(x, 1)

    @ray.remote
    class Keeper:
        def __init__(self, function):
            self.function = function

        def call(self, *arguments):
            return self.function(*arguments)

    assert ray.get(client_task.remote(5)) == (15, Point(5, 1))
    keeper = Keeper.remote(lambda *a: sum(a) + y)
    assert ray.get(keeper.call.remote(1, 2)) == 6
    assert dumps() > before + 3

with checks("the Ray client: what is put, references in closures, recursion"):
    array = numpy.arange(10_000)
    ref = ray.put({"array": array, "function": lambda: y})
    got = ray.get(ref)
    assert (got["array"] == array).all() and got["function"]() == y

    @ray.remote
    def through(refs):
        return ray.get(refs[0])["function"]() + ray.get(ref)["array"].size

    assert ray.get(through.remote([ref])) == y + 10_000

    @ray.remote
    def factorial(n):
        return 1 if n == 0 else n * ray.get(factorial.remote(n - 1))

    assert ray.get(factorial.remote(3)) == 6

with checks("the Ray client: the engine works in a worker"):
    assert ray.get(counted.remote()) == 1

with checks("the Ray client: the engine is in its server"):
    mark = os.environ["GOCLOUDPICKLE_TEST_RUN"].encode()
    servers = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            if b"ray.util.client.server" in command and b"specific-server" in command:
                if mark in (process / "environ").read_bytes():
                    servers.append("_engine" in (process / "maps").read_text())
        except OSError:
            pass  # it has ended
    assert servers and all(servers), servers

with checks("the Ray client disconnects"):
    ray.shutdown()
