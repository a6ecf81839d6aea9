"""Puts the results of every Python into the README: python bench/readme.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import marks


def render(results: Path) -> str:
    """Say what was measured, as Markdown."""
    every = [json.loads(path.read_text()) for path in results.glob("cpython-*.json")]
    every.sort(key=lambda result: [int(part) for part in result["python"].split(".")])
    if not every:
        return "Not measured yet: `make bench` does it.\n"
    versions = [".".join(result["python"].split(".")[:2]) for result in every]
    text = (
        "How many times faster than cloudpickle "
        f"{every[0]['cloudpickle']} and than the C pickler, from `make bench` with each Python; "
        "**bold** where the target of the project is not met yet.\n"
        f"Measured on {every[0]['machine']}; {commits(every, versions)}.\n\n"
    )
    text += table(every, versions, "ratio", "dumps of", "{:.1f}x")
    text += "\nMemory, and the import:\n\n"
    text += table(every, versions, "value", "at most", "{:.2f}")
    return text + "\n![Times faster, as a chart](docs/benchmarks.svg)\n"


def commits(every: list[dict[str, Any]], versions: list[str]) -> str:
    """Say which commits were measured."""
    names = [result["commit"] or "unknown" for result in every]
    if len(set(names)) == 1:
        return f"commit {names[0]}"
    return "commits " + ", ".join(f"{n} ({v})" for n, v in zip(names, versions, strict=True))


def table(every: list[dict[str, Any]], versions: list[str], key: str, title: str, form: str) -> str:
    """One row for each measurement that has the key, one column for each Python."""
    names: dict[str, dict[str, Any]] = {}
    for result in every:
        for row in result["rows"]:
            if key in row:
                names.setdefault(row["name"], row)
    lines = [
        f"| {title} | against | target | " + " | ".join(versions) + " |",
        "|---|---|--:|" + "--:|" * len(versions),
    ]
    for name, first in names.items():
        cells = []
        for result in every:
            row = next((row for row in result["rows"] if row["name"] == name), None)
            cell = "" if row is None else form.format(row[key])
            cells.append(f"**{cell}**" if row is not None and row["met"] is False else cell)
        target = "" if first["target"] is None else f"{first['target']:g}"
        against = {"pickle": "C pickler", "": first["unit"]}.get(first["against"], first["against"])
        lines.append(f"| {name} | {against} | {target} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    marks.replace(here.parent / "README.md", render(here / "results"))
