"""Measures frameworks with the engine switched on in the submitting process, and without.

    make bench-frameworks                        # sets everything up first
    make bench-frameworks ARGS="--only Dask"     # what has "Dask" in its name, again
    make bench-frameworks ARGS="--quick"         # few tasks: not stored

Each framework has two workers on this machine, with stock cloudpickle: what is measured
is what one call of install() in the submitting process brings. Both ways take turns on
one cluster, and the minimum of each counts. Results go to bench/results/frameworks.json,
and from there into docs/benchmarks-frameworks.md and its chart.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib.metadata
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import framework_report
import setting
from framework_clusters import CLUSTERS
from framework_jobs import JOBS, Job

HERE = Path(__file__).resolve().parent
LIMIT = 1800  # seconds for one framework


SHORT = 6.0
"""Seconds that a job may take for more than its turns: a short one is a matter of chance."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench-frameworks", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="frameworks with TEXT in them")
    parser.add_argument("--quick", action="store_true", help="few tasks: rough, and not stored")
    parser.add_argument("--turns", type=int, default=3, help="runs of each kind, 3 unless set")
    parser.add_argument("--one", nargs=2, metavar=("NAME", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, file = options.one
        Path(file).write_text(json.dumps(measure(name, options.turns, options.quick)))
        return 0

    rows: list[dict[str, Any]] = []
    failed = False
    for name, (package, _) in CLUSTERS.items():
        if options.only.lower() not in name.lower():
            continue
        try:
            version = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            print(f"{name}: not measured, {package} is not installed")
            continue
        with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as directory:
            file = Path(directory, "rows.json")
            command = [sys.executable, str(HERE / "frameworks.py"), "--one", name, str(file)]
            command += ["--turns", str(options.turns)] + ["--quick"] * options.quick
            try:
                subprocess.run(command, check=True, timeout=LIMIT + 60, cwd=directory)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                print(f"{name}: not measured: {error}")
                failed = True
                continue
            rows += [{**row, "version": version} for row in json.loads(file.read_text())]
    show(rows)
    if rows and not options.quick:
        store(rows)
    return 1 if failed else 0


def measure(name: str, turns: int, quick: bool) -> list[dict[str, Any]]:
    """Run every job on one framework: off, on, off, on, ..."""
    import gocloudpickle

    faulthandler.dump_traceback_later(LIMIT, exit=True)
    cluster = CLUSTERS[name][1]()
    cluster.start()
    try:
        # Imports, and what a framework sets up with its first tasks.
        for job in JOBS:
            cluster.run(job.functions(4), False)
            gocloudpickle.install()
            cluster.run(job.functions(4), True)
            gocloudpickle.uninstall()
        return [row(name, cluster, job, turns, quick) for job in JOBS]
    finally:
        cluster.stop()


def row(name: str, cluster: Any, job: Job, turns: int, quick: bool) -> dict[str, Any]:
    """Measure one job; the engine's count of dumps tells that it did the work."""
    import gocloudpickle

    count = max(4, job.count // 50) if quick else job.count
    best: dict[str, list[float | None]] = {}
    dumps = 0
    end = perf_counter() + SHORT
    for turn in range(1 if quick else 4 * turns):
        if turn >= turns and perf_counter() > end:
            break
        for way in ("stock", "ours") if turn % 2 == 0 else ("ours", "stock"):
            # New ones for each run: frameworks remember what they have pickled.
            functions = job.functions(count)
            before = engine_dumps()
            if way == "ours":
                gocloudpickle.install()
            try:
                times = cluster.run(functions, way == "ours")
            finally:
                gocloudpickle.uninstall()
            done = engine_dumps() - before
            if (done > 0) is not (way == "ours"):
                raise RuntimeError(f"{name}, {job.name}, {way}: the engine made {done} dumps")
            dumps = max(dumps, done)
            old = best.get(way, [None, None])
            best[way] = [
                new if last is None else min(last, new) if new is not None else None
                for last, new in zip(old, times, strict=True)
            ]
    print(f"{name}: {job.name}: {best}", flush=True)
    return {
        "framework": name,
        "job": job.name,
        "tasks": count,
        "turns": 1 if quick else turns,
        "dumps": dumps,
        "submit": ratio(best, 0, count),
        "end_to_end": ratio(best, 1, count),
    }


def engine_dumps() -> int:
    import gocloudpickle

    return sum(gocloudpickle.engine_info()["dumps"].values())


def ratio(best: dict[str, list[float | None]], i: int, count: int) -> dict[str, Any] | None:
    """Return tasks a second both ways, and how many times more ours are."""
    stock, ours = best["stock"][i], best["ours"][i]
    if stock is None or ours is None:
        return None
    return {
        "stock_per_s": round(count / stock, 1),
        "ours_per_s": round(count / ours, 1),
        "ratio": round(stock / ours, 2),
    }


def show(rows: list[dict[str, Any]]) -> None:
    """Print the table."""
    print(f"\n{'tasks a second':<44}{'submit':>22}{'end to end':>26}")
    framework = None
    for each in rows:
        if each["framework"] != framework:
            framework = each["framework"]
            print(f"{framework} {each['version']}")
        cells = [
            f"{part['stock_per_s']:>9,.0f} {part['ours_per_s']:>9,.0f} {part['ratio']:>5.2f}x"
            if part
            else f"{'-':>26}"
            for part in (each["submit"], each["end_to_end"])
        ]
        print(f"  {each['job']:<44}" + " ".join(cells))


def store(rows: list[dict[str, Any]]) -> None:
    """Write the results, and what shows them; the chart if matplotlib is there.

    What was not measured this time keeps the results that it had.
    """
    import gocloudpickle

    file = HERE / "results" / "frameworks.json"
    file.parent.mkdir(exist_ok=True)
    measured = {
        "machine": setting.machine(),
        "commit": setting.commit(),
        "path": gocloudpickle.engine_info()["path"],
        "python": platform.python_version(),
    }
    new = {row["framework"]: [] for row in rows}
    for row in rows:
        new[row["framework"]].append({**row, **measured})
    old: dict[str, list[dict[str, Any]]] = {}
    if file.exists():
        for row in json.loads(file.read_text())["rows"]:
            old.setdefault(row["framework"], []).append(row)
    every = {**old, **new}
    result = {"rows": [row for name in CLUSTERS for row in every.get(name, [])]}
    file.write_text(json.dumps(result, indent=1) + "\n")
    framework_report.write(file, HERE.parent / "docs")


if __name__ == "__main__":
    sys.exit(main())
