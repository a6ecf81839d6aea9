"""Measures memory, each number in a process of its own.

The peak is VmHWM of /proc/self/status, which counts Go's memory as well as Python's.
Run as a script, this file is one such process: python memory.py PROGRAM.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from time import perf_counter
from typing import Any

import data

MB = 1_000_000
MIB = 1024 * 1024


def measure(only: str = "") -> list[dict[str, Any]]:
    """Return a row for each measurement."""
    rows = []
    for name, target, unit, program, against in (
        ("peak of 100 MB of bytes, in band", 1.1, "x the data", "peak bytes", "peak_pickle bytes"),
        ("peak of 100 MB of NumPy, in band", 1.1, "x the data", "peak array", "peak_pickle array"),
        (
            "peak of it out of band",
            0.05,
            "x the data",
            "peak_outside array",
            "peak_pickle_outside array",
        ),
        (
            "resident memory, first use",
            8,
            "MiB more",
            "first_use gocloudpickle",
            "first_use cloudpickle",
        ),
        ("import gocloudpickle", 5, "ms", "import gocloudpickle", "import cloudpickle"),
    ):
        if only not in name:
            continue
        if sys.stderr.isatty():
            print(f"\r\033[K{name}", end="", file=sys.stderr)
        ours, theirs = run(program), run(against)
        value = ours - theirs if unit == "MiB more" else ours
        rows.append(
            {
                "name": name,
                "against": "",
                "unit": unit,
                "target": target,
                "tolerance": 0,
                "value": round(value, 3),
                "ours": round(ours, 3),
                "theirs": round(theirs, 3),
                "theirs_is": against.split()[0],
            }
        )
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return rows


def run(program: str) -> float:
    """Run a program of this file a few times; return the median, of times the minimum."""
    values = []
    # An installed package has its bytecode.
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(5):
        command = [sys.executable, __file__, *program.split()]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=env).stdout
        values.append(float(out))
    return min(values) if program.startswith("import ") else statistics.median(values)


def status(field: str) -> int:
    """Bytes of a field of /proc/self/status."""
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status has no {field}")


def peak(dumps: Any, kind: str, out_of_band: bool) -> float:
    """Memory taken at most by one dumps, as a multiple of the data."""
    value = data.large_bytes() if kind == "bytes" else data.large_array()
    dumps(lambda: 0)  # the engine is loaded
    # Making the data may have taken more than the data: that is no dumps.
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    before = status("VmRSS")
    if out_of_band:
        dumps(value, protocol=5, buffer_callback=lambda buffer: None)
    else:
        dumps(value)
    return (status("VmHWM") - before) / data.LARGE


def first_use(name: str) -> float:
    """MiB in memory after one dumps of a lambda, in a process that did nothing else."""
    __import__(name)
    sys.modules[name].dumps(lambda: 0)
    return status("VmRSS") / MIB


def import_time(name: str) -> float:
    """Milliseconds to import a package."""
    start = perf_counter()
    __import__(name)
    return (perf_counter() - start) * 1000


def main(program: str, argument: str) -> float:
    if program == "first_use":
        return first_use(argument)
    if program == "import":
        return import_time(argument)
    # The C pickler refuses lambdas: for it cloudpickle, which calls it, does the dumps.
    import cloudpickle
    import gocloudpickle

    dumps = cloudpickle.dumps if "pickle" in program else gocloudpickle.dumps
    return peak(dumps, argument, out_of_band=program.endswith("outside"))


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
