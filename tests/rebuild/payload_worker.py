"""The process at one end of the tests: it dumps samples, or loads them.

    payload_worker.py dump PROTOCOL    with an installed cloudpickle; prints {name: payload}
    payload_worker.py load stock|ours  reads {name: payload}; prints {name: outcome}

A payload is null where cloudpickle can't dump the sample with that protocol.
`ours` is gocloudpickle without an installed cloudpickle. An outcome says whether the
sample's check holds, what was loaded, and the payload of dumping it once more.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import traceback
from typing import Any

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [ROOT, os.path.join(ROOT, "py")]

from tests.rebuild.payload_describe import describe  # noqa: E402
from tests.rebuild.payload_samples import CHECK_PRELUDE, SAMPLES  # noqa: E402


def dump(protocol: int) -> dict[str, str | None]:
    import cloudpickle

    payloads: dict[str, str | None] = {}
    for sample in SAMPLES:
        program: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        exec(compile(sample.make, f"<{sample.name}>", "exec", dont_inherit=True), program)
        try:
            payloads[sample.name] = cloudpickle.dumps(program["made"], protocol=protocol).hex()
        except TypeError:
            if protocol > 1:
                raise
            payloads[sample.name] = None  # what has slots only needs protocol 2
    return payloads


def load(whose: str, payloads: dict[str, str | None]) -> dict[str, Any]:
    if whose == "ours":
        from gocloudpickle import _modules

        _modules.enable()
    outcomes: dict[str, Any] = {}
    for sample in SAMPLES:
        payload = payloads[sample.name]
        if payload is None:
            continue
        try:
            outcomes[sample.name] = outcome(sample, bytes.fromhex(payload))
        except Exception:
            outcomes[sample.name] = {"error": traceback.format_exc()}
    return outcomes


def outcome(sample: Any, payload: bytes) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(CHECK_PRELUDE, names)
    loaded = pickle.loads(payload)
    description = describe(loaded)
    # Before the check, which changes some of them.
    try:
        again = dump_again(loaded, payload[1] if payload[:1] == b"\x80" else 0).hex()
    except Exception as error:
        again = repr(error)
    names["loaded"] = loaded
    return {
        "check": bool(eval(sample.check, names)),
        "description": description,
        "again": again,
        "provider": sys.modules["cloudpickle.cloudpickle"].__file__ if used(payload) else None,
    }


def used(payload: bytes) -> bool:
    return b"cloudpickle.cloudpickle" in payload


def dump_again(loaded: Any, protocol: int) -> bytes:
    from gocloudpickle import _modules

    namespace = _modules.namespace()
    if not _modules.is_ours(namespace):
        return bytes(namespace.dumps(loaded, protocol=protocol))
    from tests.rebuild import slow_twin

    return slow_twin.dumps(namespace, loaded, protocol)


if __name__ == "__main__":
    if sys.argv[1] == "dump":
        result: Any = dump(int(sys.argv[2]))
    else:
        result = load(sys.argv[2], json.load(sys.stdin))
    json.dump(result, sys.stdout)
