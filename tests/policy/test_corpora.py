"""Verdicts of the presets on payloads that compute, on hostile ones, and on ones made at random."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import gocloudpickle
import pytest

try:
    gocloudpickle.require_engine()
except ImportError:
    pytest.skip("there is no engine to audit with on this path", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]


def payloads(script: str) -> dict[str, bytes]:
    file = ROOT / "tests" / "audit" / script
    if not file.exists():
        pytest.skip("the corpora are in the checkout")
    run = subprocess.run([sys.executable, file], capture_output=True, text=True, check=True)
    rows = (json.loads(line) for line in run.stdout.splitlines())
    return {row["name"]: base64.b64decode(row["data"]) for row in rows}


@pytest.mark.slow
def test_benign() -> None:
    verdicts = {}
    for name, data in payloads("benign.py").items():
        verdicts[name] = gocloudpickle.audit(data, "functions").verdict
        if verdicts[name] != "allowed":
            verdicts[name] = gocloudpickle.audit(data, "trusted-imports").verdict
    assert len(verdicts) >= 500
    denied = {name for name, verdict in verdicts.items() if verdict == "denied"}
    assert denied == set()
    allowed = sum(verdict == "allowed" for verdict in verdicts.values())
    assert allowed >= 0.95 * len(verdicts), f"{allowed} of {len(verdicts)}"


@pytest.mark.parametrize("preset", ["data", "ml", "functions"])
def test_hostile(preset: str) -> None:
    found = payloads("hostile.py")
    assert len(found) >= 200
    allowed = [
        n for n, data in found.items() if gocloudpickle.audit(data, preset).verdict == "allowed"
    ]
    assert allowed == []


def test_hostile_from_modules_that_are_trusted() -> None:
    """trusted-imports trusts names of modules that nobody knows, and nothing else."""
    for name, data in payloads("hostile.py").items():
        found = gocloudpickle.audit(data, "trusted-imports")
        if found.verdict == "allowed":
            strict = gocloudpickle.audit(data, "functions").findings
            assert all(f["capability"] == "unknown" for f in strict), (name, strict)


@pytest.mark.parametrize(
    "count", [2_000, pytest.param(100_000, marks=pytest.mark.slow)], ids=["quick", "slow"]
)
def test_what_data_allows_does_nothing_else(count: int) -> None:
    """Pickles made at random; what is allowed is loaded under an audit hook."""
    script = Path(__file__).with_name("under_hook.py")
    if not (ROOT / "audit" / "policy").exists():
        pytest.skip("the presets are in the checkout")
    run = subprocess.run(
        [sys.executable, script, str(count), "5"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    allowed, loaded = (int(n) for n in run.stdout.split() if n.isdigit())
    assert count / 2 < allowed < count and loaded > count / 4
