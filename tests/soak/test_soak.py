"""Twenty seconds of the soak; make soak has it for an hour."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.soak.__main__ import ROOT


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_twenty_seconds() -> None:
    command = [sys.executable, "-m", "tests.soak", "--seconds", "20", "--round", "10", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    summary = json.loads(done.stdout)
    failures = "\n\n".join(f"{f['what']}\nagain: {f['again']}" for f in summary["failures"])
    assert done.returncode == 0, failures + done.stderr
    # Each activity has done something.
    assert len(summary["counts"]) >= 8 and summary["without"] == [], summary
