"""What docs/errors.md says is so."""

import re
from pathlib import Path

import pytest
from gocloudpickle import _pickle_path, _pickle_trail

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs" / "errors.md"
TRAIL = ROOT / "pickler" / "trail.go"


def test_the_example_runs():
    if not DOCUMENT.exists():
        pytest.skip("this copy of the tests is without the documents")
    blocks = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.M | re.S)
    assert len(blocks) == 1
    exec(compile(blocks[0], str(DOCUMENT), "exec"), {"__name__": "__main__"})


def test_every_kind_of_step_is_in_the_table():
    if not DOCUMENT.exists():
        pytest.skip("this copy of the tests is without the documents")
    rows = re.findall(r"^\| ([a-z ,]+) \|.*\|.*\|$", DOCUMENT.read_text(), re.M)
    told = {kind for row in rows[1:] for kind in row.split(", ")}
    words = {
        value
        for name, value in vars(_pickle_path).items()
        if name.isupper() and not name.startswith("_") and type(value) is str
    }
    assert told == words


def test_the_places_have_the_numbers_of_the_engine():
    if not TRAIL.exists():
        pytest.skip("this copy of the tests is without the engine's source")
    block = re.search(r"const \(\n\tplaceIndex.*?\n\)", TRAIL.read_text(), re.S)
    assert block is not None
    names = re.findall(r"^\tplace(\w+)", block.group(), re.M)
    python = [re.sub("([a-z])([A-Z])", r"\1_\2", name).upper() for name in names]
    assert [getattr(_pickle_trail, name) for name in python] == list(range(len(names)))
