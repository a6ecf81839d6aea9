"""gocloudpickle.inspect says of a payload what Python says of the objects in it."""

from __future__ import annotations

import collections
import enum
import functools
import importlib
import inspect
import json
import pickle
import sys
import types
from typing import Any

import gocloudpickle
import pytest

try:
    gocloudpickle.require_engine()
except ImportError:
    pytest.skip("there is no engine to inspect with on this path", allow_module_level=True)


def describe(obj: Any, **kwargs: Any) -> dict[str, Any]:
    (described,) = gocloudpickle.inspect(gocloudpickle.dumps(obj, **kwargs))
    assert described.get("problems", []) == []
    return described


def local(function: Any) -> Any:
    """The function as one of no module, which goes by value."""
    function.__module__ = "__main__"
    return function


DATA = b"d" * 100_000


def functions() -> dict[str, Any]:
    captured, empty = {"a": 1}, None

    def closure(x: int, /, y: str = "y", *args: Any, z: float = 1.5, **kw: Any) -> Any:
        """Say it.

        And more."""
        import os.path

        return captured, empty, collections, os.path, DATA

    def keyword_only(*, a: int, b: int = 2) -> int:
        return a + b

    def generator(n: int) -> Any:
        yield from range(n)

    async def coroutine(a: int, b: Any = ()) -> None:
        from json.decoder import JSONDecoder

        print(JSONDecoder)

    everything = {
        "closure": closure,
        "keyword_only": keyword_only,
        "generator": generator,
        "coroutine": coroutine,
        "lambda": lambda a, *b: (a, b),
    }
    return {name: local(function) for name, function in everything.items()}


@pytest.mark.parametrize("name", sorted(functions()))
def test_functions(name: str) -> None:
    function = functions()[name]
    described = describe(function)
    found = described["functions"][0]
    parameters = [
        p.replace(annotation=p.empty, default=... if p.default == [] else p.default)
        for p in inspect.signature(function).parameters.values()
    ]
    signature = str(inspect.Signature(parameters)).replace("Ellipsis", "...")
    assert found["signature"] == signature
    assert found["name"] == "__main__." + function.__qualname__
    assert found["line"] == function.__code__.co_firstlineno
    assert found.get("doc", "") == (function.__doc__ or "").strip().partition("\n")[0]
    assert found.get("closure", []) == list(function.__code__.co_freevars)
    assert described["tree"]["kind"] == "function"


def test_what_takes_the_bytes() -> None:
    described = describe(functions()["closure"])
    parts = {part["step"]: part for part in described["tree"]["parts"]}
    assert parts["global 'DATA'"]["bytes"] >= len(DATA)
    assert parts["closure 'captured'"]["kind"] == "dict"
    assert parts["default 'z'"]["name"] == "1.5"
    assert described["bytes"] - 30 < described["tree"]["bytes"] <= described["bytes"]
    assert sum(part["bytes"] for part in parts.values()) <= described["tree"]["bytes"]


def test_needs() -> None:
    described = describe([functions()["closure"], functions()["coroutine"]])
    needs = {(n["module"], n.get("name", ""), n["when"]) for n in described["needs"]}
    assert ("collections", "", "load") in needs
    assert ("os.path", "", "call") in needs
    assert ("json.decoder", "JSONDecoder", "call") in needs
    assert described["requirements"] == ["cloudpickle"]


def test_classes() -> None:
    class Base:
        """A base."""

        limit = 3

        def method(self, x: int = 1) -> int:
            return x

    class Color(enum.Enum):
        RED = 1
        BLUE = 2

    class Derived(Base, collections.OrderedDict):  # type: ignore[type-arg]
        pass

    for cls in (Base, Color, Derived):
        cls.__module__ = "__main__"
    described = describe([Base, Color, Derived, Derived(a=1)])
    base, color, derived = described["classes"]
    assert base["name"].endswith("Base")
    assert base["doc"] == "A base."
    assert {"limit", "method"} <= set(base["attributes"])
    assert color["enum"]
    assert color["members"] == ["RED", "BLUE"]
    assert derived["bases"][1] == "collections.OrderedDict"
    kinds = [part["kind"] for part in described["tree"]["parts"]]
    assert kinds[:3] == ["class", "enum", "class"]
    assert "Derived" in described["tree"]["parts"][3]["name"]


def test_modules_and_partials() -> None:
    module = types.ModuleType("dynamic")
    module.value = 5  # type: ignore[attr-defined]
    described = describe([module, json, functools.partial(functions()["lambda"], 1)])
    dynamic, named, partial = described["tree"]["parts"]
    assert (dynamic["kind"], dynamic["name"]) == ("module", "dynamic")
    assert named["name"] == "module json"
    assert partial["name"] == "functools.partial"


@pytest.mark.parametrize("protocol", range(6))
def test_each_protocol(protocol: int) -> None:
    described = describe(functions()["keyword_only"], protocol=protocol)
    assert described["protocol"] == (protocol if protocol >= 2 else 0)
    assert described["functions"][0]["signature"] == "(*, a, b=2)"


def test_nothing_is_loaded() -> None:
    data = b"cno_such_module\nf\n(S'x'\ntR0cos\nabort\n)R."
    (described,) = gocloudpickle.inspect(bytearray(data))
    assert [n["module"] for n in described["needs"]] == ["no_such_module", "os"]
    assert "no_such_module" in str(gocloudpickle.inspect(memoryview(data)))


def test_damage_is_told() -> None:
    data = gocloudpickle.dumps(functions()["closure"])
    for length in (0, 1, 50, len(data) // 2, len(data) - 1):
        (described,) = gocloudpickle.inspect(data[:length])
        assert described["problems"]
    whole, rest = gocloudpickle.inspect(data + b"\xff")
    assert "problems" not in whole
    assert rest["problems"]
    with pytest.raises(TypeError):
        gocloudpickle.inspect("text")  # type: ignore[arg-type]


def test_many_values_are_bounded() -> None:
    described = describe([[i, str(i)] for i in range(300_000)])
    tree = described["tree"]
    assert len(tree["parts"]) <= 200
    assert len(tree["parts"]) + tree["rest"] == 300_000
    assert functools.reduce(lambda n, part: n + part["bytes"], tree["parts"], 0) < tree["bytes"]


def test_preflight_names_all_that_is_missing(tmp_path: Any, monkeypatch: Any) -> None:
    (tmp_path / "soon_gone.py").write_text("class Outer:\n class Inner: pass\nvalue = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import soon_gone

    def uses() -> Any:
        from json import no_such_name  # type: ignore[attr-defined]
        from xml import dom  # a module, and no attribute so far

        import no_such_module.inner

        return soon_gone, no_such_module, no_such_name, dom

    data = gocloudpickle.dumps([local(uses), soon_gone.Outer.Inner])
    with pytest.raises(ImportError) as first:
        gocloudpickle.preflight(data)
    (tmp_path / "soon_gone.py").unlink()
    monkeypatch.delitem(sys.modules, "soon_gone")
    importlib.invalidate_caches()
    with pytest.raises(ImportError) as second:
        gocloudpickle.preflight(data)
    missing = [
        [(module, name, when) for module, name, when, _ in error.value.missing]  # type: ignore[attr-defined]
        for error in (first, second)
    ]
    called = [("no_such_module.inner", "", "call"), ("json", "no_such_name", "call")]
    assert sorted(missing[0]) == sorted(called)
    assert sorted(missing[1]) == sorted(
        [*called, ("soon_gone", "", "load"), ("soon_gone", "Outer.Inner", "load")]
    )
    assert "soon_gone.Outer.Inner, when loaded: No module named 'soon_gone'" in str(second.value)
    copy = pickle.loads(pickle.dumps(second.value))
    assert str(copy) == str(second.value)


def test_preflight_of_what_is_there() -> None:
    gocloudpickle.preflight(gocloudpickle.dumps(list(functions().values())))


def test_secrets_are_found_and_never_shown() -> None:
    api = "AK" + "IA" + "QWERTYUIOPASDFGH"
    url = "postgresql://admin:" + "hunter2sEcret" + "@db.internal/x"

    class Client:
        path = "/usr/lib/python3"

        def __init__(self) -> None:
            self.password = "kJ8s" + "Zx71LmPoQ2"
            self.token_count = 5

    def uses(
        secret: str = "s3cr3tPassw0rd!", user: str = "bob", password: str = "<your password>"
    ) -> Any:
        access_key = "wJalrXUtnFEMI"
        return api, url, Client(), access_key

    Client.__module__ = "__main__"
    data = gocloudpickle.dumps([local(uses), Client(), {"DB_PASSWORD": b"correcthorsebattery"}])
    found = gocloudpickle.inspect(data)
    secrets = {s["path"]: s["rule"] for s in found[0]["secrets"]}
    assert secrets == {
        "[0] -> closure 'api'": "AWS access key",
        "[0] -> closure 'url'": "password in a URL",
        "[0] -> default 'secret'": "by its name",
        "[0] -> code -> variable 'access_key'": "by its name",
        "[0] -> closure 'Client' -> attribute '__init__' -> code -> variable 'password'": "by its name",
        "[1] -> .password": "by its name",
        "[2] -> ['DB_PASSWORD']": "by its name",
    }
    shown = str(found) + json.dumps(found)
    for secret in ("QWERTY", "hunter2", "s3cr3t", "wJalr", "kJ8s", "correcthorse"):
        assert secret not in shown
    assert "bob" in shown
