"""A soak: rounds of dumps and loads from everywhere at once, each in a process of its own.

    make soak ARGS="--minutes 60"
    python -m tests.soak --seconds 20 --json
    python -m tests.soak --seed 1234 --seconds 30 --rounds 1   # that round again

A round runs threads, forks, greenlets, timers, finalizers and callbacks of the garbage
collector, each dumping objects of the corpus and comparing the bytes with stock
cloudpickle's (tests/soak/work.py). A round fails by a wrong byte, an unexpected
exception, a signal, a hang, or by memory that goes on growing. The exit status is 0 if
none did.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=0.0, help="how long in all")
    parser.add_argument("--seconds", type=float, default=0.0, help="added to the minutes")
    parser.add_argument("--round", type=float, default=30.0, help="seconds of a round (30)")
    parser.add_argument("--rounds", type=int, default=0, help="end after so many rounds")
    parser.add_argument("--seed", type=int, default=None, help="of the first round")
    parser.add_argument("--only", default="", help="a comma-separated choice of the activities")
    parser.add_argument("--json", action="store_true", help="the summary as JSON")
    options = parser.parse_args()
    options.seconds += 60 * options.minutes
    if options.seconds <= 0:
        options.seconds = 60.0
    return options


def run_round(seed: int, seconds: float, only: str) -> dict[str, Any]:
    """One round; what it did, and `failures`, a list of texts."""
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.soak.work"]
    command += [str(seed), str(seconds), only]
    path = os.pathsep.join([str(ROOT), str(ROOT / "py"), os.environ.get("PYTHONPATH", "")])
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        # The bytes are compared with stock's.
        env=dict(os.environ, PYTHONPATH=path, GOCLOUDPICKLE_STRICT="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = child.communicate(timeout=3 * seconds + 40)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGABRT)  # faulthandler shows where its threads are
        try:
            out, err = child.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            out, err = child.communicate()
        return {
            "failures": [f"a hang: it had not ended after {3 * seconds + 40:.0f} s\n{err[-6000:]}"]
        }
    if child.returncode < 0:
        name = signal.Signals(-child.returncode).name
        return {"failures": [f"a crash: {name}\n{err[-6000:]}"]}
    try:
        result: dict[str, Any] = json.loads(out.splitlines()[-1])
    except (IndexError, ValueError):
        return {"failures": [f"it ended with status {child.returncode}\n{err[-6000:]}"]}
    if result["failures"]:
        result["failures"].append(f"what it printed:\n{err[-6000:]}")
    return result


def main() -> int:
    options = arguments()
    seed = random.randrange(1 << 31) if options.seed is None else options.seed
    started, rounds = time.monotonic(), 0
    counts: dict[str, int] = {}
    failures: list[dict[str, Any]] = []
    info: dict[str, Any] = {}
    while True:
        left = options.seconds - (time.monotonic() - started)
        if (left <= 0 and rounds) or 0 < options.rounds <= rounds:
            break
        seconds = max(1.0, min(options.round, left))
        result = run_round(seed, seconds, options.only)
        rounds += 1
        for name, n in result.get("counts", {}).items():
            counts[name] = counts.get(name, 0) + n
        info = {key: result[key] for key in ("python", "path", "without") if key in result} or info
        for text in result["failures"]:
            again = f"python -m tests.soak --seed {seed} --seconds {seconds:.0f} --rounds 1"
            failures.append({"seed": seed, "again": again, "what": text})
            print(f"\nround {rounds} FAILED: {text}\nagain: {again}", file=sys.stderr, flush=True)
        if sys.stderr.isatty():
            passed = time.monotonic() - started
            print(
                f"\r{passed:6.0f} s, round {rounds}, {len(failures)} failures",
                end="",
                file=sys.stderr,
            )
        seed += 1
    if sys.stderr.isatty():
        print(file=sys.stderr)
    took = time.monotonic() - started
    if options.json:
        summary = {
            "seconds": round(took, 1),
            "rounds": rounds,
            "counts": counts,
            "failures": failures,
        }
        print(json.dumps(summary | info, indent=2))
    else:
        print(
            f"{rounds} rounds in {took:.0f} s on Python {info.get('python')}, path {info.get('path')}"
        )
        for name, n in sorted(counts.items()):
            print(f"{n:>12,} {name}")
        for absent in info.get("without", []):
            print(f"without {absent}")
        for failure in failures:
            print(f"\nFAILED: {failure['what']}\nagain: {failure['again']}")
        print(f"\n{len(failures)} failures")
    return 1 if failures or not counts else 0


if __name__ == "__main__":
    sys.exit(main())
