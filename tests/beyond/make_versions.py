"""Writes tests/beyond/versions.json: functions and a class pickled by stock cloudpickle.

for python in python3.10 python3.11 python3.12 python3.13 python3.14; do
    $python tests/beyond/make_versions.py
done
"""

from __future__ import annotations

import base64
import contextlib
import json
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("versions.json")


def make() -> dict[str, Any]:
    def plain(a: int, b: int = 2) -> int:
        return a * b + 1

    def closure(n: int) -> Any:
        def inner(x: int) -> Any:
            return [x + i for i in range(n)]

        return inner

    def generator(n: int) -> Any:
        yield from range(n)

    async def coroutine(x: int) -> int:
        return x + 1

    def context(key: int) -> Any:
        with contextlib.suppress(KeyError):
            return {1: "one"}[key]
        return key

    class Account:
        def __init__(self, owner: str) -> None:
            self.owner = owner

        def total(self, lines: Any) -> Any:
            try:
                return sum(line["amount"] for line in lines)
            except KeyError as error:
                raise ValueError(f"{self.owner}: {error}") from error

    return {
        "plain": plain,
        "closure": closure(3),
        "generator": generator,
        "coroutine": coroutine,
        "context": context,
        "class": Account,
        "lambda": lambda: 1,
        "deep": [{"a": ({"b": generator},)}],
    }


def main() -> None:
    import cloudpickle

    everything = json.loads(FILE.read_text()) if FILE.exists() else {}
    everything[f"3.{sys.version_info.minor}"] = {
        name: base64.b64encode(cloudpickle.dumps(value)).decode() for name, value in make().items()
    }
    FILE.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
