"""Tables for a terminal: rich draws them if it is installed, else plain columns do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple


class Column(NamedTuple):
    header: str
    number: bool = False


def show(title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Print a table to standard output, as wide as the terminal."""
    try:
        import rich.box
        import rich.console
        import rich.table
        import rich.text
    except ImportError:
        show_plain(title, columns, rows)
        return
    console = rich.console.Console(highlight=False)
    table = rich.table.Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=rich.box.HORIZONTALS,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for column in columns:
        table.add_column(
            column.header,
            justify="right" if column.number else "left",
            no_wrap=column.number,
            overflow="fold",
        )
    for row in rows:
        wrong = row[-1].startswith("WRONG")
        # Text: what objects say of themselves, brackets included, is no markup.
        table.add_row(*map(rich.text.Text, row), style="red" if wrong else None)
    console.print(table)


def show_plain(title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Print a table as columns of text, however wide."""
    lines = [[column.header.replace("\n", " ") for column in columns], *rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    print(title)
    for line in lines:
        cells = [
            cell.rjust(width) if column.number else cell.ljust(width)
            for cell, width, column in zip(line, widths, columns, strict=True)
        ]
        print("  ".join(cells).rstrip())
    print()


def progress(message: str) -> None:
    """Show what is being done, on one line of a terminal; an empty message clears it."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{message}")
        sys.stderr.flush()
