"""__init__ and dump of Pickler classes, which are C: as cloudpickle's in Python."""

from __future__ import annotations

import _pickle
import gc
import io
import pickle
import subprocess
import sys
import weakref
from collections.abc import Callable
from typing import Any

import cloudpickle
import gocloudpickle
import pytest
from gocloudpickle._python_path import ALREADY_USED

from tests.oracles.picklers import FUNCTION

# Without it CPython's Pickler does these.
engine_only = pytest.mark.skipif(
    gocloudpickle.engine_info()["path"] == "python", reason="about the engine's memo"
)


def each_way(program: Callable[[Any], Any]) -> None:
    """A program gives the same with cloudpickle, with gocloudpickle, and with both."""
    expected = program(cloudpickle)
    assert program(gocloudpickle) == expected
    with gocloudpickle.installed():
        assert program(cloudpickle) == expected


def outcome(action: Callable[[], Any]) -> Any:
    try:
        return action()
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.Pickler(),
        lambda m: m.Pickler(io.BytesIO(), 5, None, 4),
        lambda m: m.Pickler(io.BytesIO(), other=1),
        lambda m: m.Pickler(io.BytesIO(), file=1),
        lambda m: m.Pickler(5),
        lambda m: m.Pickler(io.BytesIO(), 9),
        lambda m: m.Pickler(io.BytesIO(), "5"),
        lambda m: m.Pickler(io.BytesIO(), 4, len),
        lambda m: m.Pickler(io.BytesIO()).dump(),
        lambda m: m.Pickler(io.BytesIO()).dump(1, 2),
        lambda m: m.Pickler(io.BytesIO()).dump(other=1),
    ],
    ids=range(11),
)
def test_wrong_arguments(call: Callable[[Any], Any]) -> None:
    each_way(lambda m: outcome(lambda: call(m)))


@pytest.mark.parametrize("protocol", [None, -1, 0, 4, True])
def test_arguments(protocol: Any) -> None:
    def program(m: Any) -> Any:
        file = io.BytesIO()
        pickler = m.Pickler(protocol=protocol, file=file)
        pickler.dump(obj=[1.5, "text", (1, 2)])
        return file.getvalue(), pickler.proto, pickler.globals_ref, pickler.bin

    each_way(program)


def test_a_class_between_takes_part() -> None:
    def program(m: Any) -> Any:
        seen = []

        class Between(_pickle.Pickler):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                seen.append((len(args), sorted(kwargs)))
                super().__init__(*args, **kwargs)

        sub = type("Sub", (m.Pickler, Between), {})
        file = io.BytesIO()
        sub(file).dump(FUNCTION)
        return seen, bytes(file.getvalue())

    seen, data = program(cloudpickle)
    assert len(seen) == 1
    with gocloudpickle.installed():
        assert program(cloudpickle) == (seen, data)
    assert len(program(gocloudpickle)[0]) == 1


def test_the_default_protocol_is_the_module_s() -> None:
    module = cloudpickle.cloudpickle
    kept = module.DEFAULT_PROTOCOL
    with gocloudpickle.installed():
        module.DEFAULT_PROTOCOL = 2
        try:
            file = io.BytesIO()
            cloudpickle.Pickler(file).dump([1])
        finally:
            module.DEFAULT_PROTOCOL = kept
    assert file.getvalue() == pickle.dumps([1], 2)


class Failing:
    """A file whose write can fail."""

    def __init__(self) -> None:
        self.data = b""
        self.error: BaseException | None = None
        self.action: Callable[[], Any] | None = None

    def write(self, data: bytes) -> None:
        if self.error is not None:
            raise self.error
        if self.action is not None:
            self.action()
        self.data += data


@engine_only
def test_write_that_raises() -> None:
    """What a failed dump memoized is forgotten: no stream has it."""
    file = Failing()
    pickler = gocloudpickle.Pickler(file)
    shared = ["shared"]
    pickler.dump(shared)
    expected = len(file.data)
    file.error = ZeroDivisionError("full")
    other = [shared, "other", FUNCTION]
    for _ in range(2):
        with pytest.raises(ZeroDivisionError, match="full"):
            pickler.dump(other)
    file.error = RecursionError()
    with pytest.raises(pickle.PicklingError, match="excessively deep") as caught:
        pickler.dump(other)
    assert caught.value.__cause__ is file.error
    file.error = None
    pickler.dump([shared, "other"])
    unpickler = pickle.Unpickler(io.BytesIO(file.data))
    first, second = unpickler.load(), unpickler.load()
    assert second == [["shared"], "other"] and second[0] is first and expected > 0


@engine_only
def test_write_that_uses_the_pickler() -> None:
    file = Failing()
    pickler = gocloudpickle.Pickler(file)
    for action, says in (
        (lambda: pickler.dump(2), ALREADY_USED),
        (pickler.memo.copy, "middle of its dump"),
        (pickler.clear_memo, "middle of its dump"),
    ):
        file.action = action
        with pytest.raises(RuntimeError, match=says):
            pickler.dump([1])
    file.action = None
    pickler.dump(["after"])
    assert pickle.loads(file.data) == ["after"]


@pytest.mark.parametrize("module", [gocloudpickle, cloudpickle], ids=["own", "installed"])
def test_cycles_are_collected(module: Any) -> None:
    with gocloudpickle.installed():
        file = Failing()
        pickler = module.Pickler(file)
        pickler.dump([FUNCTION, file.data])
        file.action = pickler.dump  # file -> pickler -> its state -> file.write -> file
        seen = weakref.ref(file), weakref.ref(pickler)
        del file, pickler
        gc.collect()
        assert [ref() for ref in seen] == [None, None]


def test_many_picklers() -> None:
    """Their states are used again, and none is mistaken for another."""
    alive = []
    for round in range(4):
        for i in range(100):
            file = io.BytesIO()
            pickler = gocloudpickle.Pickler(file)
            pickler.dump([i, str(i)])
            alive.append((pickler, file, i))
        alive = [entry for entry in alive if (entry[2] + round) % 3]
        for pickler, file, i in alive:
            file.seek(0)
            file.truncate()
            pickler.clear_memo()
            text = f"text {i} {round}"
            pickler.dump([text, text])
            assert pickle.loads(file.getvalue()) == [text, text]


@pytest.mark.parametrize("again", ["pickler.dump(1)", "pickler.__init__(5)"])
def test_a_pickler_that_is_dumping_dumps_nothing_else(again: str) -> None:
    """CPython crashes there up to 3.13. In a process of its own."""
    program = f"""if True:
        import io, pickle, gocloudpickle
        from gocloudpickle._python_path import ALREADY_USED
        raised = []
        class Again:
            def __reduce__(self):
                try:
                    {again}
                except (RuntimeError, TypeError) as error:
                    raised.append(str(error))
                return int, (1,)
        file = io.BytesIO()
        pickler = gocloudpickle.Pickler(file)
        pickler.dump([Again(), "text"])
        assert pickle.loads(file.getvalue()) == [1, "text"]
        assert len(raised) == 1
        if "dump" in {again!r}:
            assert raised == [ALREADY_USED]
            pickler.dump("text")
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr or done.returncode
