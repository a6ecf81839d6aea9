"""Puts the results of bench/frameworks.py into docs/: python bench/framework_report.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import marks

DOCUMENT, CHART = "benchmarks-frameworks.md", "benchmarks-frameworks.svg"


def write(results: Path, docs: Path) -> None:
    """Replace the table in the document, and draw the chart."""
    result = json.loads(results.read_text())
    marks.replace(docs / DOCUMENT, render(result))
    try:
        draw(result, docs / CHART)
    except ImportError as error:
        print(f"chart: not drawn, {error.name} is missing: see bench/requirements.txt")


def render(result: dict[str, Any]) -> str:
    """Say what was measured, as Markdown."""
    lines = []
    for name in dict.fromkeys(row["framework"] for row in result["rows"]):
        row = next(row for row in result["rows"] if row["framework"] == name)
        version = row["version"] if name != "concurrent.futures" else f"of {row['python']}"
        turns = "one run" if row["turns"] == 1 else f"the best of {row['turns']} runs"
        lines.append(f"{name} {version}: commit {row['commit']}, {row['path']} path, {turns}")
    text = (
        f"CPython {result['rows'][0]['python']} on {result['rows'][0]['machine']}. "
        + "; ".join(lines)
        + ".\n\n"
        "| framework | job | submit, stock | submit, ours | times | whole, stock | whole, ours "
        "| times |\n|---|---|--:|--:|--:|--:|--:|--:|\n"
    )
    for row in result["rows"]:
        cells = []
        for part in (row["submit"], row["end_to_end"]):
            if part is None:
                cells += ["", "", ""]
                continue
            cells += [f"{part['stock_per_s']:,.0f}", f"{part['ours_per_s']:,.0f}"]
            gain = f"{part['ratio']:.2f}"
            cells.append(f"**{gain}**" if part["ratio"] >= 1.1 else gain)
        text += f"| {row['framework']} | {row['job']} | " + " | ".join(cells) + " |\n"
    return text


def draw(result: dict[str, Any], target: Path) -> None:
    """Draw how many times faster submitting and the whole are."""
    import matplotlib

    matplotlib.use("svg")
    # Text stays text, and the same results give the same file.
    matplotlib.rcParams.update(
        {"svg.fonttype": "none", "svg.hashsalt": "gocloudpickle", "font.size": 9}
    )
    from matplotlib import pyplot

    rows = result["rows"]
    figure, axes = pyplot.subplots(figsize=(8, 0.36 * len(rows) + 1.2))
    for i, (key, label, color) in enumerate(
        (("submit", "submitting", "#1f4e79"), ("end_to_end", "until all results", "#9db8d2"))
    ):
        axes.barh(
            [y - 0.2 + 0.4 * i for y in range(len(rows))],
            [row[key]["ratio"] if row[key] else 0 for row in rows],
            height=0.4,
            color=color,
            label=label,
        )
    axes.set_yticks(range(len(rows)), [f"{row['framework']}: {row['job']}" for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.axvline(1, color="black", lw=0.8)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color="#dddddd", lw=0.6)
    axes.set_xlabel("times as many tasks a second with install()")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False)
    figure.savefig(target, bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    write(here / "results" / "frameworks.json", here.parent / "docs")
