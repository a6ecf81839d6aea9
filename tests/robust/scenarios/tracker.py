"""What a signal handler or a finalizer does while its thread is inside the class tracker."""

from __future__ import annotations

import pickle
import sys
from typing import Any

import gocloudpickle

from tests.corpus import stock


def new_class(name: str) -> Any:
    return type(name, (), {"__module__": "__main__", "answer": lambda self: name})


def within(function: str) -> None:
    """At each call that a function of the tracker makes, dump and load a class that is new."""
    done = 0
    busy = False

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal done, busy
        caller = frame if event == "c_call" else frame.f_back
        if (
            busy
            or event not in ("call", "c_call")
            or caller is None
            or caller.f_code.co_name != function
        ):
            return
        busy = True
        cls = new_class("Inner")
        payload = gocloudpickle.dumps(cls)
        assert gocloudpickle.loads(payload) is cls
        assert gocloudpickle.loads(
            payload.replace(b"Inner", b"Other").replace(tracker_id(cls), b"0" * 32)
        )
        done += 1
        busy = False

    gocloudpickle.engine_info()
    outer = new_class("Outer")
    payload = (
        stock().dumps(new_class("Loaded")) if stock() else gocloudpickle.dumps(new_class("Loaded"))
    )
    sys.setprofile(profile)
    first = gocloudpickle.dumps(outer)
    pickle.loads(payload)
    sys.setprofile(None)
    assert gocloudpickle.dumps(outer) == first and pickle.loads(first) is outer
    assert done
    print("done")


def tracker_id(cls: Any) -> bytes:
    from gocloudpickle import _modules

    found: str = _modules.namespace()._get_or_create_tracker_id(cls)
    return found.encode()
