"""loads and load with a policy load what it allows, and watch the unpickler do it."""

from __future__ import annotations

import copy
import dataclasses
import enum
import io
import pathlib
import pickle
import warnings
from typing import Any

import gocloudpickle
import pytest

from tests.corpus import Case, usable_cases
from tests.robust import child

try:
    gocloudpickle.require_engine()
except ImportError:
    pytest.skip("there is no engine to audit with on this path", allow_module_level=True)

from gocloudpickle import PolicyError, _policy

EVERYTHING = {
    "version": 1,
    "extends": ["trusted-imports"],
    "allow": {
        "capabilities": {
            when: (
                "pure process filesystem network environment dynamic-code dynamic-import "
                "native-code unpickle interpreter unknown"
            ).split()
            for when in ("load", "call")
        }
    },
}


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Point:
    x: int
    y: int = 2


def local(obj: Any) -> Any:
    obj.__module__ = "__main__"
    return obj


def test_what_is_allowed_is_loaded() -> None:
    factor = 3
    data = gocloudpickle.dumps(local(lambda x: x * factor))
    assert gocloudpickle.loads(data, policy="functions")(2) == 6
    assert gocloudpickle.load(io.BytesIO(data), policy="functions")(2) == 6
    assert gocloudpickle.loads(bytearray(data), policy="functions")(2) == 6
    assert gocloudpickle.loads(data)(2) == 6


def test_what_is_not_is_not(tmp_path: pathlib.Path) -> None:
    marker = tmp_path / "marker"
    data = f"cos\nsystem\n(S'touch {marker}'\ntR.".encode()
    for load in (
        gocloudpickle.loads,
        lambda d, policy: gocloudpickle.load(io.BytesIO(d), policy=policy),
    ):
        with pytest.raises(pickle.UnpicklingError, match="os.system when loaded") as caught:
            load(data, policy="trusted-imports")
        assert not marker.exists()
        error = caught.value
        assert isinstance(error, PolicyError) and error.verdict == "denied"
        assert error.findings[0]["subject"] == "os.system"
        for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
            assert (again.verdict, again.findings, str(again)) == (
                error.verdict,
                error.findings,
                str(error),
            )


def test_several_in_a_file() -> None:
    function = gocloudpickle.dumps(local(lambda: 1))
    file = io.BytesIO(function + pickle.dumps([2]) + b"cos\nsystem\n.")
    assert gocloudpickle.load(file, policy="functions")() == 1
    assert file.tell() == len(function)
    assert gocloudpickle.load(file, policy="data") == [2]
    with pytest.raises(PolicyError, match="os.system"):
        gocloudpickle.load(file, policy="data")


def test_a_file_that_can_not_seek() -> None:
    class Pipe:
        def __init__(self, data: bytes) -> None:
            self.read = io.BytesIO(data).read

    assert gocloudpickle.load(Pipe(b"N."), policy="data") is None  # type: ignore[arg-type]
    with pytest.raises(PolicyError, match="a file that can't seek"):
        gocloudpickle.load(Pipe(b"N.N."), policy="data")  # type: ignore[arg-type]


def test_what_follows_is_not_dropped_unseen() -> None:
    with pytest.raises(PolicyError, match="2 bytes follow the pickle"):
        gocloudpickle.loads(b"N.N.", policy="data")


def test_buffers_and_encoding() -> None:
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(pickle.PickleBuffer(b"beside"), 5, buffer_callback=buffers.append)
    assert bytes(gocloudpickle.loads(data, policy="data", buffers=buffers)) == b"beside"
    python_2 = b"U\x03a\xe9b."  # a str of Python 2
    assert gocloudpickle.loads(python_2, policy="data", encoding="latin1") == "a\xe9b"
    assert gocloudpickle.loads(python_2, policy="data", encoding="bytes") == b"a\xe9b"
    with pytest.raises(ValueError, match="fix_imports"):
        gocloudpickle.loads(b"N.", policy="data", fix_imports=False)


def test_python_2_names() -> None:
    assert gocloudpickle.loads(b"c__builtin__\nset\n((lI1\natR.", policy="data") == {1}
    assert gocloudpickle.loads(pickle.dumps({1, 2}, 2), policy="data") == {1, 2}


# What comes of a payload is the same with a policy that allows all, by a plan that fits.


def outcome(load: Any) -> Any:
    try:
        return type(load())
    except PolicyError:
        raise
    except BaseException as error:
        return type(error)


@pytest.mark.parametrize("case", usable_cases(), ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore")
def test_the_plan_fits_the_corpus(case: Case) -> None:
    for protocol in case.protocols:
        with case.setup(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                data = gocloudpickle.dumps(case.make(), protocol)
            except BaseException:
                continue  # it can't be pickled
            stock = outcome(lambda data=data: pickle.loads(data))
            try:
                watched = outcome(lambda data=data: gocloudpickle.loads(data, policy=EVERYTHING))
            except PolicyError as error:
                # Not everything can be read: but a plan that was made fits.
                assert all(f["verdict"] == "inconclusive" for f in error.findings), error
                assert "wasn't read there" not in str(error) and "was read" not in str(error)
                continue
            assert watched is stock


# A gap in the reading: the unpickler stops all the same.


def with_plan(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    judge = _policy._judge

    def changed(*args: Any) -> Any:
        plan = judge(*args)
        change(plan)
        return plan

    monkeypatch.setattr(_policy, "_judge", changed)


def test_a_name_that_was_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    function = gocloudpickle.dumps(local(lambda: 1))
    for data in (pickle.dumps(Color.RED), function):
        with monkeypatch.context() as patch:
            with_plan(patch, lambda plan: plan["names"].clear())
            with pytest.raises(PolicyError, match="a name is looked up that wasn't read"):
                gocloudpickle.loads(data, policy=EVERYTHING)


def calls_itself() -> bytes:
    """A payload that calls the function in it while it is loaded."""
    ran.clear()
    data = gocloudpickle.dumps(local(lambda: ran.append(1)))
    assert data[-1:] == b"."
    return data[:-1] + b")R."


ran: list[int] = []


@pytest.mark.parametrize(
    "change",
    [
        lambda calls: calls.pop(),
        lambda calls: calls.reverse(),
        lambda calls: calls.__setitem__(-1, "builtins.len"),
        lambda calls: calls.clear(),
    ],
)
def test_a_call_that_was_not_read(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    data = calls_itself()
    with_plan(monkeypatch, lambda plan: change(plan["calls"]))
    with pytest.raises(PolicyError, match="it is called, where"):
        gocloudpickle.loads(data, policy=EVERYTHING)
    assert not ran


@pytest.mark.parametrize("path", child.paths())
def test_before_and_after_the_engine(path: str) -> None:
    program = """
import pickle
import gocloudpickle
first = gocloudpickle.loads
assert first(b"N.") is None and first(b"N.", policy="data") is None
data = gocloudpickle.dumps(lambda: 4)
for loads in (first, gocloudpickle.loads):
    assert loads(data)() == loads(data, policy="functions")() == 4
    try:
        loads(data, policy="data")
    except gocloudpickle.PolicyError:
        pass
    else:
        raise AssertionError(loads)
gocloudpickle.install()
import cloudpickle
assert cloudpickle.loads(data, policy="functions")() == 4
print("done")
"""
    if path == "python":
        pytest.skip("test_policy_command.py has it")
    child.run_python(["-c", program], path).check(says="done")


def test_it_goes_through_the_door_of_refuse_unsealed() -> None:
    program = """
import gocloudpickle
from gocloudpickle import sealed
key = sealed.generate_key("hmac-sha256")
verifier = sealed.Verifier([key], audience="a")
envelope = sealed.Signer(key, audience="a").dumps([1])
class Evil:
    def __reduce__(self):
        import os
        return os.system, ("true",)
evil = sealed.Signer(key, audience="a").dumps(Evil())
gocloudpickle.refuse_unsealed(verifier)
for _ in range(2):
    assert gocloudpickle.loads(envelope, policy="data") == [1]
    for load, error in ((evil, gocloudpickle.PolicyError), (b"N.", sealed.Unsigned)):
        try:
            gocloudpickle.loads(load, policy="data")
        except error:
            pass
        else:
            raise AssertionError(load)
    gocloudpickle.dumps(1)
print("done")
"""
    child.run_python(["-c", program]).check(says="done")
