"""Buffers and long contents that change while they are being written."""

from __future__ import annotations

import gc
import io
import pickle
from types import ModuleType
from typing import Any

from tests.robust.scenarios.acting import registering
from tests.robust.scenarios.batch import Case, own

CASES: dict[str, Case] = {}
case = registering(CASES)


@case
def bytearray_shrinks_while_written(m: ModuleType) -> bytes:
    data = bytearray(b"x" * 200_000)

    class File(io.BytesIO):
        def write(self, chunk: Any) -> int:
            if data:
                data.clear()
            return super().write(bytes(chunk)[:0])

    file = File()
    m.Pickler(file).dump(["some text", data, "after"])
    return file.getvalue()


@own
@case
def buffer_released_in_the_callback(m: ModuleType) -> None:
    # The C pickler reads the memory that it no longer holds.
    buffer = pickle.PickleBuffer(bytearray(b"x" * 100))

    def callback(b: Any) -> bool:
        b.release()
        return True

    try:
        m.dumps([buffer, "after"], buffer_callback=callback)
    except ValueError as error:
        assert "released" in str(error)
        return
    raise AssertionError("no exception")


@case
def buffer_released_while_written(m: ModuleType) -> bytes:
    data = bytearray(b"x" * 200_000)
    buffer = pickle.PickleBuffer(data)

    class File(io.BytesIO):
        def write(self, chunk: Any) -> int:
            buffer.release()
            data.clear()
            return super().write(b"")

    file = File()
    m.Pickler(file).dump(["some text", buffer, "after"])
    return file.getvalue()


@case
def large_text_forgotten_while_written(m: ModuleType) -> bytes:
    held = ["a" * 100_000, "\xe9" * 100_000, "\u20ac" * 100_000, "\udc80" * 100_000, b"b" * 100_000]

    class File(io.BytesIO):
        def write(self, chunk: Any) -> int:
            held.clear()
            gc.collect()
            return super().write(bytes(chunk))

    file = File()
    m.Pickler(file).dump(held)
    return file.getvalue()


@case
def every_write_empties_a_dict(m: ModuleType) -> bytes:
    held: dict[Any, Any] = {i: {f"key {j}": [j] for j in range(3000)} for i in range(5)}

    class File(io.BytesIO):
        def write(self, chunk: Any) -> int:
            for inner in held.values():
                for key in list(inner):
                    inner[key] = [f"other {key}"]
            return super().write(bytes(chunk))

    file = File()
    m.Pickler(file).dump(held)
    return file.getvalue()
