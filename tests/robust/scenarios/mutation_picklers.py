"""Dispatch tables, reducers and Picklers that change in the middle of a dump."""

from __future__ import annotations

import collections
import copyreg
import gc
import io
import pickle
from types import ModuleType
from typing import Any

from gocloudpickle._python_path import ALREADY_USED

from tests.robust.scenarios.acting import acting, registering
from tests.robust.scenarios.batch import Case, own
from tests.robust.scenarios.hooks import through

CASES: dict[str, Case] = {}
case = registering(CASES)


@case
def chain_map_changes(m: ModuleType) -> bytes:
    class A:
        pass

    class B:
        pass

    def table() -> Any:
        return {A: lambda a: (int, (1,)), B: lambda b: (int, (2,))}

    class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
        dispatch_table = collections.ChainMap(table(), copyreg.dispatch_table)

    def change() -> None:
        Pickler.dispatch_table.maps[:] = [{A: lambda a: (int, (3,))}, {}]
        gc.collect()

    return through(Pickler)([A(), acting(change), A(), B(), acting(gc.collect), A()])


@case
def chain_map_is_replaced(m: ModuleType) -> bytes:
    class A:
        pass

    class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
        dispatch_table = collections.ChainMap({A: lambda a: (int, (1,))}, copyreg.dispatch_table)

    def change() -> None:
        Pickler.dispatch_table = collections.ChainMap({A: lambda a: (int, (2,))})
        gc.collect()

    return through(Pickler)([A(), acting(change), A(), A()])


@case
def table_entry_is_deleted_by_its_reducer(m: ModuleType) -> bytes:
    class A:
        pass

    def make() -> Any:
        def reducer(a: Any) -> Any:
            copyreg.dispatch_table.pop(A, None)
            gc.collect()
            return int, (1,)

        return reducer

    copyreg.pickle(A, make())
    return m.dumps([A(), A()])


@case
def reduce_value_parts_act(m: ModuleType) -> bytes:
    class Callable_:
        def __call__(self, *args: Any) -> Any:
            return args

        def __getattr__(self, name: str) -> Any:
            gc.collect()
            raise AttributeError(name)

    class A:
        def __reduce__(self) -> Any:
            return Callable_(), (["made now"], "".join(["a", "b"])), {"state": ["made now"]}

    return m.dumps([A(), A()])


@case
def items_are_yielded_and_forgotten(m: ModuleType) -> bytes:
    class A:
        def __reduce__(self) -> Any:
            return list, (), None, ([f"item {i}", (i, [i])] for i in range(2500)), None

    class B:
        def __reduce__(self) -> Any:
            return dict, (), None, None, ((f"key {i}", [f"value {i}"]) for i in range(2500))

    return m.dumps([A(), B()])


@case
def state_setter_acts(m: ModuleType) -> bytes:
    class Setter:
        def __call__(self, obj: Any, state: Any) -> None:
            pass

        def __reduce__(self) -> Any:
            held.clear()
            gc.collect()
            return int, (5,)

    class A:
        def __reduce__(self) -> Any:
            return object, (), ["state made now"], None, None, Setter()

    held = [A(), ["only here"]]
    return m.dumps(held)


@case
def dict_items_yield_nonsense(m: ModuleType) -> bytes:
    class A:
        def __reduce__(self) -> Any:
            return dict, (), None, None, iter([(1, 2), [3, 4], 5])

    return m.dumps(A())


@case
def pickler_is_freed_during_its_dump(m: ModuleType) -> bytes:
    file = io.BytesIO()
    held = [m.Pickler(file)]
    held.pop().dump([acting(lambda: (held.clear(), gc.collect())), ["after"]])
    return file.getvalue()


@case
def pickler_methods_are_deleted_during_its_dump(m: ModuleType) -> bytes:
    class Pickler(m.Pickler):  # type: ignore[misc, name-defined]
        def persistent_id(self, obj: Any) -> Any:
            return "an id" if obj == "with an id" else None

        def reducer_override(self, obj: Any) -> Any:
            return super().reducer_override(obj)

    def change() -> None:
        del Pickler.persistent_id, Pickler.reducer_override
        gc.collect()

    return through(Pickler)([acting(change), "with an id", lambda: 1])


@own
@case
def same_pickler_re_entered(m: ModuleType) -> None:
    file = io.BytesIO()
    pickler = m.Pickler(file)
    raised: list[BaseException] = []

    def again() -> None:
        try:
            pickler.dump(["inner"])
        except RuntimeError as error:
            raised.append(error)

    pickler.dump([acting(again), "outer", ["outer"]])
    assert raised and str(raised[0]) == ALREADY_USED
    assert pickle.loads(file.getvalue()) == [5, "outer", ["outer"]]
    for change in (
        lambda: pickler.clear_memo(),
        lambda: setattr(pickler, "memo", {}),
        lambda: pickler.memo.copy(),
    ):
        try:
            pickler.dump([acting(change)])
        except RuntimeError as error:
            assert "in the middle of its dump" in str(error)
        else:
            raise AssertionError("the memo changed in the middle of a dump")
    pickler.clear_memo()
    before = file.tell()
    pickler.dump(["usable"])
    assert pickle.loads(file.getvalue()[before:]) == ["usable"]


@own
@case
def same_pickler_initialized_again(m: ModuleType) -> None:
    file, other = io.BytesIO(), io.BytesIO()
    pickler = m.Pickler(file)
    pickler.dump([acting(lambda: (pickler.__init__(other), gc.collect())), "outer", ["outer"]])  # type: ignore[misc]
    assert pickle.loads(file.getvalue()) == [5, "outer", ["outer"]]
    pickler.dump(["then"])
    assert pickle.loads(other.getvalue()) == ["then"]
