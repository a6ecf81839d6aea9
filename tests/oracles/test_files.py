"""Where the bytes go: writes, closed files, and files that fail."""

from __future__ import annotations

import io
import pickle
from typing import Any

import pytest

from tests.corpus import stock, under_test

LARGE = [b"L" * 300_000, "small", bytearray(b"M" * 100_000), list(range(50_000)), "N" * 100_000]


class Recorder:
    """A file that is nothing but write, and keeps what it gets."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []

    def write(self, data: Any) -> int:
        self.chunks.append(bytes(data))
        return len(self.chunks[-1])


class Failing(Recorder):
    """Fails at a write."""

    def __init__(self, at: int, error: BaseException) -> None:
        super().__init__()
        self.at, self.error = at, error

    def write(self, data: Any) -> int:
        if len(self.chunks) == self.at:
            raise self.error
        return super().write(data)


def _unpicklable() -> Any:
    return [list(range(100_000)), b"x" * 200_000, (i for i in ())]


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "obj",
    [5, "text", LARGE, [{"a": i} for i in range(30_000)]],
    ids=["int", "str", "large", "records"],
)
def test_any_object_with_write_is_a_file(obj: Any, protocol: int) -> None:
    file = Recorder()
    under_test().dump(obj, file, protocol)
    assert b"".join(file.chunks) == stock().dumps(obj, protocol)
    assert pickle.loads(b"".join(file.chunks)) == obj


@pytest.mark.parametrize("protocol", range(6))
def test_every_chunk_is_bytes(protocol: int) -> None:
    class Strict:
        def write(self, data: Any) -> None:
            # As in _pickle: bytes, and large data may come as the object's own.
            assert isinstance(data, (bytes, bytearray, memoryview)), type(data)

    under_test().dump(LARGE, Strict(), protocol)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_failing_write_raises_its_own_error(protocol: int, at: int) -> None:
    def outcome(module: Any) -> BaseException | None:
        file = Failing(at, OSError(28, "No space left on device"))
        try:
            module.dump(LARGE, file, protocol)
        except OSError as error:
            # What was written must not look like a whole payload.
            with pytest.raises(Exception):
                pickle.loads(b"".join(file.chunks))
            return error
        return None

    expected, got = outcome(stock()), outcome(under_test())
    assert type(expected) is type(got)
    if got is not None:
        assert got.args == (28, "No space left on device")


@pytest.mark.parametrize("protocol", range(6))
def test_an_object_that_fails_leaves_no_whole_payload(protocol: int) -> None:
    for obj in (_unpicklable(), [1, (i for i in ())]):
        file = Recorder()
        with pytest.raises(TypeError):
            under_test().dump(obj, file, protocol)
        with pytest.raises(Exception):
            pickle.loads(b"".join(file.chunks))


def test_a_closed_file() -> None:
    for make in (io.BytesIO, lambda: io.BufferedWriter(io.BytesIO())):
        file = make()
        file.close()
        with pytest.raises(ValueError):
            under_test().dump([1], file)
        with pytest.raises(ValueError):
            under_test().Pickler(file).dump([1])


def test_a_file_closed_between_dumps() -> None:
    file = io.BytesIO()
    pickler = under_test().Pickler(file)
    pickler.dump(1)
    file.close()
    with pytest.raises(ValueError):
        pickler.dump(2)


def test_a_pickler_goes_on_after_a_failed_write() -> None:
    file = Failing(0, OSError("once"))
    pickler = under_test().Pickler(file)
    with pytest.raises(OSError, match="once"):
        pickler.dump([1])
    file.at = -1
    pickler.clear_memo()
    pickler.dump([1, 2])
    assert pickle.loads(b"".join(file.chunks)) == [1, 2]


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickler_goes_on_after_a_failed_object(protocol: int) -> None:
    file = io.BytesIO()
    pickler = under_test().Pickler(file, protocol)
    shared = ["shared"]
    pickler.dump(shared)
    position = file.tell()
    with pytest.raises(TypeError):
        pickler.dump(["failing", (i for i in ())])
    file.seek(position)
    file.truncate()
    pickler.dump([shared, "after"])
    file.seek(0)
    unpickler = pickle.Unpickler(file)
    first, second = unpickler.load(), unpickler.load()
    assert second == [first, "after"] and second[0] is first


def test_write_that_pickles_again() -> None:
    """A file whose write uses the pickler for something else."""
    module = under_test()

    class Nested(Recorder):
        def write(self, data: Any) -> int:
            assert pickle.loads(module.dumps(lambda: len(self.chunks)))() is not None
            return super().write(data)

    file = Nested()
    module.dump(LARGE, file)
    assert pickle.loads(b"".join(file.chunks)) == LARGE


def test_write_looked_up_once() -> None:
    """The C pickler takes file.write when the Pickler is made."""

    def written(module: Any) -> tuple[int, int]:
        first, second = Recorder(), Recorder()
        pickler = module.Pickler(first)
        first.write = second.write  # type: ignore[method-assign]
        pickler.dump(1)
        return len(first.chunks), len(second.chunks)

    assert written(under_test()) == written(stock())


def test_write_that_changes_what_is_pickled() -> None:
    growing = [b"x" * 100_000, [1, 2, 3], b"y" * 100_000]

    class Changing(Recorder):
        def write(self, data: Any) -> int:
            del growing[1:]
            return super().write(data)

    # No promise about the bytes; only that nothing breaks and what comes is readable.
    file = Changing()
    try:
        under_test().dump(growing, file)
    except RuntimeError:
        return
    assert pickle.loads(b"".join(file.chunks))[0] == b"x" * 100_000


@pytest.mark.parametrize("size", [0, 100, 65_536, 1_000_000])
def test_real_files(tmp_path: Any, size: int) -> None:
    obj = [b"b" * size, "s" * size, bytearray(size)]
    for buffering in (-1, 0):
        path = tmp_path / f"payload{buffering}"
        with open(path, "wb", buffering=buffering) as file:
            under_test().dump(obj, file)
        assert path.read_bytes() == stock().dumps(obj)
        with open(path, "rb") as file:
            assert under_test().load(file) == obj
