"""Objects whose ``__class__`` lies: the same bytes or error, and the same questions asked of them."""

from __future__ import annotations

from typing import Any

import pytest

hypothesis = pytest.importorskip("hypothesis", reason="needs hypothesis")

import hypothesis.strategies as st  # noqa: E402
from hypothesis import given, settings  # noqa: E402

from tests.corpus import stock, under_test  # noqa: E402
from tests.differential import proxies  # noqa: E402
from tests.differential.compare import (  # noqa: E402
    Outcome,
    explain,
    with_dump,
    with_dumps,
    with_pickler,
)

# Hypothesis looks at what it gives a test, and some of these objects mind.
proxied = proxies.proxies().map(lambda obj: [obj])
SLOW = settings(settings.get_profile("slow"), max_examples=1000)


def asked(way: Any, module: Any, obj: Any, protocol: int) -> tuple[Outcome, list[str]]:
    proxies.reset()
    outcome = way(module, obj, protocol)
    return outcome, list(proxies.log)


def compare(obj: Any) -> None:
    for way, protocol in ((with_dumps, 5), (with_dumps, 2), (with_dump, 4), (with_pickler, 5)):
        asked(way, stock(), obj, protocol)  # a first dump leaves traces
        expected, questions = asked(way, stock(), obj, protocol)
        got, ours = asked(way, under_test(), obj, protocol)
        what = f"{way.__name__}, protocol {protocol}"
        difference = explain(expected, got)
        assert difference is None, f"{what}:\n  {difference}"
        assert questions == ours, f"{what} gives {expected.kind}"


def test_what_alternates_begins_again_however_many_there_are() -> None:
    alternating = [proxies.Alternates("first", "second") for _ in range(300)]
    for _ in range(2):
        proxies.reset()
        assert [value.next() for value in alternating] == ["first"] * 300


@given(proxied)
def test_functions(box: list[Any]) -> None:
    compare(box[0])


@given(proxied)
def test_functions_among_others(box: list[Any]) -> None:
    """A proxy shares its globals with functions before and after it, and is in the memo."""
    obj = box[0]
    function = proxies.TARGETS["by_value"]
    compare([function, obj, obj, function, {"again": obj}])


@given(proxies.modules(), st.sampled_from(("closure", "global")))
def test_modules(obj: Any, how: str) -> None:
    compare(proxies.holder(obj, how))


@given(proxies.classes())
def test_classes(cls: Any) -> None:
    compare(cls)


@pytest.mark.slow
@SLOW
@given(proxied)
def test_many_functions(box: list[Any]) -> None:
    compare(box[0])


@pytest.mark.slow
@SLOW
@given(proxies.modules(), st.sampled_from(("closure", "global")))
def test_many_modules(obj: Any, how: str) -> None:
    compare(proxies.holder(obj, how))


@pytest.mark.slow
@SLOW
@given(proxies.classes())
def test_many_classes(cls: Any) -> None:
    compare(cls)
