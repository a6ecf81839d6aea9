"""Subclasses of Pickler and the attributes of its instances behave as with cloudpickle's."""

from __future__ import annotations

import copyreg
import io
import pickle
import types
from collections import ChainMap
from collections.abc import Callable
from typing import Any

import pytest

from tests.corpus import ALL_PROTOCOLS, stock, under_test
from tests.differential.compare import attempt, explain


class Special:
    """What the tests give another reduction."""

    def __init__(self, x: int = 1) -> None:
        self.x = x


class Child(Special):
    pass


SPECIAL = Special(3)


def both(build: Callable[[Any], Callable[[int], bytes]], protocols: tuple[int, ...] = ALL_PROTOCOLS) -> None:
    """The same program over either Pickler writes the same bytes or raises the same."""
    expected, got = build(stock()), build(under_test())
    for protocol in protocols:
        # The first dump of a class leaves __slotnames__ in it.
        attempt(lambda: expected(protocol))
        difference = explain(attempt(lambda: expected(protocol)), attempt(lambda: got(protocol)))
        assert difference is None, f"protocol {protocol}: {difference}"


def dumping(make: Callable[[Any, int], Any], *objects: Any) -> Callable[[int], bytes]:
    """Dump objects with the Pickler that make gives for a file and a protocol."""

    def run(protocol: int) -> bytes:
        file = io.BytesIO()
        pickler = make(file, protocol)
        for obj in objects:
            pickler.dump(obj)
        return file.getvalue()

    return run


def _local_function() -> Any:
    def local() -> int:
        return 5

    return local


def test_plain_subclass() -> None:
    objects = [1, _local_function(), Special(), [SPECIAL, SPECIAL]]
    both(lambda m: dumping(type("Sub", (m.Pickler,), {}), *objects))


def test_init_that_forgets_super() -> None:
    class Forgetful:
        def __init__(self, *args: Any) -> None:
            pass

    for module in (stock(), under_test()):
        pickler = type("Sub", (Forgetful, module.Pickler), {})(io.BytesIO())
        with pytest.raises(pickle.PicklingError, match="__init__"):
            pickler.dump(1)


def test_reducer_override_with_super() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            def reducer_override(self, obj: Any) -> Any:
                if type(obj) is Special:
                    return complex, (obj.x, 0)
                return super().reducer_override(obj)

        return dumping(Sub, Special(3), [_FUNCTION, Special, _CLASS, _CLASS(), len, SPECIAL])

    both(build)


_FUNCTION = _local_function()
_CLASS = type("LocalClass", (), {"f": lambda self: 1})


def test_reducer_override_without_super() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            def reducer_override(self, obj: Any) -> Any:
                return NotImplemented

        return dumping(Sub, _FUNCTION)

    both(build)


def test_reducer_override_sees_what_it_sees_with_cloudpickle() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            def reducer_override(self, obj: Any) -> Any:
                seen.append(type(obj).__name__)
                return super().reducer_override(obj)

        def run(protocol: int) -> bytes:
            seen.clear()
            file = io.BytesIO()
            Sub(file, protocol).dump([1, "s", b"b", (1,), {1: 2}, {1}, None, Special(), _FUNCTION, _CLASS, 1 + 2j, bytearray(b"x"), len, int, type(None), ...])
            return repr(seen).encode()

        seen: list[str] = []
        return run

    both(build)


@pytest.mark.parametrize("answer", [5, "SPECIAL", "no_such_name", (), (complex,), None, [complex, ()]])
def test_reducer_override_answers(answer: Any) -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            def reducer_override(self, obj: Any) -> Any:
                return answer if isinstance(obj, Special) else super().reducer_override(obj)

        return dumping(Sub, SPECIAL)

    both(build)


def test_reducer_override_that_raises() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            def reducer_override(self, obj: Any) -> Any:
                raise ZeroDivisionError

        return dumping(Sub, _FUNCTION)

    both(build)


def test_reducer_override_set_on_the_instance() -> None:
    def build(m: Any) -> Any:
        def make(file: Any, protocol: int) -> Any:
            pickler = m.Pickler(file, protocol)
            pickler.reducer_override = lambda obj: (int, ("7",)) if isinstance(obj, Special) else NotImplemented
            return pickler

        return dumping(make, SPECIAL)

    both(build)


def _persistent(m: Any) -> Any:
    class Sub(m.Pickler):  # type: ignore[misc]
        def persistent_id(self, obj: Any) -> Any:
            if isinstance(obj, Special):
                return ["id", obj.x]
            if isinstance(obj, str) and obj.startswith("p"):
                return f"persistent {obj}"
            return None

    return Sub


def test_persistent_id() -> None:
    both(lambda m: dumping(_persistent(m), [SPECIAL, "plain", "other", {"p": Special(5)}], _FUNCTION, SPECIAL))


def test_persistent_id_loads() -> None:
    class Loader(pickle.Unpickler):
        def persistent_load(self, pid: Any) -> Any:
            return ("loaded", pid)

    file = io.BytesIO()
    _persistent(under_test())(file).dump([SPECIAL, lambda: 5])
    file.seek(0)
    loaded = Loader(file).load()
    assert loaded[0] == ("loaded", ["id", 3]) and loaded[1]() == 5


@pytest.mark.parametrize("pid", ["text", "é", "a\nb", 5, (1, [2]), ""])
def test_persistent_ids_of_every_kind(pid: Any) -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            def persistent_id(self, obj: Any) -> Any:
                return pid if isinstance(obj, Special) else None

        return dumping(Sub, [SPECIAL, SPECIAL])

    both(build)


def test_persistent_id_that_raises() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            def persistent_id(self, obj: Any) -> Any:
                raise ZeroDivisionError

        return dumping(Sub, [1])

    both(build)


def test_persistent_id_set_on_the_instance() -> None:
    # From 3.13 on the C pickler looks at the instance too, before only when it is made.
    def build(m: Any) -> Any:
        def make(file: Any, protocol: int) -> Any:
            pickler = m.Pickler(file, protocol)
            pickler.persistent_id = lambda obj: "id" if isinstance(obj, Special) else None
            return pickler

        return dumping(make, [SPECIAL])

    both(build)


def _reduce_special(obj: Special) -> Any:
    return complex, (obj.x, 1)


def test_dispatch_table_of_the_class() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            dispatch_table = ChainMap({Special: _reduce_special}, m.Pickler.dispatch_table)

        return dumping(Sub, [SPECIAL, Child(), property(len), _FUNCTION])

    both(build)


def test_dispatch_table_of_the_class_instead_of_cloudpickle_s() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            dispatch_table = {Special: _reduce_special}

        return dumping(Sub, [SPECIAL, _FUNCTION])

    both(build)


def test_dispatch_table_set_before_super_init() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            def __init__(self, *args: Any) -> None:
                self.dispatch_table = {**dict(m.Pickler.dispatch_table), Special: _reduce_special}
                super().__init__(*args)

        return dumping(Sub, [SPECIAL, property(len)])

    both(build)


@pytest.mark.parametrize("table", ["dict", "chain", "user"])
def test_dispatch_table_of_the_instance(table: str) -> None:
    """Set on the instance after it was made: read at each dump, as the C pickler does."""

    class Table:
        def __getitem__(self, key: type) -> Any:
            if key is Special:
                return _reduce_special
            raise KeyError(key)

    if under_test() is stock():
        pytest.skip("stock cloudpickle reads it only when the Pickler is made")
    file = io.BytesIO()
    pickler = under_test().Pickler(file)
    pickler.dispatch_table = {"dict": {Special: _reduce_special}, "chain": ChainMap({}, {Special: _reduce_special}), "user": Table()}[table]
    pickler.dump(SPECIAL)
    assert pickle.loads(file.getvalue()) == 3 + 1j


def test_dispatch_table_changed_between_dumps() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            dispatch_table = dict(m.Pickler.dispatch_table)

        def run(protocol: int) -> bytes:
            file = io.BytesIO()
            pickler = Sub(file, protocol)
            pickler.dump(Special(1))
            Sub.dispatch_table[Special] = _reduce_special
            pickler.dump(Special(2))
            del Sub.dispatch_table[Special]
            pickler.dump(Special(3))
            return file.getvalue()

        return run

    both(build)


def test_dispatch_is_the_live_table() -> None:
    module = under_test()
    assert module.Pickler.dispatch is module.Pickler.dispatch_table
    pickler = module.Pickler(io.BytesIO())
    assert pickler.dispatch_table is module.Pickler.dispatch_table
    module.Pickler.dispatch[Special] = _reduce_special
    try:
        assert pickle.loads(module.dumps(Special(4))) == 4 + 1j
    finally:
        del module.Pickler.dispatch[Special]
    assert type(pickle.loads(module.dumps(Special(4)))) is Special


def test_dispatch_overrides_a_reducer_of_cloudpickle() -> None:
    def build(m: Any) -> Any:
        def run(protocol: int) -> bytes:
            kept = m.Pickler.dispatch[property]
            m.Pickler.dispatch[property] = lambda p: (str, ("another",))
            try:
                return bytes(m.dumps(property(len), protocol))
            finally:
                m.Pickler.dispatch[property] = kept

        return run

    both(build)


def test_copyreg_is_read_at_each_dump() -> None:
    module = under_test()
    copyreg.pickle(Special, _reduce_special)  # type: ignore[arg-type]
    try:
        assert pickle.loads(module.dumps(Special(4))) == 4 + 1j
    finally:
        del copyreg.dispatch_table[Special]
    assert type(pickle.loads(module.dumps(Special(4)))) is Special


def test_memo_across_dumps() -> None:
    shared = ["shared"]
    both(lambda m: dumping(m.Pickler, shared, [shared, shared], _FUNCTION, [_FUNCTION, shared], _CLASS, _CLASS()))


def test_clear_memo() -> None:
    def build(m: Any) -> Any:
        def run(protocol: int) -> bytes:
            file = io.BytesIO()
            pickler = m.Pickler(file, protocol)
            shared = ["shared", _FUNCTION]
            pickler.dump(shared)
            pickler.clear_memo()
            pickler.dump(shared)
            pickler.memo.clear()
            pickler.dump(shared)
            return file.getvalue()

        return run

    both(build)


def test_the_memo_can_be_read_copied_and_set() -> None:
    def build(m: Any) -> Any:
        def run(protocol: int) -> bytes:
            file = io.BytesIO()
            pickler = m.Pickler(file, protocol)
            pickler.dump(shared)
            found = sorted((slot, type(obj).__name__) for slot, obj in pickler.memo.copy().values())
            other = m.Pickler(file, protocol)
            other.memo = pickler.memo
            other.dump([shared])
            third = m.Pickler(file, protocol)
            third.memo = pickler.memo.copy()
            third.dump((shared,))
            return file.getvalue() + repr(found).encode()

        shared = ["shared", ("tuple", [1])]
        return run

    both(build)


@pytest.mark.parametrize("memo", [5, None, [], {1: 2}, {1: (1, 2, 3)}, {"a": (0, "a")}, {1: ("x", [])}], ids=repr)
def test_wrong_memos(memo: Any) -> None:
    def outcome(module: Any) -> type[BaseException] | None:
        pickler = module.Pickler(io.BytesIO())
        try:
            pickler.memo = memo
        except Exception as error:  # noqa: BLE001 - the type is what is compared.
            return type(error)
        return None

    assert outcome(under_test()) == outcome(stock())


def test_functions_share_globals_across_dumps_of_one_pickler() -> None:
    space: dict[str, Any] = {"__name__": "corpus_dynamic"}
    exec("count = 0\ndef up():\n    global count\n    count += 1\n    return count\ndef get():\n    return count\n", space)
    file = io.BytesIO()
    pickler = under_test().Pickler(file)
    pickler.dump(space["up"])
    pickler.dump(space["get"])
    file.seek(0)
    unpickler = pickle.Unpickler(file)
    up, get = unpickler.load(), unpickler.load()
    assert up() == 1 and get() == 1
    both(lambda m: dumping(m.Pickler, space["up"], space["get"]))


def test_attributes_of_the_instance() -> None:
    for module in (stock(), under_test()):
        pickler = module.Pickler(io.BytesIO(), 3)
        assert pickler.proto == 3
        assert pickler.globals_ref == {}
        assert pickler.bin in (1, True)
        pickler.fast = True
        assert pickler.fast in (1, True)


def test_fast_mode() -> None:
    """Pickler.fast leaves the memo out."""

    def build(m: Any) -> Any:
        def make(file: Any, protocol: int) -> Any:
            pickler = m.Pickler(file, protocol)
            pickler.fast = True
            return pickler

        return dumping(make, [["a"], ["a"], "s", "s", (1, 2, 3, 4), {"k": Special()}])

    both(build)


def test_fast_mode_and_recursion() -> None:
    def build(m: Any) -> Any:
        def make(file: Any, protocol: int) -> Any:
            pickler = m.Pickler(file, protocol)
            pickler.fast = True
            return pickler

        data: list[Any] = []
        data.append(data)
        return dumping(make, data)

    both(build, (2, 5))


def test_dump_overridden() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            def dump(self, obj: Any) -> Any:
                return super().dump(("wrapped", obj))

        return dumping(Sub, 5, _FUNCTION)

    both(build)


def test_pickler_inside_a_reduce() -> None:
    """A Pickler used again while it works, and another one."""

    def build(m: Any) -> Any:
        class Inner:
            def __reduce__(self) -> Any:
                return bytes, (m.dumps(_FUNCTION),)

        return lambda protocol: bytes(m.dumps([Inner(), Inner()], protocol))

    both(build)


def test_a_pickler_is_collected() -> None:
    import gc
    import weakref

    class Sub(under_test().Pickler):  # type: ignore[misc,name-defined]
        def reducer_override(self, obj: Any) -> Any:
            return super().reducer_override(obj)

    class Target:
        pass

    target = Target()
    pickler = Sub(io.BytesIO())
    pickler.dump([_FUNCTION, target])
    seen = weakref.ref(target), weakref.ref(pickler)
    del pickler, target
    gc.collect()
    assert seen[0]() is None and seen[1]() is None


def test_module_level_functions_use_the_class() -> None:
    """Frameworks take the parts: the function reducers are methods to call and to override."""
    pickler = under_test().Pickler(io.BytesIO())
    assert pickler.reducer_override(5) is NotImplemented
    assert pickler.reducer_override(len) is NotImplemented
    reduced = pickler.reducer_override(_FUNCTION)
    assert isinstance(reduced, tuple) and len(reduced) == 6
    assert isinstance(reduced[1][0], types.CodeType)
    assert pickler.reducer_override(type(None)) == (type, (None,))
    assert len(pickler.reducer_override(_CLASS)) == 6
