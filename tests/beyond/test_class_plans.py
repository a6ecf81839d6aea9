"""What the engine remembers of a class holds no longer than the class stays as it was.

The python path remembers nothing: it is what the engine is compared with, after each
change of a class that the engine has dumped twice.
"""

from __future__ import annotations

import io
import pickle
import sys
import types
from typing import Any

import cloudpickle.cloudpickle  # noqa: F401 -- the namespace
import gocloudpickle
import pytest
from gocloudpickle import _python_path
from gocloudpickle._beyond import classes as _classes


class Base:
    value = 1

    def method(self) -> int:
        return 1


def class_of(body: dict[str, Any], *bases: type) -> type:
    return types.new_class("Made", bases, exec_body=lambda namespace: namespace.update(body))


def same(cls: type) -> bytes:
    for _ in range(3):
        ours = gocloudpickle.dumps(cls)
        assert ours == _python_path.dumps(cls)
    return ours


def local_base() -> type:
    return class_of({"__module__": "__main__", "value": 1, "method": lambda self: 1})


def test_an_override_comes_and_goes() -> None:
    base = local_base()
    cls = class_of({"__module__": "__main__", "value": 1, "method": vars(base)["method"]}, base)
    with_both = same(cls)
    base.value = 2  # type: ignore[attr-defined]
    assert same(cls) != with_both
    base.value = 1  # type: ignore[attr-defined]
    same(cls)
    del cls.value  # type: ignore[attr-defined]
    assert len(same(cls)) < len(with_both)
    base.method = lambda self: 2  # type: ignore[attr-defined]
    same(cls)


@pytest.mark.parametrize("slots", ["a", ("a", "b"), ["a", "__private"], {"a": "An a."}, ()])
def test_slots_in_any_container(slots: Any) -> None:
    cls = class_of({"__module__": "__main__", "__slots__": slots})
    before = same(cls)
    cls.later = 1  # type: ignore[attr-defined]
    assert same(cls) != before


def test_slots_that_change() -> None:
    cls = class_of({"__module__": "__main__", "__slots__": ["a", "b"]})
    same(cls)
    cls.__slots__.append("c")  # type: ignore[attr-defined]
    same(cls)
    cls.__slots__ = ("a", "b")  # type: ignore[attr-defined]
    same(cls)
    cls.second_name = cls.a  # type: ignore[attr-defined]
    same(cls)
    del cls.a  # type: ignore[attr-defined]
    same(cls)
    del cls.__slots__  # type: ignore[attr-defined]
    same(cls)


def test_a_hook_comes_and_goes() -> None:
    base = local_base()
    cls = class_of({"__module__": "__main__", "own": 1}, base)
    without = same(cls)
    base.__init_subclass__ = classmethod(lambda cls: None)  # type: ignore[assignment,method-assign]
    assert same(cls) != without
    del base.__init_subclass__
    same(cls)


def test_strict_and_default_by_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    base = local_base()
    cls = class_of({"__module__": "__main__", "value": 1, "__slots__": ("a",)}, base)
    default = same(cls)
    for _ in range(2):
        monkeypatch.setattr(gocloudpickle.Pickler, "strict", True)
        assert same(cls) != default
        monkeypatch.setattr(gocloudpickle.Pickler, "strict", None)
        assert same(cls) == default


def test_an_importable_base_is_not_followed() -> None:
    cls = class_of({"__module__": "__main__", "value": 1, "method": Base.method}, Base)
    data = same(cls)
    assert b"method" in data and b"value" in data


class Hostile:
    """Raises at whatever it is asked."""

    def __getattribute__(self, name: str) -> Any:
        if name == "__reduce_ex__":
            return lambda protocol: "hostile"
        raise RuntimeError(f"asked for {name}")


hostile = Hostile()


def test_an_object_that_a_base_has_too_is_not_asked_anything() -> None:
    data = {"__module__": "__main__", "value": hostile}
    cls = class_of(data, class_of(data))
    assert cls.value is hostile  # type: ignore[attr-defined]
    outcomes = []
    for dumps in (gocloudpickle.dumps, _python_path.dumps):
        with pytest.raises((RuntimeError, pickle.PicklingError)) as failure:
            dumps(cls)
        outcomes.append(type(failure.value))
    assert outcomes[0] is outcomes[1]
    kept = _classes.plan(sys.modules["cloudpickle.cloudpickle"], cls)
    assert kept == (("value",), False)


class WithIds(gocloudpickle.Pickler):
    def persistent_id(self, obj: Any) -> Any:
        return None


def test_a_pickler_with_hooks_goes_beyond_too() -> None:
    base = local_base()
    cls = class_of({"__module__": "__main__", "value": 1, "__slots__": ("a",)}, base)
    file = io.BytesIO()
    WithIds(file).dump(cls)
    assert file.getvalue() == same(cls) and b"__slots__" in file.getvalue()
