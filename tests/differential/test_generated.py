"""Byte for byte over generated objects; `-m slow` and HYPOTHESIS_PROFILE=slow look longer."""

from __future__ import annotations

from typing import Any

import pytest

hypothesis = pytest.importorskip("hypothesis", reason="needs hypothesis")

import gocloudpickle  # noqa: E402
from gocloudpickle import _python_path  # noqa: E402
from hypothesis import given, settings  # noqa: E402

from tests.corpus import ALL_PROTOCOLS, stock, under_test  # noqa: E402
from tests.corpus.case import namespace  # noqa: E402
from tests.differential import sources, strategies  # noqa: E402
from tests.differential.compare import assert_same, attempt, with_dump, with_dumps, with_pickler  # noqa: E402

SLOW = settings.get_profile("slow")


def compare(obj: Any, what: str = "") -> None:
    # A first dump may leave traces in classes; see test_corpus.
    with_dumps(stock(), obj, 5)
    for protocol in ALL_PROTOCOLS:
        expected = with_dumps(stock(), obj, protocol)
        assert_same(
            expected, with_dumps(under_test(), obj, protocol), f"dumps at protocol {protocol}{what}"
        )
    for way in (with_dump, with_pickler):
        for protocol in (2, 5):
            assert_same(
                way(stock(), obj, protocol),
                way(under_test(), obj, protocol),
                f"{way.__name__} at protocol {protocol}{what}",
            )


def compare_source(source: str) -> None:
    for name in ("corpus_dynamic", "__main__"):
        try:
            obj = namespace(source, name)["result"]
        except Exception as error:
            hypothesis.reject() if not isinstance(error, SyntaxError) else pytest.fail(
                f"the generator made bad syntax: {error}\n{source}"
            )
        compare(obj, f"\n{source[len(sources.HEADER) :]}\n")


def compare_classes(source: str) -> None:
    """Those that stock gets wrong are among them: its bytes are ours in strict mode only.

    In the default mode the python path is the twin.
    """
    gocloudpickle.Pickler.strict = True
    try:
        compare_source(source)
    finally:
        gocloudpickle.Pickler.strict = None
    obj = namespace(source, "__main__")["result"]
    with_dumps(gocloudpickle, obj, 5)  # leaves its traces in classes
    for protocol in ALL_PROTOCOLS:
        twin = attempt(lambda protocol=protocol: _python_path.dumps(obj, protocol))
        ours = with_dumps(gocloudpickle, obj, protocol)
        assert_same(twin, ours, f"dumps on two paths at protocol {protocol}\n{source}\n")


@given(strategies.graphs())
def test_graphs(obj: Any) -> None:
    compare(obj)


@given(sources.modules_of_functions())
def test_functions(source: str) -> None:
    compare_source(source)


@given(sources.modules_of_classes())
def test_classes(source: str) -> None:
    compare_classes(source)


@pytest.mark.slow
@SLOW
@given(strategies.graphs())
def test_many_graphs(obj: Any) -> None:
    compare(obj)


@pytest.mark.slow
@SLOW
@given(sources.modules_of_functions())
def test_many_functions(source: str) -> None:
    compare_source(source)


@pytest.mark.slow
@SLOW
@given(sources.modules_of_classes())
def test_many_classes(source: str) -> None:
    compare_classes(source)
