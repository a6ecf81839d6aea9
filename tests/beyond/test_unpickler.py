"""loads and load where they aren't native are pickle's, but for what they find in cloudpickle's place."""

from __future__ import annotations

import io
import pickle
import sys
import types
from typing import Any

import cloudpickle
import gocloudpickle
import pytest
from gocloudpickle import _foreign, _rebuild, _unpickler

LONG = [list(range(3000)), b"x" * 70_000, "y" * 70_000, bytearray(70_000)]
NAMED = "not cloudpickle"
DATA = [pickle.dumps([LONG, NAMED], protocol) for protocol in range(6)]

MARKED = b"\x80\x05\x8c\x0bcloudpickle"  # what comes here isn't plain, however short it is
DAMAGED = [
    b"",
    b"\x80",
    b"\x80\x05",
    b"\x80\x77",
    b"cos\n",
    b"cno.module\nx\n.",
    b"cos\nno_name\n.",
    *(MARKED + rest for rest in (b"", b"K", b"I12", b"X\xff\0\0\0ab", b"C\x50ab", b"z", b"h\x07.")),
    MARKED + b"\x95\xff\0\0\0\0\0\0\0K",
    MARKED + b"\x8e\xff\0\0\0\0\0\0\0K",
    MARKED + b"\x97.",
    *(data[: len(data) // part] for data in DATA for part in (2, 3, 5)),
]


def outcome(function: Any, *args: Any, **options: Any) -> Any:
    try:
        return function(*args, **options)
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize("data", DAMAGED)
def test_errors_are_pickle_s(data: bytes) -> None:
    assert outcome(_unpickler.loads, data) == outcome(pickle.loads, data)
    assert outcome(_unpickler.load, io.BytesIO(data)) == outcome(pickle.load, io.BytesIO(data))
    for wrap in (bytearray, memoryview):
        assert outcome(_unpickler.loads, wrap(data)) == outcome(pickle.loads, data)


@pytest.mark.parametrize(
    "options",
    [
        {"encoding": 5},
        {"errors": None},
        {"encoding": "no such"},
        {"buffers": 1},
        {"buffers": None},
        {"fix_imports": "x"},
        {"other": 1},
        {"encoding": "latin1", "errors": "replace", "fix_imports": False},
    ],
)
@pytest.mark.parametrize("data", [DATA[0], DATA[2], DATA[5], MARKED + b"."])
def test_arguments_are_pickle_s(data: bytes, options: dict[str, Any]) -> None:
    assert outcome(gocloudpickle.loads, data, **options) == outcome(pickle.loads, data, **options)
    assert outcome(_unpickler.loads, data, **options) == outcome(pickle.loads, data, **options)
    expected = outcome(pickle.load, io.BytesIO(data), **options)
    assert outcome(gocloudpickle.load, io.BytesIO(data), **options) == expected


@pytest.mark.parametrize("wrong", ["text", 1, None, [1], memoryview(bytes(20))[::2]])
def test_what_is_no_payload(wrong: Any) -> None:
    assert outcome(gocloudpickle.loads, wrong) == outcome(pickle.loads, wrong)
    assert outcome(gocloudpickle.load, wrong) == outcome(pickle.load, wrong)
    assert outcome(gocloudpickle.load, io.StringIO("x")) == outcome(pickle.load, io.StringIO("x"))


def test_load_takes_its_file_by_name() -> None:
    assert gocloudpickle.load(file=io.BytesIO(DATA[5])) == [LONG, NAMED]


@pytest.mark.parametrize("data", DATA)
def test_a_file_is_left_behind_its_pickle(data: bytes, tmp_path: Any) -> None:
    path = tmp_path / "several.pkl"
    path.write_bytes(data + data + b"rest")
    for open_it in (
        lambda: io.BytesIO(path.read_bytes()),
        lambda: open(path, "rb"),
        lambda: open(path, "rb", buffering=0),
    ):
        with open_it() as file:
            for _ in range(2):
                assert _unpickler.load(file) == [LONG, NAMED]
            assert file.read() == b"rest"


class Reads(io.BytesIO):
    """Notes how often it is read from."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.sizes: list[int] = []

    def read(self, size: Any = -1) -> bytes:
        self.sizes.append(size)
        return super().read(size)


def test_a_file_is_read_as_pickle_reads_it() -> None:
    ours, theirs = Reads(DATA[5]), Reads(DATA[5])
    _unpickler.load(ours)
    pickle.load(theirs)
    assert [*filter(lambda size: size > 2, ours.sizes)] == [
        *filter(lambda size: size > 2, theirs.sizes)
    ]


def make() -> Any:
    class Model:
        steps = 0

        def score(self) -> int:
            return self.steps

    return Model, lambda: Model


def test_classes_stay_those_of_the_installed_cloudpickle() -> None:
    Model, function = make()
    payload = cloudpickle.dumps((LONG, Model, function))
    _, first, made = _unpickler.loads(payload)
    assert first is Model is pickle.loads(payload)[1] and made() is Model
    del first, made, function, Model
    import gc

    gc.collect()
    _, first, made = _unpickler.loads(payload)
    assert pickle.loads(payload)[1] is first is made() and first.steps == 0


def test_a_function_of_somebody_s_own_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = sys.modules["cloudpickle.cloudpickle"]
    calls = []
    stock = module._class_setstate

    def _class_setstate(obj: Any, state: Any) -> Any:
        calls.append(obj)
        return stock(obj, state)

    Model, _ = make()
    payload = cloudpickle.dumps((LONG, Model))
    monkeypatch.setattr(module, "_class_setstate", _class_setstate)
    _unpickler.loads(payload)
    assert calls == [Model]


class Loads:
    """Loads what is in it when it is loaded."""

    def __init__(self, payload: bytes) -> None:
        self.payload = payload

    def __reduce__(self) -> Any:
        return _unpickler.loads, (self.payload,)


def test_a_payload_in_a_payload() -> None:
    Model, function = make()
    inner = gocloudpickle.dumps((LONG, Model, Loads(gocloudpickle.dumps((LONG, function)))))
    (_, cls, (_, made)) = _unpickler.loads(gocloudpickle.dumps((LONG, Loads(inner), function)))[1]
    assert cls is Model is made()


def foreign_code(number: int) -> bytes:
    """A payload's bytes that make code objects of another version, many frames apart."""
    start = _rebuild._BEGINNINGS[14 if sys.version_info[:2] != (3, 14) else 13]
    return bytes([start[-1], 0] * number)


def test_each_frame_of_a_file_is_looked_at() -> None:
    """Not only the one in which the first code object is."""
    here = [make()[1].__code__.replace(co_name=f"f{number}") for number in range(200)]
    seen = []

    class Pickler(gocloudpickle.Pickler):
        def reducer_override(self, obj: Any) -> Any:
            if type(obj) is types.CodeType and obj.co_name == "f199":
                function, args = gocloudpickle.Pickler._dispatch_table[types.CodeType](obj)
                seen.append(obj)
                at = args.index(obj.co_code)
                return function, (*args[:at], foreign_code(3), *args[at + 1 :])
            return super().reducer_override(obj)

    file = io.BytesIO()
    Pickler(file).dump([here[0], *[["z" * 1000 + str(i)] for i in range(300)], here[1:]])
    assert seen
    for load in (
        lambda: _unpickler.loads(file.getvalue()),
        lambda: _unpickler.load(io.BytesIO(file.getvalue())),
    ):
        with pytest.raises(pickle.UnpicklingError, match="was made by Python"):
            load()


def test_large_contents_are_not_searched() -> None:
    parts = [*_foreign._parts(DATA[5])]
    assert len(DATA[5]) - sum(end - start for start, end in parts) > 3 * 70_000
    assert DATA[5][parts[-1][0] : parts[-1][1]].endswith(NAMED.encode() + b"\x94e.")
    assert [*_foreign._parts(DATA[2])] == [(0, len(DATA[2]))]
    assert [*_foreign._parts(b"")] == []


def test_what_cannot_peek_or_seek() -> None:
    class Odd(io.BytesIO):
        def peek(self, size: int) -> bytes:
            raise NotImplementedError

        def seekable(self) -> bool:
            return False

    for data in DATA:
        assert _unpickler.load(Odd(data)) == [LONG, NAMED]


@pytest.mark.parametrize("version", [(3, 9), (3, 15), (4, 0)])
def test_an_unknown_python_refuses_nothing(version: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = gocloudpickle.dumps((LONG, make()))
    monkeypatch.setattr(_foreign.sys, "version_info", (*version, 0, "final", 0))
    _foreign.check(data)
