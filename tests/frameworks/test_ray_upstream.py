"""Ray's own serialization tests, with the engine on and without.

They come from a checkout of Ray, best of the installed release:
make test-frameworks RAY_UPSTREAM=path ARGS="-k upstream". Nothing of it is in this project.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.frameworks import programs
from tests.frameworks.test_ray import SETTINGS

pytest.importorskip("ray", reason="Ray is not installed")
CHECKOUT = os.environ.get("RAY_UPSTREAM")
if not CHECKOUT:
    pytest.skip("Ray's own tests: set RAY_UPSTREAM to a checkout of Ray", allow_module_level=True)


def outcomes(directory: Path, on: str | None) -> tuple[dict[str, str], int]:
    """Run the tests; return their outcomes and the number of the engine's dumps."""
    directory.mkdir()
    source = Path(str(CHECKOUT), "python", "ray", "tests", "test_serialization.py")
    shutil.copy(source, directory)
    shutil.copy(programs.HERE / "ray_upstream_conftest.py", directory / "conftest.py")
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as short:
        done = programs.run(
            "ray_upstream_program.py",
            directory,
            1200,
            RAY_TMPDIR=short,
            RAY_UPSTREAM_ON=on,
            **SETTINGS,
        )
    file = directory / "outcomes.jsonl"
    assert file.exists(), done.output
    print(done.output[-3000:])
    dumps = directory / "dumps.json"
    return dict(map(json.loads, file.read_text().splitlines())), int(
        dumps.read_text() if dumps.exists() else 0
    )


@pytest.mark.timeout(2500)
def test_what_passes_with_stock_cloudpickle_passes_with_the_engine(tmp_path: Path) -> None:
    stock, none = outcomes(tmp_path / "stock", None)
    ours, dumps = outcomes(tmp_path / "ours", "1")
    passed = {name for name, outcome in stock.items() if outcome == "passed"}
    print(f"{len(passed)} of {len(stock)} pass with stock cloudpickle")
    assert none == 0 and dumps > 100
    assert len(passed) > 10, stock
    assert {name for name in passed if ours.get(name) != "passed"} == set()
