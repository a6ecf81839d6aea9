"""The demo's command line: runs everything, then prints tables or JSON."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import re
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import cloudpickle
import gocloudpickle

from demo_support import channel, pool, table
from demo_support.compare import Row, compare, short
from demo_support.subject import Subject

COLUMNS = [
    table.Column("object"),
    table.Column("stdlib pickle"),
    table.Column("bytes", number=True),
    table.Column("µs", number=True),
    table.Column("stock\nµs", number=True),
    table.Column("faster", number=True),
    table.Column("worker got"),
]
POOL_COLUMNS = [table.Column("object"), table.Column("the pool answered")]


def main(subjects: Sequence[Subject], arguments: list[str] | None = None) -> int:
    """Run the demo; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="demo.py",
        description="Make objects that pickle refuses in one process, and use them in another.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--repeats",
        type=int,
        default=30,
        metavar="N",
        help="runs of which the quickest is the time shown (default: %(default)s)",
    )
    parser.add_argument(
        "--worker",
        type=Path,
        default=channel.WORKER,
        metavar="FILE",
        help="the program that loads and uses the objects (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    if options.repeats < 1:
        parser.error("--repeats must be 1 or more")

    rows = []
    with channel.Channel(options.worker) as worker:
        for number, subject in enumerate(subjects, 1):
            table.progress(f"{number}/{len(subjects)} {subject.name}")
            rows.append(compare(subject, worker, options.repeats))
    table.progress("through a pool of processes")
    start = perf_counter()
    pool_rows = use_pool(subjects)
    seconds = perf_counter() - start
    table.progress("")

    ok = all(row.ok for row in rows) and all(row["ok"] for row in pool_rows)
    if options.json:
        print(json.dumps(as_json(rows, pool_rows, ok), indent=2))
    else:
        show(rows, pool_rows, seconds)
    return 0 if ok else 1


def use_pool(subjects: Sequence[Subject]) -> list[dict[str, Any]]:
    rows = []
    for subject, (got, error) in zip(subjects, pool.run(subjects), strict=True):
        expected = subject.use(subject.value)
        rows.append(
            {
                "object": subject.name,
                "got": repr(got),
                "error": short(error) if error else None,
                "ok": error is None and got == expected,
            }
        )
    return rows


def as_json(rows: list[Row], pool_rows: list[dict[str, Any]], ok: bool) -> dict[str, Any]:
    return {
        "ok": ok,
        "python": platform.python_version(),
        "cloudpickle": cloudpickle.__version__,
        "engine": gocloudpickle.engine_info(),
        "rows": [
            {
                "object": row.object,
                "stdlib": row.stdlib,
                "bytes": row.bytes,
                "same_bytes": row.same_bytes,
                "us": round(row.us, 3),
                "cloudpickle_us": round(row.cloudpickle_us, 3),
                "ratio": round(row.ratio, 2),
                "worker": repr(row.worker),
                "error": row.error,
                "ok": row.ok,
            }
            for row in rows
        ],
        "pool": pool_rows,
    }


def show(rows: list[Row], pool_rows: list[dict[str, Any]], seconds: float) -> None:
    info = gocloudpickle.engine_info()
    print(
        f"gocloudpickle {info['version']}, {info['path']} path, beside cloudpickle "
        f"{cloudpickle.__version__} on CPython {info['python']}"
    )
    if info["why_portable"]:
        print(f"The portable path, since: {info['why_portable']}")
    print()
    table.show("Dumped here, used in a worker that has not seen the source", COLUMNS, cells(rows))
    table.show(
        "The same through concurrent.futures.ProcessPoolExecutor",
        POOL_COLUMNS,
        [(row["object"], answer(row["ok"], row["got"], row["error"])) for row in pool_rows],
    )
    right = sum(row.ok for row in rows)
    pool_right = sum(row["ok"] for row in pool_rows)
    print(
        f"worker: {right} of {len(rows)} right. "
        f"pool ({multiprocessing.get_start_method()}): {pool_right} of {len(pool_rows)} right, "
        f"{seconds:.2f} s.\n"
        "µs: one dumps by us and by stock cloudpickle, the minimum of interleaved runs.\n"
        f"Bytes in strict mode equal cloudpickle's: {same_bytes(rows)}."
    )


def cells(rows: list[Row]) -> list[list[str]]:
    return [
        [
            row.object,
            brief(row.stdlib),
            str(row.bytes),
            f"{row.us:.1f}",
            f"{row.cloudpickle_us:.1f}",
            f"{row.ratio:.1f}x",
            answer(row.ok, repr(row.worker), row.error or difference(row)),
        ]
        for row in rows
    ]


def brief(message: str) -> str:
    """Say what the standard pickle says in a few words; --json has all of them."""
    for pattern, words in (
        (r"attribute lookup (\S+) on \S+ failed", r"lookup of \1 failed"),
        (r"it's not found as \w+\.(\S+)", r"lookup of \1 failed"),
        (r"Can't \w+ local object .*", "can't pickle local object"),
        (r"in the worker: Can't get attribute '(\S+)' on .*", r"worker: can't get \1"),
        (r"in the worker: module \S+ has no attribute '(\S+)'", r"worker: can't get \1"),
    ):
        message = re.sub(pattern, words, message)
    return message


def difference(row: Row) -> str | None:
    if row.worker != row.expected:
        return f"{row.worker!r} instead of {row.expected!r}"
    return "other bytes than cloudpickle's" if row.same_bytes is False else None


def answer(ok: bool, got: str, error: str | None) -> str:
    return got if ok else f"WRONG: {error or got}"


def same_bytes(rows: list[Row]) -> str:
    known = [row.same_bytes for row in rows if row.same_bytes is not None]
    return f"{sum(known)} of {len(rows)}" if known else "not compared, this one is not 3.1.2"
