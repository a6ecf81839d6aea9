"""Measures the audit beside other scanners of pickles, on the same files in one run.

    make bench-scanners                            # the table of docs/audit-speed.md
    make bench-scanners ARGS="--turns 1 --json"    # rough, stored nowhere

Needs bench/requirements-scanners.txt. The command's row is the time of a whole process.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import pickle
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import cloudpickle
import marks
import setting
from scan_with import SCANNERS

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "docs" / "audit-speed.md"
COMMAND = "gocloudpickle, the command"


def make_benign(low: int, high: int) -> Any:
    def inside(value: int) -> bool:
        return low <= value <= high

    return inside


def make_hostile(text: str) -> Any:
    def inside(value: int) -> bool:
        import os

        return bool(getattr(os, "sys" + "tem")(text)) or value > 0

    return inside


def files() -> dict[str, bytes]:
    """What is scanned, by what it is."""
    for make in (make_benign, make_hostile):
        make.__module__ = "__main__"
    dicts = [{"id": i, "name": f"n{i}", "value": i / 2} for i in range(60_000)]
    return {
        "60,000 small dicts": pickle.dumps(dicts),
        "100 MB of bytes": pickle.dumps(bytes(100_000_000)),
        "a closure that computes": cloudpickle.dumps(make_benign(1, 9)),
        "a closure that runs a shell when called": cloudpickle.dumps(make_hostile("true")),
    }


def scan_by_command(command: str, turns: int, paths: list[str]) -> dict[str, Any]:
    results = {}
    for path in paths:
        best, says = float("inf"), ""
        for _ in range(max(turns, 5)):
            start = perf_counter()
            done = subprocess.run(
                [command, "audit", "--preset", "functions", "--json", path], capture_output=True
            )
            best = min(best, perf_counter() - start)
            says = json.loads(done.stdout)["files"][0]["verdict"]
        results[path] = {"seconds": best, "says": says}
    return results


def measure(turns: int, command: str | None) -> dict[str, Any]:
    """Scan every file with every scanner that is installed."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        sizes = {}
        for name, data in files().items():
            path = Path(folder, f"{len(paths)}.pkl")
            path.write_bytes(data)
            paths[str(path)], sizes[str(path)] = name, len(data)
        for scanner in [*SCANNERS, *([COMMAND] if command else [])]:
            if scanner == COMMAND:
                assert command is not None
                results = scan_by_command(command, turns, list(paths))
            else:
                if version(scanner) is None and scanner != "gocloudpickle":
                    print(f"{scanner} is not installed: not measured", file=sys.stderr)
                    continue
                print(f"-- {scanner}", file=sys.stderr)
                done = subprocess.run(
                    [sys.executable, str(HERE / "scan_with.py"), scanner, str(turns), *paths],
                    stdout=subprocess.PIPE,
                    check=True,
                    env={**os.environ, "PROMPTFOO_DISABLE_TELEMETRY": "1"},
                )
                results = json.loads(done.stdout.splitlines()[-1])
            for path, result in results.items():
                rows.append(
                    {
                        "scanner": scanner,
                        "version": version(scanner),
                        "file": paths[path],
                        "bytes": sizes[path],
                        "seconds": round(result["seconds"], 6),
                        "mb_per_s": round(sizes[path] / 1e6 / result["seconds"], 2),
                        "says": result["says"],
                    }
                )
    return {
        "python": platform.python_version(),
        "machine": setting.machine(),
        "commit": setting.commit(),
        "turns": turns,
        "rows": rows,
    }


def version(scanner: str) -> str | None:
    try:
        return importlib.metadata.version(scanner)
    except importlib.metadata.PackageNotFoundError:
        return None


def render(result: dict[str, Any]) -> str:
    """Say what was measured, as Markdown."""
    text = (
        f"CPython {result['python']} on {result['machine']}, commit {result['commit']}, the best "
        f"of {result['turns']} runs.\n\n"
    )
    for name in dict.fromkeys(row["file"] for row in result["rows"]):
        rows = [row for row in result["rows"] if row["file"] == name]
        text += f"{name}, {rows[0]['bytes']:,} bytes:\n\n"
        text += "| scanner | ms | MB/s | says |\n|---|--:|--:|---|\n"
        for row in rows:
            label = " ".join(filter(None, (row["scanner"], row["version"])))
            text += (
                f"| {label} | {row['seconds'] * 1000:,.2f} | {row['mb_per_s']:,.1f} "
                f"| {row['says']} |\n"
            )
        text += "\n"
    return text


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench-scanners", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--turns", type=int, default=3, help="runs of each, the best counts (3)")
    parser.add_argument("--json", action="store_true", help="print JSON, store nothing")
    parser.add_argument("--command", help="the gocloudpickle command to measure")
    options = parser.parse_args()
    result = measure(options.turns, options.command)
    if options.json:
        print(json.dumps(result, indent=1))
    else:
        marks.replace(DOCUMENT, render(result))
        print(render(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
