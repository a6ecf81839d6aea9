"""Payloads of stock cloudpickle, loaded where cloudpickle is not installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.rebuild.payload_samples import SAMPLES

WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "payload_worker.py")
ISOLATED = ["-I", "-S"]  # no site-packages, so no cloudpickle

# These hold objects with slots, which protocols 0 and 1 refuse.
NEED_PROTOCOL_2 = {"dataclass", "file"}

pytest.importorskip("cloudpickle", "3.1.2", reason="makes the payloads with stock cloudpickle")


def run_worker(*arguments: str, flags: list[str], stdin: Any = None) -> Any:
    done = subprocess.run(
        [sys.executable, *flags, WORKER, *arguments],
        input=json.dumps(stdin),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=range(6), ids=lambda protocol: f"protocol{protocol}")
def outcomes(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """What a process with cloudpickle made of the payloads, and one without."""
    payloads = run_worker("dump", str(request.param), flags=["-I"])
    stock = run_worker("load", "stock", flags=["-I"], stdin=payloads)
    ours = run_worker("load", "ours", flags=ISOLATED, stdin=payloads)
    return stock, ours


def first_difference(ours: Any, stock: Any, path: str = "") -> str | None:
    """Return where two descriptions differ: pytest would show them whole."""
    if isinstance(ours, list) and isinstance(stock, list) and len(ours) == len(stock):
        for index, (one, other) in enumerate(zip(ours, stock, strict=True)):
            found = first_difference(one, other, f"{path}/{index}")
            if found:
                return found
        return None
    return None if ours == stock else f"at {path}: {ours!r:.300}, with cloudpickle {stock!r:.300}"


@pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])
def test_payload_loads_as_with_cloudpickle(outcomes: tuple[Any, Any], name: str) -> None:
    if name not in outcomes[0]:
        assert name in NEED_PROTOCOL_2
        assert name not in outcomes[1]
        return
    stock, ours = outcomes[0][name], outcomes[1][name]
    assert "error" not in stock, stock["error"]
    assert "error" not in ours, ours["error"]
    assert stock["check"], "the check is wrong: stock cloudpickle fails it"
    assert ours["check"]
    assert first_difference(ours["description"], stock["description"]) is None
    same = ours["again"] == stock["again"]
    assert same, f"dumped again: {ours['again']}, with cloudpickle: {stock['again']}"


def test_the_loader_was_ours(outcomes: tuple[Any, Any]) -> None:
    stock, ours = outcomes
    assert os.path.basename(ours["closure"]["provider"]) == "_rebuild.py"
    assert os.path.basename(stock["closure"]["provider"]) == "cloudpickle.py"
