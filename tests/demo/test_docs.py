"""What the README and the docstrings show is what happens."""

from __future__ import annotations

import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import gocloudpickle
import pytest
from gocloudpickle import _modules

ROOT = Path(__file__).resolve().parent.parent.parent
README = ROOT / "README.md"

if not README.exists():
    pytest.skip("this is a copy of the tests, without the documents", allow_module_level=True)
pytest.importorskip("cloudpickle", reason="the examples switch the engine on in it")


def run_examples(test: doctest.DocTest) -> doctest.TestResults:
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    results = runner.run(test, out=report.append)
    assert results.failed == 0, "".join(report)
    return results


def test_readme() -> None:
    parser = doctest.DocTestParser()
    # Each block starts anew, as when it is tried alone; __main__ as at a prompt.
    blocks = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.M | re.S)
    assert len(blocks) >= 4
    for number, block in enumerate(blocks, 1):
        test = parser.get_doctest(
            block, {"__name__": "__main__"}, f"block {number}", str(README), 0
        )
        assert run_examples(test).attempted > 0, block


def test_the_readme_names_every_public_name() -> None:
    text = README.read_text()
    for name in gocloudpickle.__all__:
        assert re.search(rf"`{name}[`(]", text), name


def test_the_readme_states_the_commands() -> None:
    targets = re.findall(r"^([a-z0-9-]+):.* ##", (ROOT / "Makefile").read_text(), re.M)
    commands = set()
    for document in (README, *(ROOT / "docs").glob("*.md")):
        commands |= set(re.findall(r"(?:\$ |`|do |&& )make ([a-z0-9-]+)", document.read_text()))
    assert {"demo", "test", "bench", "engine", "wheel"} <= set(targets)
    assert {"demo", "test"} <= commands <= set(targets)


def test_the_readme_shows_the_results_of_the_benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "bench")
    marks, readme = importlib.import_module("marks"), importlib.import_module("readme")
    assert marks.between(README) == readme.render(ROOT / "bench" / "results")


def test_links_lead_somewhere() -> None:
    for document in (README, *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text()):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def docstrings() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(recurse=False)
    tests: list[doctest.DocTest] = []
    for name in ["", *gocloudpickle.__all__]:
        value: Any = getattr(gocloudpickle, name) if name else gocloudpickle
        tests += finder.find(value, name or "gocloudpickle", module=gocloudpickle, globs={})
    return tests


@pytest.mark.parametrize("test", docstrings(), ids=lambda test: test.name)
def test_docstring(test: doctest.DocTest) -> None:
    test.globs["__name__"] = "__main__"
    run_examples(test)


def test_docstrings_have_examples() -> None:
    assert sum(len(test.examples) for test in docstrings()) >= 3


def test_every_public_function_has_a_docstring() -> None:
    for name in gocloudpickle.__all__:
        if callable(getattr(gocloudpickle, name)):
            assert getattr(gocloudpickle, name).__doc__, name


def test_the_import_leaves_out_what_is_slow() -> None:
    program = "import sys, gocloudpickle; print(*sys.modules)"
    package = Path(gocloudpickle.__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={"PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "gocloudpickle" in loaded
    slow = {"gocloudpickle._engine", "gocloudpickle._bind", "cloudpickle", "pickle", "typing"}
    assert not loaded & (slow | {"inspect", "dataclasses", "threading", "subprocess", "logging"})


def test_the_stub_has_the_public_names() -> None:
    stub = Path(gocloudpickle.__file__).with_name("__init__.pyi").read_text()
    assert Path(gocloudpickle.__file__).with_name("py.typed").exists()
    for name in gocloudpickle.__all__:
        assert re.search(rf"^(def {name}\(|class {name}\(|{name}(:| =))", stub, re.M) or (
            re.search(rf"^from .* import .*\b{name}\b", stub, re.M)
        ), name


def test_the_compatible_version_is_what_the_readme_says() -> None:
    assert f"cloudpickle {_modules.VERSION}" in README.read_text()
