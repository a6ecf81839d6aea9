"""The page of bench/scale.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import marks


def line(row: dict[str, Any]) -> str:
    """A row for the terminal."""
    return (
        f"{row['kind']:20}{row['size']:>10,}  {row['worst']:6.2f} times faster at worst,"
        f" {row['median']:6.2f} in between, {row['ns']:7.1f} ns each;"
        f" peak {row['peak'][0]:,.0f} MiB, C pickler {row['peak'][1]:,.0f};"
        f" kept {row['kept'][0]:,.0f}, {row['kept'][1]:,.0f}"
    )


def render(rows: list[dict[str, Any]]) -> str:
    """The table, and where it was measured."""
    places: dict[str, list[str]] = {}
    for row in rows:
        place = f"CPython {row['python']} on {row['machine']}, {row['path']} path, commit {row['commit']}"
        places.setdefault(place, []).append(row["kind"])
    out = []
    for place, kinds in places.items():
        names = "" if len(places) == 1 else ": " + ", ".join(dict.fromkeys(kinds))
        out.append(f"{place}{names}.")
    out += [
        "",
        "| of | objects | processes | times faster, worst | median | ns each, worst | peak MiB, ours "
        "| C pickler | kept MiB, ours | C pickler |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        worst = f"{row['worst']:.2f}" if row["worst"] >= 1 else f"**{row['worst']:.2f}**"
        memory = " | ".join(f"{value:,.1f}" for name in ("peak", "kept") for value in row[name])
        out.append(
            f"| {row['kind']} | {row['size']:,} | {row['processes']} | {worst} | {row['median']:.2f} "
            f"| {row['ns']:,.1f} | {memory} |"
        )
    return "\n".join(out) + "\n"


def write(rows: list[dict[str, Any]], page: Path) -> None:
    """Put the table into the page."""
    marks.replace(page, render(rows))
