"""Measures dumps of ever more objects against the C pickler.

    make bench-scale                                    # sets everything up first
    make bench-scale ARGS="--only tuples --sizes 1e6"   # some of it, stored beside the rest
    make bench-scale ARGS="--quick"                     # rough, and not stored

What a dump costs can depend on where memory lies, so each kind and size is measured in
several fresh processes, and the worst of them is shown. In each, gocloudpickle.dumps and
pickle.dumps take turns, the other one first in every second process; the minimum of each
counts. The peak and what is kept are those of the first dump in a process, so that neither
finds what the other one has made, as the __dict__ of each instance. Results go to
bench/results/scale.json and from there into docs/scale.md.
"""

from __future__ import annotations

import argparse
import gc
import json
import pickle
import platform
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import scale_report
import setting
from memory import MIB, status
from scale_kinds import KINDS

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "scale.json"
SIZES = [10_000, 100_000, 1_000_000, 5_000_000]
LIMIT = 1200  # seconds for one process


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench-scale", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="kinds with TEXT in the name")
    parser.add_argument("--sizes", type=float, nargs="+", default=SIZES, help="numbers of objects")
    parser.add_argument("--processes", type=int, default=6, help="for each kind and size")
    parser.add_argument("--quick", action="store_true", help="few, small and not stored")
    parser.add_argument("--one", nargs=3, metavar=("KIND", "SIZE", "FIRST"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        kind, size, first = options.one
        print(json.dumps(measure(kind, int(size), ours_first=first == "0")))
        return 0
    if options.quick:
        options.sizes, options.processes = [10_000, 100_000], 2
    options.processes = max(2, options.processes)  # each side comes first in one
    rows = []
    for kind in KINDS:
        for size in map(int, options.sizes):
            if options.only in kind:
                rows.append(worst(kind, size, options.processes))
                print(scale_report.line(rows[-1]), flush=True)
                if not options.quick:
                    store(rows[-1:])  # at once: all of it takes hours
    return 0


def worst(kind: str, size: int, processes: int) -> dict[str, Any]:
    """Measure in some processes; of each number the worst."""
    runs = []
    for i in range(processes):
        command = [sys.executable, __file__, "--one", kind, str(size), str(i % 2)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=LIMIT)
        runs.append(json.loads(done.stdout))
    ratios = sorted(run["theirs"]["seconds"] / run["ours"]["seconds"] for run in runs)
    slowest = max(runs, key=lambda run: run["ours"]["seconds"] / run["theirs"]["seconds"])
    row: dict[str, Any] = {"kind": kind, "size": size, "processes": processes}
    row["worst"], row["median"] = round(ratios[0], 2), round(ratios[len(ratios) // 2], 2)
    row["ns"] = round(slowest["ours"]["seconds"] / size * 1e9, 1)
    for name in ("peak", "kept"):
        ours = max(run["ours"][name] for run in runs if name in run["ours"])
        theirs = min(run["theirs"][name] for run in runs if name in run["theirs"])
        row[name] = [round(ours / MIB, 1), round(theirs / MIB, 1)]
    return row


def measure(kind: str, size: int, ours_first: bool) -> dict[str, Any]:
    """Measure both sides in this process."""
    import gocloudpickle

    gocloudpickle.dumps(lambda: 0)  # the engine is loaded
    value = KINDS[kind](size)
    sides = [
        ("ours", lambda: gocloudpickle.dumps(value, 5)),
        ("theirs", lambda: pickle.dumps(value, 5)),
    ]
    if not ours_first:
        sides.reverse()
    gc.collect()
    gc.disable()
    first, dumps = sides[0]
    out: dict[str, Any] = {name: {"seconds": float("inf")} for name, _ in sides}
    out[first] |= memory_of(dumps)
    start = perf_counter()
    turns = 0
    while turns < 2 or turns < 30 and perf_counter() - start < 2:
        turns += 1
        for name, dumps in sides:
            before = perf_counter()
            dumps()
            out[name]["seconds"] = min(out[name]["seconds"], perf_counter() - before)
    return out


def memory_of(dumps: Any) -> dict[str, Any]:
    """Bytes taken at most by a dump, its result included, and left when that is gone."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # VmHWM starts anew
    before = status("VmRSS")
    result = dumps()
    peak = status("VmHWM") - before
    del result
    return {"peak": peak, "kept": status("VmRSS") - before}


def store(rows: list[dict[str, Any]]) -> None:
    """Put rows beside those that are stored, and write the page."""
    import gocloudpickle

    where = {
        "python": platform.python_version(),
        "machine": setting.machine(),
        "commit": setting.commit(),
        "path": gocloudpickle.engine_info()["path"],
    }
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    new = {(row["kind"], row["size"]) for row in rows}
    every = [row for row in kept if (row["kind"], row["size"]) not in new]
    every += [{**row, **where} for row in rows]
    order = list(KINDS)
    every = [row for row in every if row["kind"] in order]
    every.sort(key=lambda row: (order.index(row["kind"]), row["size"]))
    RESULTS.write_text(json.dumps(every, indent=1) + "\n")
    scale_report.write(every, HERE.parent / "docs" / "scale.md")


if __name__ == "__main__":
    sys.exit(main())
