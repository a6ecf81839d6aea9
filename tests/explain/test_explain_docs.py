"""What docs/explain.md and the docstrings show is what happens."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import gocloudpickle
import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "explain.md"
if not DOCUMENT.exists():
    pytest.skip("this is a copy of the tests, without the documents", allow_module_level=True)

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
BLOCKS = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.M | re.S)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_each_block_of_the_document_runs(number: int) -> None:
    globs = {"__name__": "__main__"}
    test = doctest.DocTestParser().get_doctest(BLOCKS[number], globs, "explain.md", None, 0)
    results = doctest.DocTestRunner(optionflags=OPTIONS).run(test)
    assert results.attempted > 0 and results.failed == 0


def test_the_docstring_runs() -> None:
    (test,) = doctest.DocTestFinder().find(
        gocloudpickle.explain, "explain", module=False, globs={"__name__": "__main__"}
    )
    results = doctest.DocTestRunner(optionflags=OPTIONS).run(test)
    assert results.attempted > 2 and results.failed == 0


def test_the_document_names_every_attribute() -> None:
    text = DOCUMENT.read_text()
    explanation = gocloudpickle.explain([(i for i in ())])
    objects: list[Any] = [explanation, explanation.culprits[0], explanation.tree]
    for obj in objects:
        for name in dir(obj):
            if not name.startswith("_") and name not in ("text",):
                assert re.search(rf"`(explanation\.)?{name}(\(\))?`", text), name
    for key in explanation.to_dict():
        assert f"`{key}`" in text
