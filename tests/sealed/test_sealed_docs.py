"""What the docstrings and docs/sealed.md show is what happens."""

from __future__ import annotations

import doctest
import pickle
import re
from pathlib import Path

import pytest
from gocloudpickle import sealed

pytest.importorskip("cryptography", reason="cryptography is not installed")

DOCUMENT = Path(__file__).parents[2] / "docs" / "sealed.md"
if not DOCUMENT.exists():
    pytest.skip("this is a copy of the tests, without the documents", allow_module_level=True)


def docstrings() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder()
    tests = finder.find(sealed, "sealed", module=False)
    for name in sealed.__all__:
        tests += finder.find(getattr(sealed, name), name, module=False, globs={"sealed": sealed})
    return [test for test in tests if test.examples]


@pytest.mark.parametrize("test", docstrings(), ids=lambda test: test.name)
def test_docstring(test):
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test).failed == 0


def test_docstrings_have_examples():
    assert {"sealed", "Signer", "generate_key"} <= {test.name for test in docstrings()}


def test_document():
    (block,) = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.M | re.S)
    test = doctest.DocTestParser().get_doctest(block, {"__name__": "__main__"}, "sealed", None, 0)
    results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
    assert results.attempted > 0 and results.failed == 0


def test_errors_go_by_the_name_that_users_import():
    error = pickle.loads(pickle.dumps(sealed.Replayed("x")))
    assert type(error) is sealed.Replayed
    assert sealed.Replayed.__module__ == "gocloudpickle.sealed"
