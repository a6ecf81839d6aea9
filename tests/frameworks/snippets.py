"""The Python blocks of docs/frameworks.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "frameworks.md"


def of_section(title: str) -> list[str]:
    """Return the Python blocks below a heading."""
    if not DOCUMENT.exists():
        pytest.skip("this is a copy of the tests, without the documents")
    sections = re.split(r"^## ", DOCUMENT.read_text(encoding="utf-8"), flags=re.M)
    (section,) = [text for text in sections if text.startswith(title + "\n")]
    blocks = re.findall(r"^```python\n(.*?)^```$", section, re.M | re.S)
    assert blocks, title
    return blocks
