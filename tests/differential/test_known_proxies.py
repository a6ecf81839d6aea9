"""Proxies that people use: wrapt's of two series, unittest.mock's, weakref's, and installed cloudpickles.

`python -m tests.differential.test_known_proxies FOLDER install` is one of the processes.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import types
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests.corpus import stock, under_test
from tests.differential.compare import Outcome, explain, with_dump, with_dumps, with_pickler

ROOT = Path(__file__).resolve().parent.parent.parent
ALSO = Path(sys.prefix) / "also"


WAYS = (with_dumps, with_dump, with_pickler)
PROTOCOLS = (0, 2, 4, 5)


def outcomes(module: Any, objects: dict[str, Any]) -> dict[str, Outcome]:
    return {
        f"{name}, {way.__name__}, protocol {protocol}": way(module, obj, protocol)
        for name, obj in objects.items()
        for way in WAYS
        for protocol in PROTOCOLS
    }


def differences(expected: dict[str, Outcome], got: dict[str, Outcome]) -> Iterator[str]:
    for what, outcome in expected.items():
        difference = explain(outcome, got[what])
        if difference is not None:
            yield f"{what}:\n  {difference}"


def first_and_then(objects: dict[str, Any]) -> dict[str, Outcome]:
    """What stock cloudpickle makes of the objects, after first dumps have left their traces.

    Mocks note each call of them, and some note being pickled: they are other objects after
    each dump, and left out.
    """
    outcomes(stock(), objects)
    expected, again = outcomes(stock(), objects), outcomes(stock(), objects)
    grow = {what.partition(",")[0] for what in expected if explain(expected[what], again[what])}
    assert len(grow) <= 3, grow
    return {what: come for what, come in expected.items() if what.partition(",")[0] not in grow}


def wrapt_objects() -> dict[str, Any]:
    import wrapt

    @wrapt.decorator
    def decorate(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        return wrapped(*args, **kwargs)

    @decorate
    def inner(a: int, b: int = 2) -> int:
        return a + b

    class Decorated:
        @decorate
        def method(self) -> int:
            return 3

        @decorate
        @classmethod
        def of_class(cls) -> int:
            return 4

        @staticmethod
        @decorate
        def static() -> int:
            return 5

    @decorate
    class DecoratedClass:
        pass

    class OwnProxy(wrapt.ObjectProxy):  # type: ignore[misc]
        def __reduce_ex__(self, protocol: int) -> Any:
            return OwnProxy, (self.__wrapped__,)

    class CallableProxy(wrapt.CallableObjectProxy):  # type: ignore[misc]
        pass

    closure = (lambda n: lambda: n)(5)
    plain = json.dumps
    return {
        "decorated": inner,
        "decorated lambda": decorate(lambda: 1),
        "decorated closure": decorate(closure),
        "twice": decorate(inner),
        "global": decorate(json.dumps),
        "proxy of a function": wrapt.ObjectProxy(closure),
        "proxy of a global": wrapt.ObjectProxy(plain),
        "proxy of a module": wrapt.ObjectProxy(json),
        "proxy of a class": wrapt.ObjectProxy(Decorated),
        "proxy of a dict": wrapt.ObjectProxy({}),
        "callable proxy": CallableProxy(closure),
        "own reduce": OwnProxy(closure),
        "own reduce of a dict": OwnProxy({"a": 1}),
        "function wrapper": wrapt.FunctionWrapper(inner, lambda w, i, a, k: w(*a, **k)),
        "bound method": Decorated().method,
        "class method": Decorated.of_class,
        "static method": Decorated.static,
        "class": Decorated,
        "instance": Decorated(),
        "decorated class": DecoratedClass,
        "in a closure": lambda: (inner(1), closure()),
        "module in a closure": (lambda m: lambda: m.decoder.JSONDecoder)(wrapt.ObjectProxy(json)),
        "partial": functools.partial(inner, 1),
        "several that share globals": [inner, closure, decorate(lambda: json), lambda: json],
        "lazy": wrapt.ObjectProxy(functools.partial(inner)),
    }


def mock_objects() -> dict[str, Any]:
    def function(a: int, b: int = 2) -> int:
        return a + b

    class Class:
        attribute = 1

        def method(self) -> None:
            pass

    class Lies:
        @property
        def __class__(self) -> Any:
            return types.FunctionType

        @__class__.setter
        def __class__(self, value: Any) -> None:
            pass

    class LiesWithCode(Lies):
        __code__, __globals__, __closure__ = function.__code__, {}, None
        __kwdefaults__ = __defaults__ = None
        __name__ = __qualname__ = "lies"

    return {
        "autospec of a function": mock.create_autospec(function),
        "autospec of a class": mock.create_autospec(Class),
        "autospec of an instance": mock.create_autospec(Class, instance=True),
        "autospec of a module": mock.create_autospec(json),
        "autospec of a global": mock.create_autospec(json.dumps),
        "Mock": mock.Mock(),
        "MagicMock": mock.MagicMock(),
        "Mock of a function": mock.Mock(spec=function),
        "NonCallableMock of a function": mock.NonCallableMock(spec=function),
        "Mock of a class": mock.Mock(spec=Class),
        "MagicMock of a class": mock.MagicMock(spec=Class),
        "Mock of a module": mock.Mock(spec=json),
        "Mock of FunctionType": mock.Mock(spec=types.FunctionType),
        "Mock of ModuleType": mock.Mock(spec=types.ModuleType),
        "sentinel": mock.sentinel.thing,
        "in a closure": (lambda m: lambda: m.decoder)(mock.Mock(spec=json)),
        "in a class": type("Local", (), {"function": mock.Mock(spec=function)}),
        "weak proxy of a function": weakref.proxy(function),
        "weak proxy of a global": weakref.proxy(json.dumps),
        "weak proxy of a class": weakref.proxy(Class),
        "weak proxy of a module": weakref.proxy(json),
        "weak module in a closure": (lambda m: lambda: m.decoder)(weakref.proxy(json)),
        "generic alias of a function": types.GenericAlias(function, (int,)),  # type: ignore[arg-type]
        "generic alias of a module": types.GenericAlias(json, (int,)),  # type: ignore[arg-type]
        "lies": Lies(),
        "lies, with code": LiesWithCode(),
        "several that share globals": [function, weakref.proxy(function), lambda: json, function],
        "keep": (function, Class),
    }


def test_mocks() -> None:
    objects = mock_objects()
    expected = first_and_then(objects)
    different = list(differences(expected, outcomes(under_test(), objects)))
    assert not different, "\n".join(different)


@pytest.mark.parametrize("who", ["ours", "install"])
@pytest.mark.parametrize("series", ["wrapt-1", "wrapt-2", "none"])
def test_in_a_process(series: str, who: str) -> None:
    """Each series needs a process of its own, and so does install()."""
    folder = ALSO / series
    if series != "none" and not folder.is_dir():
        pytest.skip(f"no {folder}: make test installs it")
    path = os.pathsep.join([str(ROOT), str(ROOT / "py"), str(folder)])
    command = [sys.executable, "-m", "tests.differential.test_known_proxies", series, who]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=dict(os.environ, PYTHONPATH=path, GOCLOUDPICKLE_STRICT="1"),
        timeout=300,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and done.stdout.startswith("same:"), done.stdout + done.stderr


def main(series: str, who: str) -> None:
    objects = mock_objects() if series == "none" else wrapt_objects()
    expected = first_and_then(objects)
    ours: Any = under_test()
    if who == "install":
        import cloudpickle
        import gocloudpickle

        gocloudpickle.install()
        ours = cloudpickle
    different = list(differences(expected, outcomes(ours, objects)))
    if different:
        sys.exit("\n".join(different))
    print("same:", len(objects))


if __name__ == "__main__":
    main(*sys.argv[1:])
