"""reducer_override and persistent_id behave as with cloudpickle's Pickler."""

from __future__ import annotations

import io
import pickle
from typing import Any

import pytest

from tests.corpus import under_test
from tests.oracles.picklers import CLASS, FUNCTION, SPECIAL, Special, both, dumping


def test_reducer_override_with_super() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            def reducer_override(self, obj: Any) -> Any:
                if type(obj) is Special:
                    return complex, (obj.x, 0)
                return super().reducer_override(obj)

        return dumping(Sub, Special(3), [FUNCTION, Special, CLASS, CLASS(), len, SPECIAL])

    both(build)


def test_reducer_override_without_super() -> None:
    def build(m: Any) -> Any:
        class Sub(m.Pickler):  # type: ignore[misc]
            def reducer_override(self, obj: Any) -> Any:
                return NotImplemented

        return dumping(Sub, FUNCTION)

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
            Sub(file, protocol).dump(
                [
                    1,
                    "s",
                    b"b",
                    (1,),
                    {1: 2},
                    {1},
                    None,
                    Special(),
                    FUNCTION,
                    CLASS,
                    1 + 2j,
                    bytearray(b"x"),
                    len,
                    int,
                    type(None),
                    ...,
                ]
            )
            return repr(seen).encode()

        seen: list[str] = []
        return run

    both(build)


@pytest.mark.parametrize(
    "answer", [5, "SPECIAL", "no_such_name", (), (complex,), None, [complex, ()]]
)
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

        return dumping(Sub, FUNCTION)

    both(build)


def test_reducer_override_set_on_the_instance() -> None:
    def build(m: Any) -> Any:
        def make(file: Any, protocol: int) -> Any:
            pickler = m.Pickler(file, protocol)
            pickler.reducer_override = lambda obj: (
                (int, ("7",)) if isinstance(obj, Special) else NotImplemented
            )
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
    both(
        lambda m: dumping(
            _persistent(m), [SPECIAL, "plain", "other", {"p": Special(5)}], FUNCTION, SPECIAL
        )
    )


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
