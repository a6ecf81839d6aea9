"""Loads payloads with pickle and with the native loads, and prints the audit events of each.

It reads a list of payloads, in hex, as JSON, and prints a list of pairs.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from typing import Any

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [ROOT, os.path.join(ROOT, "py")]

from gocloudpickle import _loader  # noqa: E402

events: list[Any] | None = None


def hook(name: str, arguments: tuple[Any, ...]) -> None:
    if events is not None:
        events.append([name, [shown(argument) for argument in arguments]])


def shown(argument: Any) -> str:
    return argument if isinstance(argument, str) else type(argument).__name__


def record(loads: Any, payload: bytes) -> list[Any]:
    """The events of a load that makes its classes, and of one that knows them."""
    global events
    kept = loads(payload)  # imports what it needs
    tracker = sys.modules["cloudpickle.cloudpickle"]
    tracker._DYNAMIC_CLASS_TRACKER_BY_ID.clear()  # type: ignore[attr-defined]
    tracker._DYNAMIC_CLASS_TRACKER_BY_CLASS.clear()  # type: ignore[attr-defined]
    events = []
    kept = [kept, loads(payload), loads(payload)]
    recorded, events = events, None
    return recorded


if __name__ == "__main__":
    native = _loader.engine().loads
    sys.addaudithook(hook)
    pairs = []
    for payload in map(bytes.fromhex, json.load(sys.stdin)):
        pairs.append([record(pickle.loads, payload), record(native, payload)])
    json.dump(pairs, sys.stdout)
