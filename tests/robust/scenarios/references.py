"""Reference counts, memory, and what a dump that fails leaves behind."""

from __future__ import annotations

import gc
import io
import itertools
import pickle
import sys
import types
import weakref
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import gocloudpickle

from tests.robust.scenarios.batch import Case, own
from tests.robust.scenarios.kinds import KINDS, Reduced

SHARED = (ModuleType, types.CodeType, types.FrameType)


def reachable(root: Any) -> list[Any]:
    """The objects below root that are its own: not modules and what they hold."""
    seen: dict[int, Any] = {}
    todo = [root]
    while todo:
        o = todo.pop()
        if id(o) in seen or isinstance(o, SHARED) and o is not root:
            continue
        if (
            isinstance(o, type)
            and getattr(sys.modules.get(o.__module__), o.__qualname__, None) is o
        ):
            continue
        if (
            isinstance(o, dict)
            and ("__builtins__" in o or o.get("__name__") == "builtins")
            or is_shared(o)
        ):
            continue
        seen[id(o)] = o
        todo.extend(gc.get_referents(o))
    return list(seen.values())


def is_shared(o: Any) -> bool:
    """Objects that the interpreter keeps, and that this test's own code uses."""
    if o is None or o is True or o is False or o is ... or o is NotImplemented:
        return True
    if type(o) is int:
        return -5 <= o <= 256
    return type(o) in (str, bytes) and len(o) < 2 or type(o) is tuple and not o


def namespace_objects() -> list[Any]:
    """What every dump uses: the functions that payloads name, and a few types."""
    import cloudpickle.cloudpickle as namespace

    named = [
        o
        for name, o in vars(namespace).items()
        if callable(o) or isinstance(o, dict) and name != "__builtins__"
    ]
    return [
        *named,
        gocloudpickle.Pickler,
        types.CellType,
        types.CodeType,
        pickle.PicklingError,
        gocloudpickle._loader.engine(),
    ]


def counts(objects: list[Any]) -> list[int]:
    if sys.version_info < (3, 12):
        sys._clear_type_cache()  # it holds references to the names that were looked up
    return [sys.getrefcount(o) for o in objects]


class Failure:
    """Fails the nth time it is asked."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            raise ZeroDivisionError("as asked for")


def plain(o: Any, failure: Failure, protocol: int) -> None:
    Reduced.count, Reduced.fail_at = 0, failure.at
    try:
        gocloudpickle.dumps(o, protocol)
    finally:
        failure.count, Reduced.fail_at = Reduced.count, -1


def writing(o: Any, failure: Failure, protocol: int) -> None:
    class File:
        def write(self, data: Any) -> None:
            failure.step()

    gocloudpickle.dump(o, File(), protocol)


def with_persistent_id(o: Any, failure: Failure, protocol: int) -> None:
    class Pickler(gocloudpickle.Pickler):  # type: ignore[name-defined, misc]
        def persistent_id(self, obj: Any) -> Any:
            failure.step()

    Pickler(io.BytesIO(), protocol).dump(o)


def with_reducer_override(o: Any, failure: Failure, protocol: int) -> None:
    class Pickler(gocloudpickle.Pickler):  # type: ignore[name-defined, misc]
        def reducer_override(self, obj: Any) -> Any:
            failure.step()
            return super().reducer_override(obj)

    Pickler(io.BytesIO(), protocol).dump(o)


def with_buffers(o: Any, failure: Failure, protocol: int) -> None:
    gocloudpickle.dumps(o, 5, lambda buffer: failure.step())


WAYS = [plain, writing, with_persistent_id, with_reducer_override, with_buffers]


def attempt(
    way: Callable[..., None], o: Any, failure: Failure, protocol: int
) -> type[BaseException] | None:
    try:
        way(o, failure, protocol)
    except BaseException as error:
        error.__traceback__ = None
        return type(error)
    return None


REPEATS = 5


def changed(objects: list[Any], before: list[int]) -> list[str]:
    gc.collect()
    return [
        f"{type(o).__name__} {o!r:.60}: {a} before, {b} after"
        for o, a, b in zip(objects, before, counts(objects))
        if a != b
    ]


def check_counts(name: str, way: Callable[..., None], m: ModuleType) -> None:
    o = KINDS[name]()
    objects = [*reachable(o), *namespace_objects()]
    for protocol in (5, 2, 0):
        for _ in range(2):
            attempt(way, o, Failure(-1), protocol)
            attempt(way, o, Failure(1), protocol)
        gc.collect()
        before = counts(objects)
        failure = Failure(-1)
        for _ in range(REPEATS):
            failure.count = 0
            attempt(way, o, failure, protocol)
        difference = changed(objects, before)
        assert not difference, f"protocol {protocol}, success: {difference}"
        for at in places(failure.count):
            attempt(way, o, Failure(at), protocol)
            difference = changed(objects, before) if at < 30 else []
            assert not difference, f"protocol {protocol}, failure at call {at}: {difference}"
        difference = changed(objects, before)
        assert not difference, f"protocol {protocol}, failures: {difference}"


def places(count: int) -> Iterator[int]:
    """Where to fail: at each of the first calls, then at some."""
    yield from range(1, min(count, 25) + 1)
    yield from range(26, count + 1, max(1, count // 15))


def check_common_objects(m: ModuleType) -> None:
    """None, small ints and the like, whose counts the interpreter itself changes a little."""
    common = [None, True, 1, (), "", "a", int, str, dict, list, type, object, ...]
    everything = [make() for make in KINDS.values()]
    for o in everything:
        for way in WAYS:
            attempt(way, o, Failure(-1), 5)
    gc.collect()
    before = counts(common)
    n = 100
    for _, o, way in itertools.product(range(n), everything, WAYS[:2]):
        attempt(way, o, Failure(-1), 5)
    gc.collect()
    leaks = [
        f"{o!r}: {b - a:+}"
        for o, a, b in zip(common, before, counts(common))
        if not -n // 2 < b - a < n // 2
    ]
    assert not leaks, leaks


class Mortal:
    """Can be watched as it dies."""


def dead_after_dump(make: Callable[[Mortal], Any], m: ModuleType) -> None:
    for way, failure in itertools.product(WAYS, (Failure(-1), Failure(1), Failure(3))):
        gc.disable()
        try:
            mortal = Mortal()
            died = weakref.ref(mortal)
            o = make(mortal)
            attempt(way, o, Failure(failure.at), 5)
            del mortal, o
            assert died() is None, (
                f"{way.__name__}, failure at {failure.at}: kept alive by {gc.get_referrers(died())!r:.500}"
            )
        finally:
            gc.enable()


def local_function(mortal: Mortal) -> Any:
    return lambda: mortal


HOLDERS: dict[str, Callable[[Mortal], Any]] = {
    "list": lambda mortal: [mortal],
    "tuple": lambda mortal: (mortal, [mortal]),
    "dict": lambda mortal: {"a": mortal, (1, 2): [mortal]},
    "closure": local_function,
    "default": lambda mortal: types.FunctionType((lambda x: x).__code__, {}, "f", (mortal,)),
    "partial": lambda mortal: __import__("functools").partial(int, mortal),
    "cell": lambda mortal: local_function(mortal).__closure__[0],
    "global": lambda mortal: types.FunctionType((lambda: MORTAL).__code__, {"MORTAL": mortal}),  # type: ignore[name-defined]  # noqa: F821
    "module": lambda mortal: (
        vars(module := types.ModuleType("robust_mortal")).update(m=mortal) or module
    ),
    "method": lambda mortal: types.MethodType(len, mortal),
    "property": lambda mortal: property(local_function(mortal)),
    "proxy": lambda mortal: types.MappingProxyType({"a": mortal}),
}


class Unpickler(pickle.Unpickler):
    def persistent_load(self, pid: Any) -> None:
        return None


def usable_after_failure(way: str, m: ModuleType) -> None:
    """A Pickler whose dump failed goes on as if the failed one had never been."""
    for name, make in KINDS.items():
        o = make()
        for at in (1, 2, 3, 7):
            failing = Failure(-1)

            class File(io.BytesIO):
                def write(self, data: Any) -> int:
                    if way == "write":
                        failing.step()
                    return super().write(data)

            class Pickler(gocloudpickle.Pickler):  # type: ignore[name-defined, misc]
                def persistent_id(self, obj: Any) -> Any:
                    if way == "persistent_id":
                        failing.step()

            pickler_class = Pickler if way == "persistent_id" else gocloudpickle.Pickler
            file = File()
            pickler = pickler_class(file)
            kept = ["in the memo"]
            pickler.dump([kept])
            good = file.tell()
            failing.at, failing.count = at, 0
            Reduced.count, Reduced.fail_at = 0, at if way == "reduce" else -1
            try:
                pickler.dump([kept, o])
            except ZeroDivisionError:
                failed = True
            except Exception:  # a kind that can't be pickled
                failed = True
            else:
                failed = False
            failing.at = Reduced.fail_at = -1
            if not failed:
                break
            written = file.getvalue()[good:]
            assert not is_whole(written), (
                f"{name}: a failed dump left a whole pickle: {written[-50:]!r}"
            )
            file.truncate(good)
            file.seek(good)
            pickler.dump([kept, "after", (1, 2)])
            unpickler = Unpickler(io.BytesIO(file.getvalue()))
            first, second = unpickler.load(), unpickler.load()
            assert second == [kept, "after", (1, 2)] and second[0] is first[0], (name, second)


def is_whole(data: bytes) -> bool:
    import pickletools

    try:
        list(pickletools.genops(data))
    except Exception:
        return False
    return bool(data)


def cases() -> dict[str, Case]:
    from functools import partial

    found: dict[str, Case] = {}
    for name in KINDS:
        for way in WAYS:
            found[f"counts {name} {way.__name__}"] = partial(check_counts, name, way)
    for name, make in HOLDERS.items():
        found[f"dies {name}"] = partial(dead_after_dump, make)
    for name in ("reduce", "write", "persistent_id"):
        found[f"usable {name}"] = partial(usable_after_failure, name)
    found["common objects"] = check_common_objects
    for case in list(found):
        wrapped = found[case]
        found[case] = own(lambda m, wrapped=wrapped: wrapped(m))
    return found
