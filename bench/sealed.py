"""Measures sealing against itsdangerous with stock cloudpickle: python sealed.py.

Both sign with HMAC: itsdangerous as it does unless told otherwise, sealed with
hmac-sha256. What travels is a closure of 1 KB. It prints a table, in Markdown.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any, BinaryIO

import cloudpickle
import gocloudpickle
import itsdangerous
import setting
from gocloudpickle import sealed
from measure import Case, Clock

REPEATS = 5
KEY = sealed.generate_key("hmac-sha256")
SIGNER = sealed.Signer(KEY, audience="workers", expires_in=3600)
VERIFIER = sealed.Verifier([KEY], audience="workers")
OTHER = itsdangerous.TimedSerializer("secret" * 6, serializer=cloudpickle)


def closure() -> Callable[[int], int]:
    text = "x" * 500

    def function(x: int) -> int:
        return x + len(text)

    return function


def their_round(function: Any) -> Any:
    return OTHER.loads(OTHER.dumps(function))


def small() -> list[dict[str, Any]]:
    """Measure 1 KB, in one run with the other side."""
    payload = gocloudpickle.dumps(closure())
    return [
        Clock().row(case)
        for case in (
            Case(
                f"sign and verify {len(payload):,} bytes",
                "itsdangerous, cloudpickle",
                5,
                closure,
                lambda _: VERIFIER.verify(SIGNER.sign(payload)),
                their_round,
            ),
            Case(
                "the same with dumps and loads",
                "itsdangerous, cloudpickle",
                None,
                closure,
                lambda function: VERIFIER.loads(SIGNER.dumps(function)),
                their_round,
            ),
        )
    ]


def large(size: int) -> list[tuple[str, float, float]]:
    """Measure a file: how many times as long as the hash of what is in it, which is in memory.

    And how many times as much of the processors: with two of them free, and two threads, a
    job needs less time than that says.
    """
    content = os.urandom(1 << 20) * (size >> 20)
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(content)
        jobs: dict[str, Callable[[], Any]] = {
            "hash": lambda: hashlib.sha256(content).digest(),
            "read and hash": lambda: (source.seek(0), _read_and_hash(source)),
            "sign": lambda: (
                source.seek(0),
                target.seek(0),
                SIGNER.sign_stream(source, target),
            ),
            "sign, detached": lambda: (source.seek(0), SIGNER.sign_detached_stream(source)),
            "verify": lambda: (target.seek(0), VERIFIER.verify_stream(target)),
        }
        wall = dict.fromkeys(jobs, float("inf"))
        processors = dict.fromkeys(jobs, float("inf"))
        for _ in range(REPEATS):
            for name, job in jobs.items():
                start, busy = perf_counter(), process_time()
                job()
                wall[name] = min(wall[name], perf_counter() - start)
                processors[name] = min(processors[name], process_time() - busy)
    return [
        (name, wall[name] / wall["hash"], processors[name] / processors["hash"])
        for name in jobs
        if name != "hash"
    ]


def _read_and_hash(file: BinaryIO) -> None:
    digest = hashlib.sha256()
    while piece := file.read(128 << 10):
        digest.update(piece)


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1 << 30
    print(f"Commit {setting.commit()}, Python {sys.version.split()[0]}.\n")
    print("| 1 KB | us | itsdangerous and cloudpickle, us | times faster |")
    print("|---|--:|--:|--:|")
    for row in small():
        print(f"| {row['name']} | {row['us']} | {row['their_us']} | {row['ratio']} |")
    print(
        f"\nIn {tempfile.gettempdir()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.0f}:\n"
    )
    print(f"| {size >> 20:,} MiB in a file | time, SHA-256 alone is 1 | of the processors |")
    print("|---|--:|--:|")
    for name, time, busy in large(size):
        print(f"| {name} | {time:.2f} | {busy:.2f} |")


if __name__ == "__main__":
    main()
