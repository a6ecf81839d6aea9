"""Payloads that an audit must not let through, written to stdout as lines of JSON.

    python tests/audit/hostile.py [NAME...]

Each line has a name, the capability that an audit has to name, when ("load" or "call"), and the
payload in base64. Nothing here is armed: a payload that is loaded or called by mistake
would print a marker, list a folder or fail. The bodies are compiled by this Python.
"""

from __future__ import annotations

import base64
import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "py"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import gocloudpickle


def define(body: str) -> Any:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(textwrap.dedent(body), "<hostile>", "exec"), namespace)
    return namespace["f"]


def payloads() -> Iterator[dict[str, Any]]:
    from tests.audit.hostile_indirect import INDIRECT
    from tests.audit.hostile_known import KNOWN
    from tests.audit.hostile_names import SPECIAL
    from tests.audit.hostile_on_load import on_load
    from tests.audit.hostile_sizes import ON_LOAD, SIZES
    from tests.audit.hostile_ways import TARGETS, reaching
    from tests.audit.streams import STREAMS

    for name, capability, when, data in STREAMS:
        yield {"name": f"stream: {name}", "capability": capability, "when": when, "data": data}
    for name, data in SIZES:
        yield {"name": f"size: {name}", "capability": "", "when": "load", "data": data}
    bodies = [
        (f"{m}.{a}: {how}", c, "call", body)
        for c, m, a, args in TARGETS
        for how, body in reaching(m, a, args)
    ]
    bodies += [(name, c, "call", body) for name, c, body in SPECIAL]
    for c, act in (
        ("process", "__import__('os').system('echo marker')"),
        ("network", "__import__('socket').socket()"),
    ):
        bodies += [(f"on load, {c}: {how}", c, "load", body) for how, body in on_load(act)]
    bodies += [
        (
            f"size on load: {act}",
            "",
            "load",
            f"class C:\n def __init__(self): self.n = 1\n def __setstate__(self, s):\n  {act}\nf = C()",
        )
        for act in ON_LOAD
    ]
    for name, capability, when, body in INDIRECT + KNOWN:
        try:
            data = gocloudpickle.dumps(define(body))
        except ImportError:  # NumPy, pandas, a module of another Python
            continue
        yield {"name": f"indirect: {name}", "capability": capability, "when": when, "data": data}
    for name, capability, when, body in bodies:
        # Stock cloudpickle makes classes so that their hooks run when they are loaded.
        gocloudpickle.Pickler.strict = True if when == "load" else None
        yield {
            "name": name,
            "capability": capability,
            "when": when,
            "data": gocloudpickle.dumps(define(body)),
        }


def main() -> None:
    only = sys.argv[1:]
    for p in payloads():
        if not only or p["name"] in only:
            print(json.dumps({**p, "data": base64.b64encode(p["data"]).decode()}))


if __name__ == "__main__":
    main()
