"""Puts the results of bench/frameworks.py into docs/: python bench/framework_report.py."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"
DOCUMENT, CHART = "benchmarks-frameworks.md", "benchmarks-frameworks.svg"


def setting() -> dict[str, Any]:
    """Say where and on what it was measured."""
    # bench/__main__.py knows; as a module it has another name.
    import importlib.util

    spec = importlib.util.spec_from_file_location(
        "bench_main", Path(__file__).parent / "__main__.py"
    )
    assert spec is not None and spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    import gocloudpickle

    return {
        "machine": bench.machine(),
        "commit": bench.commit(),
        "path": gocloudpickle.engine_info()["path"],
        "python": platform.python_version(),
    }


def write(results: Path, docs: Path) -> None:
    """Replace the table in the document, and draw the chart."""
    result = json.loads(results.read_text())
    document = docs / DOCUMENT
    text = document.read_text()
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{document} has no {BEGIN.strip()} and {END.strip()}")
    document.write_text(before + BEGIN + render(result) + END + after)
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
