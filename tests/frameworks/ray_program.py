"""Ray with the engine on in the driver and, by worker_process_setup_hook, in its workers."""

from __future__ import annotations

import sys
import threading
import weakref
from functools import partial

from checks import Checks

checks = Checks()
PACKAGE = sys.argv[2]
sys.path.insert(0, PACKAGE)

import gocloudpickle  # noqa: E402
import numpy  # noqa: E402
import ray  # noqa: E402

with checks("the cluster starts"):
    gocloudpickle.install()
    ray.init(
        address="local",  # not a cluster that happens to run here
        num_cpus=3,
        include_dashboard=False,
        object_store_memory=256 * 1024 * 1024,
        runtime_env={
            "env_vars": {"PYTHONPATH": PACKAGE},
            "worker_process_setup_hook": "gocloudpickle.ray.setup_worker",
        },
    )


def dumps() -> int:
    return sum(gocloudpickle.engine_info()["dumps"].values())


factor = 3


@ray.remote
def multiplied(x, by=None):
    return x * (by or factor)


@ray.remote
def called(function, *arguments):
    return function(*arguments)


@ray.remote
def described():
    import gocloudpickle
    import ray

    before = sum(gocloudpickle.engine_info()["dumps"].values())
    ray.put(lambda: 0)
    info = gocloudpickle.engine_info()
    return info["modules"]["ray.cloudpickle.cloudpickle"]["on"], before, sum(info["dumps"].values())


class Base:
    def doubled(self):
        return 2 * self.value


@ray.remote
class Counter(Base):
    step = 2

    def __init__(self, value):
        self.value = value
        self.functions = []

    def add(self, function=lambda x: x + 1):
        self.functions.append(function)
        self.value = function(self.value)
        return self.value

    def adder(self):
        step = self.step
        return lambda x: x + step

    def total(self):
        return self.doubled(), len(self.functions)


class Trouble(Exception):
    def __init__(self, what, number):
        super().__init__(what, number)
        self.what, self.number = what, number


with checks("a remote function of __main__, and the engine pickled it"):
    before = dumps()
    assert ray.get([multiplied.remote(i) for i in range(5)]) == [0, 3, 6, 9, 12]
    assert ray.get(multiplied.remote(2, by=5)) == 10
    assert dumps() > before

with checks("the engine works in a worker"):
    on, before_, after = ray.get(described.remote())
    assert on and after > before_, (on, before_, after)
    # The answer itself went through it, too.
    later = max(ray.get([described.remote() for _ in range(6)]), key=lambda answer: answer[1])
    assert later[1] > 0, later

with checks("lambdas, closures and partials as arguments and as answers"):
    y = 7
    assert ray.get(called.remote(lambda x: x + y, 1)) == 8
    assert ray.get(called.remote(partial(lambda a, b: a - b, 10), 4)) == 6
    make = ray.get(called.remote(lambda n: lambda x: x * n, 6))
    assert make(7) == 42
    numbers = ray.get(called.remote(lambda: lambda x: (i * x for i in range(3))))
    assert list(numbers(2)) == [0, 2, 4]

with checks("an actor of __main__"):
    counter = Counter.remote(10)
    assert ray.get(counter.add.remote()) == 11
    assert ray.get(counter.add.remote(lambda x: x * y)) == 77
    assert ray.get(counter.adder.remote())(40) == 42
    assert ray.get(counter.total.remote()) == (154, 2)

with checks("an actor's handle goes to a task"):

    @ray.remote
    def use(actor):
        return ray.get(actor.add.remote(lambda x: -x))

    assert ray.get(use.remote(counter)) == -77

with checks("a class of __main__ is the same class when it comes back"):
    Local = type("Local", (Base,), {"value": 4})
    local = Local()
    back = ray.get(called.remote(lambda x: x, local))
    assert type(back) is Local and back.doubled() == 8
    assert ray.get(called.remote(lambda c: c, Local)) is Local

with checks("a closure over a NumPy array"):
    captured = numpy.arange(300_000, dtype="float64")

    @ray.remote
    def summed(factor):
        return float(captured.sum()) * factor

    assert ray.get(summed.remote(2)) == float(captured.sum()) * 2

with checks("ray.put of an array stays zero-copy"):
    array = numpy.arange(1_000_000)
    ref = ray.put({"array": array, "function": lambda: y})
    first, second = ray.get(ref)["array"], ray.get(ref)["array"]
    assert not first.flags.writeable and not first.flags.owndata
    assert numpy.shares_memory(first, second)
    assert not numpy.shares_memory(first, array) and (first == array).all()

with checks("an array as an argument is read in place by the worker"):

    @ray.remote
    def looked_at(array, again):
        import numpy

        return array.flags.writeable, bool(numpy.shares_memory(array, again)), int(array.sum())

    ref = ray.put(array)
    assert ray.get(looked_at.remote(ref, ref)) == (False, True, int(array.sum()))

with checks("buffers go out of band"):
    buffers = []
    before = dumps()
    data = ray.cloudpickle.dumps([array, y], protocol=5, buffer_callback=buffers.append)
    assert dumps() == before + 1
    assert len(buffers) == 1 and buffers[0].raw().nbytes == array.nbytes and len(data) < 1000
    assert numpy.shares_memory(array, numpy.frombuffer(buffers[0].raw(), array.dtype))
    context = ray._private.worker.global_worker.get_serialization_context()
    assert context.serialize(array).total_bytes >= array.nbytes

with checks("references inside objects"):
    inner = ray.put("inner")
    outer = ray.get(ray.put({"ref": [inner], "function": lambda: y}))
    assert ray.get(outer["ref"][0]) == "inner" and outer["function"]() == y

    @ray.remote
    def fetched(refs):
        return ray.get(refs["ref"])

    assert ray.get(fetched.remote(outer)) == ["inner"]
    # A reference that a closure holds.
    assert ray.get(called.remote(lambda: ray.get(inner))) == "inner"

with checks("an object that a task has made is kept by a reference in another"):

    @ray.remote
    def nested():
        return [ray.put(numpy.ones(1000))]

    assert ray.get(ray.get(nested.remote())[0]).sum() == 1000

with checks("register_serializer takes effect at once, and ends"):

    class Locked:
        def __init__(self, value):
            self.value, self.lock = value, threading.Lock()

    for _ in range(2):
        try:
            ray.put(Locked(1))
        except TypeError as error:
            assert "lock" in str(error)
        else:
            raise AssertionError("a lock was pickled")
        ray.util.register_serializer(
            Locked, serializer=lambda o: o.value, deserializer=lambda value: Locked(value + 1)
        )
        assert ray.get(ray.put([Locked(1)]))[0].value == 2
        assert ray.get(called.remote(lambda o: o.value, Locked(2))) == 3
        ray.util.deregister_serializer(Locked)

with checks("an exception of __main__ comes back"):

    @ray.remote
    def fails():
        raise Trouble("what", 5)

    try:
        ray.get(fails.remote())
    except Trouble as error:
        assert (error.what, error.number) == ("what", 5)
        assert isinstance(error, ray.exceptions.RayTaskError)
    else:
        raise AssertionError("it has not failed")

with checks("what can't be pickled is explained as ever"):
    lock = threading.Lock()

    @ray.remote
    def holds():
        return lock

    try:
        holds.remote()
    except TypeError as error:
        assert "Could not serialize the function" in str(error), error
        assert "lock" in str(error)
    else:
        raise AssertionError("a lock was pickled")

with checks("nothing keeps what was put"):

    class Kept:
        pass

    kept = Kept()
    alive = weakref.ref(kept)
    ref = ray.put([kept, lambda: y])
    del kept, ref
    assert alive() is None

with checks("a graph of tasks"):  # its scanner is a subclass of CloudPickler
    graph = multiplied.bind(multiplied.bind(2), by=multiplied.bind(1))
    assert ray.get(graph.execute()) == 18

with checks("many threads put at once"):
    answers = {}

    def put(n):
        answers[n] = [ray.get(ray.put((i, lambda: i * n)))[1]() for i in range(20)]

    threads = [threading.Thread(target=put, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: [i * n for i in range(20)] for n in range(8)}

with checks("actor pools and multiprocessing's Pool"):
    from ray.util import ActorPool
    from ray.util.multiprocessing import Pool

    pool = ActorPool([counter])
    assert list(pool.map(lambda a, f: a.add.remote(f), [lambda x: 1, lambda x: 2])) == [1, 2]
    with Pool(1) as processes:
        assert processes.map(lambda x: x * y, range(4)) == [0, 7, 14, 21]

with checks("all of it on the way out"):
    ray.shutdown()
    gocloudpickle.uninstall()
