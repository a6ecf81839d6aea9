"""Subclasses of Pickler, its dispatch tables, memo and attributes behave as cloudpickle's."""

from __future__ import annotations

import copyreg
import io
import pickle
import types
from collections import ChainMap
from typing import Any

import pytest

from tests.corpus import stock, under_test
from tests.oracles.picklers import CLASS, FUNCTION, SPECIAL, Child, Special, both, dumping


def test_plain_subclass() -> None:
    objects = [1, FUNCTION, Special(), [SPECIAL, SPECIAL]]
    both(lambda m: dumping(type("Sub", (m.Pickler,), {}), *objects))


def test_init_that_forgets_super() -> None:
    class Forgetful:
        def __init__(self, *args: Any) -> None:
            pass

    for module in (stock(), under_test()):
        pickler = type("Sub", (Forgetful, module.Pickler), {})(io.BytesIO())
        with pytest.raises(pickle.PicklingError, match="__init__"):
            pickler.dump(1)


def _reduce_special(obj: Special) -> Any:
    return complex, (obj.x, 1)


def test_dispatch_table_of_the_class() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            dispatch_table = ChainMap({Special: _reduce_special}, m.Pickler.dispatch_table)

        return dumping(Sub, [SPECIAL, Child(), property(len), FUNCTION])

    both(build)


def test_dispatch_table_of_the_class_instead_of_cloudpickle_s() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            dispatch_table = {Special: _reduce_special}

        return dumping(Sub, [SPECIAL, FUNCTION])

    both(build)


def test_dispatch_table_set_before_super_init() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            def __init__(self, *args: Any) -> None:
                self.dispatch_table = {**dict(m.Pickler.dispatch_table), Special: _reduce_special}
                super().__init__(*args)

        return dumping(Sub, [SPECIAL, property(len)])

    both(build)


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
    both(
        lambda m: dumping(
            m.Pickler, shared, [shared, shared], FUNCTION, [FUNCTION, shared], CLASS, CLASS()
        )
    )


def test_clear_memo() -> None:
    def build(m: Any) -> Any:
        def run(protocol: int) -> bytes:
            file = io.BytesIO()
            pickler = m.Pickler(file, protocol)
            shared = ["shared", FUNCTION]
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


@pytest.mark.parametrize(
    "memo", [5, None, [], {1: 2}, {1: (1, 2, 3)}, {"a": (0, "a")}, {1: ("x", [])}], ids=repr
)
def test_wrong_memos(memo: Any) -> None:
    def outcome(module: Any) -> type[BaseException] | None:
        pickler = module.Pickler(io.BytesIO())
        try:
            pickler.memo = memo
        except Exception as error:
            return type(error)
        return None

    assert outcome(under_test()) == outcome(stock())


def test_functions_share_globals_across_dumps_of_one_pickler() -> None:
    space: dict[str, Any] = {"__name__": "corpus_dynamic"}
    exec(
        "count = 0\ndef up():\n    global count\n    count += 1\n    return count\ndef get():\n    return count\n",
        space,
    )
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

        return dumping(Sub, 5, FUNCTION)

    both(build)


def test_pickler_inside_a_reduce() -> None:
    """A Pickler used again while it works, and another one."""

    def build(m: Any) -> Any:
        class Inner:
            def __reduce__(self) -> Any:
                return bytes, (m.dumps(FUNCTION),)

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
    pickler.dump([FUNCTION, target])
    seen = weakref.ref(target), weakref.ref(pickler)
    del pickler, target
    gc.collect()
    assert seen[0]() is None and seen[1]() is None


def test_module_level_functions_use_the_class() -> None:
    """Frameworks take the parts: the function reducers are methods to call and to override."""
    pickler = under_test().Pickler(io.BytesIO())
    assert pickler.reducer_override(5) is NotImplemented
    assert pickler.reducer_override(len) is NotImplemented
    reduced = pickler.reducer_override(FUNCTION)
    assert isinstance(reduced, tuple) and len(reduced) == 6
    assert isinstance(reduced[1][0], types.CodeType)
    assert pickler.reducer_override(type(None)) == (type, (None,))
    assert len(pickler.reducer_override(CLASS)) == 6


@pytest.mark.parametrize("shown", ["KeyboardInterrupt", "another"])
@pytest.mark.parametrize("between", [False, True])
def test_mro_is_that_of_super(shown: str, between: bool) -> None:
    """And not what a metaclass shows for __mro__, which is not even asked."""

    def mro(cls: type) -> Any:
        if shown == "another":
            return (cls, cls.__base__, pickle.Pickler, object)
        raise KeyboardInterrupt

    meta = type("Meta", (type,), {"__mro__": property(mro)})

    class Between(pickle.Pickler):
        def __init__(self, file: Any, **options: Any) -> None:
            self.between = True
            super().__init__(file, **options)

    def build(m: Any) -> Any:
        cls: Any = meta("Sub", (m.Pickler, Between) if between else (m.Pickler,), {})

        def make(file: Any, protocol: int) -> Any:
            pickler = cls(file, protocol)
            assert hasattr(pickler, "between") == between
            return pickler

        return dumping(make, SPECIAL, FUNCTION)

    both(build)
