"""What __init__ leaves in a Pickler: CPython's fields, and the attributes of cloudpickle's."""

from __future__ import annotations

import _pickle
import gc
import io
import subprocess
import sys
import weakref
from collections.abc import Callable
from typing import Any

import cloudpickle
import gocloudpickle
import pytest

from tests.oracles.picklers import FUNCTION
from tests.oracles.test_pickler_methods import each_way, engine_only, outcome

BASE = _pickle.Pickler
LISTS: Any = [[] for _ in range(100)]  # more than a new memo has room for


def kind_of(action: Callable[[], Any]) -> Any:
    """Do it, and return its value or the class of its error: texts of these differ by version."""
    try:
        return action()
    except Exception as error:
        return type(error)


# Attributes.


@pytest.mark.parametrize("protocol", [None, 0, 2, -1])
def test_attributes_are_those_of_stock(protocol: Any) -> None:
    def program(m: Any) -> Any:
        pickler = m.Pickler(io.BytesIO(), protocol)
        same = pickler.globals_ref is pickler.globals_ref
        pickler.globals_ref["key"] = 1
        seen = [same, pickler.globals_ref, pickler.proto]
        pickler.proto = "set"
        seen.append(pickler.proto)
        for _ in range(2):
            seen.append(kind_of(lambda: delattr(pickler, "proto")))
            seen.append(kind_of(lambda: pickler.proto))
        return seen

    each_way(program)


@engine_only
def test_an_installed_pickler_is_made_by_the_engine() -> None:
    """And not by the Python code of cloudpickle's __init__, of which the engine knows what it does."""
    with gocloudpickle.installed():
        assert "globals_ref" not in vars(cloudpickle.Pickler(io.BytesIO()))


@engine_only
def test_an_init_that_is_another_one_is_called() -> None:
    program = """if True:
        import io, cloudpickle, gocloudpickle
        stock, calls = cloudpickle.Pickler.__init__, []
        def init(self, file, protocol=None, buffer_callback=None):
            calls.append(protocol)
            stock(self, file, protocol, buffer_callback)
        cloudpickle.Pickler.__init__ = init
        gocloudpickle.install()
        pickler = cloudpickle.Pickler(io.BytesIO(), 4)
        pickler.dump(lambda: 1)
        assert calls[-1] == 4, calls
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_pickler_that_is_made_again_has_new_ones() -> None:
    def program(m: Any) -> Any:
        pickler = m.Pickler(io.BytesIO(), 3)
        pickler.globals_ref["key"] = 1
        pickler.proto = 7
        pickler.dump(FUNCTION)
        pickler.__init__(io.BytesIO(), 4)
        return pickler.globals_ref, pickler.proto

    each_way(program)


def test_what_is_set_before_init_is_lost() -> None:
    def program(m: Any) -> Any:
        pickler = m.Pickler.__new__(m.Pickler)
        seen = [kind_of(lambda: pickler.proto)]
        pickler.proto, pickler.globals_ref = 1, 2
        seen += [pickler.proto, pickler.globals_ref]
        pickler.__init__(io.BytesIO())
        return [*seen, pickler.proto, pickler.globals_ref]

    each_way(program)


def test_attributes_of_subclasses() -> None:
    def program(m: Any) -> Any:
        class Default(m.Pickler):  # type: ignore[misc]
            proto = "of the class"
            globals_ref: Any = None

        class Computed(m.Pickler):  # type: ignore[misc]
            seen: Any = []
            proto = property(lambda self: 3, lambda self, value: self.seen.append(value))

        class Setting(m.Pickler):  # type: ignore[misc]
            def __setattr__(self, name: str, value: Any) -> None:
                vars(type(self)).get("names", names).append(name)
                super().__setattr__(name, value)

        names: list[str] = []
        made = Default(io.BytesIO())
        results = [made.proto, made.globals_ref, Computed(io.BytesIO(), 2).proto, Computed.seen]
        pickler = Setting(io.BytesIO(), 2)
        return [*results, pickler.proto, pickler.globals_ref, names]

    each_way(program)


@engine_only
def test_attributes_outlive_uninstall() -> None:
    with gocloudpickle.installed():
        first, second = (cloudpickle.Pickler(io.BytesIO(), 3) for _ in range(2))
        first.globals_ref["key"] = 1
    assert (first.globals_ref, first.proto) == ({"key": 1}, 3)
    assert (second.globals_ref, second.proto) == ({}, 3)
    del first, second
    gc.collect()
    with gocloudpickle.installed():
        pass
    assert not {"globals_ref", "proto"} & set(vars(cloudpickle.Pickler))


# CPython's fields.


@pytest.mark.parametrize("protocol", range(6))
def test_cpython_s_own_methods(protocol: int) -> None:
    def program(m: Any) -> Any:
        file = io.BytesIO()
        pickler = m.Pickler(file, protocol)
        seen = [pickler.bin, pickler.fast, BASE.memo.__get__(pickler).copy()]  # type: ignore[attr-defined]
        BASE.dump(pickler, LISTS)
        seen.append(len(BASE.memo.__get__(pickler).copy()))  # type: ignore[attr-defined]
        BASE.clear_memo(pickler)
        BASE.dump(pickler, "text")
        assert sys.getsizeof(pickler) > 0
        return seen, bytes(file.getvalue())

    each_way(program)


def test_buffers_of_cpython_s_dump() -> None:
    def program(m: Any) -> Any:
        buffers: list[Any] = []
        file = io.BytesIO()
        BASE.dump(m.Pickler(file, 5, buffers.append), _pickle.PickleBuffer(b"data"))
        return len(buffers), bytes(file.getvalue())

    each_way(program)


def out_of_band(taken: list[Any]) -> Callable[[Any], Any]:
    return lambda buffer: taken.append(bytes(buffer))


def in_band(taken: list[Any]) -> Callable[[Any], Any]:
    return lambda buffer: taken.append(bytes(buffer)) or [taken]


def no_callback(taken: list[Any]) -> Any:
    return None


def failing(taken: list[Any]) -> Callable[[Any], Any]:
    return lambda buffer: 1 / 0


@pytest.mark.parametrize("first", [out_of_band, in_band, no_callback, failing])
@pytest.mark.parametrize("second", [out_of_band, no_callback])
def test_callbacks_of_both_dumps_and_of_a_pickler_that_is_made_again(
    first: Callable[[list[Any]], Any], second: Callable[[list[Any]], Any]
) -> None:
    def program(m: Any) -> Any:
        taken: list[Any] = []
        seen: list[Any] = []
        pickler = m.Pickler(io.BytesIO(), 5)
        for callback in first, second:
            for dump in m.Pickler.dump, BASE.dump:
                file = io.BytesIO()
                pickler.__init__(file, 5, callback(taken))
                data = _pickle.PickleBuffer(b"data")
                seen.append(kind_of(lambda dump=dump, data=data: dump(pickler, [data, FUNCTION])))
                seen.append(bytes(file.getvalue()))
            seen.append(kind_of(lambda: pickler.__init__(object(), 5, None)))
            seen.append(kind_of(lambda: pickler.dump(1)))
        return seen, taken

    each_way(program)


class Callback:
    def __call__(self, buffer: Any) -> None:
        pass


def test_a_callback_is_held_as_long_as_its_pickler() -> None:
    def program(m: Any) -> Any:
        callback = Callback()
        held = weakref.ref(callback)
        pickler = m.Pickler(io.BytesIO(), 5, callback)
        del callback
        seen = [held() is not None]
        pickler.dump(FUNCTION)
        seen.append(held() is not None)
        del pickler
        gc.collect()
        return [*seen, held() is not None]

    each_way(program)


def test_a_cycle_through_a_callback_is_collected() -> None:
    def program(m: Any) -> Any:
        callback: Any = Callback()
        callback.pickler = m.Pickler(io.BytesIO(), 5, callback)
        callback.pickler.dump(FUNCTION)
        gone = weakref.ref(callback)
        del callback
        gc.collect()
        return gone() is None

    each_way(program)


class Answering:
    """A file that is asked for its write."""

    def __init__(self, action: Callable[[], Any]) -> None:
        self.action, self.data, self.asked = action, b"", 0

    @property
    def write(self) -> Any:
        self.asked += 1
        self.action()
        return self.take

    def take(self, data: bytes) -> None:
        self.data += data


def raising(error: BaseException) -> Callable[[], Any]:
    def action() -> Any:
        raise error

    return action


@pytest.mark.parametrize("error", [AttributeError("none"), KeyError("none"), KeyboardInterrupt()])
def test_a_file_that_fails_to_answer(error: BaseException) -> None:
    def program(m: Any) -> Any:
        file = Answering(raising(error))
        try:
            return outcome(lambda: m.Pickler(file)), file.asked
        except KeyboardInterrupt:
            return "interrupted", file.asked

    each_way(program)


def where_stock_allows_it(program: Callable[[Any], Any]) -> None:
    """Compare, but for where CPython 3.14 says that the Pickler is in use: we only stay alive."""
    if kind_of(lambda: program(cloudpickle)) is RuntimeError:
        kind_of(lambda: program(gocloudpickle))
    else:
        each_way(program)


@pytest.mark.skipif(
    gocloudpickle.engine_info()["path"] == "portable",
    reason="the portable path asks a file for its write twice",
)
def test_a_file_that_makes_its_pickler() -> None:
    def program(m: Any) -> Any:
        inner, pickler = io.BytesIO(), m.Pickler.__new__(m.Pickler)
        file = Answering(lambda: pickler.__init__(inner, 2))
        pickler.__init__(file, 4)
        BASE.dump(pickler, LISTS)
        return bytes(inner.getvalue()), file.data

    where_stock_allows_it(program)


def test_a_table_that_dumps_while_it_is_asked_for() -> None:
    def program(m: Any) -> Any:
        class Asked(m.Pickler):  # type: ignore[misc]
            @property
            def dispatch_table(self) -> Any:
                if answers.pop():
                    BASE.dump(self, LISTS)
                return {complex: lambda z: (complex, (0, 0))}

        answers = [False, True]
        file = io.BytesIO()
        pickler = Asked(file, 4)
        pickler.dump(1j)
        return bytes(file.getvalue())

    where_stock_allows_it(program)


def of_class(m: Any) -> Any:
    return type("Sub", (m.Pickler,), {"persistent_id": lambda self, obj: identify(obj)})


def of_object(m: Any) -> Any:
    def __init__(self: Any, file: Any) -> None:
        self.persistent_id = identify
        m.Pickler.__init__(self, file)

    return type("Sub", (m.Pickler,), {"__init__": __init__})


def of_getattr(m: Any) -> Any:
    def __getattr__(self: Any, name: str) -> Any:
        if name == "persistent_id":
            return identify
        raise AttributeError(name)

    return type("Sub", (m.Pickler,), {"__getattr__": __getattr__})


def of_getattribute(m: Any) -> Any:
    def __getattribute__(self: Any, name: str) -> Any:
        return identify if name == "persistent_id" else object.__getattribute__(self, name)

    return type("Sub", (m.Pickler,), {"__getattribute__": __getattribute__})


def identify(obj: Any) -> Any:
    return "id" if isinstance(obj, complex) else None


@pytest.mark.parametrize("derive", [of_class, of_object, of_getattr, of_getattribute])
def test_where_a_persistent_id_comes_from(derive: Callable[[Any], Any]) -> None:
    def program(m: Any) -> Any:
        def dump() -> bytes:
            file = io.BytesIO()
            derive(m)(file).dump([1j, "text"])
            return file.getvalue()

        return kind_of(dump)

    each_way(program)


def hook_of(name: str) -> Any:
    def asked(*args: Any) -> Any:
        return identify(args[-1]) if name == "persistent_id" else NotImplemented

    return asked


@pytest.mark.parametrize("name", ["persistent_id", "reducer_override"])
@pytest.mark.parametrize("way", ["attribute", "dict", "class", "base"])
def test_hooks_that_come_and_go_between_dumps(name: str, way: str) -> None:
    def program(m: Any) -> Any:
        base = type("Base", (m.Pickler,), {})
        derived = type("Derived", (base,), {})
        pickler = derived(file := io.BytesIO())
        pickler.other = 1
        owners = {"attribute": pickler, "class": derived, "base": base}
        seen: list[Any] = []

        def dump() -> None:
            seen.append(kind_of(lambda: pickler.dump([1j, "text", 2j, len])))
            pickler.clear_memo()
            seen.append(bytes(file.getvalue()))

        for _ in range(2):
            dump()
            if way == "dict":
                vars(pickler)[name] = hook_of(name)
                dump()
                seen.append(kind_of(lambda: vars(pickler).pop(name) is not None))
            else:
                seen.append(kind_of(lambda: setattr(owners[way], name, hook_of(name))))
                dump()
                seen.append(kind_of(lambda: delattr(owners[way], name)))
            dump()
        return seen

    each_way(program)


# What a Pickler that goes leaves behind.


class Finalized:
    """Dumps with a Pickler of its own when it goes."""

    def __init__(self, module: Any, seen: list[Any]) -> None:
        self.module, self.seen = module, seen

    def __reduce__(self) -> Any:
        return int, ()

    def __del__(self) -> None:
        file = io.BytesIO()
        self.module.Pickler(file).dump(LISTS[:3])
        self.seen.append(len(file.getvalue()))


@pytest.mark.parametrize("n", [1, 30, 255, 256, 257, 5000])
def test_all_that_a_memo_held_is_given_back(n: int) -> None:
    def program(m: Any) -> Any:
        m.dumps(FUNCTION)  # what is made once
        gc.collect()  # functions of other tests
        before = sys.getrefcount(FUNCTION), sys.getrefcount(globals())
        shared: Any = {1, 2}
        objects = [{i} for i in range(n)] + [shared, shared]
        gone = []
        for _ in range(3):
            pickler = m.Pickler(io.BytesIO())
            pickler.dump(objects)
            pickler.dump(FUNCTION)
            gone.append(weakref.ref(pickler))
            del pickler
        counts = [sys.getrefcount(o) for o in objects]
        after = sys.getrefcount(FUNCTION), sys.getrefcount(globals())
        return [ref() for ref in gone], set(counts[:-2]), counts[-1], before == after

    each_way(program)


def test_finalizers_that_dump_while_many_picklers_go() -> None:
    def program(m: Any) -> Any:
        seen: list[Any] = []
        picklers = []
        for _ in range(50):
            pickler = m.Pickler(io.BytesIO())
            pickler.dump([Finalized(m, seen), FUNCTION])
            picklers.append(pickler)
        before = len(seen)
        picklers.clear()
        file = io.BytesIO()
        m.Pickler(file).dump(FUNCTION)
        return before, seen, bytes(file.getvalue())

    each_way(program)


def test_a_cycle_through_the_memo_is_collected() -> None:
    def program(m: Any) -> Any:
        class Cell:
            def __reduce__(self) -> Any:
                return int, ()

        pickler, cell = m.Pickler(io.BytesIO()), Cell()
        cell.pickler = pickler  # type: ignore[attr-defined]
        pickler.dump(cell)
        pickler.globals_ref["pickler"] = pickler
        gone = weakref.ref(cell)
        del pickler, cell
        gc.collect()
        return gone()

    # The memo of CPython's own Pickler is not the collector's, up to 3.10.
    if gocloudpickle.engine_info()["path"] != "python":
        assert program(gocloudpickle) is None
    assert program(cloudpickle) is None or sys.version_info < (3, 11)
