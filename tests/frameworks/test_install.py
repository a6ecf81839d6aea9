"""install() and uninstall(): what they reach, and that nothing stays behind."""

from __future__ import annotations

import functools
import io
import pickle
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import gocloudpickle
import pytest

cloudpickle = pytest.importorskip("cloudpickle", reason="there is nothing to install in")
module = sys.modules["cloudpickle.cloudpickle"]

# Bound before any install.
early_dumps = cloudpickle.dumps
early_dump = cloudpickle.dump
early_partial = functools.partial(cloudpickle.dumps, protocol=4)
stock_pickler_dict = dict(vars(cloudpickle.Pickler))
stock_module_dict = dict(vars(module))


class EarlyPickler(cloudpickle.CloudPickler):
    """Derived before any install, as Ray's and loky's are."""


class NamedById(cloudpickle.CloudPickler):
    def persistent_id(self, obj: Any) -> Any:
        return "the marker" if obj is MARKER else None


class Overriding(cloudpickle.CloudPickler):
    def reducer_override(self, obj: Any) -> Any:
        if type(obj) is complex:
            return int, ("7",)
        return super().reducer_override(obj)


MARKER = ["marker"]


class Resolving(pickle.Unpickler):
    def persistent_load(self, name: Any) -> Any:
        assert name == "the marker"
        return MARKER


def closure(unit: int = 3) -> Callable[[int], int]:
    return lambda x: x * unit


def through(cls: Any, obj: Any, **attributes: Any) -> bytes:
    file = io.BytesIO()
    pickler = cls(file)
    for name, value in attributes.items():
        setattr(pickler, name, value)
    pickler.dump(obj)
    return file.getvalue()


def by_dump(obj: Any) -> bytes:
    file = io.BytesIO()
    early_dump(obj, file)
    return file.getvalue()


WAYS: dict[str, Callable[[Any], bytes]] = {
    "cloudpickle.dumps": lambda obj: cloudpickle.dumps(obj),
    "dumps bound early": lambda obj: early_dumps(obj),
    "dump bound early": by_dump,
    "a partial made early": lambda obj: early_partial(obj),
    "protocol by position": lambda obj: early_dumps(obj, 4),
    "cloudpickle.Pickler": lambda obj: through(cloudpickle.Pickler, obj),
    "a subclass made early": lambda obj: through(EarlyPickler, obj),
    "a subclass made late": lambda obj: through(type("Late", (cloudpickle.Pickler,), {}), obj),
    "persistent_id": lambda obj: through(NamedById, obj),
    "reducer_override": lambda obj: through(Overriding, obj),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_each_way_in_is_the_engine_s_and_the_same_bytes(
    way: Callable[[Any], bytes], count: Callable[[], int]
) -> None:
    obj = closure()
    expected = way(obj)
    before = count()
    gocloudpickle.install()
    got = way(obj)
    assert count() == before + 1
    gocloudpickle.uninstall()
    assert way(obj) == got == expected
    assert count() == before + 1
    assert pickle.loads(got)(2) == 6


def test_hooks_of_subclasses_are_asked() -> None:
    gocloudpickle.install()
    payload = through(NamedById, lambda: MARKER)
    assert Resolving(io.BytesIO(payload)).load()() is MARKER
    assert pickle.loads(through(Overriding, [1j, closure()]))[0] == 7


def test_writing_to_dispatch_takes_effect_at_once() -> None:
    class Special:
        pass

    gocloudpickle.install()
    assert type(pickle.loads(cloudpickle.dumps(Special()))).__name__ == "Special"
    cloudpickle.CloudPickler.dispatch[Special] = lambda obj: (int, ("5",))
    try:
        assert pickle.loads(cloudpickle.dumps(Special())) == 5
        assert pickle.loads(through(EarlyPickler, Special())) == 5
    finally:
        del cloudpickle.CloudPickler.dispatch[Special]
    assert type(pickle.loads(cloudpickle.dumps(Special()))).__name__ == "Special"


def test_a_dispatch_table_changed_before_the_first_install_is_obeyed() -> None:
    from tests.frameworks import child

    child.run(
        """
        import cloudpickle, gocloudpickle, types
        cloudpickle.CloudPickler.dispatch[types.MethodType] = lambda obj: (int, ("5",))
        class C:
            def method(self): pass
        gocloudpickle.install()
        assert gocloudpickle.engine_info()["modules"]["cloudpickle.cloudpickle"]["on"]
        assert cloudpickle.loads(cloudpickle.dumps(C().method)) == 5
        """
    )


def test_the_dispatch_table_of_an_instance_is_the_one() -> None:
    # loky: a plain dict, set through the descriptor of the C structure, since the class
    # hides the field.
    table = dict(cloudpickle.CloudPickler.dispatch_table)
    table[complex] = lambda obj: (int, ("9",))
    gocloudpickle.install()
    file = io.BytesIO()
    pickler = EarlyPickler(file)
    pickle.Pickler.dispatch_table.__set__(pickler, table)  # type: ignore[attr-defined]
    pickler.dump([1j, closure()])
    payload = file.getvalue()
    loaded = pickle.loads(payload)
    assert loaded[0] == 9 and loaded[1](2) == 6


def test_uninstall_restores_everything() -> None:
    path_before = list(sys.meta_path)
    code = cloudpickle.dumps.__code__
    gocloudpickle.install()
    assert sys.meta_path != path_before
    assert cloudpickle.dumps.__code__ is not code
    gocloudpickle.uninstall()
    assert sys.meta_path == path_before
    assert cloudpickle.dumps.__code__ is code and cloudpickle.dumps is early_dumps
    assert dict(vars(cloudpickle.Pickler)) == stock_pickler_dict
    # What threads in the middle of a dump may need stays.
    # And so does what tells one ContextVar from another.
    stays = {"_gocloudpickle", "__warningregistry__", "_DYNAMIC_CLASS_TRACKER_LOCK"}
    stays |= {"_context_variables"}
    left = {name: value for name, value in vars(module).items() if name not in stays}
    assert left == {k: v for k, v in stock_module_dict.items() if k not in stays}


def test_loads_is_the_engine_s_and_is_sent_as_pickle_s() -> None:
    with gocloudpickle.installed():
        assert cloudpickle.loads is gocloudpickle.loads is not pickle.loads
        value = 5
        assert cloudpickle.loads(cloudpickle.dumps(lambda: value))() == 5
        # A worker need not have gocloudpickle.
        for dumps in (pickle.dumps, cloudpickle.dumps, gocloudpickle.dumps):
            data = dumps(cloudpickle.loads)
            assert b"gocloudpickle" not in data and pickle.loads(data) is pickle.loads
    assert cloudpickle.loads is pickle.loads


def test_load_is_gocloudpickle_s_and_is_sent_as_pickle_s() -> None:
    with gocloudpickle.installed():
        assert cloudpickle.load is gocloudpickle.load is not pickle.load
        value = 5
        assert cloudpickle.load(io.BytesIO(cloudpickle.dumps(lambda: value)))() == 5
        data = cloudpickle.dumps(cloudpickle.load)
        assert b"gocloudpickle" not in data and pickle.loads(data) is pickle.load
    assert cloudpickle.load is pickle.load


def is_on() -> bool:
    return cloudpickle.dumps.__code__.co_names != NAMES


NAMES = cloudpickle.dumps.__code__.co_names


def test_a_replaced_pickle_loads_stays_in_its_place() -> None:
    """Who scans each payload goes on doing so."""
    from tests.frameworks import child

    child.run(
        """
        import pickle
        real = pickle.loads
        pickle.loads = scanning = lambda *args, **options: real(*args, **options)
        import cloudpickle, gocloudpickle
        gocloudpickle.install()
        assert cloudpickle.loads is cloudpickle.cloudpickle.loads is scanning
        gocloudpickle.uninstall()
        assert cloudpickle.loads is scanning
        """
    )


def test_both_are_idempotent(count: Callable[[], int]) -> None:
    gocloudpickle.uninstall()
    for _ in range(3):
        gocloudpickle.install()
    before = count()
    cloudpickle.dumps(0)
    assert count() == before + 1
    gocloudpickle.uninstall()
    assert not is_on()
    gocloudpickle.uninstall()
    assert not is_on()


def test_blocks_nest() -> None:
    with gocloudpickle.installed():
        assert is_on()
        with gocloudpickle.installed():
            assert is_on()
        assert is_on()
    assert not is_on()
    gocloudpickle.install()
    with gocloudpickle.installed():
        pass
    assert is_on()


def test_a_block_ends_with_an_exception() -> None:
    with pytest.raises(KeyError), gocloudpickle.installed():
        raise KeyError
    assert not is_on()


def test_uninstall_ends_blocks() -> None:
    with gocloudpickle.installed():
        gocloudpickle.uninstall()
        assert not is_on()
        gocloudpickle.install()
    assert is_on()


def test_one_thread_s_block_keeps_it_on_for_another() -> None:
    inside, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with gocloudpickle.installed():
            inside.set()
            leave.wait(60)

    thread = threading.Thread(target=stay)
    with gocloudpickle.installed():
        thread.start()
        assert inside.wait(60)
    assert is_on()
    leave.set()
    thread.join(60)
    assert not is_on()


def test_threads_dump_while_it_is_switched_on_and_off(count: Callable[[], int]) -> None:
    obj = [closure(), {"a": closure}, "text"]
    expected = cloudpickle.dumps(obj)
    stop = threading.Event()
    wrong: list[Any] = []
    done = [0] * 4

    def work(number: int) -> None:
        try:
            while not stop.is_set():
                if number % 2:
                    got = early_dumps(obj)
                else:
                    got = through(EarlyPickler, obj)
                if got != expected:
                    wrong.append(got)
                done[number] += 1
        except BaseException as error:
            wrong.append(error)

    before = count()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(done))]
    for thread in threads:
        thread.start()
    rounds = 0
    # Until each has done enough on both sides of many switches.
    while (min(done) < 60 or rounds < 60) and not wrong and rounds < 100_000:
        gocloudpickle.install()
        time.sleep(0.001)  # for the others
        with gocloudpickle.installed():
            pass
        gocloudpickle.uninstall()
        time.sleep(0.001)
        rounds += 1
    stop.set()
    for thread in threads:
        thread.join(60)
    assert not wrong, wrong[0]
    assert min(done) >= 60
    assert 0 < count() - before < sum(done)


def test_a_pickler_made_before_goes_on_as_it_began() -> None:
    obj = closure()
    expected = through_twice(cloudpickle.Pickler, obj, between=lambda: None)
    assert through_twice(cloudpickle.Pickler, obj, between=gocloudpickle.install) == expected


def through_twice(cls: Any, obj: Any, between: Callable[[], None]) -> bytes:
    file = io.BytesIO()
    pickler = cls(file)
    pickler.dump(obj)
    between()
    pickler.memo = pickler.memo.copy()
    cls(io.BytesIO()).dump(obj)  # another one
    pickler.dump(obj)
    return file.getvalue()


def test_a_pickler_made_in_between_goes_on_too() -> None:
    obj = closure()
    expected = through_twice(cloudpickle.Pickler, obj, between=lambda: None)
    gocloudpickle.install()
    assert through_twice(cloudpickle.Pickler, obj, between=gocloudpickle.uninstall) == expected
    # That one is gone, and with it what was left for its sake.
    gocloudpickle.install()
    gocloudpickle.uninstall()
    assert dict(vars(cloudpickle.Pickler)) == stock_pickler_dict


def test_who_replaces_pickler_gets_that() -> None:
    made = []

    class Replacement(cloudpickle.Pickler):
        def dump(self, obj: Any) -> Any:
            made.append(obj)
            return super().dump(obj)

    stock = module.Pickler
    gocloudpickle.install()
    module.Pickler = Replacement
    try:
        cloudpickle.dumps(1)
    finally:
        module.Pickler = stock
    assert made == [1]


def test_engine_info_tells_of_each_module() -> None:
    name = "cloudpickle.cloudpickle"
    assert gocloudpickle.engine_info()["modules"][name] == {"on": False, "why_off": None}
    gocloudpickle.install()
    assert gocloudpickle.engine_info()["modules"][name] == {"on": True, "why_off": None}


def test_installing_leaves_the_count_of_dumps_alone() -> None:
    from tests.frameworks import child

    child.run(
        """
        import cloudpickle, gocloudpickle
        gocloudpickle.install()
        assert sum(gocloudpickle.engine_info()["dumps"].values()) == 0
        cloudpickle.dumps(1)
        assert sum(gocloudpickle.engine_info()["dumps"].values()) == 1
        """
    )
