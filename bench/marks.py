"""The part of a document that a program writes: what is between two marks."""

from __future__ import annotations

from pathlib import Path

BEGIN, END = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"


def replace(document: Path, text: str) -> None:
    """Put text between the marks of the document, in place of what is there."""
    before, _, rest = document.read_text().partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{document} has no {BEGIN.strip()} and {END.strip()}")
    document.write_text(before + BEGIN + text + END + after)


def between(document: Path) -> str:
    """Give what is between the marks."""
    return document.read_text().partition(BEGIN)[2].partition(END)[0]
