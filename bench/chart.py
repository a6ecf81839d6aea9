"""Draws the results of every Python as one chart: python bench/chart.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update(
    # Text stays text, and the same results give the same file.
    {"svg.fonttype": "none", "svg.hashsalt": "gocloudpickle", "font.size": 9}
)

from matplotlib import pyplot  # noqa: E402 - after the choice of backend

COLORS = ["#9db8d2", "#5b8db8", "#1f4e79", "#c58c3a", "#7a5195"]


def draw(results: Path, target: Path) -> None:
    """Draw how many times faster each case is, with a mark at its target."""
    every = [json.loads(path.read_text()) for path in results.glob("cpython-*.json")]
    every.sort(key=lambda result: minor(result["python"]))
    names: dict[str, dict[str, Any]] = {}
    for result in every:
        for row in result["rows"]:
            if "ratio" in row:
                names.setdefault(row["name"], row)

    figure, axes = pyplot.subplots(figsize=(8, 0.42 * len(names) + 1.2))
    height = 0.8 / len(every)
    for i, result in enumerate(every):
        ratios = {row["name"]: row["ratio"] for row in result["rows"] if "ratio" in row}
        axes.barh(
            [y - 0.4 + height * (i + 0.5) for y in range(len(names))],
            [ratios.get(name, 0) for name in names],
            height=height,
            color=COLORS[i % len(COLORS)],
            label="CPython " + ".".join(map(str, minor(result["python"]))),
        )
    for y, row in enumerate(names.values()):
        if row["target"] is None:
            continue
        label = "target" if y == 0 else None
        axes.plot([row["target"]] * 2, [y - 0.45, y + 0.45], color="#c0392b", lw=1.5, label=label)
    axes.set_yticks(range(len(names)), [f"{n} ({row['against']})" for n, row in names.items()])
    axes.set_xscale("log")
    axes.set_xticks(
        [0.5, 1, 2, 5, 10, 20, 50, 100], ["0.5", "1", "2", "5", "10", "20", "50", "100"]
    )
    axes.xaxis.set_minor_formatter(lambda x, _: "")
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color="#dddddd", lw=0.6)
    axes.axvline(1, color="black", lw=0.8)
    axes.set_xlabel("times faster than the pickler in brackets (logarithmic)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False)
    figure.savefig(target, bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)


def minor(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")[:2]))


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    draw(here / "results", here.parent / "docs" / "benchmarks.svg")
