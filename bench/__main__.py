"""Measures the engine against cloudpickle and the C pickler.

    make bench                        # sets everything up first
    make bench PYTHON=3.12            # on another Python
    make bench ARGS="--only closure"  # what has "closure" in its name

Speed is a ratio, how many times faster: both sides take turns in one process, and the
minimum of many runs of each counts. That is done once for each path of the engine.
Memory is measured in a process for each number. Results go to bench/results, one file
for each Python, and from there into the README and the chart, docs/benchmarks.svg.

The exit status tells whether everything could be measured, not whether targets are met.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import marks
import memory
import readme
import report
import setting

HERE = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="only rows with TEXT in the name"
    )
    parser.add_argument("--quick", action="store_true", help="few runs: rough numbers, not stored")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()

    layout = speed("layout", options)
    portable = {row["name"]: row["ratio"] for row in speed("portable", options)["rows"]}
    rows = [{**row, "portable": portable.get(row["name"])} for row in layout["rows"]]
    rows += memory.measure(options.only)
    for row in rows:
        row["met"] = report.met(row)
    result = {
        "python": platform.python_version(),
        "cloudpickle": layout["cloudpickle"],
        "engine": layout["engine"],
        "machine": setting.machine(),
        "commit": setting.commit(),
        "rows": rows,
    }
    if options.json:
        print(json.dumps(result, indent=1))
    else:
        report.show(result)
    if not options.only and not options.quick:
        store(result)
    return 0


def speed(path: str, options: argparse.Namespace) -> dict[str, Any]:
    """Run speed.py in a process of its own: the engine chooses its path once."""
    with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
        command = [sys.executable, str(HERE / "speed.py"), file.name, "--only", options.only]
        if options.quick:
            command.append("--quick")
        force = "portable" if path == "portable" else ""
        subprocess.run(command, env={**os.environ, "GOCLOUDPICKLE_PATH": force}, check=True)
        result: dict[str, Any] = json.load(file)
    if result["engine"]["path"] != path:
        why = result["engine"]["why_portable"]
        print(f"bench: the engine took the portable path: {why}", file=sys.stderr)
    return result


def store(result: dict[str, Any]) -> None:
    """Write the results and what shows them; the chart if matplotlib is there."""
    minor = ".".join(result["python"].split(".")[:2])
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / f"cpython-{minor}.json").write_text(json.dumps(result, indent=1) + "\n")
    marks.replace(HERE.parent / "README.md", readme.render(results))
    try:
        import chart
    except ImportError as error:
        print(f"chart: not drawn, {error.name} is missing: see bench/requirements.txt")
        return
    chart.draw(results, HERE.parent / "docs" / "benchmarks.svg")


if __name__ == "__main__":
    sys.exit(main())
