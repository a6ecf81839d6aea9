"""Measures sealing against itsdangerous with stock cloudpickle: python sealed.py.

Both sign with HMAC: itsdangerous as it does unless told otherwise, sealed with
hmac-sha256. What travels is a closure of 1 KB. It prints a table, in Markdown.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Callable
from time import perf_counter
from typing import Any

import cloudpickle
import gocloudpickle
import itsdangerous
import setting
from gocloudpickle import sealed
from measure import Case, Clock

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


def large(size: int) -> list[tuple[str, float]]:
    """Measure a file: how many times as long as the hash of what is in it, which is in memory."""
    content = bytes(size)
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(content)
        jobs: dict[str, Callable[[], Any]] = {
            "hash": lambda: hashlib.sha256(content).digest(),
            "sign": lambda: (
                source.seek(0),
                target.seek(0),
                SIGNER.sign_stream(source, target),
            ),
            "verify": lambda: (target.seek(0), VERIFIER.verify_stream(target)),
        }
        best = dict.fromkeys(jobs, float("inf"))
        for _ in range(5):
            for name, job in jobs.items():
                start = perf_counter()
                job()
                best[name] = min(best[name], perf_counter() - start)
    return [(name, best[name] / best["hash"]) for name in jobs if name != "hash"]


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1 << 30
    print(f"Commit {setting.commit()}, Python {sys.version.split()[0]}.\n")
    print("| 1 KB | us | itsdangerous and cloudpickle, us | times faster |")
    print("|---|--:|--:|--:|")
    for row in small():
        print(f"| {row['name']} | {row['us']} | {row['their_us']} | {row['ratio']} |")
    print(f"\n| {size >> 20:,} MiB in a file | times as long as its SHA-256 alone |")
    print("|---|--:|")
    for name, ratio in large(size):
        print(f"| {name} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
