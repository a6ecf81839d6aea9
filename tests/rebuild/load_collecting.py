"""Loads and dumps of the sample payloads while the garbage is collected at every allocation.

    load_collecting.py    prints "done"

A process of its own: see load_fuzz.py.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import os
import sys
from typing import Any

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [ROOT, os.path.join(ROOT, "py")]

import cloudpickle  # noqa: E402
import gocloudpickle  # noqa: E402
from gocloudpickle import _loader  # noqa: E402

from tests.rebuild.collecting import at_every_allocation  # noqa: E402
from tests.rebuild.payload_samples import SAMPLES  # noqa: E402


def objects() -> list[Any]:
    made: list[Any] = []
    for sample in SAMPLES:
        if sample.name in ("standard_output", "file"):
            continue
        program: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        exec(compile(sample.make, f"<{sample.name}>", "exec", dont_inherit=True), program)
        made.append(program["made"])
    # Each way in which a container comes to its items, with items that are containers.
    pairs = [((float(i),), [str(i)]) for i in range(60)]
    made.append((lambda: 1, pairs, tuple(pairs), {str(i): pair for i, pair in enumerate(pairs)}))
    made.append((lambda: 1, {pair[0]: pair[1] for pair in pairs}, {pair[0] for pair in pairs}))
    made.append((lambda: 1, frozenset(pair[0] for pair in pairs), list(range(3000))))
    return made


def attempt(function: Any, *arguments: Any, **options: Any) -> Any:
    """Call it. What stock refuses, such as an alias in an Enum that is there, is no matter here."""
    with contextlib.suppress(Exception):
        return function(*arguments, **options)


def dump(one: Any, protocol: int) -> Any:
    pickler = gocloudpickle.Pickler(io.BytesIO(), protocol)
    pickler.dump(one)
    return pickler.memo.copy()


def main() -> None:
    faulthandler.enable()
    made, native = objects(), _loader.engine().loads
    payloads = [cloudpickle.dumps(one, protocol=5) for one in made]
    before = _loader.engine().loads_info()["native"]
    for one, payload in zip(made, payloads, strict=True):
        with at_every_allocation(attempt, dump):
            attempt(native, payload)
            attempt(native, payload, buffers=())  # which pickle.loads gets
            attempt(gocloudpickle.dumps, one)
            attempt(dump, one, 2)
            attempt(dump, one, 5)
    assert _loader.engine().loads_info()["native"] > before + len(made) // 2
    print("done")


if __name__ == "__main__":
    main()
