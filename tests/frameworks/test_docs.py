"""What docs/frameworks.md shows is what happens.

PySpark's and Ray's sections are run by their own tests.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.frameworks import programs, snippets

# Each section, and what it needs.
SECTIONS = {
    "Switching on": ["cloudpickle"],
    "Dask": ["cloudpickle", "dask", "distributed"],
    "joblib and loky": ["joblib"],
    "concurrent.futures": [],
    "multiprocessing": ["cloudpickle"],
    "Jupyter": [],
}
ELSEWHERE = {"PySpark", "Ray"}

# What is typed in a shell, and the test that runs it with that option.
COMMANDS = {
    "dask worker tcp://scheduler:8786 --preload gocloudpickle.dask": "test_dask.py",
    "dask scheduler --preload gocloudpickle.dask": "test_dask.py",
}


@pytest.mark.parametrize("section", SECTIONS)
def test_section(section: str, tmp_path: Path) -> None:
    for name in SECTIONS[section]:
        pytest.importorskip(name, reason=f"{name} is not installed")
    for number, block in enumerate(snippets.of_section(section)):
        (tmp_path / str(number)).mkdir()
        programs.run_script(block, tmp_path / str(number), 240)


def test_no_snippet_is_left_out() -> None:
    if not snippets.DOCUMENT.exists():
        pytest.skip("this is a copy of the tests, without the documents")
    text = snippets.DOCUMENT.read_text(encoding="utf-8")
    with_blocks = {
        part.partition("\n")[0]
        for part in re.split(r"^## ", text, flags=re.M)
        if "```python" in part
    }
    assert with_blocks == set(SECTIONS) | ELSEWHERE
    commands = re.findall(r"^\$ (.*)$", text, re.M)
    assert set(commands) == set(COMMANDS)
    for command, test in COMMANDS.items():
        assert command.split("--")[1].split()[1] in Path(__file__).with_name(test).read_text()
