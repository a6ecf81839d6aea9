"""The copies of cloudpickle inside installed frameworks: the same bytes, over the corpus."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import gocloudpickle
import pytest

from tests.frameworks.child import ROOT
from tests.frameworks.copies import AS_IN_3_0, VENDORED, make_copy


def compare(name: str, *path: Path) -> subprocess.CompletedProcess[str]:
    """Run this file as a program: it compares one module's payloads on and off."""
    environment = {
        **os.environ,
        "GOCLOUDPICKLE_STRICT": "1",  # stock's bytes are what is expected
        "PYTHONPATH": os.pathsep.join(map(str, [*path, ROOT / "py", ROOT])),
    }
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.frameworks.test_copies", name],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
    )


@pytest.mark.parametrize("name", VENDORED)
def test_the_installed_copy(name: str) -> None:
    pytest.importorskip("cloudpickle", reason="the corpus needs it")
    package = name.partition(".")[0]
    pytest.importorskip(package, reason=f"{package} is not installed")
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        pytest.skip(f"this {package} has no copy of cloudpickle in it")
    done = compare(name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "compared" in done.stdout


@pytest.mark.slow
def test_a_copy_of_pypi_s(tmp_path: Path) -> None:
    pytest.importorskip("cloudpickle", reason="the corpus needs it")
    make_copy(tmp_path, VENDORED[1])
    done = compare(VENDORED[1], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_comparison_can_fail(tmp_path: Path) -> None:
    pytest.importorskip("cloudpickle", reason="the corpus needs it")
    make_copy(tmp_path, VENDORED[1], AS_IN_3_0)
    done = compare(VENDORED[1], tmp_path)
    assert done.returncode != 0 and "left alone" in done.stdout


def main(name: str) -> None:
    from tests.corpus import usable_cases
    from tests.differential.compare import explain, with_dumps, with_pickler

    module: Any = importlib.import_module(name)
    with gocloudpickle.installed():
        state = gocloudpickle.engine_info()["modules"][name]
        if not state["on"]:
            print(f"left alone: {state['why_off']}")
            sys.exit(1)
    before = sum(gocloudpickle.engine_info()["dumps"].values())
    compared = different = 0
    for case in usable_cases():
        for protocol in case.protocols:
            # Each protocol for dumps, the usual one for the class as well.
            for way in (with_dumps, with_pickler) if protocol == 5 else (with_dumps,):
                with case.setup():
                    obj = case.make()
                    way(module, obj, protocol)  # which may leave __slotnames__ in a class
                    expected = way(module, obj, protocol)
                    with gocloudpickle.installed():
                        got = way(module, obj, protocol)
                compared += 1
                difference = explain(expected, got)
                if difference is not None:
                    different += 1
                    print(f"{case.name}, protocol {protocol}: {difference}")
    done = sum(gocloudpickle.engine_info()["dumps"].values()) - before
    print(f"{compared} compared, {different} different, {done} by the engine")
    sys.exit(different > 0 or done < compared)


if __name__ == "__main__":
    main(sys.argv[1])
