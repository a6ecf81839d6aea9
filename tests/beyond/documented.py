"""The table of docs/beyond-cloudpickle.md."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "beyond-cloudpickle.md"
COLUMNS = (
    "kind",
    "public report",
    "stock 3.1.2",
    "gocloudpickle",
    "why",
    "worker with stock alone",
)


class Row(NamedTuple):
    """One kind of objects, as the document describes it."""

    kind: str
    report: str
    stock: str
    ours: str
    why: str
    worker: str


def rows() -> list[Row]:
    """The rows of the table, in order."""
    lines = [
        line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("|")
    ]
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    assert cells and tuple(cells[0]) == COLUMNS, "the table has other columns than it should"
    assert all(len(row) == len(COLUMNS) for row in cells), "a row has a cell too many or too few"
    return [Row(*row) for row in cells[2:]]
