"""What explain says of bytes is what the payload has: over the corpus and generated graphs."""

from __future__ import annotations

import os
from typing import Any

import gocloudpickle
import pytest
from hypothesis import given

from tests.corpus import Case, all_cases
from tests.differential.strategies import graphs

CASES = [case for case in all_cases() if case.why_not() is None]

# Nonsense that the pickler in C refuses, and the one in Python doesn't.
FINE_IN_PYTHON = {
    "reduce_nonsense.NoneReduceEx",
    "copyreg_.extension_code_0",
    "copyreg_.extension_code_None",
}
if os.environ.get("GOCLOUDPICKLE_PATH") == "python":
    CASES = [case for case in CASES if case.name not in FINE_IN_PYTHON]


def check_sums(explanation: Any) -> int:
    """Every value's bytes are those of what is listed in it and of the rest; count the values."""
    stack, n = [explanation.tree], 0
    while stack:
        value = stack.pop()
        n += 1
        assert value.bytes == value.rest + sum(part.bytes for part in value.values)
        assert value.bytes > 0 and value.rest >= 0 and value.unlisted >= 0, value
        assert [part.bytes for part in value.values] == sorted(
            (part.bytes for part in value.values), reverse=True
        )
        stack += value.values
    assert explanation.tree.bytes == explanation.bytes
    return n


def check_failure(obj: Any, protocol: int, error: BaseException) -> None:
    if isinstance(error, MemoryError) or not isinstance(error, Exception):
        with pytest.raises(type(error)):
            gocloudpickle.explain(obj, protocol)
        return
    explanation = gocloudpickle.explain(obj, protocol)
    assert explanation.culprits and not explanation.picklable, f"dumps raises {error!r}"
    check_sums(explanation)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_payload_of_a_case_is_as_long_as_explain_says(case: Case) -> None:
    for protocol in sorted({case.protocols[0], case.protocols[-1]}):
        with case.setup():
            obj = case.make()
            try:
                gocloudpickle.dumps(obj, protocol)  # a first dump can leave traces
            except BaseException:
                pass
            try:
                payload = gocloudpickle.dumps(obj, protocol)
            except BaseException as error:
                check_failure(obj, protocol, error)
                continue
            explanation = gocloudpickle.explain(obj, protocol)
            assert explanation.culprits == ()
            assert explanation.bytes == len(payload), f"protocol {protocol}"
            check_sums(explanation)
            assert gocloudpickle.dumps(obj, protocol) == payload


@given(graphs())
def test_the_payload_of_a_graph_is_as_long_as_explain_says(obj: Any) -> None:
    gocloudpickle.dumps(obj)
    payload = gocloudpickle.dumps(obj)
    explanation = gocloudpickle.explain(obj)
    assert explanation.culprits == ()
    assert explanation.bytes == len(payload)
    check_sums(explanation)
